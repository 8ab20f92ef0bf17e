package e2e_test

import (
	"errors"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
)

// attempt is what somebody does to a rendered object, and what the API server says
// to it; nothing where it is let in.
type attempt struct {
	change func(o *cluster.Object) error
	reason string
}

func setting(value any, path ...string) func(o *cluster.Object) error {
	return func(o *cluster.Object) error { return unstructured.SetNestedField(o.Object, value, path...) }
}

// first changes the first container of a pod.
func first(fields map[string]any, path ...string) func(o *cluster.Object) error {
	return func(o *cluster.Object) error {
		list, _, err := unstructured.NestedSlice(o.Object, path...)
		if err != nil || len(list) == 0 {
			return err
		}
		for key, value := range fields {
			list[0].(map[string]any)[key] = value
		}
		return unstructured.SetNestedSlice(o.Object, list, path...)
	}
}

func unlabelled(o *cluster.Object) error {
	o.SetLabels(nil)
	return unstructured.SetNestedField(o.Object, "s3://elsewhere/model", "spec", "predictor", "model", "storageUri")
}

func unstated(o *cluster.Object) error {
	o.SetAnnotations(map[string]string{"serving.kserve.io/deploymentMode": "Knative"})
	return nil
}

func relabelled(o *cluster.Object) error {
	o.SetLabels(map[string]string{"modelfn.dev/deployment": "other"})
	return nil
}

// TestAdmissionPolicy: what is rendered for the API server itself lets in what is
// rendered beside it, and no other, for the reason that the policy gives.
func TestAdmissionPolicy(t *testing.T) {
	const digests, keys, label = "the model must be one of the verified digests", "only spec.predictor.model may name a model", "the label that selects this policy must stay"
	model := []string{"spec", "predictor", "model"}
	for name, attempts := range map[string]map[string]attempt{
		"admission-policy": {
			"as rendered":       {nil, ""},
			"another digest":    {setting("kit://registry.example.com/models/fraud@sha256:"+strings.Repeat("0", 64), append(model, "storageUri")...), digests},
			"a tag":             {setting("kit://registry.example.com/models/fraud:v7", append(model, "storageUri")...), digests},
			"native":            {setting("oci+native://registry.example.com/models/fraud:v7", append(model, "storageUri")...), digests},
			"arguments":         {setting([]any{"--model_dir=/tmp"}, append(model, "args")...), keys},
			"another framework": {setting(map[string]any{"storageUri": "s3://elsewhere/model"}, "spec", "predictor", "sklearn"), keys},
			"storage uris":      {setting([]any{map[string]any{"uri": "s3://elsewhere/model", "mountPath": "/mnt/models"}}, "spec", "predictor", "storageUris"), keys},
			"unlabelled":        {unlabelled, digests},
			"unstated":          {unstated, "annotations are required: modelfn.dev/training-run-id"},
			"another runtime":   {setting("mine", append(model, "runtime")...), "the model must be loaded by the runtime that was rendered"},
		},
		"admission-policy-llm": {
			"as rendered":    {nil, ""},
			"another digest": {setting("oci://registry.example.com/models/llama@sha256:"+strings.Repeat("0", 64), "spec", "model", "uri"), "must be as they were verified"},
			"an adapter":     {setting(map[string]any{"adapters": []any{map[string]any{"uri": "hf://x/y", "name": "z"}}}, "spec", "model", "lora"), "must be as they were verified"},
			"a config":       {setting([]any{map[string]any{"name": "mine"}}, "spec", "baseRefs"), "must be as they were verified"},
			"another image":  {first(map[string]any{"image": "elsewhere/vllm"}, "spec", "template", "containers"), "must be as they were verified"},
			"online":         {first(map[string]any{"env": []any{}}, "spec", "template", "containers"), "must be as they were verified"},
			"arguments":      {first(map[string]any{"args": []any{"--model=x"}}, "spec", "template", "containers"), "must be as they were verified"},
			"no initializer": {setting(map[string]any{"enabled": false}, "spec", "storageInitializer"), "only the fields that were rendered"},
			"a worker":       {setting(map[string]any{"containers": []any{}}, "spec", "worker"), "only the fields that were rendered"},
			"its own routes": {setting(map[string]any{"refs": []any{}}, "spec", "router", "route", "http"), "only the fields that were rendered"},
			"another weight": {setting(int64(99), "spec", "router", "route", "weight"), ""},
			"another label":  {relabelled, label},
		},
	} {
		t.Run(name, func(t *testing.T) { attempted(t, bare.Get(t), name, attempts) })
	}
}

func attempted(t *testing.T, c *cluster.Cluster, name string, attempts map[string]attempt) {
	t.Helper()
	objects := parse(t, strings.NewReplacer("ml-serving", name, ": llm\n", ": "+name+"\n", ".llm.", "."+name+".").Replace(read(t, "../testdata/"+name+"/expected.yaml")))
	var served *cluster.Object
	for _, o := range objects {
		switch o.GetKind() {
		case "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding":
			if _, err := c.Apply(t.Context(), o); err != nil {
				t.Fatalf("%s: %v", id(o), err)
			}
			defer func() {
				if err := c.Delete(t.Context(), o); err != nil {
					t.Error(err)
				}
			}()
		case "InferenceService", "LLMInferenceService":
			served = o
		}
	}
	home(t, c, served)
	refusedSoon(t, c, served)
	if _, err := c.Apply(t.Context(), served); err != nil {
		t.Fatalf("as rendered: %v", err)
	}
	defer func() {
		if err := c.Delete(t.Context(), served); err != nil {
			t.Error(err)
		}
	}()
	for what, a := range attempts {
		changed := served.DeepCopy()
		if a.change != nil {
			if err := a.change(changed); err != nil {
				t.Fatal(err)
			}
		}
		for _, how := range []string{"changed", "created"} {
			if how == "created" {
				if what == "unlabelled" || what == "another label" {
					continue // the selector leaves what was never ours to the baseline
				}
				changed.SetName(served.GetName() + "-x")
			}
			_, err := c.DryRun(t.Context(), changed)
			if (err == nil) != (a.reason == "") || err != nil && !strings.Contains(err.Error(), a.reason) {
				t.Errorf("%s, %s: %v, want %q", what, how, err, a.reason)
			}
		}
	}
}

// refusedSoon awaits that the API server judges by a policy that was applied just
// now.
func refusedSoon(t *testing.T, c *cluster.Cluster, served *cluster.Object) {
	t.Helper()
	probe := served.DeepCopy()
	probe.SetName("probe")
	probe.SetAnnotations(map[string]string{"internal.serving.kserve.io/localmodel": "x"})
	home := &cluster.Object{}
	home.SetAPIVersion("v1")
	home.SetKind("Namespace")
	home.SetName(served.GetNamespace())
	if _, err := c.Await(t.Context(), home, func(*cluster.Object) error {
		if _, err := c.DryRun(t.Context(), probe); err == nil {
			return errors.New("what the policy forbids is let in")
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
