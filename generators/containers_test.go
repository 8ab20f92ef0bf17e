package generators

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/cel-go/cel"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
	"github.com/modelfn/modelfn/internal/testsign"
	"github.com/modelfn/modelfn/trust"
)

const (
	guard, guard2 = "registry.example.com/images/guard:v1", "registry.example.com/images/guard:v2"
	proxy         = "registry.example.com/tools/proxy:v1"
)

// pinnedImages are the containers' images, of which proxy has no signature.
func pinnedImages(t *testing.T) artifact.Source {
	t.Helper()
	key := testsign.ECDSA("release")
	one, two, third := testsign.Image("guard", "1", ""), testsign.Image("guard", "2", ""), testsign.Image("proxy", "1", "")
	kit := testsign.Kit("fraud", "7.0.0")
	return artifact.NewLocked([]v1alpha1.LockedModel{
		kit.Entry(uri, key.Bundle(kit.Digest())),
		one.Entry(guard, key.Bundle(one.Digest())), two.Entry(guard2, key.Bundle(two.Digest())), third.Entry(proxy),
	})
}

// withImages is a verified Model: guard beside the stable version, guard2 and
// proxy beside the canary, guard and proxy as its transformer, guard2 as its
// explainer.
func withImages(t *testing.T) *model.Model {
	t.Helper()
	p := verified(t, 1, "release").Platform
	p.Spec.Images = []v1alpha1.ImageRule{
		{Match: []string{"registry.example.com/images/**"}},
		{Match: []string{"registry.example.com/tools/**"}, Verify: new(false)},
	}
	images, errs := model.CompileImages(p.Spec)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	p.Images = images
	beside := func(images ...string) v1alpha1.Predictor {
		var list []any
		for i, image := range images {
			list = append(list, map[string]any{"name": string(rune('a' + i)), "image": image})
		}
		return v1alpha1.Predictor{"containers": list}
	}
	d := &v1alpha1.ModelDeployment{Metadata: v1alpha1.ObjectMeta{Name: "fraud"}}
	d.Spec.Model, d.Spec.Predictor = uri, beside(guard)
	d.Spec.Canary = &v1alpha1.Canary{Version: v1alpha1.Version{Predictor: beside(guard2, proxy)}, Weight: new(10)}
	d.Spec.Transformer = &v1alpha1.Component{Containers: []v1alpha1.Container{{Image: guard}, {Name: "proxy", Image: proxy}}}
	d.Spec.Explainer = &v1alpha1.Component{Containers: []v1alpha1.Container{{Image: guard2}}}
	d.Default()
	m := model.New(d, finding.Resource{Name: "fraud"}, p)
	for _, part := range m.Parts() {
		ref, err := artifact.ParseReference(part.URI())
		if err != nil {
			t.Fatal(err)
		}
		pinned, err := pinnedImages(t).Pin(t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		j := model.Judged{Artifact: pinned.Artifact, Verdict: p.Trust.Verify(pinned.Artifact, pinned.Evidence)}
		if i, ok := part.(*model.Image); ok && !i.Rule.Verify {
			j.Verdict = i.Rule.Unverified(pinned.Artifact)
		}
		part.Settle(j, nil, nil)
	}
	return m
}

// TestGenerateRefusesImages: no image gets past here that the platform does not
// let run, whatever the steps before did.
func TestGenerateRefusesImages(t *testing.T) {
	if objects, err := Generate(withImages(t)); err != nil || len(objects) != 3 {
		t.Fatalf("%d objects, %v", len(objects), err)
	}
	unverified := func(m *model.Model) trust.Verdict { return m.Canary.Images[1].Verdict }
	for name, test := range map[string]struct {
		change func(m *model.Model)
		want   string
	}{
		"zero verdict":        {func(m *model.Model) { m.Stable.Images[0].Verdict = trust.Verdict{} }, "spec.predictor.containers[0]"},
		"zero artifact":       {func(m *model.Model) { m.Components[0].Images[1].Artifact = artifact.Artifact{} }, "spec.transformer.containers[1]"},
		"error":               {func(m *model.Model) { m.Components[1].Images[0].Err = artifact.ErrUnavailable }, "spec.explainer.containers[0]"},
		"not allowed":         {func(m *model.Model) { m.Canary.Images[0].Rule = nil }, "spec.canary.predictor.containers[0]"},
		"another's verdict":   {func(m *model.Model) { m.Stable.Images[0].Verdict = m.Canary.Images[0].Verdict }, "spec.predictor.containers[0]"},
		"another's artifact":  {func(m *model.Model) { m.Stable.Images[0].Judged = m.Canary.Images[0].Judged }, "spec.predictor.containers[0]"},
		"verified by nothing": {func(m *model.Model) { m.Stable.Images[0].Verdict = unverified(m) }, "spec.predictor.containers[0]"},
		"put there":           {func(m *model.Model) { m.Stable.Images = append(m.Stable.Images, &model.Image{Field: "added"}) }, "added"},
	} {
		m := withImages(t)
		test.change(m)
		objects, err := Generate(m)
		if err == nil || !strings.HasSuffix(err.Error(), ": "+test.want+" is not an image that may run") || len(objects) > 0 {
			t.Errorf("%s: %d objects, %v", name, len(objects), err)
		}
	}
}

// TestContainerShape evaluates the policy's expressions about containers: what
// is rendered passes, also as KServe completes it, and nothing else does.
func TestContainerShape(t *testing.T) {
	m := withImages(t)
	identity := func(i *model.Image) string { return i.Artifact.Identity() }
	stable, canary := identity(m.Stable.Images[0]), identity(m.Canary.Images[0])
	predictor, transformer := "spec.predictor must", "spec.transformer must"
	type tree = map[string]any
	containers := func(o tree, component string) []any { return o[component].(tree)["containers"].([]any) }
	first := func(o tree, component string) tree { return containers(o, component)[0].(tree) }
	for name, test := range map[string]struct {
		change func(spec tree)
		// want is a part of the message that refuses, "" for none.
		want string
	}{
		"as rendered": {func(tree) {}, ""},
		"completed": {func(o tree) {
			for _, c := range []string{"predictor", "transformer", "explainer"} {
				first(o, c)["resources"] = tree{}
				o[c].(tree)["minReplicas"] = 1
			}
			o["predictor"].(tree)["model"].(tree)["name"] = ""
		}, ""},
		"the stable version's": {func(o tree) {
			o["predictor"].(tree)["containers"] = []any{tree{"name": "a", "image": stable}}
		}, ""},
		"none":                  {func(o tree) { delete(o["predictor"].(tree), "containers") }, predictor},
		"no transformer":        {func(o tree) { delete(o, "transformer") }, transformer},
		"no explainer":          {func(o tree) { delete(o, "explainer") }, "spec.explainer must"},
		"one less":              {func(o tree) { o["predictor"].(tree)["containers"] = containers(o, "predictor")[:1] }, predictor},
		"one more":              {func(o tree) { o["predictor"].(tree)["containers"] = append(containers(o, "predictor"), tree{}) }, predictor},
		"another digest":        {func(o tree) { first(o, "transformer")["image"] = canary }, transformer},
		"a tag":                 {func(o tree) { first(o, "predictor")["image"] = guard2 }, predictor},
		"another name":          {func(o tree) { first(o, "predictor")["name"] = "b" }, predictor},
		"no name":               {func(o tree) { delete(first(o, "transformer"), "name") }, transformer},
		"args":                  {func(o tree) { first(o, "predictor")["args"] = []any{"--x"} }, predictor},
		"env":                   {func(o tree) { first(o, "explainer")["env"] = []any{} }, "spec.explainer must"},
		"command":               {func(o tree) { containers(o, "transformer")[1].(tree)["command"] = []any{"sh"} }, transformer},
		"a port of the sidecar": {func(o tree) { first(o, "predictor")["ports"] = []any{tree{"containerPort": 8080}} }, predictor},
		"another model port":    {func(o tree) { o["predictor"].(tree)["model"].(tree)["ports"] = []any{tree{"containerPort": 9}} }, "at the port that was rendered"},
		"a port of the node":    {func(o tree) { first(o, "transformer")["ports"].([]any)[0].(tree)["hostPort"] = 80 }, transformer},
		"init containers":       {func(o tree) { o["transformer"].(tree)["initContainers"] = []any{} }, transformer},
		"init of the predictor": {func(o tree) { o["predictor"].(tree)["initContainers"] = []any{} }, "only spec.predictor.model may name a model"},
		"volumes":               {func(o tree) { o["explainer"].(tree)["volumes"] = []any{} }, "spec.explainer must"},
		"another explainer":     {func(o tree) { o["explainer"].(tree)["art"] = tree{} }, "spec.explainer must"},
	} {
		spec := specOf(t, m)
		test.change(spec)
		if got := refusal(t, m, spec); test.want == "" && got != "" || !strings.Contains(got, test.want) {
			t.Errorf("%s: refused by %q, want %q", name, got, test.want)
		}
	}
}

// TestNoComponentsUnasked: a model that has none admits none.
func TestNoComponentsUnasked(t *testing.T) {
	m := verified(t, 1, "release")
	for component, spec := range map[string]map[string]any{
		"transformer": {"containers": []any{map[string]any{"name": "kserve-container", "image": guard}}},
		"explainer":   {"art": map[string]any{}},
	} {
		o := specOf(t, m)
		o[component] = spec
		if got := refusal(t, m, o); !strings.HasPrefix(got, "only spec.predictor.model may name a model") {
			t.Errorf("%s: refused by %q", component, got)
		}
	}
	o := specOf(t, m)
	o["predictor"].(map[string]any)["containers"] = []any{map[string]any{"name": "a", "image": guard}}
	if got := refusal(t, m, o); !strings.HasPrefix(got, "only spec.predictor.model may name a model") {
		t.Errorf("containers: refused by %q", got)
	}
}

// TestImagesAreFoundOnce: Kyverno hangs on an image that its policy finds twice,
// and wants every one that it finds to be signed.
func TestImagesAreFoundOnce(t *testing.T) {
	m := withImages(t)
	env, err := cel.NewEnv(cel.OptionalTypes(), cel.Variable("object", cel.DynType))
	if err != nil {
		t.Fatal(err)
	}
	found := evaluateOn(t, env, containersExpression(m), map[string]any{"spec": specOf(t, m)})
	got, err := json.Marshal(found)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{m.Stable.Images[0].Artifact.Identity(), m.Canary.Images[0].Artifact.Identity()}
	if want[0] > want[1] {
		want[0], want[1] = want[1], want[0]
	}
	if string(got) != `["`+want[0]+`","`+want[1]+`"]` {
		t.Errorf("finds %s, want %q", got, want)
	}
	for _, glob := range matchImages(m) {
		if text := glob.(object.Map).Get("glob").(string); strings.Contains(text, "tools/") {
			t.Errorf("it would fetch %s, which nothing verifies", text)
		}
	}
}

// specOf is the spec of the rendered InferenceService.
func specOf(t *testing.T, m *model.Model) map[string]any {
	t.Helper()
	raw, err := knative{}.Generate(m)[0].JSON()
	if err != nil {
		t.Fatal(err)
	}
	var o struct{ Spec map[string]any }
	if err := json.Unmarshal(raw, &o); err != nil {
		t.Fatal(err)
	}
	return o.Spec
}

// refusal is the message of the first validation that does not hold for an
// InferenceService with this spec, of those that need no registry.
func refusal(t *testing.T, m *model.Model, spec map[string]any) string {
	t.Helper()
	return refusalOf(t, m, spec, map[string]any{"spec": spec, "status": map[string]any{"components": map[string]any{"predictor": map[string]any{
		"latestCreatedRevision": "fraud-00001", "latestRolledoutRevision": "fraud-00001",
	}}}})
}

// refusalOf is the refusal of an update; without an old object, of a creation.
func refusalOf(t *testing.T, m *model.Model, spec map[string]any, old any) string {
	t.Helper()
	env, err := cel.NewEnv(cel.OptionalTypes(), cel.HomogeneousAggregateLiterals(), // as Kyverno's
		cel.Variable("object", cel.DynType), cel.Variable("oldObject", cel.DynType))
	if err != nil {
		t.Fatal(err)
	}
	o := map[string]any{"metadata": map[string]any{"labels": map[string]any{DeploymentLabel: "fraud"}}, "spec": spec, "old": old}
	for _, v := range shape(m) {
		validation := v.(object.Map)
		if evaluateOn(t, env, validation.Get("expression").(string), o) != true {
			return validation.Get("message").(string)
		}
	}
	return ""
}

func evaluateOn(t *testing.T, env *cel.Env, expression string, o map[string]any) any {
	t.Helper()
	ast, issues := env.Compile(expression)
	if issues.Err() != nil {
		t.Fatalf("%v:\n%s", issues.Err(), expression)
	}
	program, err := env.Program(ast)
	if err != nil {
		t.Fatal(err)
	}
	value, _, err := program.Eval(map[string]any{"object": o, "oldObject": o["old"]})
	if err != nil {
		t.Fatalf("%v:\n%s", err, expression)
	}
	return value.Value()
}
