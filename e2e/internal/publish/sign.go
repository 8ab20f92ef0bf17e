package publish

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// SignLegacy signs with cosign v2 in its default format: a simple-signing
// payload under the tag sha256-<hex>.sig. No transparency log is asked.
func (p *Publisher) SignLegacy(ctx context.Context, key Key, artifact name.Digest) error {
	return p.run(ctx, peer.Cosign2, p.cosign("sign", artifact, "--key", key.Private, "--tlog-upload=false")...)
}

// SignBundle signs with cosign v3 in its default format: a v0.3 bundle that
// refers to the artifact, or stands in its fallback index.
func (p *Publisher) SignBundle(ctx context.Context, key Key, artifact name.Digest) error {
	offline, err := p.signingConfig(ctx)
	if err != nil {
		return err
	}
	return p.run(ctx, peer.Cosign3, p.cosign("sign", artifact, "--key", key.Private, "--signing-config", offline)...)
}

// Attest attaches a signed in-toto statement about the artifact with cosign v3,
// as a bundle. It is no signature: cosign's verify takes it for one all the same.
func (p *Publisher) Attest(ctx context.Context, key Key, artifact name.Digest, predicateType string, predicate any) error {
	offline, err := p.signingConfig(ctx)
	if err != nil {
		return err
	}
	content, err := json.Marshal(predicate)
	if err != nil {
		return err
	}
	file := filepath.Join(p.home, "predicate.json")
	if err := os.WriteFile(file, content, 0o644); err != nil {
		return err
	}
	return p.run(ctx, peer.Cosign3, p.cosign("attest", artifact,
		"--key", key.Private, "--signing-config", offline, "--type", predicateType, "--predicate", file)...)
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
