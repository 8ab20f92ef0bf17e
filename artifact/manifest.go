package artifact

import (
	"encoding/json"
	"fmt"
)

// manifest is the part of an OCI image manifest or index that is read.
type manifest struct {
	SchemaVersion int               `json:"schemaVersion"`
	MediaType     string            `json:"mediaType"`
	ArtifactType  string            `json:"artifactType"`
	Config        descriptor        `json:"config"`
	Layers        list[descriptor]  `json:"layers"`
	Manifests     list[descriptor]  `json:"manifests"`
	Annotations   map[string]string `json:"annotations"`
}

type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int64             `json:"size"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Platform    *platform         `json:"platform,omitempty"`
	Data        []byte            `json:"data,omitempty"`
}

type platform struct {
	OS           string `json:"os"`
	Architecture string `json:"architecture"`
	Variant      string `json:"variant,omitempty"`
}

const (
	typeOCIManifest    = "application/vnd.oci.image.manifest.v1+json"
	typeOCIIndex       = "application/vnd.oci.image.index.v1+json"
	typeDockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
	typeDockerList     = "application/vnd.docker.distribution.manifest.list.v2+json"
	typeOCIConfig      = "application/vnd.oci.image.config.v1+json"
	typeDockerConfig   = "application/vnd.docker.container.image.v1+json"
	typeKit            = "application/vnd.kitops.modelkit.manifest.v1+json"
	typeKitConfig      = "application/vnd.kitops.modelkit.config.v1+json"
	typePack           = "application/vnd.cncf.model.manifest.v1+json"
	typePackConfig     = "application/vnd.cncf.model.config.v1+json"

	annotationTitle    = "org.opencontainers.image.title"
	annotationVersion  = "org.opencontainers.image.version"
	annotationLicenses = "org.opencontainers.image.licenses"
)

// parseManifest reads a manifest that is an image's or an index's, not both:
// the same bytes must not read as an index to one program and as an image to
// another.
func parseManifest(raw []byte) (manifest, error) {
	var m manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return manifest{}, fmt.Errorf("manifest: %w", err)
	}
	indexed, single := len(m.Manifests) > 0, m.Config.Digest != "" || len(m.Layers) > 0
	switch m.MediaType {
	case typeOCIManifest, typeDockerManifest:
		single = true
	case typeOCIIndex, typeDockerList:
		indexed = true
	case "": // may be absent in an OCI manifest
	default:
		return manifest{}, fmt.Errorf("manifest of type %q is not supported", m.MediaType)
	}
	switch {
	case indexed && single:
		return manifest{}, fmt.Errorf("manifest is both an image and an index")
	case indexed && len(m.Manifests) == 0:
		return manifest{}, fmt.Errorf("the index lists no image")
	case !indexed && m.Config.Digest == "":
		return manifest{}, fmt.Errorf("manifest: neither a config nor a list of images")
	}
	for _, l := range m.Layers {
		if l.Size < 0 || l.Size > maxSize {
			return manifest{}, fmt.Errorf("manifest: layer of %d bytes", l.Size)
		}
	}
	return m, nil
}

// checkType refuses an artifactType of one packer over a config of another: kit
// goes by the former where we go by the latter, and would read another Kitfile.
func (m manifest) checkType() error {
	for artifactType, config := range map[string]string{typeKit: typeKitConfig, typePack: typePackConfig} {
		if m.ArtifactType == artifactType && m.Config.MediaType != config {
			return fmt.Errorf("manifest: artifactType %q over a config of type %q", m.ArtifactType, m.Config.MediaType)
		}
	}
	return nil
}

// maxSize bounds a layer's size, so that a sum of maxList fits an int64.
const maxSize = 1 << 50

func (m manifest) isIndex() bool { return len(m.Manifests) > 0 }

// size is the sum of the layers' sizes in bytes.
func (m manifest) size() int64 {
	var sum int64
	for _, l := range m.Layers {
		sum += l.Size
	}
	return sum
}

// files are the layers by the names that an annotation gives them.
func (m manifest) files(annotation string) []File {
	var out []File
	for _, l := range m.Layers {
		if path := l.Annotations[annotation]; path != "" {
			out = append(out, File{Path: path, Size: l.Size, Digest: l.Digest})
		}
	}
	return out
}
