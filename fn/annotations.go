package fn

import (
	"cmp"
	"path"
	"strconv"
	"strings"

	krm "github.com/kptdev/krm-functions-sdk/go/fn"
)

// Annotations by which hosts keep track of items; they are no part of an
// object. https://github.com/kubernetes-sigs/kustomize/blob/master/cmd/config/docs/api-conventions/functions-spec.md
const (
	pathAnnotation        = "internal.config.kubernetes.io/path"
	indexAnnotation       = "internal.config.kubernetes.io/index"
	legacyPathAnnotation  = "config.kubernetes.io/path"
	legacyIndexAnnotation = "config.kubernetes.io/index"
	// packageAnnotation is the directory of the kpt package that paths start from:
	// the pipeline of a package around it sees the items, too.
	packageAnnotation = "internal.config.kubernetes.io/package-path"
	// selectionAnnotation is on every item when kpt hands over a selection.
	selectionAnnotation = "internal.config.k8s.io/kpt-resource-id"
	// kustomizeID is on every item that kustomize hands to a transformer, and
	// on none that another host hands over.
	kustomizeID = "kustomize.config.k8s.io/id"
	// LocalConfig keeps an item out of what hosts apply.
	LocalConfig = "config.kubernetes.io/local-config"
)

func itemPath(o *krm.KubeObject) string {
	return cmp.Or(o.GetAnnotation(pathAnnotation), o.GetAnnotation(legacyPathAnnotation))
}

// outermost is the package around all others of the items, empty but in kpt.
func outermost(items krm.KubeObjects) string {
	root := ""
	for _, item := range items {
		if pkg := item.GetAnnotation(packageAnnotation); pkg != "" && (root == "" || len(pkg) < len(root)) {
			root = pkg
		}
	}
	return root
}

// fileOf is an item's file for people: from the outermost package, since two packages
// may each have one of the same name.
func fileOf(o *krm.KubeObject, root string) string {
	file := itemPath(o)
	if below, ok := strings.CutPrefix(o.GetAnnotation(packageAnnotation), root+"/"); ok && root != "" && file != "" {
		return path.Join(below, file)
	}
	return file
}

func itemIndex(o *krm.KubeObject) int {
	i, err := strconv.Atoi(cmp.Or(o.GetAnnotation(indexAnnotation), o.GetAnnotation(legacyIndexAnnotation)))
	if err != nil {
		return 0
	}
	return i
}

// fromKustomize tells whether kustomize's transformer step handed the item over.
func fromKustomize(o *krm.KubeObject) bool { return o.GetAnnotation(kustomizeID) != "" }
