package publish

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Artifact is something published, with the bytes that the registry serves.
type Artifact struct {
	Digest   name.Digest // where it is, and what it is pinned by
	Manifest []byte
	Config   []byte // nil for an index, which has none
}

// Artifact reads what a tag such as models/fraud:v7 names now.
func (p *Publisher) Artifact(ctx context.Context, path string) (Artifact, error) {
	tag, err := p.tag(path)
	if err != nil {
		return Artifact{}, err
	}
	descriptor, err := remote.Get(tag, p.remote(ctx)...)
	if err != nil {
		return Artifact{}, fmt.Errorf("%s: %w", tag, err)
	}
	a := Artifact{Digest: tag.Digest(descriptor.Digest.String()), Manifest: descriptor.Manifest}
	var manifest struct{ Config *v1.Descriptor }
	if err := json.Unmarshal(a.Manifest, &manifest); err != nil {
		return Artifact{}, fmt.Errorf("%s: %w", a.Digest, err)
	}
	if manifest.Config == nil {
		return a, nil
	}
	config, err := remote.Layer(tag.Digest(manifest.Config.Digest.String()), p.remote(ctx)...)
	if err != nil {
		return Artifact{}, err
	}
	content, err := config.Compressed() // as it lies there: compressed or not
	if err != nil {
		return Artifact{}, fmt.Errorf("%s: config: %w", a.Digest, err)
	}
	a.Config, err = io.ReadAll(content)
	return a, errors.Join(err, content.Close())
}

// Rewrite publishes an artifact of the same repository once more, under a tag
// such as v8, with its manifest changed: what no packer writes, an attacker may.
func (p *Publisher) Rewrite(ctx context.Context, artifact name.Digest, tag string, change func(manifest map[string]any)) (Artifact, error) {
	descriptor, err := remote.Get(artifact, p.remote(ctx)...)
	if err != nil {
		return Artifact{}, err
	}
	var manifest map[string]any
	if err := json.Unmarshal(descriptor.Manifest, &manifest); err != nil {
		return Artifact{}, fmt.Errorf("%s: %w", artifact, err)
	}
	change(manifest)
	content, err := json.Marshal(manifest)
	if err != nil {
		return Artifact{}, err
	}
	changed := rawManifest{content, descriptor.MediaType}
	if err := remote.Put(artifact.Context().Tag(tag), changed, p.remote(ctx)...); err != nil {
		return Artifact{}, err
	}
	return p.Artifact(ctx, artifact.Context().RepositoryStr()+":"+tag)
}

// rawManifest goes to a registry as it stands.
type rawManifest struct {
	content   []byte
	mediaType types.MediaType
}

// RawManifest implements remote.Taggable.
func (m rawManifest) RawManifest() ([]byte, error) { return m.content, nil }

// MediaType tells remote what to declare.
func (m rawManifest) MediaType() (types.MediaType, error) { return m.mediaType, nil }
