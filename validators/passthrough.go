package validators

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/kserve"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/passthrough"
)

// passed: spec.predictor holds nothing but what internal/passthrough lists or
// the platform allows by name, and containers, which the rule images judges. Any
// other field can make the server load another model than the verified one.
func passed(m *model.Model) finding.List {
	var out finding.List
	for _, v := range m.Versions() {
		at := v.Field + ".predictor"
		told := v.Spec.Predictor.Fields()
		if v == m.Canary && m.Share.Predictor == nil {
			if server(m, v) == server(m, &m.Stable) {
				continue // inherited, and reported where it stands
			}
			// What is inherited goes to another server.
			at = m.Stable.Field + ".predictor"
		} else {
			out = append(out, fields(m, at, v.Spec.Predictor)...)
			out = append(out, environment(m, at+".env", told.Env)...)
		}
		out = append(out, arguments(m, at+".args", server(m, v), told.Args)...)
		out = append(out, probes(m, at, server(m, v), told)...)
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
func fields(m *model.Model, at string, p v1alpha1.Predictor) finding.List {
	var out finding.List
	allowed := slices.Sorted(slices.Values(slices.Concat(passthrough.Fields(), passthrough.Told(), widened(m).Fields())))
	for _, field := range slices.Sorted(maps.Keys(p.Others())) {
		if slices.Contains(allowed, field) {
			continue
		}
		why, fix := unlisted(field, "it could make the server load another model than the verified one")
		out = append(out, refuse(m, "predictor-field", at+"."+field, fmt.Sprintf("%q is not on the allow-list: %s", field, why),
			fix+"; allowed: "+strings.Join(allowed, ", ")+"; and containers, of the images that the platform allows"))
	}
	return out
}

// unlisted says why a name is not on the list, and what to do: no platform may
// allow some.
func unlisted(name, otherwise string) (why, fix string) {
	if why, _ := passthrough.Refused(name); why != "" {
		return why, "remove it"
	}
	return otherwise, fmt.Sprintf("remove it, or have the platform allow it (spec.serving.allowPredictorFields: [%s])", name)
}
