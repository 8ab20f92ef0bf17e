package validators

import (
	"fmt"

	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
)

// scheme: the scheme that is written fits the artifact. What is rendered has the
// one that fits either way, so this is a warning.
func scheme(m *model.Model) finding.List {
	var out finding.List
	for _, v := range m.Loaded() {
		a := v.Artifact
		said := a.Reference().Scheme()
		if !a.Resolved() || said == "" || said == a.Scheme() {
			continue
		}
		reason := "KServe starts oci:// as a container, which it is not"
		if said == artifact.Kit {
			reason = "kit:// is unpacked by KitOps, which unpacks kits only"
		}
		out = append(out, warn(m, "scheme", v.Field+".model",
			fmt.Sprintf("%s is of kind %s: %s", v.Spec.Model, a.Kind(), reason),
			fmt.Sprintf("write %s://, which is what is rendered", a.Scheme())))
	}
	return out
}
