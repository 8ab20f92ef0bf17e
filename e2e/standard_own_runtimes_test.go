package e2e_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
)

// TestStandardOwnRuntimes: what a platform says of its own runtimes reaches their
// servers, after what the runtimes say themselves.
func TestStandardOwnRuntimes(t *testing.T) {
	c := kserve.Get(t)
	prepare(t, c)
	const namespace = "own-runtimes"
	enter(t, c, namespace, parse(t, read(t, "testdata/standard/runtimes.yaml")))
	var services []*cluster.Object
	for name, s := range ofKind(parse(t, read(t, "../testdata/standard-own-runtimes/expected.yaml")), "InferenceService") {
		if name != "torch-f515ecdf" { // KServe's own, which does not load sklearn
			services = append(services, s)
		}
	}
	enter(t, c, namespace, services)
	for name, want := range map[string]struct {
		args   []any
		served any
		target int64
	}{
		fraudV7:        {args: []any{"--served-as=" + fraudV7, "--dir=/mnt/models", "--served-as=fraud"}, target: 8080},
		fraudV8:        {served: "fraud", target: 8080},
		"any-f515ecdf": {target: 8033},
	} {
		s := beside(services[0], name)
		server := container(t, podSpec(t, deployment(t, c, s)), "kserve-container")
		args, _ := server["args"].([]any)
		if diff := cmp.Diff(want.args, args); diff != "" {
			t.Errorf("%s: arguments: -want, +got:\n%s", name, diff)
		}
		if got := variable(t, server, "ACME_NAME"); got != want.served {
			t.Errorf("%s: ACME_NAME is %v, want %v", name, got, want.served)
		}
		ports := fieldOf[[]any](t, made(t, c, s, "v1", "Service", "-predictor").Object, "spec", "ports")
		if got := ports[0].(map[string]any)["targetPort"]; len(ports) != 1 || got != want.target {
			t.Errorf("%s: ports %v, want one that leads to %d", name, ports, want.target)
		}
	}
}
