package validators

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/kserve"
	"github.com/modelfn/modelfn/internal/model"
)

// kserveVersion: what the platform's version of KServe does not ship, and
// another does. In the cluster the pods would never start.
func kserveVersion(m *model.Model) finding.List {
	if m.LLM() {
		return llmVersion(m)
	}
	var out finding.List
	for _, v := range m.Versions() {
		others := otherVersions(m, v)
		if len(others) == 0 {
			continue
		}
		has := fmt.Sprintf("KServe %s ships no", m.Platform.KServe().Name)
		fix := fmt.Sprintf("set spec.serving.kserve of the platform to %s, once the cluster has it", strings.Join(others, " or "))
		field, what := ".runtime", fmt.Sprintf("%s runtime %q, and %s does", has, v.Spec.Runtime, strings.Join(others, ", "))
		say := refuse
		if v.Spec.Runtime == "" {
			field = ".format.name"
			what = fmt.Sprintf("%s runtime for the format %q and the protocol %q, and %s does",
				has, v.Format().Name, cmp.Or(v.Spec.ProtocolVersion, "v1"), strings.Join(others, ", "))
			if m.Platform.Spec.Serving.Mode == v1alpha1.ModeKnative {
				say = warn // a cluster may have a runtime of its own for it
				fix += ", or name your own runtime"
			}
		}
		out = append(out, say(m, "kserve-version", v.Field+field, what, fix))
	}
	return out
}

// otherVersions of KServe ship what would load a version, where the platform's
// does not.
func otherVersions(m *model.Model, v *model.Version) []string {
	ships := func(k kserve.Version) bool {
		if v.Spec.Runtime != "" {
			_, found := k.Find(v.Spec.Runtime)
			return found
		}
		_, found := k.Select(v.Asked())
		return found
	}
	if ships(m.Platform.KServe()) || m.OwnRuntime(v) {
		return nil
	}
	return kserve.Names(ships)
}
