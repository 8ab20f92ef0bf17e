package fn

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	krm "github.com/kptdev/krm-functions-sdk/go/fn"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/generators"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/object"
)

// write lays the generated objects over the items: what is there already, and
// equal, is not touched; what an earlier render made for the same deployments
// and this one did not is removed; everything else stays as it is.
func write(items krm.KubeObjects, r Rendered) (krm.KubeObjects, []Created, finding.List) {
	generated := make(map[string]Generated, len(r.Objects))
	for _, g := range r.Objects {
		generated[g.identity()] = g
	}
	rendered := map[[2]string]bool{}
	for _, d := range r.Package.Deployments {
		rendered[[2]string{d.Metadata.Namespace, d.Metadata.Name}] = true
	}
	var out krm.KubeObjects
	var findings finding.List
	inKustomize, root := false, outermost(items)
	for _, item := range items {
		inKustomize = inKustomize || fromKustomize(item)
		id := identity(item)
		g, ours := generated[id]
		switch {
		case ours && !isGenerated(item):
			findings = append(findings, finding.Finding{
				Rule: "name-taken", Severity: finding.Error, Resource: resourceOf(item, root), Field: "metadata.name",
				Message: fmt.Sprintf("modelfn generates this object for %s, and the package has one of the name that modelfn did not make", g.For),
				Fix:     "remove or rename this object, or rename the ModelDeployment",
			})
		case ours:
			delete(generated, id)
			updated, err := update(item, g)
			if err != nil {
				findings = append(findings, internal(g, err))
				continue
			}
			out = append(out, updated)
		case isGenerated(item) && rendered[owner(item)]:
			// Pruned.
		case isGenerated(item) && !fromKustomize(item):
			findings = append(findings, finding.Finding{
				Rule: "orphaned-object", Severity: finding.Warning, Resource: resourceOf(item, root),
				Message: fmt.Sprintf("it was generated for ModelDeployment %s, which is not here", item.GetLabel(generators.DeploymentLabel)),
				Fix:     "delete it, or restore the ModelDeployment",
			})
			out = append(out, item)
		case group(item) == v1alpha1.Group && fromKustomize(item):
			// kustomize would emit modelfn's kinds, which no cluster knows.
		default:
			out = append(out, item)
		}
	}
	return out, create(generated, inKustomize, items, out), findings
}

// place is a file: in kpt its path starts from the directory of its package.
type place struct{ pkg, path string }

func placeOf(item *krm.KubeObject) place {
	return place{item.GetAnnotation(packageAnnotation), itemPath(item)}
}

// create lists what was not there yet. In kpt a new object goes to a file beside its
// deployment's, behind what is there; kustomize has no files to write to.
func create(generated map[string]Generated, inKustomize bool, items, there krm.KubeObjects) []Created {
	next := map[place]int{}
	for _, item := range there {
		next[placeOf(item)] = max(next[placeOf(item)], itemIndex(item)+1)
	}
	homes, root := map[finding.Resource]place{}, outermost(items)
	for _, item := range items {
		homes[resourceOf(item, root)] = placeOf(item)
	}
	var out []Created
	for _, id := range slices.Sorted(maps.Keys(generated)) {
		c := Created{Generated: generated[id]}
		if home := cmp.Or(homes[c.For], place{path: c.For.File}); home.path != "" && !inKustomize {
			c.place = place{home.pkg, path.Join(path.Dir(home.path), c.For.Name+".modelfn.yaml")}
			c.index = next[c.place]
			next[c.place]++
		}
		out = append(out, c)
	}
	return out
}

// Created is an object that was generated and was not there, and the place where a
// host that keeps files is to write it.
type Created struct {
	Generated
	place place
	index int
}

// Kept are the objects that were there before, among the items.
func (r Rendered) Kept(created []Created) []Generated {
	isCreated := make(map[string]bool, len(created))
	for _, c := range created {
		isCreated[c.identity()] = true
	}
	return slices.DeleteFunc(slices.Clone(r.Objects), func(g Generated) bool { return isCreated[g.identity()] })
}

// Tree is the object, with annotations that name its place behind its own.
func (c Created) Tree() object.Map {
	tree := c.Object.Tree()
	if c.place.path == "" {
		return tree
	}
	notes := object.Map{{Key: pathAnnotation, Value: c.place.path}, {Key: indexAnnotation, Value: strconv.Itoa(c.index)}}
	notes.Set(packageAnnotation, c.place.pkg)
	return tree.With(notes, "metadata", "annotations")
}

func internal(g Generated, err error) finding.Finding {
	return finding.Finding{
		Rule: "internal", Severity: finding.Error, Resource: g.For,
		Message: err.Error(), Fix: "report this as a defect of modelfn",
	}
}

// update is the item itself when it says what was generated, comments and
// spelling kept; otherwise the generated object with the item's place.
func update(item *krm.KubeObject, g Generated) (*krm.KubeObject, error) {
	want, err := g.JSON()
	if err != nil {
		return nil, err
	}
	// An item that two readers could read in two ways is written anew.
	if have, err := content(item); err == nil && bytes.Equal(want, have) {
		return item, nil
	}
	out, err := krm.ParseKubeObject(g.YAML())
	if err != nil {
		return nil, err
	}
	notes := item.GetAnnotations()
	for _, key := range slices.Sorted(maps.Keys(notes)) {
		if hostAnnotation(key) {
			if err := out.SetAnnotation(key, notes[key]); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// content is an item as canonical JSON, without what hosts wrote on it.
func content(item *krm.KubeObject) ([]byte, error) {
	tree, err := Tree(item)
	if err != nil {
		return nil, err
	}
	if meta, ok := tree["metadata"].(map[string]any); ok {
		if notes, ok := meta["annotations"].(map[string]any); ok {
			maps.DeleteFunc(notes, func(key string, _ any) bool { return hostAnnotation(key) })
			if len(notes) == 0 {
				delete(meta, "annotations")
			}
		}
	}
	return json.Marshal(tree)
}

// hostAnnotation tells whether hosts keep their own book with an annotation.
// Others of the same domain, such as local-config or function, change what
// becomes of the object.
func hostAnnotation(key string) bool {
	domain, name, _ := strings.Cut(key, "/")
	switch domain {
	case "internal.config.kubernetes.io", "internal.config.k8s.io", "kustomize.config.k8s.io", "config.k8s.io":
		return true
	case "config.kubernetes.io":
		return name == "path" || name == "index" || name == "id" || name == "merge-source" || name == "origin"
	}
	return false
}

func identity(o *krm.KubeObject) string {
	return strings.Join([]string{o.GetAPIVersion(), o.GetKind(), o.GetNamespace(), o.GetName()}, "|")
}

// isGenerated tells whether an earlier render made the item.
func isGenerated(o *krm.KubeObject) bool {
	return generators.Made(o.GetKind(), o.GetLabels(), o.GetAnnotations())
}

// owner is the namespace and the name of the ModelDeployment that an item was
// generated for.
func owner(o *krm.KubeObject) [2]string {
	deployment := o.GetLabel(generators.DeploymentLabel)
	return [2]string{generators.OwnerNamespace(o.GetNamespace(), o.GetName(), deployment), deployment}
}
