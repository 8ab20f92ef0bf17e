package testsign

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
)

// Source is an artifact.Source that holds models in memory: what a registry
// would answer, without one.
type Source struct {
	// Published are the models by URI, without a digest.
	Published map[string]Published
	// Err, when not nil, is all the answer there is.
	Err error

	mu    sync.Mutex
	asked []string
}

// Published is a model with what is attached to it.
type Published struct {
	Model
	Evidence []artifact.Evidence
}

var _ artifact.Source = (*Source)(nil)

// Pin answers by tag, or by digest where the reference is pinned.
func (s *Source) Pin(ctx context.Context, ref artifact.Reference) (artifact.Pinned, error) {
	s.mu.Lock()
	s.asked = append(s.asked, ref.String())
	s.mu.Unlock()
	if s.Err != nil {
		return artifact.Pinned{}, s.Err
	}
	if p, ok := s.Published[ref.String()]; ok && !ref.Pinned() {
		return p.pin(ctx, ref, p.Evidence)
	}
	var found Published
	var evidence []artifact.Evidence
	for _, uri := range slices.Sorted(maps.Keys(s.Published)) {
		p := s.Published[uri]
		// A pinned reference refuses every model but the one it names, and what
		// is attached to that is found whichever tag it has.
		if _, err := p.pin(ctx, ref, nil); ref.Pinned() && err == nil && strings.Contains(uri, "://"+ref.Repository()+":") {
			found, evidence = p, append(evidence, p.Evidence...)
		}
	}
	if found.Manifest != nil {
		slices.SortFunc(evidence, func(a, b artifact.Evidence) int { return bytes.Compare(a.Data, b.Data) })
		return found.pin(ctx, ref, slices.CompactFunc(evidence, func(a, b artifact.Evidence) bool { return bytes.Equal(a.Data, b.Data) }))
	}
	return artifact.Pinned{}, fmt.Errorf("%s: %w", ref, artifact.ErrNotFound)
}

// pin goes through a lock, the one way to an Artifact without a registry.
func (p Published) pin(ctx context.Context, ref artifact.Reference, evidence []artifact.Evidence) (artifact.Pinned, error) {
	return artifact.NewLocked([]v1alpha1.LockedModel{p.Entry(ref.String(), evidence...)}).Pin(ctx, ref)
}

// Asked are the URIs that were asked for, sorted.
func (s *Source) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(slices.Values(s.asked))
}
