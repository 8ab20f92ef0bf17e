package publish

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// AttestLegacy attaches a signed in-toto statement about the artifact with cosign
// v2 in its default format: an envelope under the tag sha256-<hex>.att. The type
// is a URI or one of cosign's words, such as slsaprovenance1.
func (p *Publisher) AttestLegacy(ctx context.Context, key Key, artifact name.Digest, predicateType string, predicate any) error {
	return p.attest(ctx, peer.Cosign2, artifact, predicateType, predicate, "--key", key.Private, "--tlog-upload=false")
}

// AttestBundle2 is the same as a v0.3 bundle by cosign v2.
func (p *Publisher) AttestBundle2(ctx context.Context, key Key, artifact name.Digest, predicateType string, predicate any) error {
	return p.attest(ctx, peer.Cosign2, artifact, predicateType, predicate, "--key", key.Private, "--tlog-upload=false", "--new-bundle-format=true")
}

// Attest is the same by cosign v3, which makes bundles. It is no signature:
// cosign's verify takes it for one all the same.
func (p *Publisher) Attest(ctx context.Context, key Key, artifact name.Digest, predicateType string, predicate any) error {
	offline, err := p.signingConfig(ctx)
	if err != nil {
		return err
	}
	return p.attest(ctx, peer.Cosign3, artifact, predicateType, predicate, "--key", key.Private, "--signing-config", offline)
}

func (p *Publisher) attest(ctx context.Context, cosign string, artifact name.Digest, predicateType string, predicate any, flags ...string) error {
	content, err := json.Marshal(predicate)
	if err != nil {
		return err
	}
	file := filepath.Join(p.home, "predicate.json")
	if err := os.WriteFile(file, content, 0o644); err != nil {
		return err
	}
	return p.run(ctx, cosign, p.cosign("attest", artifact, append(flags, "--type", predicateType, "--predicate", file)...)...)
}
