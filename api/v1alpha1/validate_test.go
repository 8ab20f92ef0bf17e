package v1alpha1

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// invalid is one invalid-field error.
func invalid(path, message, fix string) []FieldError {
	return []FieldError{{RuleInvalidField, path, message, fix}}
}

func TestValidateDeployment(t *testing.T) {
	const (
		nameFix = "use lower-case letters, digits and '-', starting with a letter, at most 53"
		keyFix  = "use letters, digits, '-', '_' and '.', at most 63"
	)
	named := func(name string) string { return strings.Replace(deployment(""), "name: fraud", "name: "+name, 1) }
	for name, tt := range map[string]struct {
		document string
		want     []FieldError
	}{
		"no model":             {strings.Replace(deployment(""), "  model: oci://registry.example.com/fraud:v1\n", "  runtime: x\n", 1), invalid("spec.model", "required", "name the model: oci://registry/repository:tag or kit://registry/repository:tag")},
		"other version":        {strings.Replace(deployment(""), "v1alpha1", "v1", 1), invalid("apiVersion", `"modelfn.dev/v1" is not a version modelfn knows`, "write modelfn.dev/v1alpha1")},
		"other kind":           {strings.Replace(deployment(""), "ModelDeployment", "Model", 1), invalid("kind", `"Model" where a ModelDeployment was expected`, "write ModelDeployment")},
		"upper-case name":      {named("Fraud"), invalid("metadata.name", `"Fraud" cannot name an InferenceService`, nameFix)},
		"name of a digit":      {named("7fraud"), invalid("metadata.name", `"7fraud" cannot name an InferenceService`, nameFix)},
		"name with a dot":      {named("a.b"), invalid("metadata.name", `"a.b" cannot name an InferenceService`, nameFix)},
		"longest name":         {named(strings.Repeat("a", 53)), nil},
		"name too long":        {named(strings.Repeat("a", 54)), invalid("metadata.name", `"`+strings.Repeat("a", 54)+`" cannot name an InferenceService`, nameFix)},
		"no name":              {named(`""`), invalid("metadata.name", `"" cannot name an InferenceService`, nameFix)},
		"namespace":            {named("fraud, namespace: ML"), invalid("metadata.namespace", `"ML" is not a namespace name`, "use lower-case letters, digits and '-', at most 63")},
		"format name":          {deployment("format: {version: \"1\"}"), invalid("spec.format.name", `"" is no format name`, "use KServe's name of the format, such as sklearn or onnx")},
		"runtime":              {deployment("runtime: Triton!"), invalid("spec.runtime", `"Triton!" is no resource name`, "use the name of a ServingRuntime")},
		"runtime two dots":     {deployment("runtime: a..b"), invalid("spec.runtime", `"a..b" is no resource name`, "use the name of a ServingRuntime")},
		"runtime with dot":     {deployment("runtime: kserve-sklearnserver.v1"), nil},
		"protocol":             {deployment("canary: {protocolVersion: v3, weight: 1}"), invalid("spec.canary.protocolVersion", `"v3" is not known`, "use one of v1, v2, grpc-v1, grpc-v2")},
		"replicas below 0":     {deployment("replicas: {min: -1}"), invalid("spec.replicas.min", "-1 replicas", "use 0 or more")},
		"max below min":        {deployment("replicas: {min: 3, max: 2}"), invalid("spec.replicas.max", "2 is below the minimum", "use a number that is at least min")},
		"scale to zero":        {deployment("replicas: {min: 0, max: 2}"), nil},
		"resources":            {deployment("resources: {limits: {cpu: -1}}"), invalid("spec.resources.limits.cpu", `"-1" is below zero`, "use 0 or more")},
		"metric":               {deployment("autoscaling: {metric: qps, target: 1}"), invalid("spec.autoscaling.metric", `"qps" is not known`, "use one of concurrency, rps, cpu, memory")},
		"target":               {deployment("autoscaling: {metric: rps}"), invalid("spec.autoscaling.target", "required", "use a whole number from 1")},
		"query":                {deployment("autoscaling: {class: keda, query: 'up{job=\"{nam}\"}', target: 1}"), invalid("spec.autoscaling.query", "nothing fills in {nam}", "use {name} and {namespace}, which are the InferenceService's")},
		"provenance key":       {deployment("provenance: {\"a/b\": c}"), invalid("spec.provenance.a/b", `"a/b" cannot become an annotation`, keyFix)},
		"provenance empty":     {deployment("provenance: {run: \"\"}"), invalid("spec.provenance.run", "empty", "state the value or remove the key")},
		"provenance ours":      {deployment("provenance: {digest: x}"), invalid("spec.provenance.digest", "modelfn writes the annotation modelfn.dev/digest itself", "use another key")},
		"weight missing":       {deployment("canary: {model: x}"), invalid("spec.canary.weight", "weight or match is required", "say how many percent of the traffic it gets, 0 to 100; or, in Standard mode, which headers its requests have (match)")},
		"match empty":          {deployment("canary: {model: x, match: {}}"), invalid("spec.canary.match", "it names no header", "name a header and its value, or remove match and say weight")},
		"match idle":           {deployment("canary: {model: x, weight: 5, match: {}}"), invalid("spec.canary.match", "it names no header", "name a header and its value, or remove match and say weight")},
		"match nothing":        {deployment("canary: {model: x, weight: 5, match: null}"), nil},
		"weight above 100":     {deployment("canary: {weight: 101}"), invalid("spec.canary.weight", "101 is not a percentage", "use a whole number from 0 to 100")},
		"weight below 0":       {deployment("canary: {weight: -1}"), invalid("spec.canary.weight", "-1 is not a percentage", "use a whole number from 0 to 100")},
		"weights allowed":      {deployment("canary: {weight: 100}"), nil},
		"shadow weight":        {deployment("shadow: {weight: 1}"), invalid("spec.shadow.weight", "a shadow has no weight", "remove it: a shadow gets a copy of the traffic")},
		"shadow match":         {deployment("shadow: {match: {a: b}}"), invalid("spec.shadow.match", "a shadow has no match", "remove it: a shadow gets a copy of the traffic")},
		"canary, shadow":       {deployment("canary: {weight: 1}\nshadow: {}"), invalid("spec.shadow", "canary and shadow exclude each other", "keep one of them")},
		"steps order":          {deployment("rollout: {steps: [50, 25, 100]}"), invalid("spec.rollout.steps[1]", "25 does not follow 50", "list ascending percentages up to 100")},
		"steps end":            {deployment("rollout: {steps: [5, 50]}"), invalid("spec.rollout.steps[1]", "the canary ends at 50 percent", "end with 100")},
		"interval":             {deployment("rollout: {interval: 1 day}"), invalid("spec.rollout.interval", `"1 day" is no duration`, "write a duration such as 1h or 30m")},
		"interval back":        {deployment("rollout: {interval: -1h}"), invalid("spec.rollout.interval", `"-1h" is no duration`, "write a duration such as 1h or 30m")},
		"inline lock":          {deployment("lock: {models: [{uri: a, digest: \"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\", manifest: AAAA}, {uri: b}]}"), invalid("spec.lock.models[1]", "uri, digest and manifest are required", "run `modelfn lock` again")},
		"resource":             {deployment("resources: {limits: {\"{{ .Name }}\": 1}}"), invalid("spec.resources.limits", `"{{ .Name }}" is no resource name`, "use a name such as cpu, memory or nvidia.com/gpu")},
		"resource of a canary": {deployment("canary: {weight: 1, resources: {requests: {\"a/b/c\": 1}}}"), invalid("spec.canary.resources.requests", `"a/b/c" is no resource name`, "use a name such as cpu, memory or nvidia.com/gpu")},
		"resource of a kind":   {deployment("resources: {limits: {nvidia.com/mig-1g.5gb: 1, hugepages-2Mi: 1Gi}}"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Decode([]byte(tt.document), new(ModelDeployment))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestValidateLock(t *testing.T) {
	const fix = "run `modelfn lock` again"
	for name, tt := range map[string]struct {
		document string
		want     []FieldError
	}{
		"bytes missing": {lockOf("models: [{uri: a, digest: b}]"), invalid("spec.models[0]", "uri, digest and manifest are required", fix)},
		"null bytes":    {lockOf("models: [{uri: a, digest: b, manifest: null}]"), invalid("spec.models[0]", "uri, digest and manifest are required", fix)},
		"twice":         {lockOf("models: [{uri: a, digest: \"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\", manifest: AAAA}, {uri: a, digest: \"sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\", manifest: AAAA}]"), invalid("spec.models[1].uri", `"a" is locked twice`, fix)},
		"forged line":   {lockOf("models: [{uri: \"a signed by release\", digest: \"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\", manifest: AAAA}]"), invalid("spec.models[0]", `"a signed by release" at "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" is no URI and digest`, fix)},
		"no digest":     {lockOf("models: [{uri: a, digest: b, manifest: AAAA}]"), invalid("spec.models[0]", `"a" at "b" is no URI and digest`, fix)},
		"name":          {strings.Replace(lockOf("models: []"), "fraud-0a1b2c3d", "\"fraud  v7\"", 1), invalid("metadata.name", `"fraud  v7" is no resource name`, fix)},
		"no name":       {strings.Replace(lockOf("models: []"), "{name: fraud-0a1b2c3d}", "{}", 1), invalid("metadata.name", "required", "name it")},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Decode([]byte(tt.document), new(ModelLock))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
