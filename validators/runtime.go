package validators

import (
	"fmt"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/kserve"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/suggest"
)

// runtime: KServe takes a named runtime only for a format, with its version, and a
// protocol that the runtime lists; the InferenceService would be let in, and never
// start. What the cluster's own runtimes list nobody here knows.
func runtime(m *model.Model) finding.List {
	if m.LLM() {
		return nil
	}
	var out finding.List
	for _, v := range m.Versions() {
		r, shipped := m.Platform.KServe().Find(v.Spec.Runtime)
		if !shipped || m.OwnRuntime(v) || !v.Artifact.Resolved() || v.Format().Name == "" {
			continue // or reported elsewhere
		}
		what, fix := mismatch(m, v, r), fitting(m, v)
		if what == "" {
			continue
		}
		field := v.Field + ".runtime"
		if v == m.Canary && m.Share.Runtime == "" {
			if v.Asked() == m.Stable.Asked() {
				continue // reported of the stable version
			}
			what += fmt.Sprintf("; the %s has that runtime from the stable version", v.Role)
			fix = fmt.Sprintf("name the %s's runtime (%s.runtime), or remove spec.runtime so that KServe chooses for each; ", v.Role, v.Field) + fix
		}
		if m.Deployment.Spec.Runtime == "" && v.Spec.Runtime == m.Stable.Spec.Runtime && (v != m.Canary || m.Share.Runtime == "") {
			what += fmt.Sprintf("; it is what platform %s says where a deployment says nothing (spec.serving.defaults.runtime)", m.Platform.Name)
			fix = strings.Replace(fix, "remove spec.runtime", "have the platform remove it", 1)
		}
		out = append(out, refuse(m, "runtime-mismatch", field, what, fix))
	}
	return out
}

// mismatch is why KServe would not take the runtime, or nothing.
func mismatch(m *model.Model, v *model.Version, r kserve.Runtime) string {
	asked := v.Asked()
	switch {
	case !r.Loads(asked.Format, ""):
		return fmt.Sprintf("the runtime %s of KServe %s does not load the format %q", r.Name, m.Platform.KServe().Name, asked.Format)
	case !r.Loads(asked.Format, asked.Version):
		return fmt.Sprintf("the runtime %s of KServe %s loads the format %s in version %s, not %q",
			r.Name, m.Platform.KServe().Name, asked.Format, strings.Join(r.Versions(asked.Format), " and "), asked.Version)
	case asked.Protocol != "" && !r.Speaks(asked.Protocol):
		return fmt.Sprintf("the runtime %s of KServe %s speaks %s, not %s", r.Name, m.Platform.KServe().Name, strings.Join(r.Protocols, " and "), asked.Protocol)
	}
	return ""
}

// fitting says which shipped runtimes would load a version, or else what to ask
// for instead.
func fitting(m *model.Model, v *model.Version) string {
	asked := v.Asked()
	const own = ", or have the platform describe a runtime of your own (spec.serving.runtimes)"
	if fit := m.Platform.KServe().Fitting(asked); len(fit) > 0 {
		typo := ""
		if _, shipped := m.Platform.KServe().Find(v.Spec.Runtime); !shipped {
			typo = suggest.DidYouMean(v.Spec.Runtime, fit)
		}
		return typo + "use one of " + strings.Join(fit, ", ") + own
	}
	return loadable(m, v) + own
}

// loadable says what could be asked for where no shipped runtime fits: another
// protocol, another version of the format, or another format.
func loadable(m *model.Model, v *model.Version) string {
	version, asked := m.Platform.KServe(), v.Asked()
	protocols := slices.DeleteFunc([]string{"v1", "v2", "grpc-v1", "grpc-v2"}, func(p string) bool {
		return len(version.Fitting(kserve.Asked{Format: asked.Format, Version: asked.Version, Protocol: p})) == 0
	})
	if len(protocols) > 0 {
		return "ask for the protocol " + strings.Join(protocols, " or ")
	}
	if slices.Contains(version.Formats(), asked.Format) {
		return "remove the format's version, or use " + strings.Join(version.FormatVersions(asked.Format), " or ")
	}
	return suggest.DidYouMean(asked.Format, version.Formats()) + "use one of the formats " + strings.Join(version.Formats(), ", ")
}

// asked is what a version asks of a runtime, in words.
func asked(v *model.Version) string {
	a := v.Asked()
	out := fmt.Sprintf("the format %q", a.Format)
	if a.Version != "" {
		out += fmt.Sprintf(" in version %q", a.Version)
	}
	if a.Protocol != "" {
		out += fmt.Sprintf(" and the protocol %q", a.Protocol)
	}
	return out
}
