package validators

import (
	"fmt"

	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
)

// servable: KServe can load the artifact. It starts images and has kits
// unpacked; what another OCI artifact holds, nothing in it knows.
func servable(m *model.Model) finding.List {
	var out finding.List
	for _, v := range m.Versions() {
		if v.Artifact.Kind() == artifact.Generic {
			out = append(out, refuse(m, "not-servable", v.Field+".model",
				fmt.Sprintf("%s is an OCI artifact that is neither an image nor a ModelKit nor a ModelPack", v.Spec.Model),
				"pack the model with `kit pack`, or as an image with the model in /models"))
		}
	}
	return out
}
