package validators

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
)

// route: what the platform's texts become with this deployment's name and
// namespace.
func route(m *model.Model) finding.List {
	out := unnamed(m)
	if m.LLM() || m.Platform.Spec.Serving.Mode != v1alpha1.ModeStandard {
		return out
	}
	if len(out) == 0 {
		out = hostnames(m)
	}
	return out
}

// unnamed: without the namespace its place in a text would stay empty, whatever
// kubectl or Argo CD apply the objects to.
func unnamed(m *model.Model) finding.List {
	if m.Deployment.Metadata.Namespace != "" {
		return nil
	}
	for _, text := range placed(m) {
		if strings.Contains(text.value, "{namespace}") {
			return finding.List{refuse(m, "missing-namespace", "metadata.namespace",
				fmt.Sprintf("%s has it in %q", text.where, text.value), "write it, or set it in the kustomization (namespace:)")}
		}
	}
	g := m.Platform.Spec.Serving.Gateway
	if m.LLM() && g != nil && g.Namespace == "" {
		return finding.List{refuse(m, "missing-namespace", "metadata.namespace",
			fmt.Sprintf("the Gateway %s of platform %s is looked for there", g.Name, m.Platform.Name), "write it, or set it in the kustomization (namespace:)")}
	}
	return nil
}

// text is one in which the namespace may have a place, and where it stands.
type text struct{ where, value string }

// placed are the texts of this deployment's route and of its autoscaling.
func placed(m *model.Model) []text {
	if m.LLM() {
		return nil
	}
	var out []text
	for _, s := range all(m) {
		if s.by != nil {
			out = append(out, text{s.field + ".autoscaling.query", s.by.Query})
		}
	}
	g := m.Platform.Spec.Serving.Gateway
	if g == nil || m.Platform.Spec.Serving.Mode != v1alpha1.ModeStandard {
		return out
	}
	at := fmt.Sprintf("spec.serving.gateway of platform %s, ", m.Platform.Name)
	for _, host := range g.Hostnames {
		out = append(out, text{at + "hostnames,", host})
	}
	out = append(out, text{at + "pathPrefix,", g.PathPrefix})
	for _, name := range slices.Sorted(maps.Keys(g.Headers)) {
		out = append(out, text{at + "headers." + name + ",", g.Headers[name]})
	}
	return out
}

const (
	maxHostLabel = 63
	maxHost      = 253
)

// hostnames: a name and a namespace are labels by themselves, and together are too
// long for one.
func hostnames(m *model.Model) finding.List {
	var out finding.List
	add := func(what string) {
		out = append(out, refuse(m, "hostname", "metadata.name", what,
			"use a shorter name or namespace, or have the platform give each a label of its own: {name}.{namespace}. in spec.serving.gateway.hostnames"))
	}
	for _, template := range m.Platform.Spec.Serving.Gateway.Hostnames {
		host := m.Filled(template)
		for label := range strings.SplitSeq(host, ".") {
			if len(label) > maxHostLabel {
				add(fmt.Sprintf("%s of platform %s makes the label %s of a host name, which has %d characters, and %d are allowed", template, m.Platform.Name, label, len(label), maxHostLabel))
			}
		}
		if len(host) > maxHost {
			add(fmt.Sprintf("%s of platform %s makes a host name of %d characters, and %d are allowed", template, m.Platform.Name, len(host), maxHost))
		}
	}
	return out
}
