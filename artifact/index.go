package artifact

import (
	"fmt"
	"strings"
)

// maxPlatforms bounds the images of an index: for each, a manifest and a config
// are fetched and kept in the lock.
const maxPlatforms = 16

// platformsOf are the images of an index. What docker's builder stores beside
// them (attestations, of platform unknown/unknown) is left out: no node runs it.
func (m manifest) platformsOf() ([]descriptor, error) {
	var out []descriptor
	for _, d := range m.Manifests {
		if d.Platform != nil && d.Platform.OS == "unknown" && d.Platform.Architecture == "unknown" {
			continue
		}
		switch d.MediaType {
		case typeOCIManifest, typeDockerManifest:
		default:
			return nil, fmt.Errorf("the index lists a manifest of type %q: only images are supported", d.MediaType)
		}
		if _, err := ParseDigest(d.Digest); err != nil {
			return nil, fmt.Errorf("index: %w", err)
		}
		out = append(out, d)
	}
	if len(out) == 0 || len(out) > maxPlatforms {
		return nil, fmt.Errorf("the index lists %d images, 1 to %d are supported", len(out), maxPlatforms)
	}
	return out, nil
}

// deriveIndex derives each image and what they say in common. They must agree
// about the format: one runtime serves them all.
func (a *Artifact) deriveIndex(m manifest) error {
	list, err := m.platformsOf()
	if err != nil {
		return err
	}
	if len(list) != len(a.content.platforms) || a.content.config != nil {
		return fmt.Errorf("%w: the index lists %d images, there are %d", errMismatch, len(list), len(a.content.platforms))
	}
	a.kind = Index
	for i, d := range list {
		image, err := derive(a.reference.At(Digest(d.Digest)), a.content.platforms[i])
		if err != nil {
			return fmt.Errorf("image %s: %w", d.Digest, err)
		}
		if image.kind != Image {
			return fmt.Errorf("image %s: it is a %s: only images are supported in an index", d.Digest, image.kind)
		}
		if i == 0 {
			a.metadata = image.metadata
		}
		if a.metadata.Format != image.metadata.Format {
			return fmt.Errorf("the images of the index are of different formats, %q and %q", a.metadata.Format, image.metadata.Format)
		}
		a.size = max(a.size, image.size)
		a.platforms = append(a.platforms, d.Platform.String())
	}
	return nil
}

// String is os/architecture, with the variant where there is one.
func (p *platform) String() string {
	if p == nil {
		return ""
	}
	return strings.TrimSuffix(p.OS+"/"+p.Architecture+"/"+p.Variant, "/")
}
