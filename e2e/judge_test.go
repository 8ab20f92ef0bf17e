package e2e_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/host"
)

// trial is an InferenceService before a policy; without a reason it passes.
type trial struct{ policy, service, reason string }

// judge puts trials before the real Kyverno, which reaches the world's registry.
func (w world) judge(t *testing.T, trials map[string]trial) {
	t.Helper()
	for name, c := range trials {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // each is a process of its own, and most of it computes
			counts, output := w.kyverno(t, c.policy, c.service)
			if c.reason == "" {
				if counts != (host.Counts{Pass: 1}) {
					t.Errorf("want pass: 1, got %+v\n%s", counts, output)
				}
				return
			}
			// All zero would mean that the policy did not look.
			if counts.Pass != 0 || counts.Fail+counts.Error != 1 {
				t.Errorf("want one refusal, got %+v\n%s", counts, output)
			}
			if !strings.Contains(output, c.reason) {
				t.Errorf("refused for another reason than %q:\n%s", c.reason, output)
			}
		})
	}
}

func (w world) kyverno(t *testing.T, policy, service string) (host.Counts, string) {
	t.Helper()
	return w.kyvernoWith(t, policy, service, namespaces)
}

// kyvernoWith tells the CLI values that are the API server's.
func (w world) kyvernoWith(t *testing.T, policy, service, values string) (host.Counts, string) {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "policy.yaml"), policy)
	write(t, filepath.Join(dir, "service.yaml"), service)
	write(t, filepath.Join(dir, "values.yaml"), values)
	return host.Kyverno(t, filepath.Join(dir, "policy.yaml"), filepath.Join(dir, "service.yaml"), w.server.Env(), "--values-file", filepath.Join(dir, "values.yaml"))
}

// namespaces are what the CLI cannot ask a cluster for.
const namespaces = `
apiVersion: cli.kyverno.io/v1alpha1
kind: Values
metadata: {name: values}
namespaceSelector:
- {name: ml-serving, labels: {kubernetes.io/metadata.name: ml-serving}}
- {name: exempt, labels: {modelfn.dev/baseline: Exempt}}
`

// unchanged has the CLI judge an update that changes nothing: it takes the object for
// the older one, too.
const unchanged = namespaces + "globalValues: {request.operation: UPDATE}\n"

// baseline is what modelfn prints for a platform, by kind and name.
func (w world) baseline(t *testing.T, platform object) map[string]object {
	t.Helper()
	file := filepath.Join(t.TempDir(), "platform.yaml")
	write(t, file, toYAML(t, platform))
	return parseObjects(t, stdout(t, w.run(t, filepath.Dir(file), "baseline", "--platform", file)))
}

// rules are the policies that Kyverno has of a platform's trust rules.
func (w world) rules(t *testing.T, platform object) string {
	t.Helper()
	var texts []string
	for id, o := range w.baseline(t, platform) {
		if strings.HasPrefix(id, "ImageValidatingPolicy") {
			texts = append(texts, toYAML(t, o))
		}
	}
	return strings.Join(texts, "---\n")
}
