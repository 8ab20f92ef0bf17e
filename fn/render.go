package fn

import (
	"cmp"
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
	"github.com/modelfn/modelfn/trust"
	"github.com/modelfn/modelfn/validators"
)

// Config is what a front door decides.
type Config struct {
	Sources     Sources
	Application Application
	// Online makes the Source for resolution: Online. The default asks the
	// registries that references name.
	Online func(spec v1alpha1.ModelPlatformSpec) (artifact.Source, error)
	// Jobs bounds how many references are pinned at once; 0 is DefaultJobs.
	Jobs int
	// Progress, when not nil, is told how many of the references are pinned.
	Progress func(done, total int)
}

// DefaultJobs is the number of references pinned at once.
const DefaultJobs = 64

// lockSource is the Source for what a lock holds: registries. What a hub's branch
// names cannot be locked, so no hub is asked.
func (c Config) lockSource(p *model.Platform) (artifact.Source, error) {
	source, err := c.source(p)
	return artifact.Routed{OCI: source, Other: artifact.Stated{}}, err
}

// source is the Source for asking registries and hubs.
func (c Config) source(p *model.Platform) (artifact.Source, error) {
	if c.Online != nil {
		return c.Online(p.Spec)
	}
	registry, err := NewRegistry(p.Spec, p.Trust)
	return artifact.Routed{OCI: registry, Other: artifact.Hub{Pages: registry}}, err
}

// NewRegistry asks registries as the platform says, and for evidence until its
// trust policy is satisfied.
func NewRegistry(spec v1alpha1.ModelPlatformSpec, policy trust.Policy) (*artifact.Registry, error) {
	return artifact.NewRegistry(spec.Registries, func(found artifact.Pinned) artifact.Wants {
		// What no trust rule matches is an image that is not verified.
		if policy.Rule(found.Reference().Location()) == nil {
			return artifact.Wants{}
		}
		v := policy.Verify(found.Artifact, found.Evidence)
		return artifact.Wants{Signatures: !v.Signed(), Attestations: !v.Attested()}
	})
}

// resolver is the Resolver that asks registries.
func (c Config) resolver(p *model.Platform) (Resolver, error) {
	if c.Online == nil {
		return artifact.NewRegistry(p.Spec.Registries, nil)
	}
	source, err := c.Online(p.Spec)
	if err != nil {
		return nil, err
	}
	resolver, ok := source.(Resolver)
	if !ok {
		return nil, fmt.Errorf("%T cannot tell what a tag names", source)
	}
	return resolver, nil
}

func (c Config) jobs() int { return cmp.Or(c.Jobs, DefaultJobs) }

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
		pinLocked(ctx, r.Models, p.Locks)
	}
	for _, m := range r.Models {
		findings = append(findings, validators.Run(m)...)
		findings = append(findings, validators.Needs(m)...)
	}
	if findings.Refused() {
		return r, findings
	}
	if platform.Spec.Resolution == v1alpha1.ResolutionLocked {
		findings = append(findings, unusedLocks(p, r.Models)...)
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
	if wrong := append(templates(r.Objects), collisions(r.Objects)...); wrong.Refused() {
		r.Objects = nil
		return r, append(findings, wrong...)
	}
	slices.SortStableFunc(r.Objects, func(a, b Generated) int { return strings.Compare(a.identity(), b.identity()) })
	return r, findings
}

// identity is by what the object is upserted and sorted.
func (g Generated) identity() string {
	return strings.Join([]string{g.APIVersion, g.Kind, g.Namespace, g.Name}, "|")
}

// pinLocked pins every part from the lock and verifies it; it opens no
// socket.
func pinLocked(ctx context.Context, models []*model.Model, locks []*v1alpha1.ModelLock) {
	index := lock.NewIndex(locks)
	each(models, func(m *model.Model) {
		source := artifact.Routed{OCI: artifact.Locked(index.For(m.Deployment)), Other: artifact.Stated{}}
		results := map[question]Pinned{}
		for _, part := range m.Parts() {
			results[questionOf(m, part)] = Pin(ctx, source, m, part)
		}
		m.LockDigest = lockDigest(m, results)
	})
}

// pinOnline pins each URI once, in parallel, and verifies it.
func pinOnline(ctx context.Context, models []*model.Model, cfg Config) finding.List {
	source, err := cfg.source(models[0].Platform)
	if err != nil {
		return badSource(err)
	}
	todo := map[question]*model.Platform{}
	for _, m := range models {
		for _, part := range m.Parts() {
			todo[questionOf(m, part)] = m.Platform
		}
	}
	results := pinURIs(ctx, source, todo, cfg)
	for _, m := range models {
		for _, part := range m.Parts() {
			results[questionOf(m, part)].fill(part)
		}
		m.LockDigest = lockDigest(m, results)
	}
	return nil
}

func badSource(err error) finding.List {
	return finding.List{{
		Rule: "bad-registries", Severity: finding.Error, Field: "spec.registries",
		Message: err.Error(), Fix: "correct spec.registries of the platform",
	}}
}

// lockDigest is taken over the entries of what a deployment names, wherever they
// come from: a file, an inline lock or a registry give the same.
func lockDigest(m *model.Model, results map[question]Pinned) string {
	sums := map[string]string{}
	for _, part := range m.Parts() {
		r := results[questionOf(m, part)]
		if r.Err != nil {
			continue
		}
		for _, p := range r.lockable() {
			// Of a model that is an image too, the one with its evidence counts.
			if uri := p.Pinned.Reference().String(); sums[uri] == "" {
				sums[uri] = string(p.Pinned.Sum(p.Verdict.Counted()))
			}
		}
	}
	return lock.Digest(sums)
}

// sortedEntries is the entries by URI, each once: of a model that is an image
// too, the one with its evidence, which comes first.
func sortedEntries(entries []v1alpha1.LockedModel) []v1alpha1.LockedModel {
	slices.SortStableFunc(entries, func(a, b v1alpha1.LockedModel) int { return strings.Compare(a.URI, b.URI) })
	return slices.CompactFunc(entries, func(a, b v1alpha1.LockedModel) bool { return a.URI == b.URI })
}

// pinURIs pins a set of URIs, each once, with bounded concurrency; what several
// refer to is asked for once.
func pinURIs(ctx context.Context, source artifact.Source, todo map[question]*model.Platform, cfg Config) map[question]Pinned {
	source = artifact.Once(source)
	results := make(map[question]Pinned, len(todo))
	var mu sync.Mutex
	var wg sync.WaitGroup
	slots := make(chan struct{}, cfg.jobs())
	for q, platform := range todo {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			r := q.pin(ctx, source, platform)
			mu.Lock()
			defer mu.Unlock()
			results[q] = r
			if cfg.Progress != nil {
				cfg.Progress(len(results), len(todo))
			}
		})
	}
	wg.Wait()
	return results
}

func unusedLocks(p Package, models []*model.Model) finding.List {
	named := map[string]bool{}
	for _, m := range models {
		for _, part := range m.Parts() {
			named[part.URI()] = true
		}
		for _, v := range m.Loaded() {
			for _, n := range v.Nested {
				named[n.Artifact.Reference().String()] = true
			}
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
