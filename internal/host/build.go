package host

import (
	"context"
	"errors"
	"fmt"

	krm "github.com/kptdev/krm-functions-sdk/go/fn"

	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/object"
)

// Options of a build.
type Options struct {
	Sources     fn.Sources
	Application fn.Application
	// Recursive descends into subdirectories of a plain directory.
	Recursive bool
	// AllowEmpty lets a directory without any ModelDeployment through.
	AllowEmpty bool
	// Root bounds what a kustomization may read; default: the repository.
	Root string
}

// Build renders a directory, a kustomization as one, and puts the whole stream
// through the final gate. It yields a YAML stream, or findings with an error
// and nothing. The context needs a deadline.
func Build(ctx context.Context, dir string, o Options) ([]byte, finding.List) {
	if IsKustomization(dir) {
		// That watches over kustomize, and removes what it has made.
		return render(ctx, dir, o, nil)
	}
	read := plainTexts()
	type outcome struct {
		out      []byte
		findings finding.List
	}
	built, err := bounded(ctx, "build", graceful, read, func() (outcome, error) {
		out, findings := render(ctx, dir, o, read)
		return outcome{out, findings}, nil
	})
	switch {
	case errors.Is(err, errMemory):
		return nil, large(dir, read.bytes())
	case err != nil && ctx.Err() != nil:
		return nil, late(dir, err)
	case err != nil:
		return nil, unreadable(dir, err)
	}
	return built.out, built.findings
}

func render(ctx context.Context, dir string, o Options, read *texts) ([]byte, finding.List) {
	var s stream
	var records []record
	var findings finding.List
	if IsKustomization(dir) {
		s.items, records, _, findings = kustomization(ctx, dir, settings{Sources: o.Sources, Application: o.Application}, o.Root)
	} else {
		s, records, findings = plain(ctx, dir, o, read)
	}
	if findings.Refused() {
		return nil, findings.Sorted()
	}
	var last record
	for _, r := range records {
		last.Objects = append(last.Objects, r.Objects...)
		last.Deployments += r.Deployments
		last.AllowForeign = append(last.AllowForeign, r.AllowForeign...)
		last.AllowPatches = append(last.AllowPatches, r.AllowPatches...)
	}
	if last.Deployments == 0 && !o.AllowEmpty {
		none := NoDeployment(dir)
		none.Fix += ", or give --allow-empty"
		findings = append(findings, none)
	}
	s.items = emitted(s.items)
	if err := unplace(s.items); err != nil {
		return nil, append(findings, unreadable(dir, err)...).Sorted()
	}
	findings = append(findings, Gate(s.items, last.Objects, last.AllowForeign, last.AllowPatches)...)
	if findings.Refused() {
		return nil, findings.Sorted()
	}
	return s.yaml(), findings.Sorted()
}

// NoDeployment is about a directory without a model. In a kustomization one may lie
// beside it that it does not list.
func NoDeployment(dir string) finding.Finding {
	f := finding.Finding{
		Rule: "no-deployment", Severity: finding.Error, Resource: finding.Resource{File: dir},
		Message: "there is no ModelDeployment in this directory", Fix: "name the directory that has one",
	}
	if IsKustomization(dir) {
		f.Message, f.Fix = "this kustomization reads no ModelDeployment", "list its file under resources, or name the directory that has one"
	}
	return f
}

// plain renders plain files. What is created there nobody has had in hands since, so
// that the gate need not judge it; what was there before is judged.
func plain(ctx context.Context, dir string, o Options, read *texts) (stream, []record, finding.List) {
	c, findings := readDirectory(dir, o.Recursive, "", read)
	if findings.Refused() {
		return stream{}, nil, findings
	}
	rl := &fn.List{ResourceList: &krm.ResourceList{Items: c.items}, Own: c.own}
	rendered, r := settings{Sources: o.Sources, Application: o.Application}.process(ctx, rl)
	if err := r.judge(rendered.Kept(rl.Created)); err != nil {
		return stream{}, nil, unreadable(dir, err)
	}
	return stream{rl.Items, rl.Created}, []record{r}, r.Findings
}

// emitted drops what no cluster gets: modelfn's kinds and local configuration.
func emitted(items krm.KubeObjects) krm.KubeObjects {
	return items.WhereNot(func(o *krm.KubeObject) bool {
		return isOwnKind(o) || o.GetAnnotation(fn.LocalConfig) == "true"
	})
}

// unplace removes the annotations that say which file an item came from.
func unplace(items krm.KubeObjects) error {
	for _, item := range items {
		for _, key := range []string{pathAnnotation, indexAnnotation} {
			if err := item.RemoveAnnotation(key); err != nil {
				return fmt.Errorf("%s: %w", item.ShortString(), err)
			}
		}
		if err := item.RemoveAnnotationsIfEmpty(); err != nil {
			return fmt.Errorf("%s: %w", item.ShortString(), err)
		}
	}
	return nil
}

// stream is what a build is about to print: items, and behind them what it created
// itself.
type stream struct {
	items   krm.KubeObjects
	created []fn.Created
}

// yaml is the stream as YAML documents.
func (s stream) yaml() []byte {
	out := make([]byte, 0, usualSize*len(s.created))
	for _, item := range s.items {
		out = append(begun(out), item.String()...)
	}
	for _, c := range s.created {
		out = object.AppendYAML(begun(out), c.Object.Tree())
	}
	return out
}

// usualSize is room for a generated object, in bytes.
const usualSize = 4 << 10

// begun is the text with the mark of another document, behind the first.
func begun(out []byte) []byte {
	if len(out) == 0 {
		return out
	}
	return append(out, "---\n"...)
}

// Collect reads the modelfn objects of a directory as a build would see them,
// without rendering and without the directory's own lock: `modelfn lock` must
// be able to write that anew whatever became of it.
func Collect(ctx context.Context, dir string, o Options) (fn.Package, finding.List) {
	return collectWith(ctx, dir, o, false)
}

// collectWith leaves the directory's own lock in or out.
func collectWith(ctx context.Context, dir string, o Options, ownLock bool) (fn.Package, finding.List) {
	if !IsKustomization(dir) {
		without := LockFile
		if ownLock {
			without = ""
		}
		c, findings := readDirectory(dir, o.Recursive, without, plainTexts())
		if findings.Refused() {
			return fn.Package{}, findings
		}
		return readIn(dir, nil, c)
	}
	_, records, skipped, findings := kustomization(ctx, dir, settings{Collect: true, OwnLock: ownLock, Sources: o.Sources}, o.Root)
	if findings.Refused() {
		return fn.Package{}, findings
	}
	all, more := readIn(dir, nil, contents{items: skipped})
	findings = append(findings, more...)
	for _, r := range records {
		rl, err := krm.ParseResourceList(r.Collected)
		if err != nil {
			return fn.Package{}, append(findings, unreadable(dir, err)...)
		}
		if err := placeByOrigin(append(rl.Items, rl.FunctionConfig)); err != nil {
			return fn.Package{}, append(findings, unreadable(dir, err)...)
		}
		p, more := readIn(dir, rl.FunctionConfig, contents{items: rl.Items})
		findings = append(findings, more...)
		all.Deployments = append(all.Deployments, p.Deployments...)
		all.Platforms = append(all.Platforms, p.Platforms...)
		all.Locks = append(all.Locks, p.Locks...)
	}
	return all, findings
}
