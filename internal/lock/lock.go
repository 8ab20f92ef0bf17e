// Package lock reads and writes the lock: which entries a deployment uses, and
// the file modelfn.lock.yaml, in which each ModelDeployment of a directory has
// one ModelLock.
package lock

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/pattern"
)

// FileName is the lock's name in its directory.
const FileName = "modelfn.lock.yaml"

// Name is a ModelLock's name: the deployment's and a hash of its URIs, so that
// a base's lock and an overlay's never have the same.
func Name(deployment string, uris []string) string {
	uris = slices.Sorted(slices.Values(uris))
	sum := sha256.Sum256([]byte(strings.Join(uris, "\n")))
	return deployment + "-" + hex.EncodeToString(sum[:4])
}

// Deployment is the deployment in a name that Name made.
func Deployment(name string) string { return suffix.ReplaceAllString(name, "") }

var suffix = pattern.New(`-[0-9a-f]{8}$`)

// URIs are the models, their adapters and the container images that a deployment
// names, sorted, each once.
func URIs(d *v1alpha1.ModelDeployment) []string {
	uris := []string{d.Spec.Model}
	adapters := slices.Clone(d.Spec.LLM.Adapters())
	containers := d.Spec.Predictor.Containers()
	for _, c := range []*v1alpha1.Canary{d.Spec.Canary, d.Spec.Shadow} {
		if c == nil {
			continue
		}
		if c.Model != "" {
			uris = append(uris, c.Model)
		}
		adapters = append(adapters, c.LLM.Adapters()...)
		containers = append(containers, c.Predictor.Containers()...)
	}
	for _, c := range []*v1alpha1.Component{d.Spec.Transformer, d.Spec.Explainer} {
		if c != nil {
			containers = append(containers, c.Containers...)
		}
	}
	for _, a := range adapters {
		uris = append(uris, a.Model)
	}
	for _, c := range containers {
		uris = append(uris, c.Image)
	}
	slices.Sort(uris)
	return slices.Compact(uris)
}

// Digest is sha256:<hex> over what the entries say, by URI, whatever file they
// stand in.
func Digest(sums map[string]string) string {
	raw, err := json.Marshal(sums) // sorted by URI
	if err != nil {
		panic(err) // strings always marshal
	}
	sum := sha256.Sum256(raw)
	return "sha256:" + hex.EncodeToString(sum[:])
}
