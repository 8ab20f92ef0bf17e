package publish

import (
	"archive/tar"
	"bytes"
	"context"
	"io"
	"maps"
	"slices"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// Modelcar is an OCI image that carries a model under /models, as KServe
// mounts it. It holds no shell: nothing here starts it.
type Modelcar struct {
	Labels map[string]string
	Files  map[string][]byte // by their path below /models
}

// Modelcar builds the image and pushes it under a tag such as models/fraud:v7.
// The same input gives the same digest.
func (p *Publisher) Modelcar(ctx context.Context, path string, car Modelcar) (name.Digest, error) {
	tag, err := p.tag(path)
	if err != nil {
		return name.Digest{}, err
	}
	image, err := car.image()
	if err != nil {
		return name.Digest{}, err
	}
	if err := remote.Write(tag, image, p.remote(ctx)...); err != nil {
		return name.Digest{}, err
	}
	return p.Digest(ctx, path)
}

func (c Modelcar) image() (v1.Image, error) {
	archive, err := c.archive()
	if err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(archive)), nil
	})
	if err != nil {
		return nil, err
	}
	image, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		return nil, err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", "amd64"
	config.Config.Labels = c.Labels
	return mutate.ConfigFile(image, config)
}

func (c Modelcar) archive() ([]byte, error) {
	var buffer bytes.Buffer
	w := tar.NewWriter(&buffer)
	if err := w.WriteHeader(&tar.Header{Name: "models/", Typeflag: tar.TypeDir, Mode: 0o755}); err != nil {
		return nil, err
	}
	for _, file := range slices.Sorted(maps.Keys(c.Files)) {
		content := c.Files[file]
		header := &tar.Header{Name: "models/" + file, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(content))}
		if err := w.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := w.Write(content); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return buffer.Bytes(), nil
}
