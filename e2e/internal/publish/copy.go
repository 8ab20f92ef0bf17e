package publish

import (
	"context"

	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// Copy copies what a path of this registry names, such as models/toy:v1, to
// another one, as crane does: alone, without what is said about it.
func (p *Publisher) Copy(ctx context.Context, from, to string) error {
	return p.copy(ctx, peer.Crane, from, to, "--insecure")
}

// CopyLegacy copies it with its legacy signatures and attestations, as cosign
// does. Bundles stay behind, with cosign v3 too.
func (p *Publisher) CopyLegacy(ctx context.Context, from, to string) error {
	return p.copy(ctx, peer.Cosign2, from, to, "--allow-http-registry", "--allow-insecure-registry")
}

// CopyReferrers copies it with what refers to it, as oras does: bundles.
func (p *Publisher) CopyReferrers(ctx context.Context, from, to string) error {
	return p.copy(ctx, peer.Oras, from, to, "--from-plain-http", "--to-plain-http")
}

func (p *Publisher) copy(ctx context.Context, tool, from, to string, plainHTTP ...string) error {
	args := []string{"copy"}
	if tool == peer.Oras {
		args = append(args, "--recursive")
	}
	if p.server.PlainHTTP() {
		args = append(args, plainHTTP...)
	}
	return p.run(ctx, tool, append(args, p.server.Host()+"/"+from, p.server.Host()+"/"+to)...)
}
