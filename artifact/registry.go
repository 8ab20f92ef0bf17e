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
	wants  func(Pinned) Wants
	// heavy has room for as many as may hold much at once.
	heavy chan struct{}
}

var _ Source = (*Registry)(nil)

// NewRegistry makes a Registry with the platform's exceptions. Credentials come
// from the docker configuration and go only to the registry they belong to.
// Evidence is fetched while the function still wants some; nil fetches all there
// is.
func NewRegistry(exceptions []v1alpha1.Registry, wants func(Pinned) Wants) (*Registry, error) {
	hosts := make([]distribution.Host, len(exceptions))
	for i, e := range exceptions {
		hosts[i] = distribution.Host{Name: e.Host, PlainHTTP: e.PlainHTTP, CABundle: e.CABundle, Mirror: e.Mirror}
	}
	client, err := distribution.New(hosts)
	if err != nil {
		return nil, err
	}
	if wants == nil {
		wants = func(Pinned) Wants { return Wants{Signatures: true, Attestations: true} }
	}
	return &Registry{client, wants, make(chan struct{}, heavy)}, nil
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
	c, m, err := r.manifest(ctx, ref)
	if err != nil {
		return content{}, err
	}
	if !m.isIndex() {
		c.config, err = r.config(ctx, ref, m)
		return c, err
	}
	list, err := m.platformsOf()
	if err != nil {
		return content{}, err
	}
	left := maxIndex
	for _, d := range list {
		image, m, err := r.manifest(ctx, ref.At(Digest(d.Digest)))
		if err == nil && m.isIndex() {
			// Not followed: a chain of them has no end.
			err = fmt.Errorf("an index in an index is not supported")
		}
		if err == nil {
			image.config, err = r.config(ctx, ref, m)
		}
		if left -= len(image.manifest) + len(image.config); err == nil && left < 0 {
			err = fmt.Errorf("the images of the index have more than %d bytes of manifests and configs", maxIndex)
		}
		if err != nil {
			return content{}, fmt.Errorf("image %s: %w", d.Digest, err)
		}
		c.platforms = append(c.platforms, image)
	}
	return c, nil
}

func (r *Registry) manifest(ctx context.Context, ref Reference) (content, manifest, error) {
	raw, err := r.client.Manifest(ctx, ref.Repository(), ref.identifier())
	if err != nil {
		return content{}, manifest{}, err
	}
	m, err := parseManifest(raw)
	return content{manifest: raw}, m, err
}

// config fetches a config of the size that the manifest says.
func (r *Registry) config(ctx context.Context, ref Reference, m manifest) ([]byte, error) {
	if m.Config.Size > light {
		select {
		case r.heavy <- struct{}{}:
			defer func() { <-r.heavy }()
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
		}
	}
	raw, err := r.client.Blob(ctx, ref.Repository(), m.Config.Digest, min(max(m.Config.Size, 0), maxConfig))
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	return raw, nil
}
