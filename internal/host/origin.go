package host

import (
	"fmt"
	"path/filepath"
	"slices"

	krm "github.com/kptdev/krm-functions-sdk/go/fn"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/yaml"

	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/finding"
)

// originAnnotation is where kustomize, if it is asked to, keeps the file that an
// item was read from. It loses that otherwise, and findings would name no file.
const originAnnotation = "config.kubernetes.io/origin"

// withOrigins asks kustomize for origins. They are in what is built, so only
// what is not emitted may ask for them.
func withOrigins(kustomization []byte) ([]byte, error) {
	var k map[string]any
	if err := yaml.Unmarshal(kustomization, &k); err != nil {
		return nil, fmt.Errorf("kustomization: %w", err)
	}
	list, _ := k["buildMetadata"].([]any)
	if k["buildMetadata"] != nil && list == nil || slices.Contains(list, any(types.OriginAnnotations)) {
		return kustomization, nil // kustomize says what is wrong with it, if anything
	}
	k["buildMetadata"] = append(list, types.OriginAnnotations)
	return yaml.Marshal(k)
}

// placeByOrigin marks each item with the file it came from, as those of a plain
// directory are. Where that is unknown (a generator made it), nothing is said.
func placeByOrigin(items krm.KubeObjects) error {
	for _, item := range items {
		var origin struct{ Repo, Path string }
		text := item.GetAnnotation(originAnnotation)
		if err := yaml.Unmarshal([]byte(text), &origin); err != nil || origin.Repo != "" || origin.Path == "" {
			continue
		}
		if err := item.RemoveAnnotation(originAnnotation); err != nil {
			return fmt.Errorf("%s: %w", item.ShortString(), err)
		}
		if err := item.SetAnnotation(pathAnnotation, filepath.ToSlash(origin.Path)); err != nil {
			return fmt.Errorf("%s: %w", item.ShortString(), err)
		}
	}
	return nil
}

// readIn reads modelfn's objects among items of a directory, and names their
// files as the directory was named: from where modelfn was started.
func readIn(dir string, functionConfig *krm.KubeObject, c contents) (fn.Package, finding.List) {
	p := c.own
	findings := p.Read(functionConfig, c.items)
	// A path upwards starts where a link leads to.
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	for i := range p.Deployments {
		within(dir, &p.Deployments[i].At)
	}
	for i := range p.Platforms {
		within(dir, &p.Platforms[i].At)
	}
	for i := range findings {
		within(dir, &findings[i].Resource)
	}
	return p, findings
}

func within(dir string, r *finding.Resource) {
	if r.File != "" && !filepath.IsAbs(r.File) {
		r.File = filepath.Join(dir, r.File)
	}
}
