package e2e_test

import (
	"path/filepath"
	"testing"
)

// spec is a ModelDeployment's.
type spec = map[string]any

// directory writes an app directory: a platform, and a file for each
// ModelDeployment by its name.
func directory(t *testing.T, platform object, deployments map[string]spec) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "platform.yaml"), toYAML(t, platform))
	for name, spec := range deployments {
		deploy(t, dir, name, spec)
	}
	return dir
}

// deploy writes a ModelDeployment into an app directory.
func deploy(t *testing.T, dir, name string, spec spec) {
	t.Helper()
	write(t, filepath.Join(dir, name+".yaml"), toYAML(t, object{
		"apiVersion": "modelfn.dev/v1alpha1", "kind": "ModelDeployment",
		"metadata": map[string]any{"name": name, "namespace": "ml-serving"}, "spec": spec,
	}))
}

// inStandardMode changes a platform.
func inStandardMode(platform object) object {
	platform["spec"].(map[string]any)["serving"] = map[string]any{"mode": "Standard"}
	return platform
}

// platform reaches the world's registry and nothing else, and trusts its key in
// models/**, after the rules that are given.
func (w world) platform(t *testing.T, rules ...any) object {
	t.Helper()
	registry := map[string]any{"host": w.server.Host()}
	if w.server.PlainHTTP() {
		registry["plainHTTP"] = true
	} else {
		registry["caBundle"] = string(w.server.CA())
	}
	return object{
		"apiVersion": "modelfn.dev/v1alpha1", "kind": "ModelPlatform",
		"metadata": map[string]any{"name": "prod"},
		"spec": map[string]any{
			"registries": []any{registry},
			"trust":      append(rules, w.trusts(t, w.server.Host()+"/models/**")),
		},
	}
}

// trusts is a rule: what matches must be signed with the world's key.
func (w world) trusts(t *testing.T, match ...string) map[string]any {
	t.Helper()
	pem, err := w.key.PublicPEM()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{
		"match":       match,
		"authorities": []any{map[string]any{"name": "release", "key": map[string]any{"pem": pem}}},
	}
}

// uri names an artifact of the world's registry, such as kit:// and
// models/fraud:v7.
func (w world) uri(scheme, path string) string { return scheme + w.server.Host() + "/" + path }
