package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
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
	if s.Collect {
		fs.absent = filepath.Join(filepath.Dir(fs.top), LockFile)
	}
	skipped, findings := surveyTree(fs, dir, s.Collect)
	if findings.Refused() {
		return nil, nil, nil, findings
	}
	if err := fs.prepare(); err != nil {
		return nil, nil, nil, fail(err)
	}
	private, err := os.MkdirTemp("", "modelfn-")
	if err != nil {
		return nil, nil, nil, fail(err)
	}
	defer os.RemoveAll(private)
	if s.Deadline, err = deadline(ctx); err != nil {
		return nil, nil, nil, late(dir, err)
	}
	undo, err := confine(private, &s)
	if err != nil {
		return nil, nil, nil, fail(err)
	}
	m, buildErr := runKustomize(ctx, fs, dir)
	if ctx.Err() == nil {
		// Else kustomize may be running still, and stays confined.
		undo()
	}
	records, err := readRecords(s.Records)
	if err != nil {
		return nil, nil, nil, fail(err)
	}
	for _, r := range records {
		findings = append(findings, r.Findings...)
	}
	switch {
	case findings.Refused():
		// The refusal is why kustomize stopped; its own words add nothing.
		return nil, records, nil, findings
	case buildErr != nil && ctx.Err() != nil:
		return nil, nil, nil, late(dir, buildErr)
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
	return items, records, skipped, findings
}

// late is that time ran out, or that somebody stopped it: nothing is known to
// be wrong.
func late(dir string, err error) finding.List {
	return finding.List{{
		Rule: "out-of-time", Severity: finding.Error, Resource: finding.Resource{Kind: types.KustomizationKind, File: dir},
		Message: err.Error(), Fix: "try again, give it longer with --timeout, or build fewer models at once", Unknown: true,
	}}
}

func deadline(ctx context.Context) (time.Time, error) {
	at, ok := ctx.Deadline()
	if !ok {
		return at, errors.New("a build needs a deadline")
	}
	return at, ctx.Err()
}

// confine sets the process up so that kustomize finds this program as docker
// and git, no other program, no plugin and no network.
func confine(private string, s *settings) (undo func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	bin, plugins := filepath.Join(private, "bin"), filepath.Join(private, "plugins")
	s.Records, s.Path = filepath.Join(private, "records"), os.Getenv("PATH")
	for _, d := range []string{bin, plugins, s.Records} {
		if err := os.Mkdir(d, 0o700); err != nil {
			return nil, err
		}
	}
	for _, name := range []string{"docker", "git"} {
		if err := os.Symlink(self, filepath.Join(bin, name)); err != nil {
			return nil, err
		}
	}
	raw, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	restore := []func(){
		setenv("PATH", bin),
		setenv("KUSTOMIZE_PLUGIN_HOME", plugins),
		setenv(callbackVariable, string(raw)),
	}
	transport := http.DefaultTransport
	http.DefaultTransport = noNetwork{}
	return func() {
		http.DefaultTransport = transport
		for _, r := range restore {
			r()
		}
	}, nil
}

func setenv(key, value string) (undo func()) {
	old, had := os.LookupEnv(key)
	_ = os.Setenv(key, value) // fails for names that cannot be, not for ours
	return func() {
		if had {
			_ = os.Setenv(key, old)
		} else {
			_ = os.Unsetenv(key)
		}
	}
}

// noNetwork is the transport that kustomize's loader ends at.
type noNetwork struct{}

func (noNetwork) RoundTrip(req *http.Request) (*http.Response, error) {
	return nil, fmt.Errorf("%s: build fetches nothing", req.URL.Host)
}

// runKustomize ends with the context. kustomize itself knows none, and takes
// time by the square of the number of objects: it is left behind then.
func runKustomize(ctx context.Context, fs guardedFS, dir string) (resmap.ResMap, error) {
	type outcome struct {
		m   resmap.ResMap
		err error
	}
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		defer func() {
			if p := recover(); p != nil {
				o.err = fmt.Errorf("kustomize: %v", p)
			}
			done <- o
		}()
		o.m, o.err = krusty.MakeKustomizer(kustomizeOptions()).Run(fs, dir)
	}()
	select {
	case o := <-done:
		return o.m, o.err
	case <-ctx.Done():
		return nil, fmt.Errorf("kustomize has not finished: %w", context.Cause(ctx))
	}
}

func kustomizeOptions() *krusty.Options {
	plugins := types.MakePluginConfig(types.PluginRestrictionsNone, types.BploUseStaticallyLinked)
	plugins.FnpLoadingOptions = types.FnPluginLoadingOptions{EnableExec: false, Network: false}
	return &krusty.Options{
		Reorder:          krusty.ReorderOptionUnspecified,
		LoadRestrictions: types.LoadRestrictionsRootOnly,
		PluginConfig:     plugins,
	}
}
