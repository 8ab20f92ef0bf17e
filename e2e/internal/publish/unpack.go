package publish

import (
	"context"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// Unpack unpacks a kit into an empty directory, as a pod does: with nothing in
// kit's own storage, which it would look into before it asks a registry.
func (p *Publisher) Unpack(ctx context.Context, kit name.Digest, dir string, flags ...string) error {
	storage, err := os.MkdirTemp(p.home, "unpack")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(storage) }()
	args := []string{"unpack", kit.String(), "--dir", dir, "--config", filepath.Join(storage, "kitops"), "--progress", "none"}
	args = append(args, flags...)
	if p.server.PlainHTTP() {
		args = append(args, "--plain-http")
	}
	return p.run(ctx, peer.Kit, args...)
}
