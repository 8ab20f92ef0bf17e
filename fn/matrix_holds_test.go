package fn_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/modelfn/modelfn/api/v1alpha1"
)

// tree is an object, or a part of one, as YAML has it.
type tree map[string]any

// documents are the objects of a stream.
func documents(t *testing.T, stream string) []tree {
	t.Helper()
	var out []tree
	for document := range strings.SplitSeq(stream, "---\n") {
		var o tree
		if err := yaml.Unmarshal([]byte(document), &o); err != nil {
			t.Fatal(err)
		}
		out = append(out, o)
	}
	return out
}

// at is what stands under a path, or nil.
func (o tree) at(path ...string) any {
	var value any = map[string]any(o)
	for _, key := range path {
		m, _ := value.(map[string]any)
		value = m[key]
	}
	return value
}

func (o tree) text(path ...string) string {
	s, _ := o.at(path...).(string)
	return s
}

// list is a list of objects.
func (o tree) list(path ...string) []tree {
	var out []tree
	all, _ := o.at(path...).([]any)
	for _, one := range all {
		m, _ := one.(map[string]any)
		out = append(out, m)
	}
	return out
}

func (o tree) name() string { return o.text("metadata", "name") }

func ofKind(objects []tree, kind string) []tree {
	return slices.DeleteFunc(slices.Clone(objects), func(o tree) bool { return o["kind"] != kind })
}

// each calls with every value in an object, and the key that it stands under.
func each(path string, value any, call func(path, key string, value any)) {
	call(path, path[strings.LastIndexByte(path, '.')+1:], value)
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			each(path+"."+key, value[key], call)
		}
	case []any:
		for _, one := range value {
			each(path, one, call)
		}
	}
}

// pinned is what a model of the world is to be loaded by: the digest, under the
// scheme that fits what it is; what has none is loaded as it is written.
func pinned(uri string) string {
	found, ok := world()[uri]
	if !ok {
		return uri
	}
	scheme := "oci://"
	if kind := found.Summary.Kind; kind == "ModelKit" || kind == "ModelPack" {
		scheme = "kit://"
	}
	repository := strings.TrimPrefix(strings.TrimPrefix(uri, "oci://"), "kit://")
	return scheme + repository[:strings.LastIndexByte(repository, ':')] + "@" + string(found.Digest())
}

// versions are what the cell's two versions load; the second is "" where there
// is none.
func (c matrixCell) versions() (stable, second string) {
	stable = pinned(c.artifact.stable)
	if c.canary.role != "" {
		uri, _ := c.canary.version(c.artifact)
		second = pinned(uri)
	}
	return stable, second
}

// holds is what must be true of each cell that is rendered.
func (c matrixCell) holds(t *testing.T, objects []tree) {
	t.Helper()
	stable, second := c.versions()
	for _, o := range objects {
		c.tidy(t, o)
	}
	recorded := map[string]any{"stable": stable}
	if second != "" {
		recorded[c.canary.role] = second
	}
	if got := ofKind(objects, "ConfigMap")[0].at("data"); !cmp.Equal(any(recorded), got) {
		t.Errorf("recorded: -want, +got:\n%s", cmp.Diff(any(recorded), got))
	}
	loaded := []string{}
	for _, o := range objects {
		each(fmt.Sprint(o["kind"]), map[string]any(o), func(_, key string, value any) {
			if key == "storageUri" || key == "uri" || key == "image" {
				loaded = append(loaded, fmt.Sprint(value))
			}
		})
	}
	var want []string
	if c.mode == v1alpha1.ModeKnative && second != "" {
		want = []string{second} // KServe keeps the other's revision
	} else if want = []string{stable}; second != "" {
		want = append(want, second)
	}
	slices.Sort(loaded)
	slices.Sort(want)
	if diff := cmp.Diff(want, loaded); diff != "" {
		t.Errorf("loaded: -want, +got:\n%s", diff)
	}
	c.split(t, objects, stable, second)
}

// tidy: names fit, nothing is empty, and the mode has its current name.
func (c matrixCell) tidy(t *testing.T, o tree) {
	t.Helper()
	each(fmt.Sprint(o["kind"]), map[string]any(o), func(path, key string, value any) {
		switch value := value.(type) {
		case nil:
			t.Errorf("%s is null", path)
		case map[string]any:
			if len(value) == 0 {
				t.Errorf("%s is empty", path)
			}
		case []any:
			if len(value) == 0 {
				t.Errorf("%s is empty", path)
			}
		case string:
			if key == "name" && len(value) > 63 {
				t.Errorf("%s: %q has %d characters", path, value, len(value))
			}
		}
	})
	if o["kind"] == "InferenceService" {
		if got := o.text("metadata", "annotations", "serving.kserve.io/deploymentMode"); got != c.mode {
			t.Errorf("%s is in the mode %q", o.name(), got)
		}
		if front := o.name() + "-predictor"; len(front) > 63 {
			t.Errorf("KServe's Service %q has %d characters", front, len(front))
		}
	}
}

// split: who gets which requests.
func (c matrixCell) split(t *testing.T, objects []tree, stable, second string) {
	t.Helper()
	services := ofKind(objects, "InferenceService")
	var percent any
	if c.mode == v1alpha1.ModeKnative && second != "" {
		percent = float64(c.canary.weights[0][1])
	}
	loads := map[string]string{}
	for _, o := range services {
		if got := o.at("spec", "predictor", "canaryTrafficPercent"); got != percent {
			t.Errorf("%s: canaryTrafficPercent %v, want %v", o.name(), got, percent)
		}
		loads[o.name()+"-predictor"] = o.text("spec", "predictor", "model", "storageUri") + o.text("spec", "predictor", "model", "resources", "limits", "memory")
	}
	if c.canary.name == "settings" {
		second += "8Gi" // the same model: that is what tells them apart
	}
	if c.mode == v1alpha1.ModeKnative {
		if got := loads["fraud-predictor"]; second != "" && got != second {
			t.Errorf("the canary loads %q, want %q", got, second)
		}
		if len(services) != 1 || len(ofKind(objects, "HTTPRoute"))+len(ofKind(objects, "Service")) != 0 {
			t.Errorf("in Knative mode one InferenceService is all that serves, not %d objects", len(objects))
		}
		return
	}
	var rules [][2]int64
	for _, rule := range ofKind(objects, "HTTPRoute")[0].list("spec", "rules") {
		rules = append(rules, c.rule(t, rule, loads, stable, second))
	}
	if diff := cmp.Diff(c.canary.weights, rules); diff != "" {
		t.Errorf("weights: -want, +got:\n%s", diff)
	}
	selected := ofKind(objects, "Service")[0].text("spec", "selector", "app")
	if got := loads[strings.TrimPrefix(selected, "isvc.")]; got != stable {
		t.Errorf("the Service selects %q, which loads %q, want %q", selected, got, stable)
	}
}

// rule is the weights of a rule's versions. It leads to both, and only a shadow
// gets copies.
func (c matrixCell) rule(t *testing.T, rule tree, loads map[string]string, stable, second string) (weights [2]int64) {
	t.Helper()
	sum := int64(0)
	for i, to := range rule.list("backendRefs") {
		weight, _ := to["weight"].(float64)
		sum += int64(weight)
		weights[i] = int64(weight)
		if got, want := loads[to.text("name")], []string{stable, second}[i]; got != want {
			t.Errorf("backend %d is %q, which loads %q, want %q", i, to.text("name"), got, want)
		}
	}
	if sum != 100 {
		t.Errorf("weights %v make %d", weights, sum)
	}
	var copied []string
	for _, filter := range rule.list("filters") {
		if filter["type"] == "RequestMirror" {
			copied = append(copied, loads[filter.text("requestMirror", "backendRef", "name")])
		}
	}
	var want []string
	if c.canary.role == "shadow" {
		want = []string{second}
	}
	if diff := cmp.Diff(want, copied); diff != "" {
		t.Errorf("copies go to: -want, +got:\n%s", diff)
	}
	return weights
}
