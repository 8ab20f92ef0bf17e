package e2e_test

import (
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/publish"
)

const (
	visibility   = "networking.kserve.io/visibility"
	onlyVerified = "the model must be one of the verified digests"
	onlyAsFraud  = "the model must be served as fraud, and its server told nothing else"
)

// guarded renders a deployment of fraud: its policy, and its InferenceServices by
// their names.
func (w world) guarded(t *testing.T, platform object, deployment spec) (policy string, services map[string]string) {
	t.Helper()
	app := directory(t, platform, map[string]spec{"fraud": deployment})
	w.lock(t, app)
	services = map[string]string{}
	for id, o := range parseObjects(t, stdout(t, w.run(t, app, "build"))) {
		if name, ok := strings.CutPrefix(id, "InferenceService ml-serving/"); ok {
			services[name] = toYAML(t, o)
		}
		if id == "NamespacedImageValidatingPolicy ml-serving/modelfn-fraud" {
			policy = toYAML(t, o)
		}
	}
	return policy, services
}

// with sets a field of what loads the model; nil removes it.
func with(t *testing.T, service, field string, value any) string {
	t.Helper()
	return edit(t, service, func(predictor map[string]any) {
		loaded := predictor["model"].(map[string]any)
		loaded[field] = value
		if value == nil {
			delete(loaded, field)
		}
	})
}

func env(pairs ...string) []any {
	var out []any
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, map[string]any{"name": pairs[i], "value": pairs[i+1]})
	}
	return out
}

// TestStandardPolicy: beside each version, the real Kyverno lets nothing pass that
// would make its server load or answer as something else.
func TestStandardPolicy(t *testing.T) {
	w := named(t)
	v7, v8 := w.signed(t)
	unsigned := w.kit(t, "unsigned")
	policy, services := w.guarded(t, inStandardMode(w.platform(t)), spec{
		"model":  w.uri("kit://", "models/fraud:v7"),
		"canary": spec{"model": w.uri("kit://", "models/fraud:v8"), "weight": 10},
	})
	stable, canary := services[versionName(v7)], services[versionName(v8)]
	w.judge(t, map[string]trial{
		"the stable version":   {policy, stable, ""},
		"the canary":           {policy, canary, ""},
		"another digest":       {policy, strings.ReplaceAll(canary, v8.DigestStr(), unsigned.DigestStr()), onlyVerified},
		"a tag":                {policy, with(t, canary, "storageUri", w.uri("kit://", "models/fraud:v8")), onlyVerified},
		"another name":         {policy, with(t, canary, "args", []any{"--model_name=other"}), onlyAsFraud},
		"one argument more":    {policy, with(t, canary, "args", []any{"--model_name=fraud", "--model_dir=s3://evil"}), onlyAsFraud},
		"one argument before":  {policy, with(t, stable, "args", []any{"--model_dir=s3://evil", "--model_name=fraud"}), onlyAsFraud},
		"no argument":          {policy, with(t, canary, "args", nil), onlyAsFraud},
		"no arguments at all":  {policy, with(t, stable, "args", []any{}), onlyAsFraud},
		"a placeholder":        {policy, with(t, canary, "args", []any{"--model_name={{.Name}}"}), onlyAsFraud},
		"an added placeholder": {policy, with(t, canary, "args", []any{"--model_name=fraud", "{{.Annotations.evil}}"}), onlyAsFraud},
		"a variable":           {policy, with(t, canary, "env", env("STORAGE_URI", "s3://evil")), onlyModel},
		"a command":            {policy, with(t, canary, "command", []any{"sh"}), onlyModel},
		"public":               {policy, strings.Replace(canary, visibility+": cluster-local", visibility+": public", 1), "public routes"},
		"public by default":    {policy, strings.Replace(stable, visibility, "example.com/visibility", 1), "public routes"},
	})
}

// TestStandardPolicyOfVariables: where a server is told its name by a variable,
// that variable is all that it is told, also beside a version that is told by an
// argument.
func TestStandardPolicyOfVariables(t *testing.T) {
	w := named(t)
	v7, v8 := w.signed(t)
	told := env("MLSERVER_MODEL_NAME", "fraud")
	platform := inStandardMode(w.platform(t))
	mlserver := spec{"model": w.uri("kit://", "models/fraud:v7"), "runtime": "kserve-mlserver", "protocolVersion": "v2"}
	alone, services := w.guarded(t, platform, mlserver)
	service := services[versionName(v7)]

	mlserver["canary"] = spec{
		"model": w.uri("kit://", "models/fraud:v8"), "weight": 10, "runtime": "kserve-sklearnserver", "protocolVersion": "v1",
	}
	beside, services := w.guarded(t, platform, mlserver)
	stable, canary := services[versionName(v7)], services[versionName(v8)]
	w.judge(t, map[string]trial{
		"as rendered":          {alone, service, ""},
		"another name":         {alone, with(t, service, "env", env("MLSERVER_MODEL_NAME", "other")), onlyAsFraud},
		"one variable more":    {alone, with(t, service, "env", append(env("STORAGE_URI", "s3://evil"), told...)), onlyAsFraud},
		"no variable":          {alone, with(t, service, "env", nil), onlyAsFraud},
		"an argument":          {alone, with(t, service, "args", []any{"--model_name=fraud"}), onlyModel},
		"told by a variable":   {beside, stable, ""},
		"told by an argument":  {beside, canary, ""},
		"told by both":         {beside, with(t, canary, "env", told), onlyAsFraud},
		"told by nothing":      {beside, with(t, canary, "args", nil), onlyAsFraud},
		"told of another one":  {beside, with(t, canary, "args", []any{"--model_name=other"}), onlyAsFraud},
		"a variable of others": {beside, with(t, stable, "env", env("MLSERVER_MODEL_URI", "/evil")), onlyAsFraud},
	})
}

// TestStandardPolicyOfTransformers: what stands before the model asks for it by
// its name, and is told nothing else.
func TestStandardPolicyOfTransformers(t *testing.T) {
	w := named(t)
	v7, _ := w.signed(t)
	image, err := w.publisher.Sample(t.Context(), publish.KindImage, "models/features")
	if err != nil {
		t.Fatal(err)
	}
	w.sign(t, signings[1], image.Digest)
	platform := inStandardMode(w.platform(t))
	platform["spec"].(map[string]any)["images"] = []any{map[string]any{"match": []any{w.server.Host() + "/models/**"}}}
	policy, services := w.guarded(t, platform, spec{
		"model": w.uri("kit://", "models/fraud:v7"),
		"transformer": spec{"containers": []any{
			spec{"name": "kserve-container", "image": w.uri("", "models/features:"+string(publish.KindImage))},
		}},
	})
	service := services[versionName(v7)]
	told := func(args ...any) string {
		return editComponent(t, service, "transformer", func(transformer map[string]any) {
			transformer["containers"].([]any)[0].(map[string]any)["args"] = args
		})
	}
	const theContainers = "the containers of spec.transformer must be those that were rendered"
	w.judge(t, map[string]trial{
		"as rendered":       {policy, service, ""},
		"another model":     {policy, told("--model_name", "other"), theContainers},
		"another predictor": {policy, told("--model_name", "fraud", "--predictor_host", "evil.example.com"), theContainers},
		"no argument":       {policy, told(), theContainers},
	})
}

// TestStandardPolicyOfPorts: a server that is asked by gRPC answers at the port that
// is rendered, and at no other.
func TestStandardPolicyOfPorts(t *testing.T) {
	w := named(t)
	v7, _ := w.signed(t)
	platform := inStandardMode(w.platform(t))
	// The kit is of another format than KServe's runtime of that name loads.
	platform["spec"].(map[string]any)["serving"].(map[string]any)["runtimes"] = []any{
		map[string]any{"name": "kserve-tritonserver", "servedName": map[string]any{"fixed": true}, "grpcPort": 9000},
	}
	policy, services := w.guarded(t, platform, spec{
		"model": w.uri("kit://", "models/fraud:v7"), "runtime": "kserve-tritonserver", "protocolVersion": "grpc-v2",
	})
	service := services[versionName(v7)]
	port := func(number int, name string) []any {
		return []any{map[string]any{"containerPort": number, "name": name, "protocol": "TCP"}}
	}
	const thePort = "the model must answer at the port that was rendered"
	w.judge(t, map[string]trial{
		"as rendered":   {policy, service, ""},
		"another port":  {policy, with(t, service, "ports", port(9001, "h2c")), thePort},
		"another name":  {policy, with(t, service, "ports", port(9000, "http1")), thePort},
		"no port":       {policy, with(t, service, "ports", nil), thePort},
		"one port more": {policy, with(t, service, "ports", append(port(8080, "http1"), port(9000, "h2c")...)), thePort},
	})
}

// TestKnativePolicyTellsNothing: in Knative mode nobody tells a server anything.
func TestKnativePolicyTellsNothing(t *testing.T) {
	w := named(t)
	w.signed(t)
	policy, services := w.guarded(t, w.platform(t), spec{"model": w.uri("kit://", "models/fraud:v7")})
	service := services["fraud"]
	w.judge(t, map[string]trial{
		"as rendered":      {policy, service, ""},
		"the model's name": {policy, with(t, service, "args", []any{"--model_name=fraud"}), onlyModel},
		"a variable":       {policy, with(t, service, "env", env("MLSERVER_MODEL_NAME", "fraud")), onlyModel},
	})
}
