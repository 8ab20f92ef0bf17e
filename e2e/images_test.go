package e2e_test

import (
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/modelfn/modelfn/e2e/internal/publish"
	"github.com/modelfn/modelfn/e2e/internal/registry"
)

// TestImagesBesideTheModel: a transformer and a container beside the model are
// pinned and verified as the model is, and the real Kyverno lets exactly those
// pass.
func TestImagesBesideTheModel(t *testing.T) {
	server, err := registry.Start(registry.WithoutReferrers())
	w := newWorld(t, server, err)
	model, _ := w.signed(t)
	image := func(path string, sign bool) name.Digest {
		published, err := w.publisher.Sample(t.Context(), publish.KindImage, path)
		if err != nil {
			t.Fatal(err)
		}
		if sign {
			w.sign(t, signings[1], published.Digest)
		}
		return published.Digest
	}
	features, vendor := image("models/features", true), image("vendor/logger", false)
	other, err := w.publisher.Rewrite(t.Context(), features, "other", func(manifest map[string]any) {
		manifest["annotations"] = map[string]any{"org.example.other": "yes"}
	})
	if err != nil {
		t.Fatal(err)
	}
	tag := ":" + string(publish.KindImage)
	platform := w.platform(t)
	platform["spec"].(map[string]any)["images"] = []any{
		map[string]any{"match": []any{w.server.Host() + "/models/**"}},
		map[string]any{"match": []any{w.server.Host() + "/vendor/**"}, "verify": false},
	}
	deployment := spec{
		"model":  w.uri("kit://", "models/fraud:v7"),
		"format": map[string]any{"name": "sklearn"},
		"predictor": map[string]any{"containers": []any{
			map[string]any{"name": "logger", "image": w.uri("", "vendor/logger"+tag)},
		}},
		"transformer": map[string]any{"containers": []any{
			map[string]any{"name": "kserve-container", "image": w.uri("", "models/features"+tag), "resources": map[string]any{"limits": map[string]any{"cpu": "1"}}},
		}},
	}
	app := directory(t, platform, map[string]spec{"fraud": deployment})
	w.lock(t, app)
	if entries := readLock(t, app); len(entries) != 3 {
		t.Errorf("%d entries in the lock, want the model and two images", len(entries))
	}
	before := len(w.server.Requests())
	build := w.run(t, app, "build")
	rendered := parseObjects(t, stdout(t, build))
	if asked := len(w.server.Requests()) - before; asked != 0 {
		t.Errorf("build asked the registry %d times", asked)
	}
	if !strings.Contains(build.Stderr, "warning: unsigned-image: ") {
		t.Errorf("the image that is not verified is not named:\n%s", build.Stderr)
	}
	policy := toYAML(t, rendered["NamespacedImageValidatingPolicy ml-serving/modelfn-fraud"])
	service := toYAML(t, rendered["InferenceService ml-serving/fraud"])
	for _, digest := range []name.Digest{model, features, vendor} {
		if !strings.Contains(service, digest.String()) {
			t.Errorf("%s is not rendered by digest:\n%s", digest, service)
		}
	}

	const containers = "containers"
	swap := func(text string, from, to name.Digest) string {
		return strings.ReplaceAll(text, from.DigestStr(), to.DigestStr())
	}
	w.judge(t, map[string]trial{
		"as rendered":         {policy, service, ""},
		"another transformer": {policy, swap(service, features, other.Digest), "the containers"},
		"listed but unsigned": {swap(policy, features, other.Digest), swap(service, features, other.Digest), "must be signed by release"},
		"another logger":      {policy, swap(service, vendor, other.Digest), "the containers"},
		"a tag":               {policy, strings.ReplaceAll(service, "@"+features.DigestStr(), tag), "the containers"},
		"an argument": {policy, edit(t, service, func(predictor map[string]any) {
			predictor[containers].([]any)[0].(map[string]any)["args"] = []any{"--upstream=http://evil"}
		}), "the containers"},
		"a variable": {policy, edit(t, service, func(predictor map[string]any) {
			predictor[containers].([]any)[0].(map[string]any)["env"] = []any{map[string]any{"name": "STORAGE_URI", "value": "s3://evil"}}
		}), "the containers"},
		"one more container": {policy, edit(t, service, func(predictor map[string]any) {
			list := predictor[containers].([]any)
			predictor[containers] = append(list, map[string]any{"name": "evil", "image": "evil.example.com/evil:v1"})
		}), "the containers"},
		"an init container": {policy, edit(t, service, func(predictor map[string]any) {
			predictor["initContainers"] = []any{map[string]any{"name": "evil", "image": "evil.example.com/evil:v1"}}
		}), onlyModel},
	})
}
