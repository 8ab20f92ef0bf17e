package generators

import (
	"slices"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
	"github.com/modelfn/modelfn/internal/passthrough"
)

// shape demands that what serves the model has no fields but those that modelfn
// makes or lets through, and names exactly what was verified.
func shape(m *model.Model) object.List {
	out := serviceShape
	if m.LLM() {
		out = llmShape
	}
	return append(out(m),
		validation("the label that selects this policy must stay",
			"object.metadata.?labels[?"+celString(DeploymentLabel)+"].orValue('') == "+celString(m.Deployment.Metadata.Name)),
		validation("the annotations of KServe's local model cache must not redirect the model",
			lines("object.metadata.?annotations.orValue({}).all(k, !k.startsWith('internal.serving.kserve.io/'))",
				"&& object.metadata.?labels.orValue({}).all(k, !k.startsWith('internal.serving.kserve.io/'))")))
}

// serviceShape is that of an InferenceService.
func serviceShape(m *model.Model) object.List {
	var uris, digests []string
	for _, v := range m.Versions() {
		uris = append(uris, v.Artifact.StorageURI())
		digests = append(digests, v.Artifact.Identity())
	}
	out := object.List{
		validation("only spec.predictor.model may name a model: fields, arguments and variables that are not listed are refused",
			lines("object.spec.all(k, k in "+celList(specKeys(m))+")",
				"&& object.spec.predictor.all(k, k in "+celList(predictorKeys(m))+")",
				"&& object.spec.predictor.?model.orValue({}).all(k, k in "+celList(modelKeys(m))+")")),
		validation("the model must be one of the verified digests: "+strings.Join(digests, ", "),
			lines("object.spec.predictor.?model.storageUri.orValue('') in", celList(uris))),
	}
	out = append(out, validation("the model must be loaded by the runtime that was rendered",
		"object.spec.predictor.?model.runtime.orValue('') in "+celList(runtimes(m))))
	out = append(out, validation("the names of resources must be plain: KServe executes them as a template",
		lines("object.spec.predictor.?model.resources.orValue({}).all(k, k in ['limits', 'requests']",
			"&& object.spec.predictor.model.resources[k].all(name, name.matches('^[A-Za-z0-9._/-]*$')))")))
	out = append(out, toldOnly(m)...)
	out = append(out, scaledOnly(m)...)
	out = append(out, portShape(m)...)
	out = append(out, containerShape(m)...)
	out = append(out, visibilityShape(m)...)
	return append(out, canaryShape(m)...)
}

// runtimes are those that are named in what is rendered; "" leaves it to KServe.
func runtimes(m *model.Model) []string {
	var out []string
	for _, v := range m.Versions() {
		out = append(out, namedRuntime(m, v))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// specKeys are the components that we emit.
func specKeys(m *model.Model) []string {
	keys := []string{"predictor"}
	for _, c := range m.Components {
		keys = append(keys, c.Name)
	}
	slices.Sort(keys)
	return keys
}

// predictorKeys are the fields of the predictor that we emit or let through.
func predictorKeys(m *model.Model) []string {
	keys := slices.Concat([]string{
		"maxReplicas", "minReplicas", "model", "scaleMetric", "scaleTarget",
	}, passthrough.Fields(), passthrough.Widened(m.Platform.Spec.Serving.AllowPredictorFields).Fields())
	if sidecars(m) {
		keys = append(keys, "containers")
	}
	if m.ScaleClass() == v1alpha1.ScaleKEDA {
		keys = append(keys, "autoScaling")
	}
	if m.Platform.Spec.Serving.Mode == v1alpha1.ModeKnative {
		keys = append(keys, "canaryTrafficPercent")
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// toldOnly demands exactly the arguments, environment and probes of a version: any
// other could name another model, or run a command.
func toldOnly(m *model.Model) object.List {
	fields := toldFields(m)
	if len(fields) == 0 {
		return nil // modelKeys has none of them
	}
	var variants []string
	for _, v := range m.Versions() {
		if text := strings.Join(saidOf("object.spec.predictor.?model.", told(m, v), fields), " && "); !slices.Contains(variants, text) {
			variants = append(variants, text)
		}
	}
	message := "the model's server must be told exactly what was rendered"
	if !passes(m) {
		message = "the model must be served as " + m.Deployment.Metadata.Name + ", and its server told nothing else"
	}
	return object.List{validation(message, strings.Join(variants, "\n|| "))}
}

// saidOf demands that a container's fields are exactly those that it is told; of
// is the way to them.
func saidOf(of string, told object.Map, fields []string) []string {
	var out []string
	for _, field := range fields {
		none := any(object.Map{})
		if field == "args" || field == "env" {
			none = object.List{}
		}
		want := told.Get(field)
		if want == nil {
			want = none
		}
		out = append(out, of+field+".orValue("+celValue(none)+") == "+celValue(want))
	}
	return out
}

// toldFields are the fields of predictor.model by which any version's server is
// told something.
func toldFields(m *model.Model) []string {
	var out []string
	for _, v := range m.Versions() {
		for _, f := range told(m, v) {
			out = append(out, f.Key)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// modelKeys are the fields of predictor.model that we emit, and "name", which
// KServe's defaulter adds empty. Without args and env nothing can point the
// server at another model.
func modelKeys(m *model.Model) []string {
	keys := []string{"modelFormat", "name", "protocolVersion", "resources", "runtime", "storageUri"}
	if ported(m) {
		keys = append(keys, "ports")
	}
	keys = append(keys, toldFields(m)...)
	slices.Sort(keys)
	return keys
}

// sidecars tells whether a container runs beside the model.
func sidecars(m *model.Model) bool {
	return slices.ContainsFunc(m.Versions(), func(v *model.Version) bool { return len(v.Images) > 0 })
}
