package artifact

import (
	"context"
	"fmt"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/distribution"
)

// Registry is the Source that asks registries. It keeps one client, so that
// connections and tokens are reused.
type Registry struct {
	client *distribution.Client
	enough func(Pinned) bool
}

var _ Source = (*Registry)(nil)

// NewRegistry makes a Registry with the platform's exceptions. Credentials come
// from the docker configuration and go only to the registry they belong to.
// Evidence is fetched until there is enough; nil fetches all there is.
func NewRegistry(exceptions []v1alpha1.Registry, enough func(Pinned) bool) (*Registry, error) {
	hosts := make([]distribution.Host, len(exceptions))
	for i, e := range exceptions {
		hosts[i] = distribution.Host{Name: e.Host, PlainHTTP: e.PlainHTTP, CABundle: e.CABundle, Mirror: e.Mirror}
	}
	client, err := distribution.New(hosts)
	if err != nil {
		return nil, err
	}
	if enough == nil {
		enough = func(Pinned) bool { return false }
	}
	return &Registry{client, enough}, nil
}

// Pin resolves the reference once; everything after goes by the digest.
func (r *Registry) Pin(ctx context.Context, ref Reference) (Pinned, error) {
	c, err := r.content(ctx, ref)
	if err != nil {
		return Pinned{}, fmt.Errorf("%s: %w", ref, err)
	}
	artifact, err := derive(ref, c)
	if err != nil {
		return Pinned{}, fmt.Errorf("%s: %w", ref, err)
	}
	p := Pinned{Artifact: artifact}
	if err := r.attach(ctx, &p); err != nil {
		return Pinned{}, fmt.Errorf("%s: evidence: %w", ref, err)
	}
	return p, nil
}

// Resolve asks what a reference is now, and for nothing else.
func (r *Registry) Resolve(ctx context.Context, ref Reference) (Digest, error) {
	raw, err := r.client.Manifest(ctx, ref.Repository(), ref.identifier())
	if err != nil {
		return "", fmt.Errorf("%s: %w", ref, err)
	}
	return DigestOf(raw), nil
}

// content fetches what an artifact is derived from: a manifest and its config,
// or of an index those of each image.
func (r *Registry) content(ctx context.Context, ref Reference) (content, error) {
	raw, err := r.client.Manifest(ctx, ref.Repository(), ref.identifier())
	if err != nil {
		return content{}, err
	}
	m, err := parseManifest(raw)
	if err != nil {
		return content{}, err
	}
	c := content{manifest: raw}
	if !m.isIndex() {
		c.config, err = r.client.Blob(ctx, ref.Repository(), m.Config.Digest, maxConfig)
		if err != nil {
			return content{}, fmt.Errorf("config: %w", err)
		}
		return c, nil
	}
	list, err := m.platformsOf()
	if err != nil {
		return content{}, err
	}
	for _, d := range list {
		image, err := r.content(ctx, ref.At(Digest(d.Digest)))
		if err != nil {
			return content{}, fmt.Errorf("image %s: %w", d.Digest, err)
		}
		if image.platforms != nil {
			return content{}, fmt.Errorf("image %s: an index in an index is not supported", d.Digest)
		}
		c.platforms = append(c.platforms, image)
	}
	return c, nil
}
