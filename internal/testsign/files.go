package testsign

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
)

// ModelPredicate is the predicate type of OpenSSF Model Signing.
const ModelPredicate = "https://model_signing/signature/v1.0"

// File is a file of a model.
type File struct {
	Path, Content string
	// MediaType of its layer, where that is not the kind's own.
	MediaType string
	// Annotations of its layer beside its path.
	Annotations map[string]string
}

// FilesStatement is what model_signing signs: the files, sorted by path.
func FilesStatement(files ...File) []byte {
	type resource struct {
		Name      string `json:"name"`
		Algorithm string `json:"algorithm"`
		Digest    string `json:"digest"`
	}
	resources := []resource{}
	root := sha256.New()
	for _, f := range slices.SortedFunc(slices.Values(files), func(a, b File) int { return strings.Compare(a.Path, b.Path) }) {
		sum := sha256.Sum256([]byte(f.Content))
		root.Write(sum[:])
		resources = append(resources, resource{f.Path, "sha256", hex.EncodeToString(sum[:])})
	}
	return marshal(map[string]any{
		"_type":         "https://in-toto.io/Statement/v1",
		"subject":       []any{map[string]any{"name": "model", "digest": map[string]string{"sha256": hex.EncodeToString(root.Sum(nil))}}},
		"predicateType": ModelPredicate,
		"predicate": map[string]any{
			"resources": resources,
			"serialization": map[string]any{
				"method": "files", "hash_type": "sha256", "allow_symlinks": false,
				"ignore_paths": []string{"model.sig", ".git", ".gitattributes", ".github", ".gitignore"},
			},
		},
	})
}

// ModelSignature is what model_signing makes of a folder with a key.
func (k Key) ModelSignature(files ...File) artifact.Evidence {
	return k.SignStatement(FilesStatement(files...))
}

// SignStatement is a bundle of any statement.
func (k Key) SignStatement(statement []byte) artifact.Evidence {
	return Envelope(k.hint(), InToto, statement, k.SignEnvelope(InToto, statement))
}

// ModelSignature is what model_signing makes of a folder without a key of its
// own.
func (l Logged) ModelSignature(files ...File) artifact.Evidence {
	return l.Envelope(InToto, FilesStatement(files...))
}

// SignatureFile is a model signature as a file among the others.
func SignatureFile(e artifact.Evidence) File { return File{Path: "model.sig", Content: string(e.Data)} }

// RawPack is a ModelPack whose layers are files as they are.
func RawPack(name, format string, files ...File) Model {
	m := ofFiles("ModelPack", typePack, typePackConfig, "application/vnd.cncf.model.weight.v1.raw", annotationPath, marshal(map[string]any{
		"descriptor": map[string]any{"name": name}, "config": map[string]any{"format": format},
		"modelfs": map[string]any{"type": "layers", "diffIds": []string{}},
	}), files)
	m.Summary.Name, m.Summary.Format = name, format
	return m
}

// RawKit is a ModelKit whose layers are files as they are (kit pack
// --layer-format raw). Where base is not empty, its Kitfile adopts that kit's
// model too.
func RawKit(base string, files ...File) Model {
	m := ofFiles("ModelKit", typeKit, TypeKitConfig, "application/vnd.kitops.modelkit.model.v1.raw", annotationPath,
		marshal(map[string]any{"model": map[string]any{"framework": "sklearn", "path": base}}), files)
	m.Summary.Format = "sklearn"
	if base != "" {
		m.Summary.References = []string{"kit://" + base}
	}
	return m
}

// Titled is an OCI artifact of files, as oras pushes them.
func Titled(files ...File) Model {
	return ofFiles("Artifact", "application/vnd.example.model.v1", "application/vnd.oci.empty.v1+json", "application/vnd.oci.image.layer.v1.tar", annotationTitle, []byte("{}"), files)
}

const (
	annotationPath  = "org.cncf.model.filepath"
	annotationTitle = "org.opencontainers.image.title"
)

func ofFiles(kind, artifactType, configType, layerType, annotation string, config []byte, files []File) Model {
	m := Model{Config: config, Summary: v1alpha1.LockedModel{Kind: kind}}
	manifest := imageManifest{SchemaVersion: 2, MediaType: TypeManifest, ArtifactType: artifactType, Config: describe(configType, config)}
	for _, f := range files {
		d := describe(layerType, []byte(f.Content))
		if f.MediaType != "" {
			d.MediaType = f.MediaType
		}
		d.Annotations = map[string]string{}
		maps.Copy(d.Annotations, f.Annotations)
		if f.Path != "" {
			d.Annotations[annotation] = f.Path
			m.Summary.Files = append(m.Summary.Files, v1alpha1.LockedFile{Path: f.Path, Size: int64(d.Size), Digest: string(d.Digest)})
		}
		manifest.Layers = append(manifest.Layers, d)
		m.Summary.Size += int64(d.Size)
		m.Files = append(m.Files, []byte(f.Content))
	}
	m.Manifest = marshal(manifest)
	return m
}
