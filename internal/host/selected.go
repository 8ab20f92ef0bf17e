package host

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/resid"
	"sigs.k8s.io/yaml"

	"github.com/modelfn/modelfn/api/v1alpha1"
)

// selected is what a patch or a replacement of a kustomization writes to.
type selected struct {
	field string
	types.Selector
	// silent: kustomize does not mind when there is no such object.
	silent bool
}

// patches are a kustomization's, however they are written.
func (d *doctor) patches(l *layout) []selected {
	var out []selected
	add := func(field string, p types.Patch) {
		if p.Target != nil {
			out = append(out, selected{field, *p.Target, true})
			return
		}
		raw := []byte(p.Patch)
		if p.Path != "" {
			_, raw = d.text(filepath.Join(l.dir, p.Path))
		}
		for _, document := range documents(raw) {
			var o struct {
				Kind     string
				Metadata struct{ Name string }
			}
			if yaml.Unmarshal(document, &o) == nil && o.Kind != "" {
				exactly := types.Selector{ResId: resid.NewResIdKindOnly(regexp.QuoteMeta(o.Kind), regexp.QuoteMeta(o.Metadata.Name))}
				out = append(out, selected{field, exactly, false})
			}
		}
	}
	for i, p := range l.Patches {
		add(fmt.Sprintf("patches[%d]", i), p)
	}
	//nolint:staticcheck // deprecated, and still built
	for i, p := range l.PatchesJson6902 {
		add(fmt.Sprintf("patchesJson6902[%d]", i), p)
	}
	//nolint:staticcheck // deprecated, and still built
	for i, p := range l.PatchesStrategicMerge {
		patch := types.Patch{Path: string(p)}
		if strings.Contains(string(p), "\n") {
			patch = types.Patch{Patch: string(p)}
		}
		add(fmt.Sprintf("patchesStrategicMerge[%d]", i), patch)
	}
	return out
}

// replacements are what a kustomization's replacements write to.
func (d *doctor) replacements(l *layout) []selected {
	var out []selected
	for i, field := range l.Replacements {
		list := []types.Replacement{field.Replacement}
		if field.Path != "" {
			_, raw := d.text(filepath.Join(l.dir, field.Path))
			var one types.Replacement
			if yaml.Unmarshal(raw, &list) != nil && yaml.Unmarshal(raw, &one) == nil {
				list = []types.Replacement{one}
			}
		}
		for _, r := range list {
			for _, target := range r.Targets {
				if target.Select != nil {
					out = append(out, selected{fmt.Sprintf("replacements[%d]", i), *target.Select, true})
				}
			}
		}
	}
	return out
}

// hits are the deployments for which an object is generated that is selected.
func (s selected) hits(expanded []expansion) []expansion {
	var out []expansion
	for _, e := range expanded {
		for kind, names := range generatedFor(e) {
			if s.means(kind, names...) {
				out = append(out, e)
				break
			}
		}
	}
	return out
}

// generatedFor are the names of what can be generated for a deployment, by kind.
// Versions end in some digits of their digest.
func generatedFor(e expansion) map[string][]string {
	name := e.GetName()
	versions := []string{name, name + "-0123abcd"}
	inCluster := []string{"modelfn." + e.namespace + "." + name}
	return map[string][]string{
		"InferenceService": versions, "LLMInferenceService": versions,
		"HTTPRoute": {name}, "GRPCRoute": {name}, "Service": {name},
		"ConfigMap":                       {"modelfn-" + name},
		"NamespacedImageValidatingPolicy": {"modelfn-" + name}, "NamespacedValidatingPolicy": {"modelfn-" + name},
		"ValidatingAdmissionPolicy": inCluster, "ValidatingAdmissionPolicyBinding": inCluster,
	}
}

// deployment tells whether a ModelDeployment is selected by its kind.
func (s selected) deployment(m declared) bool {
	return s.Kind != "" && s.means(v1alpha1.KindModelDeployment, m.GetName())
}

// means tells whether an object of the kind and one of the names is selected, as
// kustomize matches: by expressions over the whole text, an empty one anything.
// What labels and annotations select is known where they are modelfn's only.
func (s selected) means(kind string, names ...string) bool {
	if by := s.LabelSelector + s.AnnotationSelector; by != "" && !strings.Contains(by, v1alpha1.Group) && !strings.Contains(by, "modelfn") {
		return false
	}
	if !matches(s.Kind, kind) {
		return false
	}
	for _, name := range names {
		if matches(s.Name, name) {
			return true
		}
	}
	return false
}

func matches(expression, text string) bool {
	re, err := regexp.Compile("^(?:" + expression + ")$")
	return err == nil && (expression == "" || re.MatchString(text))
}
