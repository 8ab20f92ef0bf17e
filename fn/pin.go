package fn

import (
	"context"
	"fmt"

	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/trust"
)

// Pinned is one URI, pinned and judged.
type Pinned struct {
	Pinned  artifact.Pinned
	Verdict trust.Verdict
	// Err says why it could not be pinned.
	Err error
}

// Pin pins a version from the source and verifies it.
func Pin(ctx context.Context, source artifact.Source, platform *model.Platform, v *model.Version) {
	r := pin(ctx, source, platform, v.Spec.Model)
	v.Artifact, v.Verdict, v.Err = r.Pinned.Artifact, r.Verdict, r.Err
}

// pin never asks the source for a repository that no trust rule names: a
// ModelDeployment must not be able to make us contact any host it likes.
func pin(ctx context.Context, source artifact.Source, platform *model.Platform, uri string) Pinned {
	ref, err := artifact.ParseReference(uri)
	if err != nil {
		return Pinned{Err: fmt.Errorf("%q: %w", uri, err)}
	}
	if platform.Trust.Rule(ref.Repository()) == nil {
		return Pinned{Err: fmt.Errorf("%s: %w: %s", ref, trust.ErrNoRule, ref.Repository())}
	}
	pinned, err := source.Pin(ctx, ref)
	if err != nil {
		return Pinned{Err: err}
	}
	return Pinned{Pinned: pinned, Verdict: platform.Trust.Verify(pinned.Artifact, pinned.Evidence)}
}
