package host

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	krm "github.com/kptdev/krm-functions-sdk/go/fn"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/types"

	"github.com/modelfn/modelfn/internal/finding"
)

// kustomization builds dir in process. Functions of modelfn's image run as
// callbacks of this program, and report into the records; nothing else runs,
// and nothing is fetched. When collecting, an exec function of modelfn's own is
// skipped, as kustomize would, and its configuration reported.
func kustomization(ctx context.Context, dir string, s settings, root string) (krm.KubeObjects, []record, krm.KubeObjects, finding.List) {
	fail := func(err error) finding.List {
		return finding.List{{
			Rule: "kustomize", Severity: finding.Error, Resource: finding.Resource{Kind: types.KustomizationKind, File: dir},
			Message: err.Error(), Fix: "correct the kustomization",
		}}
	}
	fs, err := newGuardedFS(dir, root)
	if err != nil {
		return nil, nil, nil, fail(err)
	}
	fs.origins = s.Collect
	if s.Collect && !s.OwnLock {
		fs.absent = filepath.Join(filepath.Dir(fs.top), LockFile)
	}
	declared := surveyTree(fs, dir, s.Collect)
	skipped, findings := declared.skipped, declared.findings
	if findings.Refused() {
		return nil, nil, nil, findings
	}
	if err := fs.prepare(); err != nil {
		return nil, nil, nil, fail(err)
	}
	private, err := os.MkdirTemp("", "modelfn-")
	if err != nil {
		return nil, nil, nil, noScratch(err)
	}
	defer os.RemoveAll(private)
	if s.Deadline, err = deadline(ctx); err != nil {
		return nil, nil, nil, late(dir, err)
	}
	undo, err := confine(private, &s)
	if err != nil {
		return nil, nil, nil, noScratch(err)
	}
	var m resmap.ResMap
	hidden, buildErr := assembled(ctx, fs, declared.plugins, s.Collect)
	if buildErr == nil && !hidden.Refused() {
		m, buildErr = runKustomize(ctx, fs, dir, functions())
	}
	findings = append(findings, hidden...)
	if ctx.Err() == nil && !errors.Is(buildErr, errMemory) {
		// Else kustomize may be running still, and stays confined.
		undo()
	}
	records, err := readRecords(s.Records)
	if err != nil {
		return nil, nil, nil, noScratch(err)
	}
	for _, r := range records {
		findings = append(findings, r.Findings...)
	}
	switch {
	case findings.Refused():
		// The refusal is why kustomize stopped; its own words add nothing.
		return nil, records, nil, findings
	case errors.Is(buildErr, errMemory):
		return nil, nil, nil, large(dir, fs.read.bytes())
	case buildErr != nil && ctx.Err() != nil:
		return nil, nil, nil, late(dir, buildErr)
	case buildErr != nil && strings.Contains(buildErr.Error(), "unable to find plugin root"):
		return nil, nil, nil, finding.List{{
			Rule: "legacy-plugin", Severity: finding.Error, Resource: finding.Resource{Kind: types.KustomizationKind, File: dir},
			Message: "a generator, transformer or validator ended up as a plugin without a function annotation; build runs no code of the repository",
			Fix:     fmt.Sprintf("let it name the container %s, or remove it", Image),
		}}
	case buildErr != nil:
		return nil, nil, nil, fail(buildErr)
	}
	raw, err := m.AsYaml()
	if err != nil {
		return nil, nil, nil, fail(err)
	}
	items, err := parseObjects(raw)
	if err != nil {
		return nil, nil, nil, fail(err)
	}
	return items, records, skipped, append(findings, unexpanded(items)...)
}

// unexpanded refuses a ModelDeployment that is still there after the last
// function ran: however it got past, its model would be missing in silence.
func unexpanded(items krm.KubeObjects) finding.List {
	var out finding.List
	for _, item := range items.Where(isDeployment) {
		out = append(out, finding.Finding{
			Rule: "not-expanded", Severity: finding.Error,
			Resource: finding.Resource{APIVersion: item.GetAPIVersion(), Kind: item.GetKind(), Namespace: item.GetNamespace(), Name: item.GetName()},
			Message:  "kustomize added it after modelfn had run", Fix: "list it under resources",
		})
	}
	return out
}

// late is that time ran out, or that somebody stopped it: nothing is known to
// be wrong.
func late(dir string, err error) finding.List {
	return finding.List{{
		Rule: "out-of-time", Severity: finding.Error, Resource: finding.Resource{File: dir},
		Message: err.Error(), Fix: "try again, give it longer with --timeout, or build fewer models at once", Unknown: true,
	}}
}

func deadline(ctx context.Context) (time.Time, error) {
	at, ok := ctx.Deadline()
	if !ok {
		return at, errors.New("a build needs a deadline")
	}
	// To write down a local time, Go would read the system's time zone.
	return at.UTC(), ctx.Err()
}

// runKustomize is kustomize itself.
func runKustomize(ctx context.Context, fs guardedFS, dir string, plugins *types.PluginConfig) (resmap.ResMap, error) {
	return bounded(ctx, "kustomize", 0, fs.read, func() (resmap.ResMap, error) {
		return krusty.MakeKustomizer(&krusty.Options{
			Reorder:          krusty.ReorderOptionUnspecified,
			LoadRestrictions: types.LoadRestrictionsRootOnly,
			PluginConfig:     plugins,
		}).Run(fs, dir)
	})
}

// functions lets kustomize run containers: the only one that there is, is this program.
func functions() *types.PluginConfig {
	plugins := types.MakePluginConfig(types.PluginRestrictionsNone, types.BploUseStaticallyLinked)
	plugins.FnpLoadingOptions = types.FnPluginLoadingOptions{EnableExec: false, Network: false}
	return plugins
}
