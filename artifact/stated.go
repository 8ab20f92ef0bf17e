package artifact

import (
	"context"
	"fmt"
	"strings"
)

// Stated is the Source of references that say all there is to know: a commit of
// a hub, or a path into storage. It opens no socket. There is no evidence about
// such an artifact, and only a rule that says so lets it in.
type Stated struct{}

var _ Source = Stated{}

// Pin takes the reference at its word; a branch of a hub is refused, since what
// it names changes.
func (Stated) Pin(_ context.Context, ref Reference) (Pinned, error) {
	switch {
	case ref.scheme == HuggingFace && ref.commit():
		return Pinned{Artifact: Artifact{reference: ref, kind: HubModel, revision: ref.revision}}, nil
	case ref.scheme == HuggingFace:
		repository := strings.TrimPrefix(ref.location, string(HuggingFace)+"://")
		return Pinned{}, fmt.Errorf("%s: revision %q moves: name a commit, %s:COMMIT; `git ls-remote https://huggingface.co/%s %s` prints it",
			ref, ref.revision, ref.location, repository, ref.revision)
	case ref.scheme.isOCI():
		return Pinned{}, fmt.Errorf("%s: %w", ref, ErrNotLocked)
	}
	return Pinned{Artifact: Artifact{reference: ref, kind: Storage}}, nil
}

// Routed sends references to OCI artifacts to one Source and others to another.
type Routed struct{ OCI, Other Source }

var _ Source = Routed{}

// Pin asks the source that fits the scheme.
func (r Routed) Pin(ctx context.Context, ref Reference) (Pinned, error) {
	if ref.scheme.isOCI() {
		return r.OCI.Pin(ctx, ref)
	}
	return r.Other.Pin(ctx, ref)
}
