// Package lock reads and writes the lock: which entries a deployment uses, and
// the file modelfn.lock.yaml, in which each ModelDeployment of a directory has
// one ModelLock.
package lock

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
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

// URIs are the model URIs that a deployment names, sorted, each once.
func URIs(d *v1alpha1.ModelDeployment) []string {
	uris := []string{d.Spec.Model}
	for _, c := range []*v1alpha1.Canary{d.Spec.Canary, d.Spec.Shadow} {
		if c != nil && c.Model != "" {
			uris = append(uris, c.Model)
		}
	}
	slices.Sort(uris)
	return slices.Compact(uris)
}

// Select picks the entries a deployment uses: its inline lock's, else those of
// the lock made for it, else any lock's that has the URI (kustomize may have
// renamed the deployment since). Locks that disagree about a URI, the inline one
// and a file for instance, are an error: nothing says which is right.
func Select(d *v1alpha1.ModelDeployment, locks []*v1alpha1.ModelLock) ([]v1alpha1.LockedModel, error) {
	uris := URIs(d)
	own := Name(d.Metadata.Name, uris)
	var out []v1alpha1.LockedModel
	for _, uri := range uris {
		var found *v1alpha1.LockedModel
		from := ""
		if d.Spec.Lock != nil {
			found = entry(d.Spec.Lock.Models, uri)
		}
		if found != nil {
			for _, l := range locks {
				if e := entry(l.Spec.Models, uri); e != nil && e.Digest != found.Digest {
					return nil, fmt.Errorf("%s is locked to %s by spec.lock and to %s by %s", uri, found.Digest, e.Digest, l.Metadata.Name)
				}
			}
		}
		if found == nil {
			for _, l := range locks {
				if l.Metadata.Name == own {
					found = cmp.Or(found, entry(l.Spec.Models, uri))
				}
			}
		}
		if found == nil {
			for _, l := range locks {
				e := entry(l.Spec.Models, uri)
				switch {
				case e == nil:
				case found == nil:
					found, from = e, l.Metadata.Name
				case found.Digest != e.Digest:
					return nil, fmt.Errorf("%s is locked to %s by %s and to %s by %s", uri, found.Digest, from, e.Digest, l.Metadata.Name)
				}
			}
		}
		if found != nil {
			out = append(out, *found)
		}
	}
	return out, nil
}

func entry(models []v1alpha1.LockedModel, uri string) *v1alpha1.LockedModel {
	for i := range models {
		if models[i].URI == uri {
			return &models[i]
		}
	}
	return nil
}

// Digest is sha256:<hex> over the entries, whatever file they stand in.
func Digest(entries []v1alpha1.LockedModel) string {
	sorted := slices.Clone(entries)
	slices.SortFunc(sorted, func(a, b v1alpha1.LockedModel) int { return cmp.Compare(a.URI, b.URI) })
	raw, err := json.Marshal(sorted)
	if err != nil {
		panic(err) // strings, numbers and bytes always marshal
	}
	sum := sha256.Sum256(raw)
	return "sha256:" + hex.EncodeToString(sum[:])
}
