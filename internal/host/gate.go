package host

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	krm "github.com/kptdev/krm-functions-sdk/go/fn"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/generators"
	"github.com/modelfn/modelfn/internal/finding"
)

// Gate is the final gate: it judges the whole stream a build is about to print,
// after every patch and every other transformer. Each serving or policy object
// in it must be one that modelfn generated, or be allowed by the platform; each
// generated object must still be there. Only names may have changed (a prefix
// or suffix), labels or annotations of others been added, and what the platform
// leaves to patches.
func Gate(stream krm.KubeObjects, generated []json.RawMessage, allowed []v1alpha1.ForeignObject, patches []v1alpha1.PatchedFields) finding.List {
	var findings finding.List
	refuse := func(rule string, tree map[string]any, message, fix string) {
		o := parseIdentity(tree)
		findings = append(findings, finding.Finding{
			Rule: rule, Severity: finding.Error,
			Resource: finding.Resource{APIVersion: o.apiVersion, Kind: o.kind, Namespace: o.namespace, Name: o.name},
			Message:  message, Fix: fix,
		})
	}
	var left []map[string]any
	for _, raw := range generated {
		var tree map[string]any
		if err := json.Unmarshal(raw, &tree); err != nil {
			return finding.List{{Rule: "internal", Severity: finding.Error, Message: err.Error(), Fix: "report this as a defect of modelfn"}}
		}
		left = append(left, tree)
	}
	bound := boundDeployments(left)
	var judged []map[string]any
	for _, item := range stream {
		tree, err := fn.Tree(item)
		if err != nil {
			findings = append(findings, finding.Finding{
				Rule: "not-an-object", Severity: finding.Error, Resource: finding.Resource{Kind: item.GetKind(), Name: item.GetName()},
				Message: strings.TrimSpace(err.Error()), Fix: "correct the YAML",
			})
			continue
		}
		o := parseIdentity(tree)
		// By the field alone, as they decide: the kind need not end in List.
		if _, holds := tree["items"].([]any); holds {
			refuse("list-object", tree, "Argo CD and kubectl unpack lists; build judges single objects", "write its items as documents of their own")
			continue
		}
		if guarded(tree, o) {
			judged = append(judged, tree)
		}
	}
	// What kept its name first: else one that looks like it could take its place.
	for _, renamed := range []bool{false, true} {
		judged = slices.DeleteFunc(judged, func(tree map[string]any) bool {
			i := slices.IndexFunc(left, func(g map[string]any) bool {
				return (renamed || parseIdentity(g) == parseIdentity(tree)) && sameObject(patched(g, tree, patches), tree, bound)
			})
			if i >= 0 {
				left = slices.Delete(left, i, i+1)
			}
			return i >= 0
		})
	}
	for _, tree := range judged {
		o := parseIdentity(tree)
		if allow(o, allowed) && !labelled(tree) {
			continue
		}
		if i := slices.IndexFunc(left, func(g map[string]any) bool { return sameIdentity(parseIdentity(g), o) }); i >= 0 {
			refuse("changed-object", tree,
				fmt.Sprintf("it was changed after modelfn generated it: %s", difference(patched(left[i], tree, patches), tree, bound)),
				"remove the patch or transformer, and say it in the ModelDeployment, or have the platform list the field in spec.allowPatches; set names and a namespace before modelfn expands")
			left = slices.Delete(left, i, i+1)
			continue
		}
		fix := "write a ModelDeployment instead, or have the platform list it in spec.allowForeign"
		if labelled(tree) {
			fix = "delete it, if it was generated for a ModelDeployment that is gone; what `modelfn baseline` prints belongs to an application of the platform's own"
		}
		refuse("foreign-object", tree, "it serves or guards models, and modelfn did not generate it", fix)
	}
	for _, tree := range left {
		refuse("missing-object", tree, "modelfn generated it, and it is not in the result", "remove the patch or transformer that deletes it")
	}
	return findings
}

type objectIdentity struct{ apiVersion, kind, namespace, name string }

func parseIdentity(tree map[string]any) objectIdentity {
	meta, _ := tree["metadata"].(map[string]any)
	text := func(m map[string]any, key string) string {
		s, _ := m[key].(string)
		return s
	}
	return objectIdentity{text(tree, "apiVersion"), text(tree, "kind"), text(meta, "namespace"), text(meta, "name")}
}

// labelled tells whether an object claims to be modelfn's.
func labelled(tree map[string]any) bool {
	labels := textMap(tree, "labels")
	_, claims := labels[generators.DeploymentLabel]
	return claims || labels[generators.ManagedByLabel] == generators.ManagedBy
}

func textMap(tree map[string]any, key string) map[string]any {
	meta, _ := tree["metadata"].(map[string]any)
	m, _ := meta[key].(map[string]any)
	return m
}

func allow(o objectIdentity, allowed []v1alpha1.ForeignObject) bool {
	return slices.ContainsFunc(allowed, func(f v1alpha1.ForeignObject) bool {
		return f.Kind == o.kind &&
			(f.APIVersion == "" || f.APIVersion == o.apiVersion) &&
			(f.Name == "" || f.Name == o.name) &&
			(f.Namespace == "" || f.Namespace == o.namespace)
	})
}

// sameIdentity allows a name prefix and suffix.
func sameIdentity(generated, o objectIdentity) bool {
	return generated.apiVersion == o.apiVersion && generated.kind == o.kind && strings.Contains(o.name, generated.name)
}

// sameObject compares everything but the name, and labels and annotations that
// were added and mean nothing to what serves models.
func sameObject(generated, tree map[string]any, bound deployments) bool {
	g, o := parseIdentity(generated), parseIdentity(tree)
	if !sameIdentity(g, o) || g.namespace != o.namespace {
		return false
	}
	return difference(generated, tree, bound) == ""
}

// deployments are ModelDeployments by namespace and name, and why none of their
// objects may have another name.
type deployments map[[2]any]string

// boundDeployments are those whose signatures name them, as the annotation on
// their records says, since the signatures do not speak of another; and those
// that a route leads to: by the names of Services that KServe makes, which nothing
// renames in the route.
func boundDeployments(generated []map[string]any) deployments {
	out := deployments{}
	for _, tree := range generated {
		if slices.Contains([]string{"HTTPRoute", "GRPCRoute"}, parseIdentity(tree).kind) {
			out[deploymentOf(tree)] = "by which its route leads to it"
		}
	}
	for _, tree := range generated {
		if _, bound := textMap(tree, "annotations")[generators.BoundAnnotation]; bound {
			out[deploymentOf(tree)] = "which signatures name (binding: Name)"
		}
	}
	return out
}

func deploymentOf(tree map[string]any) [2]any {
	return [2]any{parseIdentity(tree).namespace, textMap(tree, "labels")[generators.DeploymentLabel]}
}

// renamed tells whether an object has another name than it may have.
func (bound deployments) renamed(generated, tree map[string]any) bool {
	return bound[deploymentOf(generated)] != "" && parseIdentity(generated).name != parseIdentity(tree).name
}

// difference names what differs, or is "".
func difference(generated, tree map[string]any, bound deployments) string {
	for _, key := range slices.Sorted(maps.Keys(merge(generated, tree))) {
		if key != "metadata" && !reflect.DeepEqual(generated[key], tree[key]) {
			return firstPath(key, generated[key], tree[key])
		}
	}
	if bound.renamed(generated, tree) {
		return "metadata.name, " + bound[deploymentOf(generated)]
	}
	if a, b := parseIdentity(generated).namespace, parseIdentity(tree).namespace; a != b {
		return "metadata.namespace"
	}
	for _, part := range []string{"labels", "annotations"} {
		want, have := textMap(generated, part), textMap(tree, part)
		for _, key := range slices.Sorted(maps.Keys(merge(want, have))) {
			_, ours := want[key]
			if ours && want[key] != have[key] || !ours && (!harmless(key) || !inert(have[key])) {
				return "metadata." + part + "." + key
			}
		}
	}
	meta, _ := tree["metadata"].(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(meta)) {
		if !slices.Contains([]string{"name", "namespace", "labels", "annotations"}, key) {
			return "metadata." + key
		}
	}
	return ""
}

func merge(a, b map[string]any) map[string]any {
	out := maps.Clone(a)
	if out == nil {
		out = map[string]any{}
	}
	maps.Copy(out, b)
	return out
}

// firstPath follows maps down to the field that differs.
func firstPath(path string, a, b any) string {
	ma, aok := a.(map[string]any)
	mb, bok := b.(map[string]any)
	if !aok || !bok {
		return path
	}
	for _, key := range slices.Sorted(maps.Keys(merge(ma, mb))) {
		if !reflect.DeepEqual(ma[key], mb[key]) {
			return firstPath(path+"."+key, ma[key], mb[key])
		}
	}
	return path
}
