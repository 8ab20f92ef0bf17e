package publish

import (
	"context"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// Attach lets oras attach a file to an artifact, under a media type.
func (p *Publisher) Attach(ctx context.Context, artifact name.Digest, file, mediaType string, content []byte) error {
	// oras takes the file's name from its path, which must be a relative one.
	if err := os.WriteFile(filepath.Join(p.home, file), content, 0o644); err != nil {
		return err
	}
	args := []string{"attach", artifact.String(), "--artifact-type", mediaType, file + ":" + mediaType}
	if p.server.PlainHTTP() {
		args = append(args, "--plain-http")
	}
	return p.run(ctx, peer.Oras, args...)
}
