package lock

import (
	"errors"
	"fmt"

	"github.com/modelfn/modelfn/api/v1alpha1"
)

// ErrAmbiguous says that two locks resolve one URI to different digests: nothing
// tells which is right.
var ErrAmbiguous = errors.New("locks disagree")

// Index finds entries in a package's locks.
type Index struct {
	byName map[string][]*v1alpha1.ModelLock
	byURI  map[string][]located
}

type located struct {
	entry *v1alpha1.LockedModel
	lock  string
}

// NewIndex indexes locks.
func NewIndex(locks []*v1alpha1.ModelLock) Index {
	x := Index{map[string][]*v1alpha1.ModelLock{}, map[string][]located{}}
	for _, l := range locks {
		x.byName[l.Metadata.Name] = append(x.byName[l.Metadata.Name], l)
		for i := range l.Spec.Models {
			e := &l.Spec.Models[i]
			x.byURI[e.URI] = append(x.byURI[e.URI], located{e, l.Metadata.Name})
		}
	}
	return x
}

// For looks up the entries that a deployment uses: its inline lock's, else those
// of the lock made for it, else any lock's that has the URI (kustomize may have
// renamed the deployment since). An entry that is not there is nil. Where the
// inline lock and a file, or two locks of others, disagree about a URI, the error
// wraps ErrAmbiguous.
func (x Index) For(d *v1alpha1.ModelDeployment) func(uri string) (*v1alpha1.LockedModel, error) {
	own := Name(d.Metadata.Name, URIs(d))
	return func(uri string) (*v1alpha1.LockedModel, error) {
		all := x.byURI[uri]
		if d.Spec.Lock != nil {
			if e := entry(d.Spec.Lock.Models, uri); e != nil {
				return agreed(uri, append([]located{{e, "spec.lock"}}, all...))
			}
		}
		// Two namespaces may each have a deployment of this name; kustomize may
		// have set the namespace since.
		var here, elsewhere []located
		for _, l := range x.byName[own] {
			e := entry(l.Spec.Models, uri)
			switch {
			case e == nil:
			case l.Metadata.Namespace == d.Metadata.Namespace:
				here = append(here, located{e, l.Metadata.Name})
			default:
				elsewhere = append(elsewhere, located{e, l.Metadata.Namespace + "/" + l.Metadata.Name})
			}
		}
		for _, list := range [][]located{here, elsewhere, all} {
			if len(list) > 0 {
				return agreed(uri, list)
			}
		}
		return nil, nil
	}
}

// agreed is the first of the entries, if the others name its digest.
func agreed(uri string, all []located) (*v1alpha1.LockedModel, error) {
	first := all[0]
	for _, other := range all[1:] {
		if other.entry.Digest != first.entry.Digest {
			return nil, fmt.Errorf("%w: %s is locked to %s by %s and to %s by %s",
				ErrAmbiguous, uri, first.entry.Digest, first.lock, other.entry.Digest, other.lock)
		}
	}
	return first.entry, nil
}

func entry(models []v1alpha1.LockedModel, uri string) *v1alpha1.LockedModel {
	for i := range models {
		if models[i].URI == uri {
			return &models[i]
		}
	}
	return nil
}
