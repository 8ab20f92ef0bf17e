package e2e_test

import (
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
)

const (
	notListed     = "the model must be one that was verified"
	notAsRendered = "a verified model must be loaded and told as it was rendered"
)

// notItsOwn is what this model's constraint is not about: another model, and the
// same name in another namespace.
func notItsOwn(change func(o *cluster.Object)) func(o *cluster.Object) error {
	return func(o *cluster.Object) error {
		change(o)
		path := []string{"spec", "predictor", "model", "storageUri"}
		if o.GetKind() == "LLMInferenceService" {
			path = []string{"spec", "model", "uri"}
		}
		return unstructured.SetNestedField(o.Object, "oci://registry.example.com/models/other:v1", path...)
	}
}

var (
	anotherModel = notItsOwn(func(o *cluster.Object) { o.SetLabels(map[string]string{"modelfn.dev/deployment": "other"}) })
	anotherPlace = notItsOwn(func(o *cluster.Object) { o.SetNamespace("graphs") })
)

// TestGatekeeperHoldsModels: the constraint that is rendered lets in what is
// rendered beside it, as the whole baseline does, and no other.
func TestGatekeeperHoldsModels(t *testing.T) {
	model, pod := []string{"spec", "predictor", "model"}, []string{"spec", "template", "containers"}
	under := func(path []string, field string) []string { return append(append([]string{}, path...), field) }
	const kit = "kit://registry.example.com/models/fraud"
	for name, attempts := range map[string]map[string]attempt{
		"gatekeeper": {
			"another digest":     {setting(kit+"@sha256:"+strings.Repeat("0", 64), under(model, "storageUri")...), notListed},
			"a tag":              {setting(kit+":v7", under(model, "storageUri")...), notListed},
			"storage":            {setting("s3://elsewhere/model", under(model, "storageUri")...), notListed},
			"native":             {setting("oci+native://registry.example.com/models/fraud:v7", under(model, "storageUri")...), notListed},
			"no model":           {setting(map[string]any{}, model...), notListed},
			"arguments":          {setting([]any{"--workers=2"}, under(model, "args")...), notAsRendered},
			"a variable":         {setting([]any{map[string]any{"name": "OMP_NUM_THREADS", "value": "2"}}, under(model, "env")...), notAsRendered},
			"a probe":            {setting(map[string]any{"periodSeconds": int64(1)}, under(model, "livenessProbe")...), notAsRendered},
			"another runtime":    {setting("mine", under(model, "runtime")...), notAsRendered},
			"a container":        {setting([]any{map[string]any{"name": "logs", "image": "registry.example.com/x"}}, "spec", "predictor", "containers"), notAsRendered},
			"a transformer":      {setting(map[string]any{"containers": []any{map[string]any{"name": "x", "image": "y"}}}, "spec", "transformer"), "the containers of the transformer and the explainer"},
			"another model":      {anotherModel, ""},
			"another place":      {anotherPlace, ""},
			"what may change":    {setting(int64(3), "spec", "predictor", "minReplicas"), ""},
			"an empty list":      {setting([]any{}, under(model, "args")...), ""},
			"a group of its own": {setting("others", "spec", "router", "route", "group"), "the group is the deployment's"},
		},
		"gatekeeper-images": {
			"another sidecar":     {first(map[string]any{"image": "registry.example.com/images/guard:v1"}, "spec", "predictor", "containers"), notAsRendered},
			"no sidecar":          {setting([]any{}, "spec", "predictor", "containers"), notAsRendered},
			"another transformer": {first(map[string]any{"image": "elsewhere/x"}, "spec", "transformer", "containers"), "the containers of the transformer and the explainer"},
			"another explainer":   {first(map[string]any{"name": "x"}, "spec", "explainer", "containers"), "the containers of the transformer and the explainer"},
		},
		"gatekeeper-llm": {
			"another digest": {setting("oci://registry.example.com/models/llama@sha256:"+strings.Repeat("0", 64), "spec", "model", "uri"), notListed},
			"an adapter":     {setting(map[string]any{"adapters": []any{map[string]any{"uri": "hf://x/y", "name": "z"}}}, "spec", "model", "lora"), notAsRendered},
			"a config":       {setting([]any{map[string]any{"name": "mine"}}, "spec", "baseRefs"), notAsRendered},
			"another name":   {setting("other", "spec", "model", "name"), notAsRendered},
			"online":         {first(map[string]any{"env": []any{}}, pod...), notAsRendered},
			"arguments":      {first(map[string]any{"args": []any{"--model=x"}}, pod...), notAsRendered},
			"another probe":  {first(map[string]any{"startupProbe": map[string]any{"exec": map[string]any{}}}, pod...), notAsRendered},
			"another group":  {setting("others", "spec", "router", "route", "group"), "the group is the deployment's"},
			"another weight": {setting(int64(99), "spec", "router", "route", "weight"), ""},
			"another model":  {anotherModel, ""},
			"another place":  {anotherPlace, ""},
		},
		"gatekeeper-llm-everything": {
			"no adapters":     {setting(map[string]any{}, "spec", "model", "lora"), notAsRendered},
			"another adapter": {first(map[string]any{"uri": "hf://acme/sql-lora:main"}, "spec", "model", "lora", "adapters"), notAsRendered},
			"no config":       {setting([]any{}, "spec", "baseRefs"), notAsRendered},
		},
		"gatekeeper-standard": {
			"another name": {setting([]any{"--model_name=other"}, under(model, "args")...), notAsRendered},
		},
	} {
		t.Run(name, func(t *testing.T) { gatedAttempts(t, name, attempts) })
	}
}

// gatedAttempts puts what is rendered before the whole baseline and its own
// constraint, and what is made of it before that constraint alone.
func gatedAttempts(t *testing.T, name string, attempts map[string]attempt) {
	t.Helper()
	objects := parse(t, read(t, "../testdata/"+name+"/expected.yaml"))
	baseline := printedBaseline(t, filepath.Join("../testdata", name, "platform.yaml"))
	var alone, constraint string
	for _, o := range parse(t, baseline) {
		if o.GetName() == "modelfndeployment" {
			alone = toYAML(t, o.Object)
		}
	}
	served, whole := []*cluster.Object(nil), map[string]map[string]any{}
	for _, o := range objects {
		switch o.GetKind() {
		case "ModelfnDeployment":
			constraint = "---\n" + toYAML(t, o.Object)
		case "InferenceService", "LLMInferenceService":
			served = append(served, o)
			whole[o.GetName()] = o.Object
		}
	}
	namespaces := append([]string{namespace("llm", "")}, gatedNamespaces...)
	if got := gated(t, baseline+constraint, whole, namespaces...); len(got) > 0 {
		t.Errorf("as rendered: %q", got)
	}
	rows := map[string]map[string]any{}
	for what, a := range attempts {
		changed := served[0].DeepCopy()
		if err := a.change(changed); err != nil {
			t.Fatal(err)
		}
		rows[what] = changed.Object
	}
	got := gated(t, alone+constraint, rows, namespaces...)
	for what, a := range attempts {
		var reasons []string
		if a.reason != "" {
			reasons = []string{a.reason}
		}
		saidFor(t, what, got[what], reasons)
	}
}

// TestGatekeeperKeepsPairs: the adapters that were verified with the canary do not
// go with the stable version.
func TestGatekeeperKeepsPairs(t *testing.T) {
	objects := parse(t, read(t, "../testdata/gatekeeper-llm/expected.yaml"))
	constraint := ofKind(objects, "ModelfnDeployment")["modelfn.llm.assistant"]
	versions := fieldOf[[]any](t, constraint.Object, "spec", "parameters", "versions")
	stable, canary := versions[0].(map[string]any), versions[1].(map[string]any)
	canary["adapters"] = []any{"sql hf://acme/sql:main"}
	policies := toYAML(t, constraint.Object)
	for _, o := range parse(t, printedBaseline(t, "../testdata/gatekeeper-llm/platform.yaml")) {
		if o.GetName() == "modelfndeployment" {
			policies += "---\n" + toYAML(t, o.Object)
		}
	}
	rows := map[string]map[string]any{}
	for name, uri := range map[string]any{"stable": stable["uri"], "canary": canary["uri"]} {
		for _, o := range ofKind(objects, "LLMInferenceService") {
			rows[name] = merged(o.Object, map[string]any{"spec": map[string]any{"model": map[string]any{
				"uri": uri, "lora": map[string]any{"adapters": []any{map[string]any{"name": "sql", "uri": "hf://acme/sql:main"}}},
			}}})
		}
	}
	got := gated(t, policies, rows, namespace("llm", ""))
	saidFor(t, "canary", got["canary"], nil)
	saidFor(t, "stable", got["stable"], []string{notAsRendered})
}

// TestGatekeeperKeepsLabel: who takes the label away that selects the constraint is
// judged by it, and so is what changes at the same time.
func TestGatekeeperKeepsLabel(t *testing.T) {
	policies := parse(t, printedBaseline(t, "../testdata/gatekeeper/platform.yaml"))
	var o map[string]any
	for _, r := range parse(t, read(t, "../testdata/gatekeeper/expected.yaml")) {
		switch r.GetKind() {
		case "ModelfnDeployment":
			policies = append(policies, r)
		case "InferenceService":
			o = r.Object
		}
	}
	bad := map[string]any{"predictor": map[string]any{"model": map[string]any{"storageUri": "s3://elsewhere/model"}}}
	const stays = "the label that selects this constraint must stay"
	verified(t, policies, "ModelfnDeployment", map[string]request{
		"unlabelled":  {"UPDATE", merged(o, map[string]any{"metadata": map[string]any{"labels": nil}}), o, []string{stays}},
		"relabelled":  {"UPDATE", merged(o, map[string]any{"metadata": map[string]any{"labels": map[string]any{"modelfn.dev/deployment": "x"}}, "spec": bad}), o, []string{stays, notListed}},
		"never ours":  {"CREATE", merged(o, map[string]any{"metadata": map[string]any{"labels": nil}, "spec": bad}), nil, nil},
		"a finalizer": {"UPDATE", merged(o, map[string]any{"metadata": map[string]any{"finalizers": []any{"example.com/x"}}, "spec": bad}), merged(o, map[string]any{"spec": bad}), nil},
		"annotated":   {"UPDATE", merged(o, map[string]any{"metadata": map[string]any{"annotations": map[string]any{"a": "b"}}, "spec": bad}), merged(o, map[string]any{"spec": bad}), []string{notListed}},
		"changed":     {"UPDATE", merged(o, map[string]any{"spec": bad}), o, []string{notListed}},
		"what goes":   {"DELETE", nil, merged(o, map[string]any{"spec": bad}), nil},
		"unchanged":   {"UPDATE", o, o, nil},
	})
}

// TestGatekeeperJudgesCanaries: a canary comes when the stable version is rolled
// out, as with the other engines; what is there already is left to the audit's
// other rules.
func TestGatekeeperJudgesCanaries(t *testing.T) {
	objects := parse(t, read(t, "../testdata/gatekeeper-canary/expected.yaml"))
	served, record := ofKind(objects, "InferenceService")["fraud"], ofKind(objects, "ConfigMap")["modelfn-fraud"]
	constraint := ofKind(objects, "ModelfnDeployment")["modelfn.ml-serving.fraud"]
	stable, canary := fieldOf[string](t, record.Object, "data", "stable"), fieldOf[string](t, record.Object, "data", "canary")
	baseline := parse(t, printedBaseline(t, "../testdata/gatekeeper-canary/platform.yaml"))
	requests := map[string]request{}
	for name, tt := range canaryCases(stable, canary) {
		r := request{operation: "CREATE", object: canaryOf(t, served, name, canary, tt.percent).Object}
		if b := tt.before; b != nil {
			r.operation = "UPDATE"
			r.of = merged(canaryOf(t, served, name, b.serves, b.percent).Object, map[string]any{"status": map[string]any{"components": map[string]any{"predictor": map[string]any{
				"latestCreatedRevision": b.created, "latestRolledoutRevision": b.rolled, "previousRolledoutRevision": b.previousOne,
			}}}})
		}
		if !tt.allowed {
			r.reasons = []string{rolledOutFirst}
		}
		requests[name] = r
	}
	verified(t, append(baseline, constraint), "ModelfnDeployment", requests)

	policies := toYAML(t, constraint.Object)
	for _, o := range baseline {
		policies += "---\n" + toYAML(t, o.Object)
	}
	got := gated(t, policies, map[string]map[string]any{"there": served.Object}, gatedNamespaces...)
	saidFor(t, "there", got["there"], nil)
}
