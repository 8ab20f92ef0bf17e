package e2e_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
	"github.com/modelfn/modelfn/e2e/internal/host"
)

// added are all the fields that KServe's defaulter adds to what modelfn renders,
// with the settings that KServe ships. It changes and removes none. What is empty
// is KServe's types written out again; the API server drops the status.
var added = []string{
	".metadata.annotations.modelFormat: huggingface",
	".metadata.annotations.modelFormat: keras",
	".metadata.annotations.modelFormat: onnx",
	".metadata.annotations.modelFormat: sklearn",
	".metadata.annotations.modelFormat: vLLM",
	".spec.explainer.containers[0].resources: map[limits:map[cpu:1 memory:2Gi] requests:map[cpu:1 memory:2Gi]]",
	".spec.predictor.containers[0].resources: map[]",
	".spec.predictor.containers[1].resources: map[]",
	".spec.predictor.model.name: ",
	".spec.predictor.model.protocolVersion: v2",
	".spec.predictor.model.resources: map[]",
	".spec.transformer.containers[0].resources: map[limits:map[cpu:1 memory:2Gi] requests:map[cpu:1 memory:2Gi]]",
	".spec.transformer.containers[1].resources: map[]",
	".status: map[modelStatus:map[transitionStatus:]]",
}

// TestKServeTakesWhatIsRendered: KServe's own validator lets each rendered
// InferenceService in without a warning, and its defaulter only adds to it.
func TestKServeTakesWhatIsRendered(t *testing.T) {
	var services []*cluster.Object
	var stream strings.Builder
	for _, objects := range rendered(t) {
		for _, o := range objects {
			if o.GetKind() == "InferenceService" {
				services = append(services, o)
				fmt.Fprintf(&stream, "---\n%s", toYAML(t, o.Object))
			}
		}
	}
	verdicts := host.JudgeServices(t, stream.String())
	if len(verdicts) != len(services) {
		t.Fatalf("%d verdicts of %d InferenceServices", len(verdicts), len(services))
	}
	var all []string
	for i, verdict := range verdicts {
		name := id(services[i])
		if verdict.Refused != "" || len(verdict.Warnings) > 0 {
			t.Errorf("%s: refused %q, warnings %q", name, verdict.Refused, verdict.Warnings)
		}
		if verdict.Defaulted == nil {
			continue
		}
		more, other := drift("", services[i].Object, verdict.Defaulted.Object)
		if len(other) > 0 {
			t.Errorf("%s: the defaulter changes what was rendered:\n%s", name, strings.Join(other, "\n"))
		}
		all = append(all, more...)
	}
	slices.Sort(all)
	if diff := cmp.Diff(added, slices.Compact(all)); diff != "" {
		t.Errorf("fields that the defaulter adds: -known, +found:\n%s", diff)
	}
}

// TestKServeRefuses: the judge judges, in the words of KServe's validator.
func TestKServeRefuses(t *testing.T) {
	const service = `
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: fraud, namespace: default, annotations: {serving.kserve.io/deploymentMode: Standard}}
spec: {predictor: {minReplicas: 1, model: {modelFormat: {name: sklearn}, storageUri: "s3://bucket/model"}}}
`
	for name, tt := range map[string]struct{ old, new, reason string }{
		"nothing":              {"", "", ""},
		"a misspelt field":     {"storageUri", "storageUrl", `unknown field "storageUrl"`},
		"a name with capitals": {"name: fraud", "name: Fraud", "invalid"},
		"more than the most":   {"minReplicas: 1", "minReplicas: 2, maxReplicas: 1", "'MinReplicas' cannot be greater than MaxReplicas"},
	} {
		t.Run(name, func(t *testing.T) {
			verdicts := host.JudgeServices(t, strings.Replace(service, tt.old, tt.new, 1))
			if len(verdicts) != 1 {
				t.Fatalf("%d verdicts", len(verdicts))
			}
			if got := verdicts[0].Refused; (got == "") != (tt.reason == "") || !strings.Contains(got, tt.reason) {
				t.Errorf("refused with %q, want %q", got, tt.reason)
			}
		})
	}
}
