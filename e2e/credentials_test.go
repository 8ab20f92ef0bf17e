package e2e_test

import (
	"encoding/base64"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/registry"
)

// TestCredentials: a registry that does not let us in, or whose authority nobody
// named, leaves the question open (exit 3) with what to do about it, and no
// secret in it.
func TestCredentials(t *testing.T) {
	for _, program := range registry.Programs() {
		t.Run(string(program), func(t *testing.T) {
			w := newWorld(t, registry.Real(t, program), nil)
			if err := w.publisher.SignLegacy(t.Context(), w.key, w.kit(t, "v7")); err != nil {
				t.Fatal(err)
			}
			model := map[string]spec{"fraud": {"model": w.uri("kit://", "models/fraud:v7")}}
			dir := directory(t, w.platform(t), model)
			user, password := w.server.Login()
			wrong := dockerConfig(t, w.server.Host(), user, "wrong "+password)

			const rule = "registry-unavailable: ModelDeployment ml-serving/fraud (fraud.yaml) spec.model"
			for reason, tt := range map[string]struct {
				dir, config string
				reasons     []string
			}{
				"a wrong password": {dir, wrong, []string{
					"401 Unauthorized", "it did not accept the credentials for " + w.server.Host() + " in " + wrong + "/config.json",
				}},
				"no credentials": {dir, dockerConfig(t, "registry.example.com", user, password), []string{
					"401 Unauthorized", "no credentials for " + w.server.Host(), "docker login",
				}},
				"no caBundle": {directory(t, w.without(t, "registries"), model), "", []string{
					"certificate signed by unknown authority", "list the host with its caBundle in the platform's spec.registries",
				}},
				"another's caBundle": {directory(t, w.withCA(t, otherCA(t)), model), "", []string{
					"certificate signed by unknown authority", "caBundle",
				}},
			} {
				t.Run(reason, func(t *testing.T) {
					env := w.distrust(t)
					if tt.config != "" {
						env = append(env, "DOCKER_CONFIG="+tt.config)
					}
					result := host.Run(t, host.Command{Path: w.modelfn, Args: []string{"lock"}, Dir: tt.dir, Env: env})
					wantRefusal(t, result, 3, append(tt.reasons, rule)...)
					wantNoSecret(t, result.Stderr, user, password)
					wantNoLock(t, tt.dir)
				})
			}
			// The same directory, right after.
			stdout(t, w.aloof(t, dir, "lock"))
			if len(readLock(t, dir)) != 1 {
				t.Error("with the right password there is no entry")
			}
		})
	}
}

// dockerConfig is a directory with one login in it, as docker stores it.
func dockerConfig(t *testing.T, host, user, password string) string {
	t.Helper()
	content, err := json.Marshal(map[string]any{"auths": map[string]any{
		host: map[string]any{"auth": []byte(user + ":" + password)}, // in base64
	}})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "config.json"), string(content))
	return dir
}

// wantNoSecret looks for a password as it is and as it is sent.
func wantNoSecret(t *testing.T, text, user, password string) {
	t.Helper()
	for _, secret := range []string{password, "wrong " + password} {
		for _, spelling := range []string{secret, base64.StdEncoding.EncodeToString([]byte(user + ":" + secret))} {
			if strings.Contains(text, spelling) {
				t.Errorf("the password is printed, as %q:\n%s", spelling, text)
			}
		}
	}
}

// without is the world's platform less a field of its spec.
func (w world) without(t *testing.T, field string) object {
	t.Helper()
	p := w.platform(t)
	delete(p["spec"].(map[string]any), field)
	return p
}

// withCA is the world's platform, in which another authority vouches for its
// registry.
func (w world) withCA(t *testing.T, bundle string) object {
	t.Helper()
	p := w.platform(t)
	p["spec"].(map[string]any)["registries"] = []any{map[string]any{"host": w.server.Host(), "caBundle": bundle}}
	return p
}

func otherCA(t *testing.T) string {
	t.Helper()
	return string(registry.Real(t, registry.Debian, registry.WithoutPassword()).CA())
}
