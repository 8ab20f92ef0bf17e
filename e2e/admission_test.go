package e2e_test

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/yaml"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
)

// admissionTable is what the generators' own tests judge by the expressions alone.
type admissionTable struct {
	Platforms map[string]map[string]any
	Objects   map[string]struct {
		Platform string
		Object   map[string]any
	}
	Admitted, Refused []struct {
		Name, Of string
		Change   map[string]any
		Reasons  []string
		// Unseen: the API server drops what is refused before any policy sees it.
		Unseen bool
	}
	Updates []struct {
		Name, Of    string
		Was, Change map[string]any
		Reasons     []string
	}
}

func readAdmission(t *testing.T) admissionTable {
	t.Helper()
	var table admissionTable
	if err := yaml.UnmarshalStrict([]byte(read(t, "../generators/testdata/admission.yaml")), &table); err != nil {
		t.Fatal(err)
	}
	return table
}

// guard has the cluster for one of the table's platforms hold its baseline.
func guard(t *testing.T, table admissionTable, platform string) *cluster.Cluster {
	t.Helper()
	c := guarded[platform].Get(t)
	storageContainers(t, c, table, platform)
	hold(t, c, table.Platforms[platform])
	for _, namespace := range []string{"ml-serving", "graphs", "default"} {
		var o cluster.Object
		o.SetNamespace(namespace)
		home(t, c, &o)
	}
	for of, policy := range map[string]string{"service": "modelfn-models", "llm": "modelfn-llms", "runtime": "modelfn-kinds"} {
		refuses(t, c, changed(table.Objects[of].Object, map[string]any{"metadata": map[string]any{"name": "nobodys", "labels": nil}}), policy)
	}
	refuses(t, c, changed(table.Objects["fetched"].Object, map[string]any{"spec": map[string]any{
		"initContainers": []any{map[string]any{"name": "storage-initializer", "image": "evil.example.com/x"}},
	}}), "modelfn-pods")
	return c
}

// storageContainers are there before the platform's rules are: no namespace of
// theirs could be left out for a while.
func storageContainers(t *testing.T, c *cluster.Cluster, table admissionTable, platform string) {
	t.Helper()
	for _, tt := range table.Updates {
		o := changed(table.Objects[tt.Of].Object, tt.Was)
		if o.GetKind() != "ClusterStorageContainer" || table.Objects[tt.Of].Platform != platform {
			continue
		}
		if _, err := c.Get(t.Context(), o); apierrors.IsNotFound(err) {
			_, err = c.Create(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// hold applies what `modelfn baseline` prints for a platform.
func hold(t *testing.T, c *cluster.Cluster, platform map[string]any) []*cluster.Object {
	t.Helper()
	return applied(t, c, baselineOf(t, toYAML(t, platform))...)
}

// baselineOf is what modelfn prints for a platform.
func baselineOf(t *testing.T, platform string) []*cluster.Object {
	t.Helper()
	file := filepath.Join(t.TempDir(), "platform.yaml")
	write(t, file, platform)
	return parse(t, printedBaseline(t, file))
}

// changed is a copy with a JSON merge patch.
func changed(o, change map[string]any) *cluster.Object {
	return (&cluster.Object{Object: merged(o, change)}).DeepCopy()
}

func merged(o, change map[string]any) map[string]any {
	out := maps.Clone(o)
	if out == nil {
		out = map[string]any{}
	}
	for key, value := range change {
		switch v := value.(type) {
		case nil:
			delete(out, key)
		case map[string]any:
			was, _ := out[key].(map[string]any)
			out[key] = merged(was, v)
		default:
			out[key] = v
		}
	}
	return out
}

// TestAPIServerHoldsToBaseline: the API server admits and refuses what the
// expressions alone do, and for the same reasons, of which it names the first.
func TestAPIServerHoldsToBaseline(t *testing.T) {
	table := readAdmission(t)
	for name := range guarded {
		c := guard(t, table, name)
		judged := 0
		for of, o := range table.Objects {
			if o.Platform == name {
				if _, err := c.CreateDry(t.Context(), changed(o.Object, nil)); err != nil {
					t.Errorf("%s: %v", of, err)
				}
			}
		}
		for _, tt := range table.Admitted {
			if table.Objects[tt.Of].Platform != name {
				continue
			}
			judged++
			t.Run(tt.Name, func(t *testing.T) {
				if _, err := c.CreateDry(t.Context(), changed(table.Objects[tt.Of].Object, tt.Change)); err != nil {
					t.Error(err)
				}
			})
		}
		for _, tt := range table.Refused {
			if table.Objects[tt.Of].Platform != name {
				continue
			}
			judged++
			t.Run(tt.Name, func(t *testing.T) {
				_, err := c.CreateDry(t.Context(), changed(table.Objects[tt.Of].Object, tt.Change))
				if !tt.Unseen {
					deniedBy(t, err, tt.Reasons...)
				} else if err != nil && strings.Contains(err.Error(), "denied request") {
					t.Errorf("a policy saw it: %v", err)
				}
			})
		}
		if judged < 10 {
			t.Errorf("%s: only %d cases", name, judged)
		}
	}
}

func deniedBy(t *testing.T, err error, reasons ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("admitted, want %q", reasons)
		return
	}
	if !strings.Contains(err.Error(), "denied request") || !slices.ContainsFunc(reasons, func(r string) bool { return strings.Contains(err.Error(), r) }) {
		t.Errorf("%v, want %q", err, reasons)
	}
}

// TestBaselineLeavesAlone: what was there before is not judged until its spec, its
// labels or its annotations change; and then it is.
func TestBaselineLeavesAlone(t *testing.T) {
	table := readAdmission(t)
	for name := range guarded {
		t.Run(name, func(t *testing.T) { leavesAlone(t, table, name) })
	}
}

func leavesAlone(t *testing.T, table admissionTable, platform string) {
	c := guard(t, table, platform)
	// Nobody is judged here, until the namespace is no longer the platform's own.
	exempt := func(namespace, value string) {
		var o cluster.Object
		o.SetAPIVersion("v1")
		o.SetKind("Namespace")
		o.SetName(namespace)
		o.SetLabels(map[string]string{"modelfn.dev/baseline": value})
		if _, err := c.Apply(t.Context(), &o); err != nil {
			t.Fatal(err)
		}
	}
	for i, tt := range table.Updates {
		if table.Objects[tt.Of].Platform != platform {
			continue
		}
		t.Run(tt.Name, func(t *testing.T) {
			namespace := fmt.Sprintf("updates-%d", i)
			exempt(namespace, "Exempt")
			was := changed(table.Objects[tt.Of].Object, tt.Was)
			if was.GetKind() != "ClusterStorageContainer" {
				was.SetNamespace(namespace)
				if err := cluster.Until(t.Context(), func() error {
					_, err := c.Create(t.Context(), was)
					return err
				}); err != nil {
					t.Fatal(err)
				}
			}
			stored := going(t, c, was)
			exempt(namespace, "Enforced")
			bad := changed(table.Objects["service"].Object, map[string]any{"metadata": map[string]any{"labels": nil, "namespace": namespace, "name": "other"}})
			if err := cluster.Until(t.Context(), func() error {
				if _, err := c.CreateDry(t.Context(), bad); err == nil {
					return errors.New("the namespace is still exempt")
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			_, err := c.Update(t.Context(), changed(stored.Object, tt.Change))
			switch {
			case len(tt.Reasons) > 0:
				deniedBy(t, err, tt.Reasons...)
			case err != nil:
				t.Errorf("it was judged: %v", err)
			}
		})
	}
}

// going is what is stored of an object, which is being deleted if it says so.
func going(t *testing.T, c *cluster.Cluster, o *cluster.Object) *cluster.Object {
	t.Helper()
	if o.GetDeletionTimestamp() != nil {
		if err := c.Delete(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	stored, err := c.Get(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if (stored.GetDeletionTimestamp() != nil) != (o.GetDeletionTimestamp() != nil) {
		t.Fatalf("it is being deleted since %v", stored.GetDeletionTimestamp())
	}
	return stored
}

// manyRules is a platform with 256 rules before its own.
func manyRules(platform map[string]any) map[string]any {
	var rules []any
	for i := range 256 {
		rules = append(rules, map[string]any{
			"match":          []any{fmt.Sprintf("registry-%d.a-rather-long-domain.example.com/teams/*/models/**", i), fmt.Sprintf("s3://bucket-%d/models/**/weights", i)},
			"unsafeUnsigned": true,
		})
	}
	spec := platform["spec"].(map[string]any)
	return merged(platform, map[string]any{"spec": map[string]any{"trust": append(rules, spec["trust"].([]any)...)}})
}

// TestBaselineOfManyRules: the API server takes a policy of many rules, within its
// limits of size and cost, and the last one still admits.
func TestBaselineOfManyRules(t *testing.T) {
	table := readAdmission(t)
	platform := manyRules(table.Platforms["knative"])
	c := bare.Get(t)
	namespace := "many-rules"
	var o cluster.Object
	o.SetNamespace(namespace)
	home(t, c, &o)
	objects := hold(t, c, platform)
	defer func() {
		removed(t, c, objects)
		bad := changed(table.Objects["service"].Object, map[string]any{"metadata": map[string]any{"labels": nil, "namespace": namespace}})
		if err := cluster.Until(t.Context(), func() error { _, err := c.CreateDry(t.Context(), bad); return err }); err != nil {
			t.Error(err)
		}
	}()
	last := changed(table.Objects["service"].Object, map[string]any{"metadata": map[string]any{"namespace": namespace}})
	evil := changed(last.Object, map[string]any{"spec": map[string]any{"predictor": map[string]any{"model": map[string]any{
		"storageUri": strings.Replace(fieldOf[string](t, last.Object, "spec", "predictor", "model", "storageUri"), "registry.", "evil.", 1)}}}})
	if err := cluster.Until(t.Context(), func() error {
		if _, err := c.CreateDry(t.Context(), evil); err == nil || !strings.Contains(err.Error(), "no trust rule of platform prod") {
			return fmt.Errorf("not refused for its rule: %w", err)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.CreateDry(t.Context(), last); err != nil {
		t.Error(err)
	}

	// Several models in one Pod, and so many that the API server gives up on them.
	fetched := changed(table.Objects["modelcar"].Object, map[string]any{"metadata": map[string]any{"namespace": namespace}})
	loader := func(uri string, models int) map[string]any {
		var args []any
		for i := range models {
			args = append(args, uri, fmt.Sprintf("/mnt/lora/%d", i))
		}
		image := fieldOf[[]any](t, platform, "spec", "serving", "initializers")[0]
		return map[string]any{"spec": map[string]any{"initContainers": []any{map[string]any{"name": "storage-initializer", "image": image, "args": args}}}}
	}
	evilURI := "kit://" + strings.Replace(fraudModel, "registry.", "evil.", 1)
	refuses(t, c, changed(fetched.Object, loader(evilURI, 1)), "modelfn-pods") // in force later than the first
	for _, tt := range []struct {
		uri    string
		models int
		reason string
	}{
		{"kit://" + fraudModel, 4, ""},
		{evilURI, 4, "no trust rule of platform prod"},
		{"kit://" + fraudModel, 64, "cost limit exceeded"},
	} {
		_, err := c.CreateDry(t.Context(), changed(fetched.Object, loader(tt.uri, tt.models)))
		if tt.reason != "" {
			deniedBy(t, err, tt.reason)
		} else if err != nil {
			t.Error(err)
		}
	}
}

// TestDeletionIsNotClaimed: the rules spare what is being deleted, and the API server
// lets nobody write that an object is, when it is made or afterwards.
func TestDeletionIsNotClaimed(t *testing.T) {
	table := readAdmission(t)
	c := guard(t, table, "knative")
	const claimed = "2026-01-01T00:00:00Z"
	for of, reason := range map[string]string{"service": "only what modelfn rendered", "modelcar": "a modelcar may do only"} {
		evil := map[string]any{"metadata": map[string]any{"name": "claimed", "labels": nil, "deletionTimestamp": claimed}}
		if of == "modelcar" {
			evil["spec"] = map[string]any{"initContainers": nil, "containers": []any{map[string]any{"name": "modelcar", "image": fraudModel}}}
		}
		_, err := c.CreateDry(t.Context(), changed(table.Objects[of].Object, evil))
		deniedBy(t, err, reason)

		stored, err := c.Create(t.Context(), changed(table.Objects[of].Object, map[string]any{"metadata": map[string]any{"name": "claimed"}}))
		if err != nil {
			t.Fatal(err)
		}
		relabelled := map[string]any{"metadata": map[string]any{"annotations": nil, "deletionTimestamp": claimed}}
		if _, err := c.Update(t.Context(), changed(stored.Object, relabelled)); err == nil || !strings.Contains(err.Error(), "metadata.deletionTimestamp: Invalid value") {
			t.Errorf("%s: %v", of, err)
		}
		if err := c.Delete(t.Context(), stored); err != nil {
			t.Fatal(err)
		}
	}
}
