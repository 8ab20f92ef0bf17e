package publish

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/google/go-containerregistry/pkg/name"
)

type packer func(ctx context.Context, path string, files fs.FS) (name.Digest, error)

// packKit packs a small kit in one format or the other.
func (p *Publisher) packKit(ctx context.Context, path string, kit Kit, pack packer) (name.Digest, error) {
	files, err := kit.Files()
	if err != nil {
		return name.Digest{}, err
	}
	return pack(ctx, path, files)
}

// nested publishes the inner kit beside the outer one: its tag adds -inner.
func (p *Publisher) nested(ctx context.Context, kind Kind, path string) (name.Digest, error) {
	inner, err := p.tag(path + "-inner")
	if err != nil {
		return name.Digest{}, err
	}
	digest, err := p.packKit(ctx, path+"-inner", sampleKit, p.ModelKit)
	if err != nil {
		return name.Digest{}, err
	}
	outer := Kit{Name: "fraud-tuned", Version: "7.1.0", License: "Apache-2.0", Framework: "sklearn", Path: inner.String()}
	pack := p.ModelKit
	switch kind {
	case KindNestedByDigest:
		outer.Path = digest.String()
	case KindModelPackNested:
		pack = p.ModelPack
	}
	return p.packKit(ctx, path, outer, pack)
}

// foreign takes the Kitfile away that kit puts into every ModelPack: it has no
// flag against it, and no other packer can be built from the module proxy.
func (p *Publisher) foreign(ctx context.Context, path string) (name.Digest, error) {
	packed, err := p.packKit(ctx, path, sampleKit, p.ModelPack)
	if err != nil {
		return name.Digest{}, err
	}
	tag, err := p.tag(path)
	if err != nil {
		return name.Digest{}, err
	}
	artifact, err := p.Rewrite(ctx, packed, tag.TagStr(), func(manifest map[string]any) {
		delete(manifest["annotations"].(map[string]any), KitfileAnnotation)
	})
	if err != nil {
		return name.Digest{}, fmt.Errorf("%s: %w", path, err)
	}
	return artifact.Digest, nil
}
