package fn

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/generators"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/lock"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
	"github.com/modelfn/modelfn/validators"
)

// Config is what a front door decides.
type Config struct {
	Sources Sources
	// Online makes the Source for resolution: Online. The default asks the
	// registries that references name.
	Online func(spec v1alpha1.ModelPlatformSpec) (artifact.Source, error)
}

// source is the Source for asking registries.
func (c Config) source(p *model.Platform) (artifact.Source, error) {
	if c.Online != nil {
		return c.Online(p.Spec)
	}
	return artifact.NewRegistry(p.Spec.Registries)
}

// Rendered is a package after all steps.
type Rendered struct {
	Package  Package
	Platform *model.Platform
	Models   []*model.Model
	// Objects are what was generated; empty when anything was refused.
	Objects []Generated
}

// Generated is an object and the deployment it was made for.
type Generated struct {
	object.Object
	For finding.Resource
}

// jobs bounds the number of references pinned at once.
const jobs = 64

// Render pins, verifies, validates and generates. Either everything holds and
// there are objects, or there is an error finding and there are none.
func Render(ctx context.Context, p Package, cfg Config) (Rendered, finding.List) {
	r := Rendered{Package: p}
	if len(p.Deployments) == 0 && !cfg.Sources.RequireSealed {
		return r, nil
	}
	platform, findings := cfg.Sources.Choose(p.Platforms)
	if len(p.Deployments) == 0 {
		r.Platform = platform
		return r, findings
	}
	if platform == nil || findings.Refused() {
		return r, findings
	}
	r.Platform = platform
	for _, d := range p.Deployments {
		r.Models = append(r.Models, model.New(d.ModelDeployment, d.At, platform))
	}
	if platform.Spec.Resolution == v1alpha1.ResolutionOnline {
		findings = append(findings, pinOnline(ctx, r.Models, cfg)...)
	} else {
		findings = append(findings, pinLocked(ctx, r.Models, p.Locks)...)
	}
	for _, m := range r.Models {
		findings = append(findings, validators.Run(m)...)
	}
	if findings.Refused() {
		return r, findings
	}
	if platform.Spec.Resolution == v1alpha1.ResolutionLocked {
		findings = append(findings, unusedLocks(p)...)
	}
	for _, m := range r.Models {
		objects, err := generators.Generate(m)
		if err != nil {
			return Rendered{Package: p}, append(findings, finding.Finding{
				Rule: "internal", Severity: finding.Error, Resource: m.Resource,
				Message: err.Error(), Fix: "report this as a defect of modelfn",
			})
		}
		for _, o := range objects {
			r.Objects = append(r.Objects, Generated{o, m.Resource})
		}
	}
	slices.SortStableFunc(r.Objects, func(a, b Generated) int { return strings.Compare(a.identity(), b.identity()) })
	return r, findings
}

// identity is by what the object is upserted and sorted.
func (g Generated) identity() string {
	return strings.Join([]string{g.APIVersion, g.Kind, g.Namespace, g.Name}, "|")
}

// pinLocked pins every version from the lock and verifies it; it opens no
// socket.
func pinLocked(ctx context.Context, models []*model.Model, locks []*v1alpha1.ModelLock) finding.List {
	var findings finding.List
	for _, m := range models {
		entries, err := lock.Select(m.Deployment, locks)
		if err != nil {
			findings = append(findings, ambiguous(m, err))
		}
		source := artifact.NewLocked(entries)
		for _, v := range m.Versions() {
			Pin(ctx, source, m.Platform, v)
		}
		m.LockDigest = lock.Digest(entries)
	}
	return findings
}

// pinOnline pins each URI once, in parallel, and verifies it.
func pinOnline(ctx context.Context, models []*model.Model, cfg Config) finding.List {
	source, err := cfg.source(models[0].Platform)
	if err != nil {
		return finding.List{{Rule: "internal", Severity: finding.Error, Message: err.Error(), Fix: "check the docker configuration"}}
	}
	todo := map[string]*model.Platform{}
	for _, m := range models {
		for _, v := range m.Versions() {
			todo[v.Spec.Model] = m.Platform
		}
	}
	results := pinURIs(ctx, source, todo)
	for _, m := range models {
		var entries []v1alpha1.LockedModel
		for _, v := range m.Versions() {
			r := results[v.Spec.Model]
			v.Artifact, v.Verdict, v.Err = r.Pinned.Artifact, r.Verdict, r.Err
			if r.Err == nil {
				entries = append(entries, r.Pinned.Lock(r.Verdict.Counted()))
			}
		}
		slices.SortFunc(entries, byURI)
		m.LockDigest = lock.Digest(slices.CompactFunc(entries, func(a, b v1alpha1.LockedModel) bool { return a.URI == b.URI }))
	}
	return nil
}

func byURI(a, b v1alpha1.LockedModel) int { return strings.Compare(a.URI, b.URI) }

// pinURIs pins a set of URIs, each once, with bounded concurrency.
func pinURIs(ctx context.Context, source artifact.Source, todo map[string]*model.Platform) map[string]Pinned {
	results := make(map[string]Pinned, len(todo))
	var mu sync.Mutex
	var wg sync.WaitGroup
	slots := make(chan struct{}, jobs)
	for uri, platform := range todo {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			r := pin(ctx, source, platform, uri)
			mu.Lock()
			defer mu.Unlock()
			results[uri] = r
		})
	}
	wg.Wait()
	return results
}

func unusedLocks(p Package) finding.List {
	named := map[string]bool{}
	for _, d := range p.Deployments {
		for _, uri := range lock.URIs(d.ModelDeployment) {
			named[uri] = true
		}
	}
	var out finding.List
	for _, l := range p.Locks {
		for _, m := range l.Spec.Models {
			if !named[m.URI] {
				out = append(out, finding.Finding{
					Rule: "unused-lock-entry", Severity: finding.Warning,
					Resource: finding.Resource{APIVersion: v1alpha1.APIVersion, Kind: v1alpha1.KindModelLock, Namespace: l.Metadata.Namespace, Name: l.Metadata.Name},
					Message:  fmt.Sprintf("no ModelDeployment names %s", m.URI), Fix: "run `modelfn lock` in the directory of that lock; a base's entry that an overlay does not use can stay",
				})
			}
		}
	}
	return out
}
