package publish

import (
	"context"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// SignLegacy signs with cosign v2 in its default format: a simple-signing
// payload under the tag sha256-<hex>.sig. No transparency log is asked.
func (p *Publisher) SignLegacy(ctx context.Context, key Key, artifact name.Digest) error {
	return p.SignLegacyFor(ctx, key, artifact)
}

// SignLegacyFor is the same with claims (KEY=VALUE) that are signed too.
func (p *Publisher) SignLegacyFor(ctx context.Context, key Key, artifact name.Digest, claims ...string) error {
	return p.run(ctx, peer.Cosign2, p.cosign("sign", artifact, append(annotations(claims), "--key", key.Private, "--tlog-upload=false")...)...)
}

// SignBundle signs with cosign v3 in its default format: a v0.3 bundle that
// refers to the artifact, or stands in its fallback index.
func (p *Publisher) SignBundle(ctx context.Context, key Key, artifact name.Digest) error {
	return p.SignBundleFor(ctx, key, artifact)
}

// SignBundleFor is the same with claims (KEY=VALUE) that are signed too.
func (p *Publisher) SignBundleFor(ctx context.Context, key Key, artifact name.Digest, claims ...string) error {
	offline, err := p.signingConfig(ctx)
	if err != nil {
		return err
	}
	return p.run(ctx, peer.Cosign3, p.cosign("sign", artifact, append(annotations(claims), "--key", key.Private, "--signing-config", offline)...)...)
}

func annotations(claims []string) []string {
	var flags []string
	for _, claim := range claims {
		flags = append(flags, "-a", claim)
	}
	return flags
}

// cosign puts a command together: flags first, the artifact last.
func (p *Publisher) cosign(verb string, artifact name.Digest, flags ...string) []string {
	args := append([]string{verb}, flags...)
	if p.server.PlainHTTP() {
		args = append(args, "--allow-http-registry", "--allow-insecure-registry")
	}
	return append(args, artifact.String())
}

// signingConfig names no service at all, which keeps cosign v3 offline.
func (p *Publisher) signingConfig(ctx context.Context) (string, error) {
	file := filepath.Join(p.home, "signing-config.json")
	if _, err := os.Stat(file); err == nil {
		return file, nil
	}
	return file, p.run(ctx, peer.Cosign3, "signing-config", "create", "--out", file)
}
