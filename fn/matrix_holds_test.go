package fn_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/api/v1alpha1"
)

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
	if diff := cmp.Diff(any(recorded), only(t, objects, "ConfigMap").at("data")); diff != "" {
		t.Errorf("recorded: -want, +got:\n%s", diff)
	}
	c.loads(t, objects, stable, second)
	if c.canary.name == "settings" {
		second += " 8Gi" // the same model: that is what tells them apart
	}
	if c.alone(objects) {
		c.percents(t, objects, second)
	} else {
		c.splits(t, objects, stable, second)
	}
}

// alone: in Knative mode one InferenceService serves both versions.
func (c matrixCell) alone(objects []tree) bool {
	return c.mode == v1alpha1.ModeKnative && len(ofKind(objects, "InferenceService")) > 0
}

// loads: each URI and image is one of the versions', and each version is there.
func (c matrixCell) loads(t *testing.T, objects []tree, stable, second string) {
	t.Helper()
	var got []string
	for _, o := range objects {
		each(fmt.Sprint(o["kind"]), map[string]any(o), func(_, key string, value any) {
			if key == "storageUri" || key == "uri" || key == "image" {
				got = append(got, fmt.Sprint(value))
			}
		})
	}
	want := []string{stable}
	switch {
	case second != "" && c.alone(objects):
		want = []string{second} // KServe keeps the other's revision
	case second != "":
		want = append(want, second)
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("loaded: -want, +got:\n%s", diff)
	}
}

// chosen are fields that say something by being there, even if empty.
var chosen = map[string]bool{"LLMInferenceService.spec.router.gateway": true, "LLMInferenceService.spec.router.scheduler": true}

// tidy: names fit, nothing is empty, and the mode has its current name.
func (c matrixCell) tidy(t *testing.T, o tree) {
	t.Helper()
	each(fmt.Sprint(o["kind"]), map[string]any(o), func(path, key string, value any) {
		switch value := value.(type) {
		case nil:
			t.Errorf("%s is null", path)
		case map[string]any:
			if len(value) == 0 && !chosen[path] {
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

// version is what an object serves: its model, and the memory that tells two
// versions of one model apart.
func (o tree) version() string {
	out := o.text("spec", "predictor", "model", "storageUri") + o.text("spec", "model", "uri")
	each("", map[string]any(o), func(_, key string, value any) {
		if key == "memory" {
			out += fmt.Sprint(" ", value)
		}
	})
	return out
}

// percents: in Knative mode one InferenceService is all that serves, and has a
// percentage exactly where there is a canary.
func (c matrixCell) percents(t *testing.T, objects []tree, second string) {
	t.Helper()
	var want any
	if second != "" {
		want = float64(c.canary.weights[0][1])
	}
	service := only(t, objects, "InferenceService")
	if got := service.at("spec", "predictor", "canaryTrafficPercent"); got != want {
		t.Errorf("canaryTrafficPercent %v, want %v", got, want)
	}
	if second != "" && service.version() != second {
		t.Errorf("the canary is %q, want %q", service.version(), second)
	}
	if len(objects) != 2 {
		t.Errorf("%d objects, want the InferenceService and the record", len(objects))
	}
}

// splits: each version has an object of its own, and a route or the objects
// themselves say who gets which requests.
func (c matrixCell) splits(t *testing.T, objects []tree, stable, second string) {
	t.Helper()
	fronts := map[string]string{}
	for _, o := range ofKind(objects, "InferenceService") {
		fronts[o.name()+"-predictor"] = o.version()
		if got := o.at("spec", "predictor", "canaryTrafficPercent"); got != nil {
			t.Errorf("%s: canaryTrafficPercent %v, which KServe ignores", o.name(), got)
		}
	}
	var rules [][2]int64
	for _, route := range ofKind(objects, "HTTPRoute") {
		for _, rule := range route.list("spec", "rules") {
			rules = append(rules, c.rule(t, rule, fronts, stable, second))
		}
	}
	if members := ofKind(objects, "LLMInferenceService"); len(members) > 0 {
		rules = append(rules, group(t, members, stable, second))
	}
	if diff := cmp.Diff(c.canary.weights, rules); diff != "" {
		t.Errorf("weights: -want, +got:\n%s", diff)
	}
	if routes, addresses := len(ofKind(objects, "HTTPRoute")), len(ofKind(objects, "Service")); routes != addresses {
		t.Errorf("%d routes and %d Services", routes, addresses)
	}
	for _, service := range ofKind(objects, "Service") {
		selected := service.text("spec", "selector", "app")
		if got := fronts[strings.TrimPrefix(selected, "isvc.")]; got != stable {
			t.Errorf("the Service selects %q, which is %q, want %q", selected, got, stable)
		}
	}
}

// group is the weights of what KServe routes as one group.
func group(t *testing.T, members []tree, stable, second string) (weights [2]int64) {
	t.Helper()
	for _, o := range members {
		i := slices.Index([]string{stable, second}, o.version())
		if i < 0 {
			t.Fatalf("%s is %q, neither %q nor %q", o.name(), o.version(), stable, second)
		}
		weight, _ := o.at("spec", "router", "route", "weight").(float64)
		weights[i] = int64(weight)
	}
	return weights
}

// rule is the weights of a rule's versions. It leads to both, only a shadow gets
// copies, and requests with the header are all that goes to a canary alone.
func (c matrixCell) rule(t *testing.T, rule tree, fronts map[string]string, stable, second string) (weights [2]int64) {
	t.Helper()
	to := rule.list("backendRefs")
	if len(to) > 2 {
		t.Fatalf("%d backends of two versions", len(to))
	}
	sum := int64(0)
	for i, to := range to {
		weight, _ := to["weight"].(float64)
		sum += int64(weight)
		weights[i] = int64(weight)
		if got, want := fronts[to.text("name")], []string{stable, second}[i]; got != want {
			t.Errorf("backend %d is %q, which is %q, want %q", i, to.text("name"), got, want)
		}
	}
	if sum != 100 {
		t.Errorf("weights %v make %d", weights, sum)
	}
	header := []any{map[string]any{"type": "Exact", "name": "x-canary", "value": "always"}}
	for _, match := range rule.list("matches") {
		if got := match.at("headers"); cmp.Equal(got, any(header)) != (weights == [2]int64{0, 100}) {
			t.Errorf("weights %v of requests with the headers %v", weights, got)
		}
	}
	if got := len(rule.list("matches")); got != 1 {
		t.Errorf("%d matches, want one", got)
	}
	var copied []string
	for _, filter := range rule.list("filters") {
		if filter["type"] == "RequestMirror" {
			copied = append(copied, fronts[filter.text("requestMirror", "backendRef", "name")])
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
