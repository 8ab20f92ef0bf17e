package publish

import (
	"context"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// VerifyLegacy asks cosign v2 for a legacy signature by the key.
func (p *Publisher) VerifyLegacy(ctx context.Context, key Key, artifact name.Digest) error {
	return p.run(ctx, peer.Cosign2, p.cosign("verify", artifact, "--key", key.Public, "--insecure-ignore-tlog")...)
}

// VerifyBundle2 asks cosign v2 for a bundle by the key. It wants a trusted root
// even though a key needs none, and downloads one unless it is given.
func (p *Publisher) VerifyBundle2(ctx context.Context, key Key, artifact name.Digest) error {
	root := filepath.Join(p.home, "trusted-root.json")
	if err := os.WriteFile(root, []byte(emptyTrustedRoot), 0o644); err != nil {
		return err
	}
	return p.run(ctx, peer.Cosign2, p.cosign("verify", artifact,
		"--key", key.Public, "--insecure-ignore-tlog", "--new-bundle-format", "--trusted-root", root)...)
}

// Verify3 asks cosign v3, which looks for a bundle first and for a legacy
// signature after.
func (p *Publisher) Verify3(ctx context.Context, key Key, artifact name.Digest) error {
	return p.run(ctx, peer.Cosign3, p.cosign("verify", artifact, "--key", key.Public, "--insecure-ignore-tlog")...)
}

const emptyTrustedRoot = `{"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1"}`
