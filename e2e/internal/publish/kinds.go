package publish

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/google/go-containerregistry/pkg/name"
)

// Kind is one kind of artifact, as its packer makes it.
type Kind string

// All kinds, in the order in which Kinds lists them.
const (
	KindModelKit         Kind = "modelkit"
	KindEverything       Kind = "modelkit-everything"    // parts, code, datasets, docs, prompts, parameters
	KindNestedByTag      Kind = "modelkit-nested-tag"    // adopts the model of another kit, by tag
	KindNestedByDigest   Kind = "modelkit-nested-digest" // the same, by digest
	KindModelPack        Kind = "modelpack"              // kit's: its Kitfile is an annotation
	KindModelPackNested  Kind = "modelpack-nested-tag"   // refers to a kit in that annotation alone
	KindModelPackForeign Kind = "modelpack-foreign"      // without a Kitfile, as other packers make it
	KindImage            Kind = "image"
	KindDockerImage      Kind = "image-docker"
	KindIndex            Kind = "image-index"
	KindPlain            Kind = "plain"
)

// Kinds lists them all.
func Kinds() []Kind {
	return []Kind{
		KindModelKit, KindEverything, KindNestedByTag, KindNestedByDigest,
		KindModelPack, KindModelPackNested, KindModelPackForeign,
		KindImage, KindDockerImage, KindIndex, KindPlain,
	}
}

// KitfileAnnotation holds the Kitfile, as JSON, in a manifest of a ModelPack
// that kit packed.
const KitfileAnnotation = "ml.kitops.modelkit.kitfile"

// What the kinds are made of.
var (
	sampleKit = Kit{
		Name: "fraud", Version: "7.0.0", License: "Apache-2.0", Framework: "sklearn", Format: "joblib",
		Path: "model.joblib", Model: []byte("sample weights"),
	}
	sampleImage = Modelcar{
		Labels: map[string]string{
			"org.opencontainers.image.title": "fraud", "org.opencontainers.image.version": "7.0.0",
			"org.opencontainers.image.licenses": "Apache-2.0",
		},
		Files: map[string][]byte{"model.joblib": []byte("sample weights")},
	}
	samplePlain = Plain{
		Type:        "application/vnd.example.model.v1",
		Annotations: map[string]string{"org.opencontainers.image.version": "7.0.0"},
		File:        "model.joblib",
		Content:     []byte("sample weights"),
	}
)

//go:embed assistant
var assistant embed.FS

// Sample publishes a small artifact of a kind in a repository such as
// models/fraud, under the kind's name as its tag.
func (p *Publisher) Sample(ctx context.Context, kind Kind, repository string) (Artifact, error) {
	path := repository + ":" + string(kind)
	if _, err := p.sample(ctx, kind, path); err != nil {
		return Artifact{}, err
	}
	return p.Artifact(ctx, path)
}

func (p *Publisher) sample(ctx context.Context, kind Kind, path string) (name.Digest, error) {
	switch kind {
	case KindModelKit:
		return p.packKit(ctx, path, sampleKit, p.ModelKit)
	case KindEverything:
		files, err := fs.Sub(assistant, "assistant")
		if err != nil {
			return name.Digest{}, err
		}
		return p.ModelKit(ctx, path, files)
	case KindModelPack:
		return p.packKit(ctx, path, sampleKit, p.ModelPack)
	case KindModelPackForeign:
		return p.foreign(ctx, path)
	case KindNestedByTag, KindNestedByDigest, KindModelPackNested:
		return p.nested(ctx, kind, path)
	case KindImage:
		return p.Image(ctx, path, sampleImage)
	case KindDockerImage:
		return p.DockerImage(ctx, path, sampleImage)
	case KindIndex:
		return p.Index(ctx, path, sampleImage)
	case KindPlain:
		return p.Plain(ctx, path, samplePlain)
	default:
		return name.Digest{}, fmt.Errorf("kind %q: unknown", string(kind))
	}
}
