package publish

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// document is an image manifest of one layer, with its blobs.
type document struct {
	artifactType  string
	config, layer blob
	subject       *v1.Descriptor
}

type blob struct {
	mediaType   types.MediaType
	content     []byte
	annotations map[string]string
}

var emptyConfig = blob{"application/vnd.oci.empty.v1+json", []byte("{}"), nil}

// push pushes the blobs, and what names them under a tag; under its own digest
// where there is none.
func (p *Press) push(ctx context.Context, tag name.Tag, d document) (name.Digest, error) {
	config, err := p.upload(ctx, tag.Repository, d.config)
	if err != nil {
		return name.Digest{}, err
	}
	layer, err := p.upload(ctx, tag.Repository, d.layer)
	if err != nil {
		return name.Digest{}, err
	}
	content, err := json.Marshal(struct {
		SchemaVersion int             `json:"schemaVersion"`
		MediaType     types.MediaType `json:"mediaType"`
		ArtifactType  string          `json:"artifactType,omitempty"`
		Config        v1.Descriptor   `json:"config"`
		Layers        []v1.Descriptor `json:"layers"`
		Subject       *v1.Descriptor  `json:"subject,omitempty"`
	}{2, types.OCIManifestSchema1, d.artifactType, config, []v1.Descriptor{layer}, d.subject})
	if err != nil {
		return name.Digest{}, err
	}
	digest := tag.Digest(describe(blob{content: content}).Digest.String())
	var to name.Reference = digest
	if tag.TagStr() != "" {
		to = tag
	}
	if err := p.pusher.Put(ctx, to, rawManifest{content, types.OCIManifestSchema1}); err != nil {
		return name.Digest{}, fmt.Errorf("%s: %w", to, err)
	}
	return digest, nil
}

func (p *Press) upload(ctx context.Context, repository name.Repository, b blob) (v1.Descriptor, error) {
	if err := p.pusher.Upload(ctx, repository, static.NewLayer(b.content, b.mediaType)); err != nil {
		return v1.Descriptor{}, fmt.Errorf("%s: %w", repository, err)
	}
	return describe(b), nil
}

func describe(b blob) v1.Descriptor {
	return v1.Descriptor{
		MediaType: b.mediaType, Size: int64(len(b.content)), Annotations: b.annotations,
		Digest: v1.Hash{Algorithm: "sha256", Hex: fmt.Sprintf("%x", sha256.Sum256(b.content))},
	}
}
