package validators

import (
	"fmt"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
)

// llmSchemes are what KServe v0.20.0's controller for LLMInferenceServices
// fetches; adapterSchemes what it does of adapters.
var (
	llmSchemes     = []artifact.Scheme{artifact.OCI, artifact.HuggingFace, artifact.S3, artifact.PVC}
	adapterSchemes = []artifact.Scheme{artifact.HuggingFace, artifact.S3, artifact.PVC}
)

// llmStorage: KServe accepts other URIs when they are applied, and then serves
// nothing.
func llmStorage(m *model.Model, v *model.Version) finding.List {
	var out finding.List
	add := func(part *model.Version, what string, allowed []artifact.Scheme, fix string) {
		if a := part.Artifact; a.Resolved() && !slices.Contains(allowed, a.Scheme()) {
			out = append(out, refuse(m, llmRule, part.Field+".model",
				fmt.Sprintf("KServe cannot fetch %s from %s: it takes %s", what, a.StorageURI(), schemes(allowed)), fix))
		}
	}
	add(v, "the model of an LLMInferenceService", llmSchemes, "publish it as an image with the model in /models, and name that (oci://)")
	if v == m.Canary && (m.Share.LLM == nil || m.Share.LLM.LoRA == nil) {
		return out // inherited, and reported where they stand
	}
	for _, a := range v.Adapters {
		add(a, "an adapter", adapterSchemes, "name a commit of the hub (hf://owner/adapter:COMMIT), or merge the adapter into a model of its own")
	}
	return out
}

func schemes(list []artifact.Scheme) string {
	var out []string
	for _, s := range list {
		out = append(out, string(s)+"://")
	}
	return strings.Join(out, ", ")
}
