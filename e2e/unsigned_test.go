package e2e_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/e2e/internal/registry"
)

const (
	commit      = "0123456789abcdef0123456789abcdef01234567"
	otherCommit = "0123456789abcdef0123456789abcdef01234568"
	hubModel    = "hf://acme/fraud:" + commit
	bucketModel = "s3://models/fraud/v8"

	notVerified = "the model must be one of the verified digests: "
	onlyModel   = "only spec.predictor.model may name a model"
)

var unsignedRule = map[string]any{"match": []any{"hf://acme/**", "s3://models/**"}, "unsafeUnsigned": true}

// TestUnsignedHubModel: a commit of a hub, let in without a signature, is guarded
// by its name: Kyverno lets that one pass and nothing else.
func TestUnsignedHubModel(t *testing.T) {
	server, err := registry.Start()
	w := newWorld(t, server, err)
	app := directory(t, w.platform(t, unsignedRule), map[string]spec{"fraud": {
		"model": hubModel, "format": map[string]any{"name": "huggingface"},
	}})
	w.lock(t, app)
	rendered := parseObjects(t, stdout(t, w.run(t, app, "build")))
	policy := toYAML(t, rendered["NamespacedValidatingPolicy ml-serving/modelfn-fraud"])
	service := toYAML(t, rendered["InferenceService ml-serving/fraud"])
	wantAnnotations(t, service, map[string]any{"revision": commit, "source": nil, "unsigned": nil, "digest": nil})
	wantAnnotations(t, toYAML(t, rendered["ConfigMap ml-serving/modelfn-fraud"]), map[string]any{"revision": commit, "source": hubModel, "unsigned": "true"})

	instead := func(uri string) string {
		return strings.ReplaceAll(service, "storageUri: "+hubModel, "storageUri: "+uri)
	}
	w.judge(t, map[string]trial{
		"as rendered":      {policy, service, ""},
		"another commit":   {policy, instead("hf://acme/fraud:" + otherCommit), notVerified + hubModel},
		"the branch":       {policy, instead("hf://acme/fraud:main"), notVerified},
		"no revision":      {policy, instead("hf://acme/fraud"), notVerified},
		"another model":    {policy, instead("hf://acme/other:" + commit), notVerified},
		"s3":               {policy, instead("s3://evil/model"), notVerified},
		"a kit":            {policy, instead("kit://" + w.server.Host() + "/models/fraud:v7"), notVerified},
		"arguments":        {policy, edit(t, service, arguments), onlyModel},
		"an old predictor": {policy, edit(t, service, oldStyle), onlyModel},
		"without a model":  {policy, edit(t, service, func(predictor map[string]any) { delete(predictor, "model") }), notVerified},
	})
}

// TestUnsignedCanary: beside a signed version, what has no signature is excepted
// by its name from the policy that demands one.
func TestUnsignedCanary(t *testing.T) {
	server, err := registry.Start(registry.WithoutReferrers())
	w := newWorld(t, server, err)
	stable, _ := w.signed(t)
	unsigned := w.kit(t, "unsigned")
	app := directory(t, w.platform(t, unsignedRule), map[string]spec{"fraud": {
		"model":  w.uri("kit://", "models/fraud:v7"),
		"format": map[string]any{"name": "sklearn"},
		"canary": map[string]any{"model": bucketModel, "weight": 10},
	}})
	w.lock(t, app)
	rendered := parseObjects(t, stdout(t, w.run(t, app, "build")))
	policy := toYAML(t, rendered["NamespacedImageValidatingPolicy ml-serving/modelfn-fraud"])
	first := toYAML(t, rendered["InferenceService ml-serving/fraud"])
	wantAnnotations(t, first, map[string]any{"source": nil, "unsigned": "true"})
	service := edit(t, first, promoted)
	wantAnnotations(t, toYAML(t, rendered["ConfigMap ml-serving/modelfn-fraud"]), map[string]any{
		"canary-source": bucketModel, "canary-unsigned": "true", "canary-authorities": nil,
		"source": w.uri("kit://", "models/fraud:v7"), "authorities": "release", "unsigned": nil,
	})

	instead := func(uri string) string {
		return strings.ReplaceAll(service, "storageUri: "+bucketModel, "storageUri: "+uri)
	}
	w.judge(t, map[string]trial{
		"the first canary":   {policy, first, rolledOutFirst},
		"promoted":           {policy, service, ""},
		"the stable version": {policy, instead("kit://" + stable.String()), ""},
		"another path":       {policy, instead("s3://models/fraud/v9"), notVerified},
		"a path below":       {policy, instead(bucketModel + "/evil"), notVerified},
		"another bucket":     {policy, instead("s3://evil/fraud/v8"), notVerified},
		"a tag":              {policy, instead(w.uri("kit://", "models/fraud:v7")), notVerified},
		"an unsigned digest": {policy, instead("kit://" + unsigned.String()), notVerified},
		"a listed unsigned digest": {
			strings.ReplaceAll(policy, stable.DigestStr(), unsigned.DigestStr()),
			instead("kit://" + unsigned.String()), "the model must be signed by release",
		},
		"arguments":        {policy, edit(t, service, arguments), onlyModel},
		"an old predictor": {policy, edit(t, service, oldStyle), onlyModel},
	})
}

func arguments(predictor map[string]any) {
	predictor["model"].(map[string]any)["args"] = []any{"--model_dir=s3://evil"}
}

// promoted is a canary that gets everything: Kyverno's CLI only ever creates, and
// nothing is created as a canary.
func promoted(predictor map[string]any) { delete(predictor, "canaryTrafficPercent") }

func oldStyle(predictor map[string]any) {
	delete(predictor, "model")
	predictor["sklearn"] = map[string]any{"storageUri": "s3://evil"}
}

// wantAnnotations compares some of modelfn's annotations; nil is absent.
func wantAnnotations(t *testing.T, text string, want map[string]any) {
	t.Helper()
	var object map[string]any
	for _, only := range parseObjects(t, text) {
		object = only
	}
	all := object["metadata"].(map[string]any)["annotations"].(map[string]any)
	got := map[string]any{}
	for key := range want {
		got[key] = all["modelfn.dev/"+key]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("annotations (-want +got):\n%s", diff)
	}
}
