// Package image builds modelfn's container image, without a container engine and
// so that one commit gives one digest: an index of an image per platform, each
// with its bill of materials attached, in an OCI layout.
package image

import (
	"maps"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/modelfn/modelfn/release/internal/source"
)

// Name is where releases are published.
const Name = "ghcr.io/modelfn/modelfn"

// architectures of the image, in the index's order.
var architectures = []string{"amd64", "arm64"}

// describe are the labels of an image, and the annotations of all manifests:
// registries show one, engines the other.
func describe(src source.Source) map[string]string {
	return map[string]string{
		"org.opencontainers.image.title":         "modelfn",
		"org.opencontainers.image.description":   "Pins, verifies and renders ML models: a KRM function and command-line tool",
		"org.opencontainers.image.url":           "https://github.com/modelfn/modelfn",
		"org.opencontainers.image.source":        "https://github.com/modelfn/modelfn",
		"org.opencontainers.image.documentation": "https://github.com/modelfn/modelfn/blob/main/docs/image.md",
		"org.opencontainers.image.licenses":      "Apache-2.0",
		"org.opencontainers.image.version":       src.Version,
		"org.opencontainers.image.revision":      src.Revision,
		"org.opencontainers.image.created":       src.Time.Format(timestamp),
	}
}

const timestamp = "2006-01-02T15:04:05Z"

// of makes the image of one platform.
func of(src source.Source, platform v1.Platform, binary []byte) (v1.Image, error) {
	content, err := layer(binary, src.Time)
	if err != nil {
		return nil, err
	}
	created := v1.Time{Time: src.Time}
	img := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	img, err = mutate.Append(img, mutate.Addendum{Layer: content, History: v1.History{Created: created, CreatedBy: "make image"}})
	if err != nil {
		return nil, err
	}
	config, err := img.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture, config.Created = platform.OS, platform.Architecture, created
	config.Config = v1.Config{
		User:       nobody,
		Entrypoint: []string{Binary},
		// Engines have a default; a plugin of Argo CD's is started by its name.
		Env:    []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
		Labels: maps.Clone(describe(src)),
	}
	if img, err = mutate.ConfigFile(img, config); err != nil {
		return nil, err
	}
	return mutate.Annotations(img, describe(src)).(v1.Image), nil
}

// index lists the images by their platforms.
func index(src source.Source, images []v1.Image) (v1.ImageIndex, error) {
	var addenda []mutate.IndexAddendum
	for _, img := range images {
		platform, err := platformOf(img)
		if err != nil {
			return nil, err
		}
		addenda = append(addenda, mutate.IndexAddendum{Add: img, Descriptor: v1.Descriptor{Platform: platform}})
	}
	list := mutate.AppendManifests(mutate.IndexMediaType(empty.Index, types.OCIImageIndex), addenda...)
	return mutate.Annotations(list, describe(src)).(v1.ImageIndex), nil
}

func platformOf(img v1.Image) (*v1.Platform, error) {
	config, err := img.ConfigFile()
	if err != nil {
		return nil, err
	}
	return config.Platform(), nil
}
