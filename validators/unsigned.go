package validators

import (
	"fmt"

	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
)

// unsigned: what a rule lets in without a signature is said each time.
func unsigned(m *model.Model) finding.List {
	var out finding.List
	for _, v := range m.Loaded() {
		for _, j := range append([]model.Judged{v.Judged}, v.Nested...) {
			if !j.Verdict.Unsigned() {
				continue
			}
			what := "has no signature"
			switch {
			case j.Artifact.Revision() != "":
				what = "has no signature, and a commit of the hub may be anybody's pull request"
			case j.Artifact.Digest() == "":
				what = "has no digest and no signature: what it holds can change under this name"
			}
			out = append(out, warn(m, "unsigned-model", v.Field+".model",
				fmt.Sprintf("%s %s; %s of platform %s lets it in (unsafeUnsigned)", j.Artifact.Identity(), what, j.Verdict.Rule().Path, m.Platform.Name),
				"publish the model to a registry, signed, and name it there"))
		}
	}
	return out
}
