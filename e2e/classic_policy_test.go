package e2e_test

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/publish"
	"github.com/modelfn/modelfn/e2e/internal/registry"
)

const (
	classicUnsigned = "failed to verify image"
	onlyAsVerified  = "the model must be one of the verified digests"
)

// classicTrial is an object before a policy of Kyverno's older kinds, each rule of
// which counts, and a rule about images twice: Kyverno asks the registry, and then
// itself. Of an update there is the object as it was.
type classicTrial struct {
	policy, service, old string
	want                 host.Counts
	reason               string
}

// judgeClassic puts trials before the real Kyverno, which reaches the world's
// registry.
func (w world) judgeClassic(t *testing.T, trials map[string]classicTrial) {
	t.Helper()
	judgeClassic(t, w.server.Env(), trials)
}

func judgeClassic(t *testing.T, env []string, trials map[string]classicTrial) {
	t.Helper()
	for name, c := range trials {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			policy, service := filepath.Join(dir, "policy.yaml"), filepath.Join(dir, "service.yaml")
			write(t, policy, c.policy)
			write(t, service, c.service)
			flags := []string{"--audit-warn"}
			if c.old != "" {
				write(t, filepath.Join(dir, "values.yaml"), updating(t, c.policy, c.service, c.old))
				flags = append(flags, "-f", filepath.Join(dir, "values.yaml"))
			}
			got, output := host.Kyverno(t, policy, service, env, flags...)
			if got != c.want {
				t.Errorf("want %+v, got %+v\n%s", c.want, got, output)
			}
			if !strings.Contains(output, c.reason) {
				t.Errorf("judged for another reason than %q:\n%s", c.reason, output)
			}
		})
	}
}

// updating tells Kyverno's CLI that the object replaces an older one.
func updating(t *testing.T, policy, service, old string) string {
	t.Helper()
	parsed := func(text string) (o object) {
		if err := yaml.Unmarshal([]byte(text), &o); err != nil {
			t.Fatal(err)
		}
		return o
	}
	name := func(o object) any { return o["metadata"].(map[string]any)["name"] }
	return toYAML(t, object{
		"apiVersion": "cli.kyverno.io/v1alpha1", "kind": "Values", "metadata": map[string]any{"name": "values"},
		"policies": []any{map[string]any{
			"name": name(parsed(policy)),
			"resources": []any{map[string]any{
				"name":   name(parsed(service)),
				"values": map[string]any{"request.operation": "UPDATE", "request.oldObject": instead(parsed(service), parsed(old))},
			}},
		}},
	})
}

// instead is the older object where the CLI merges it into the newer: what only that
// has is null.
func instead(now, old map[string]any) map[string]any {
	out := maps.Clone(old)
	for key, value := range now {
		was, had := old[key]
		inner, nested := value.(map[string]any)
		before, alike := was.(map[string]any)
		switch {
		case !had:
			out[key] = nil
		case nested && alike:
			out[key] = instead(inner, before)
		}
	}
	return out
}

// older is a platform whose clusters have Kyverno's older policies only.
func (w world) older(t *testing.T, rules ...any) object {
	t.Helper()
	platform := w.platform(t, rules...)
	settings := platform["spec"].(map[string]any)
	settings["policy"] = map[string]any{"engine": "KyvernoClusterPolicy"}
	settings["provenance"] = map[string]any{"required": []any{"training-run-id"}}
	return platform
}

// guardedByOlder locks and renders a deployment, and returns its policy and objects.
func (w world) guardedByOlder(t *testing.T, platform object, deployment spec) (policy string, services map[string]string) {
	t.Helper()
	app := directory(t, platform, map[string]spec{"fraud": deployment})
	w.lock(t, app)
	built := w.run(t, app, "build")
	if !strings.Contains(built.Stderr, "deprecated-engine") {
		t.Errorf("no warning that the engine is deprecated:\n%s", built.Stderr)
	}
	services = map[string]string{}
	for id, o := range parseObjects(t, stdout(t, built)) {
		if name, ok := strings.CutPrefix(id, "InferenceService ml-serving/"); ok {
			services[name] = toYAML(t, o)
		}
		if id == "Policy ml-serving/modelfn-fraud" {
			policy = toYAML(t, o)
		}
	}
	return policy, services
}

// meta changes the metadata of an object.
func meta(t *testing.T, service string, change func(meta map[string]any)) string {
	t.Helper()
	var o object
	if err := yaml.Unmarshal([]byte(service), &o); err != nil {
		t.Fatal(err)
	}
	change(o["metadata"].(map[string]any))
	return toYAML(t, o)
}

// TestClassicPolicy: Kyverno's older policies hold a model to the same as the newer.
func TestClassicPolicy(t *testing.T) {
	for kind, start := range map[string]func() (*registry.Server, error){
		"named registry":   func() (*registry.Server, error) { return registry.StartNamed("registry.example.com") },
		"plain HTTP":       func() (*registry.Server, error) { return registry.Start() },
		"no referrers API": func() (*registry.Server, error) { return registry.Start(registry.WithoutReferrers()) },
	} {
		t.Run(kind, func(t *testing.T) {
			server, err := start()
			w := newTeam(t, server, err)
			good, unsigned, strangers, attested := w.kit(t, "good"), w.kit(t, "unsigned"), w.kit(t, "stranger"), w.kit(t, "attested")
			disturbed := w.kit(t, "disturbed")
			w.sign(t, legacy, good, disturbed)
			if err := w.publisher.SignLegacy(t.Context(), w.keys["stranger"], strangers); err != nil {
				t.Fatal(err)
			}
			for _, kit := range []name.Digest{attested, disturbed} {
				if err := w.publisher.Attest(t.Context(), w.key, kit, "https://example.com/review/v1", map[string]string{"ok": "yes"}); err != nil {
					t.Fatal(err)
				}
			}
			policy, services := w.guardedByOlder(t, w.older(t), spec{
				"model": w.uri("kit://", "models/fraud:good"), "provenance": spec{"training-run-id": "8f2c"},
				"predictor": passing(),
			})
			service := services["fraud"]
			other := func(text string, digest name.Digest) string {
				return strings.ReplaceAll(text, good.DigestStr(), digest.DigestStr())
			}
			auditing := strings.Replace(policy, "validationFailureAction: Enforce", "validationFailureAction: Audit", 1)
			uri := func(to string) string { return with(t, service, "storageUri", to) }
			both, half, fails, unproved := host.Counts{Pass: 3}, host.Counts{Pass: 2, Fail: 1}, host.Counts{Fail: 1}, host.Counts{Pass: 1, Fail: 2}
			trials := map[string]classicTrial{
				"as rendered":              {policy, service, "", both, ""},
				"as defaulted":             {policy, with(t, with(t, service, "name", ""), "resources", spec{}), "", both, ""},
				"another digest":           {policy, other(service, unsigned), "", fails, onlyAsVerified},
				"listed but unsigned":      {other(policy, unsigned), other(service, unsigned), "", unproved, classicUnsigned},
				"listed but by a stranger": {other(policy, strangers), other(service, strangers), "", unproved, classicUnsigned},
				"listed but only attested": {other(policy, attested), other(service, attested), "", unproved, classicUnsigned},
				"listed with a bundle":     {other(policy, disturbed), other(service, disturbed), "", both, ""},
				"a tag":                    {policy, uri(w.uri("kit://", "models/fraud:good")), "", fails, onlyAsVerified},
				"another scheme":           {policy, strings.ReplaceAll(service, "kit://", "oci+native://"), "", half, onlyAsVerified},
				"an s3 model":              {policy, uri("s3://bucket/a model"), "", fails, onlyAsVerified},
				"no model":                 {policy, with(t, service, "storageUri", nil), "", fails, onlyAsVerified},
				"a second model": {policy, edit(t, service, func(p map[string]any) {
					p["storageUris"] = []any{map[string]any{"uri": "s3://evil"}}
				}), "", half, onlyModel},
				"a framework's field": {policy, edit(t, service, func(p map[string]any) {
					delete(p, "model")
					p["sklearn"] = map[string]any{"storageUri": "s3://evil"}
				}), "", fails, onlyModel},
				"an argument":          {policy, with(t, service, "args", []any{"--workers=2", "--model_dir=s3://evil"}), "", half, onlyTold},
				"a variable":           {policy, with(t, service, "env", env("STORAGE_URI", "s3://evil")), "", half, onlyTold},
				"a command as a probe": {policy, with(t, service, "livenessProbe", spec{"exec": spec{"command": []any{"sh"}}}), "", half, onlyTold},
				"another runtime":      {policy, with(t, service, "runtime", "mine"), "", half, "by the runtime that was rendered"},
				"a missing annotation": {policy, strings.Replace(service, "modelfn.dev/training-run-id", "modelfn.dev/other", 1), "", half, "annotations are required: modelfn.dev/training-run-id"},
				"a local model cache":  {policy, strings.Replace(service, "modelfn.dev/digest", "internal.serving.kserve.io/localmodel-sourceuri", 1), "", half, "local model cache"},
				"another namespace":    {policy, strings.Replace(service, "namespace: ml-serving", "namespace: other", 1), "", host.Counts{}, ""},
				"audited":              {auditing, uri("s3://evil"), "", host.Counts{Warn: 1}, ""},
				"audited and unsigned": {other(auditing, unsigned), other(service, unsigned), "", host.Counts{Pass: 1, Warn: 2}, ""},
				"another model":        {policy, strings.Replace(service, "modelfn.dev/deployment: fraud", "modelfn.dev/deployment: toy", 1), "", host.Counts{Skip: 1}, ""},
			}
			maps.Copy(trials, updates(t, policy, service))
			if kind != "named registry" {
				// The registry makes a difference to signatures only.
				maps.DeleteFunc(trials, func(name string, _ classicTrial) bool {
					return name != "as rendered" && !strings.HasPrefix(name, "listed")
				})
			}
			w.judgeClassic(t, trials)
		})
	}
}

// updates of a rendered object: whatever changes spec, labels or annotations is
// judged, and nothing else.
func updates(t *testing.T, policy, service string) map[string]classicTrial {
	t.Helper()
	bare := meta(t, service, func(m map[string]any) { delete(m["labels"].(map[string]any), "modelfn.dev/deployment") })
	held := meta(t, service, func(m map[string]any) { m["finalizers"] = []any{"inferenceservice.finalizers"} })
	evil := with(t, service, "storageUri", "s3://evil")
	note := meta(t, service, func(m map[string]any) { m["annotations"].(map[string]any)["note"] = "new" })
	return map[string]classicTrial{
		"a finalizer more":                {policy, held, service, host.Counts{Skip: 3}, ""},
		"a finalizer less":                {policy, service, held, host.Counts{Skip: 3}, ""},
		"a finalizer less of what is bad": {policy, evil, meta(t, evil, func(m map[string]any) { m["finalizers"] = []any{"x/y"} }), host.Counts{Skip: 1}, ""},
		"an annotation more":              {policy, note, service, host.Counts{Pass: 3}, ""},
		"the label taken away":            {policy, bare, service, host.Counts{Fail: 1}, "the label that selects this policy must stay"},
		"the label put on":                {policy, service, bare, host.Counts{Pass: 3}, ""},
		"the model replaced":              {policy, evil, service, host.Counts{Fail: 1}, onlyAsVerified},
		"replaced by the good one":        {policy, service, evil, host.Counts{Pass: 3}, ""},
	}
}

// TestClassicPolicyOfImages: so are the images of containers, and a model that needs
// no signature beside one that does.
func TestClassicPolicyOfImages(t *testing.T) {
	w := named(t)
	good := w.kit(t, "good")
	image, err := w.publisher.Sample(t.Context(), publish.KindImage, "models/features")
	if err != nil {
		t.Fatal(err)
	}
	unsigned, err := w.publisher.Rewrite(t.Context(), image.Digest, "other", func(manifest map[string]any) {
		manifest["annotations"] = map[string]any{"org.example.other": "yes"}
	})
	if err != nil {
		t.Fatal(err)
	}
	w.sign(t, legacy, good, image.Digest)
	platform := w.older(t, map[string]any{"match": []any{"s3://models/**"}, "unsafeUnsigned": true})
	settings := platform["spec"].(map[string]any)
	settings["images"] = []any{map[string]any{"match": []any{w.server.Host() + "/models/**"}}}
	delete(settings, "provenance")
	settings["serving"] = map[string]any{"mode": "Standard"}
	policy, services := w.guardedByOlder(t, platform, spec{
		"model":       w.uri("kit://", "models/fraud:good"),
		"transformer": spec{"containers": []any{spec{"name": "kserve-container", "image": w.uri("", "models/features:"+string(publish.KindImage))}}},
		"canary":      spec{"model": "s3://models/fraud@v8/", "format": spec{"name": "sklearn"}, "weight": 10},
	})
	stable := services[versionName(good)]
	var canary string
	for _, s := range services {
		if s != stable {
			canary = s
		}
	}
	other := func(text string) string {
		return strings.ReplaceAll(text, image.Digest.DigestStr(), unsigned.Digest.DigestStr())
	}
	shaped := "the containers of spec.transformer must be those that were rendered"
	w.judgeClassic(t, map[string]classicTrial{
		"as rendered":         {policy, stable, "", host.Counts{Pass: 5}, ""},
		"the canary":          {policy, canary, "", host.Counts{Pass: 3}, ""},
		"another image":       {policy, other(stable), "", host.Counts{Pass: 2, Fail: 1}, shaped},
		"listed but unsigned": {other(policy), other(stable), "", host.Counts{Pass: 3, Fail: 2}, classicUnsigned},
		"no image": {policy, editComponent(t, stable, "transformer", func(c map[string]any) { delete(c, "containers") }), "",
			host.Counts{Pass: 2, Fail: 1}, shaped},
	})
}

// TestClassicPolicyExpandsNothing: what Kyverno would put values in the place of
// comes through as it is.
func TestClassicPolicyExpandsNothing(t *testing.T) {
	w := named(t)
	good := w.kit(t, "good")
	w.sign(t, legacy, good)
	const query = `sum(requests{service="{{ request.object.metadata.name }}", path="$(./../message)", more=~"{{.*}}|x$(y)"})`
	platform := inStandardMode(w.older(t))
	settings := platform["spec"].(map[string]any)
	delete(settings, "provenance")
	settings["serving"].(map[string]any)["prometheus"] = map[string]any{"serverAddress": "http://prometheus.monitoring:9090"}
	policy, services := w.guardedByOlder(t, platform, spec{
		"model": w.uri("kit://", "models/fraud:good"), "replicas": spec{"min": 1, "max": 3},
		"autoscaling": spec{"class": "keda", "query": query, "target": 20},
	})
	service := services[versionName(good)]
	if !strings.Contains(service, "{{ request.object.metadata.name }}") || !strings.Contains(service, "$(./../message)") {
		t.Fatalf("the query is not rendered as it was written:\n%s", service)
	}
	expanding := strings.NewReplacer(`{\u007b`, "{{", `\u0024(`, "$(").Replace(policy)
	if expanding == policy {
		t.Fatal("nothing is escaped")
	}
	asking := func(query string) string {
		return edit(t, service, func(p map[string]any) {
			metric := p["autoScaling"].(map[string]any)["metrics"].([]any)[0].(map[string]any)
			metric["external"].(map[string]any)["metric"].(map[string]any)["query"] = query
		})
	}
	const reason = "spec.predictor must be scaled by what was rendered"
	w.judgeClassic(t, map[string]classicTrial{
		"as rendered":       {policy, service, "", host.Counts{Pass: 3}, ""},
		"as if expanded":    {policy, asking(strings.Replace(query, "{{ request.object.metadata.name }}", versionName(good), 1)), "", host.Counts{Pass: 2, Fail: 1}, reason},
		"another query":     {policy, asking("vector(1)"), "", host.Counts{Pass: 2, Fail: 1}, reason},
		"without an escape": {expanding, service, "", host.Counts{Error: 1}, "policy contains invalid variables"},
	})
}
