package e2e_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestStandardGRPC: KServe's Service leads to where a server answers gRPC only if
// the InferenceService names the port, whatever its protocolVersion says.
func TestStandardGRPC(t *testing.T) {
	c := kserve.Get(t)
	port := func(more map[string]any) []any {
		out := map[string]any{"port": int64(80), "protocol": "TCP"}
		for key, value := range more {
			out[key] = value
		}
		return []any{out}
	}
	for name, tt := range map[string]struct{ model, want map[string]any }{
		"unnamed": {nil, map[string]any{"name": "fraud-3f9a1c2e-predictor", "targetPort": int64(8080)}},
		"named": {
			map[string]any{"ports": []any{map[string]any{"containerPort": int64(9000), "name": "h2c", "protocol": "TCP"}}},
			map[string]any{"name": "h2c", "targetPort": int64(9000), "appProtocol": "kubernetes.io/h2c"},
		},
	} {
		model := settings{"runtime": "kserve-tritonserver", "modelFormat": map[string]any{"name": "triton"}, "protocolVersion": "grpc-v2"}
		for field, value := range tt.model {
			model[field] = value
		}
		service := made(t, c, service(t, c, "grpc-"+name, model), "v1", "Service", "-predictor")
		if diff := cmp.Diff(port(tt.want), fieldOf[[]any](t, service.Object, "spec", "ports")); diff != "" {
			t.Errorf("%s: ports: -want, +got:\n%s", name, diff)
		}
	}
}
