package validators

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/kserve"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/passthrough"
	"github.com/modelfn/modelfn/internal/suggest"
)

// passed: spec.predictor holds nothing but what internal/passthrough lists or
// the platform allows by name, and containers, which the rule images judges. Any
// other field can make the server load another model than the verified one.
func passed(m *model.Model) finding.List {
	var out finding.List
	for _, v := range m.Versions() {
		inherited := v == m.Canary && m.Share.Predictor == nil
		switch {
		case !inherited:
			out = append(out, fields(m, v)...)
			out = append(out, told(m, v, v.Field+".predictor")...)
		case server(m, v) != server(m, &m.Stable):
			// What is inherited goes to another server; else it is reported where it stands.
			out = append(out, toAnother(m, v)...)
		}
	}
	return out
}

// told checks what a version's server is told.
func told(m *model.Model, v *model.Version, at string) finding.List {
	f := v.Spec.Predictor.Fields()
	out := environment(m, v, at+".env", f.Env)
	out = append(out, arguments(m, v, at+".args", f.Args)...)
	return append(out, probes(m, at, server(m, v), f)...)
}

// toAnother checks what a canary's server is told in the stable version's words,
// and leaves out what is wrong for both.
func toAnother(m *model.Model, v *model.Version) finding.List {
	at := m.Stable.Field + ".predictor"
	stable := map[string]bool{}
	for _, f := range told(m, &m.Stable, at) {
		stable[f.Field] = true
	}
	var out finding.List
	for _, f := range told(m, v, at) {
		if !stable[f.Field] {
			f.Message = fmt.Sprintf("for the %s, which inherits it: %s", v.Role, f.Message)
			f.Fix = fmt.Sprintf("write %s.predictor: {} or its own; or %s", v.Field, f.Fix)
			out = append(out, f)
		}
	}
	return out
}

// server is the runtime whose server a version's arguments go to; that of an LLM is
// vLLM, without a runtime.
func server(m *model.Model, v *model.Version) string {
	if m.LLM() {
		return kserve.VLLM
	}
	return v.Runtime()
}

// widened is what the platform allows besides the tables.
func widened(m *model.Model) passthrough.Widened {
	return m.Platform.Spec.Serving.AllowPredictorFields
}

// fields checks the names of the predictor's fields.
func fields(m *model.Model, v *model.Version) finding.List {
	var out finding.List
	at := v.Field + ".predictor"
	allowed := slices.Sorted(slices.Values(slices.Concat(passthrough.Fields(), passthrough.Told(), widened(m).Fields())))
	for _, field := range slices.Sorted(maps.Keys(v.Spec.Predictor.Others())) {
		if slices.Contains(allowed, field) {
			continue
		}
		if instead := passthrough.Instead(field); instead != "" {
			why, _ := unlisted(field, "the ModelDeployment has a field of its own for it")
			out = append(out, refuse(m, "predictor-field", at+"."+field, fmt.Sprintf("%q is not on the allow-list: %s", field, why), "write "+ofVersion(v, instead)+" instead"))
			continue
		}
		why, fix := unlisted(field, "it could make the server load another model than the verified one")
		out = append(out, refuse(m, "predictor-field", at+"."+field, fmt.Sprintf("%q is not on the allow-list: %s", field, why),
			suggest.DidYouMean(field, allowed)+fix+"; allowed: "+strings.Join(allowed, ", ")+"; and containers, of the images that the platform allows"))
	}
	return out
}

// ofVersion is a field of spec where a version may have its own.
func ofVersion(v *model.Version, field string) string {
	if rest, of := strings.CutPrefix(field, "spec."); of && (rest == "resources" || rest == "model") {
		return v.Field + "." + rest
	}
	return field
}

// unlisted says why a name is not on the list, and what to do: no platform may
// allow some.
func unlisted(name, otherwise string) (why, fix string) {
	if why, _ := passthrough.Refused(name); why != "" {
		return why, "remove it"
	}
	return otherwise, fmt.Sprintf("remove it, or have the platform allow it (spec.serving.allowPredictorFields: [%s])", name)
}
