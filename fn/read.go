package fn

import (
	"fmt"
	"reflect"
	"strings"

	krm "github.com/kptdev/krm-functions-sdk/go/fn"
	"sigs.k8s.io/yaml"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/object"
)

// Package is what a host handed over, sorted by what it means to modelfn.
type Package struct {
	Deployments []Deployment
	// Platforms are the repository's own, the functionConfig included.
	Platforms []Platform
	Locks     []*v1alpha1.ModelLock
}

// Deployment is a ModelDeployment and where it stands.
type Deployment struct {
	*v1alpha1.ModelDeployment
	At finding.Resource
}

// Platform is a ModelPlatform and where it stands. Raw is its YAML.
type Platform struct {
	*v1alpha1.ModelPlatform
	At  finding.Resource
	Raw []byte
}

// Read decodes modelfn's objects among the items and in the functionConfig
// (nil when there is none). In the generator form the functionConfig is a
// ModelDeployment that stands among the items a second time; kpt likewise lists
// the functionConfig among the items. Such a copy counts once.
func Read(functionConfig *krm.KubeObject, items krm.KubeObjects) (Package, finding.List) {
	var p Package
	findings := p.Read(functionConfig, items)
	return p, findings
}

// Read adds to the package what the function of that name decodes.
func (p *Package) Read(functionConfig *krm.KubeObject, items krm.KubeObjects) finding.List {
	var findings finding.List
	objects, root := items, outermost(items)
	if !saysNothing(functionConfig) {
		if group(functionConfig) != v1alpha1.Group {
			return finding.List{{
				Rule: "function-config", Severity: finding.Error, Resource: resourceOf(functionConfig, root),
				Message: fmt.Sprintf("the functionConfig is a %s, want a ModelPlatform or a ModelDeployment; modelfn takes no settings by key and value", functionConfig.GetKind()),
				Fix:     "let the function annotation stand on the ModelPlatform; in kpt take configMap and key=value out, and name the platform with configPath or --fn-config, or just keep it in the package",
			}}
		}
		objects = krm.KubeObjects{functionConfig}
		for _, item := range items {
			if !copyOf(item, functionConfig) {
				objects = append(objects, item)
			}
		}
	}
	for _, o := range objects {
		findings = append(findings, p.add(o, root)...)
	}
	return append(findings, p.duplicates()...)
}

// Take adds a document of a file, if it is one of modelfn's objects in which nothing is
// wrong and nothing is unusual, and tells whether it was. All others are for Read, by
// way of the SDK, which takes many times as long.
func (p *Package) Take(document []byte, file string, index int) bool {
	tree, ok := object.Read(document)
	if !ok || tree.Get("apiVersion") != v1alpha1.APIVersion {
		return false
	}
	at := func(m v1alpha1.TypeMeta, o v1alpha1.ObjectMeta) finding.Resource {
		return finding.Resource{APIVersion: m.APIVersion, Kind: m.Kind, Namespace: o.Namespace, Name: o.Name, File: file, Index: index}
	}
	right := func(o v1alpha1.Object) bool { return v1alpha1.DecodeTree(tree, o) && len(o.Validate()) == 0 }
	switch tree.Get("kind") {
	case v1alpha1.KindModelDeployment:
		d := new(v1alpha1.ModelDeployment)
		if ok = right(d); ok {
			p.Deployments = append(p.Deployments, Deployment{d, at(d.TypeMeta, d.Metadata)})
		}
	case v1alpha1.KindModelPlatform:
		mp := new(v1alpha1.ModelPlatform)
		if ok = right(mp); ok {
			p.Platforms = append(p.Platforms, Platform{mp, at(mp.TypeMeta, mp.Metadata), document})
		}
	case v1alpha1.KindModelLock:
		l := new(v1alpha1.ModelLock)
		if ok = right(l); ok {
			p.Locks = append(p.Locks, l)
		}
	default:
		return false
	}
	return ok
}

// saysNothing tells whether there is no functionConfig, or the ConfigMap without data
// that `kpt fn eval` hands over when it is given none.
func saysNothing(functionConfig *krm.KubeObject) bool {
	if functionConfig.IsEmpty() {
		return true
	}
	if functionConfig.GetAPIVersion() != "v1" || functionConfig.GetKind() != "ConfigMap" {
		return false
	}
	for _, key := range []string{"data", "binaryData"} {
		if data, found, err := functionConfig.NestedSubObject(key); err != nil || found && !data.IsEmpty() {
			return false
		}
	}
	return true
}

// copyOf tells whether the item is the functionConfig once more, and not another
// object of its name: one of two that differ would be passed over in silence.
func copyOf(item, functionConfig *krm.KubeObject) bool {
	return group(item) == v1alpha1.Group &&
		item.GetKind() == functionConfig.GetKind() &&
		item.GetName() == functionConfig.GetName() &&
		item.GetNamespace() == functionConfig.GetNamespace() &&
		reflect.DeepEqual(specOf(item), specOf(functionConfig))
}

// specOf is what an object says. Of one that cannot be read it is nil: whoever decodes
// it says so.
func specOf(o *krm.KubeObject) any {
	var tree map[string]any
	if err := yaml.Unmarshal([]byte(o.String()), &tree); err != nil {
		return nil
	}
	return tree["spec"]
}

func (p *Package) add(o *krm.KubeObject, root string) finding.List {
	if group(o) != v1alpha1.Group {
		return nil
	}
	at := resourceOf(o, root)
	var errs []v1alpha1.FieldError
	switch o.GetKind() {
	case v1alpha1.KindModelDeployment:
		d := new(v1alpha1.ModelDeployment)
		if errs = decode(o, d); len(errs) == 0 {
			p.Deployments = append(p.Deployments, Deployment{d, at})
		}
	case v1alpha1.KindModelPlatform:
		mp := new(v1alpha1.ModelPlatform)
		if errs = decode(o, mp); len(errs) == 0 {
			p.Platforms = append(p.Platforms, Platform{mp, at, []byte(o.String())})
		}
	case v1alpha1.KindModelLock:
		l := new(v1alpha1.ModelLock)
		if errs = decode(o, l); len(errs) == 0 {
			p.Locks = append(p.Locks, l)
		}
	default:
		return finding.List{{
			Rule: "unknown-kind", Severity: finding.Error, Resource: at, Field: "kind",
			Message: fmt.Sprintf("%s has no kind %q", v1alpha1.Group, o.GetKind()),
			Fix:     "use ModelDeployment, ModelPlatform or ModelLock",
		}}
	}
	return fieldFindings(at, errs)
}

// decode reads an item into one of modelfn's objects.
func decode(item *krm.KubeObject, into v1alpha1.Object) []v1alpha1.FieldError {
	if tree, ok := treeOf(nodeOf(item)); ok && v1alpha1.DecodeTree(tree, into) {
		return into.Validate()
	}
	return v1alpha1.Decode([]byte(item.String()), into)
}

func fieldFindings(at finding.Resource, errs []v1alpha1.FieldError) finding.List {
	out := make(finding.List, len(errs))
	for i, e := range errs {
		out[i] = finding.Finding{Rule: e.Rule, Severity: finding.Error, Resource: at, Field: e.Path, Message: e.Message, Fix: e.Fix}
	}
	return out
}

func (p *Package) duplicates() finding.List {
	var out finding.List
	seen := map[[2]string]finding.Resource{}
	for _, d := range p.Deployments {
		key := [2]string{d.Metadata.Namespace, d.Metadata.Name}
		if first, dup := seen[key]; dup {
			out = append(out, finding.Finding{
				Rule: "duplicate-deployment", Severity: finding.Error, Resource: d.At, Field: "metadata.name",
				Message: fmt.Sprintf("two ModelDeployments have this name; the other stands in %q", first.File),
				Fix:     "rename one of them",
			})
		}
		seen[key] = d.At
	}
	return out
}

func group(o *krm.KubeObject) string {
	g, _, _ := strings.Cut(o.GetAPIVersion(), "/")
	return g
}

// resourceOf names an item of a package for findings.
func resourceOf(o *krm.KubeObject, root string) finding.Resource {
	return finding.Resource{
		APIVersion: o.GetAPIVersion(), Kind: o.GetKind(), Namespace: o.GetNamespace(), Name: o.GetName(),
		File: fileOf(o, root), Index: itemIndex(o),
	}
}
