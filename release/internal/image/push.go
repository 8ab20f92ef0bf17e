package image

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// Push pushes a layout that Build wrote, with what is attached, and returns where
// it is. Without a tag it gets its version's.
func Push(ctx context.Context, dir, to string, options ...remote.Option) (name.Digest, error) {
	path, err := layout.FromPath(dir)
	if err != nil {
		return name.Digest{}, fmt.Errorf("%s: %w (`make image` writes it)", dir, err)
	}
	list, version, artifacts, err := readLayout(path)
	if err != nil {
		return name.Digest{}, fmt.Errorf("%s: %w", dir, err)
	}
	if strings.HasSuffix(version, "-dirty") {
		return name.Digest{}, fmt.Errorf("%s: %s was built with changes that are not committed: nobody can build it again, so it is not pushed", dir, version)
	}
	tag, err := name.NewTag(to, name.WithDefaultTag(version))
	if err != nil {
		return name.Digest{}, err
	}
	pusher, err := remote.NewPusher(append(options, remote.WithContext(ctx))...)
	if err != nil {
		return name.Digest{}, err
	}
	digest, err := list.Digest()
	if err != nil {
		return name.Digest{}, err
	}
	// The tag last: whoever sees it sees all of it.
	where := tag.Context().Digest(digest.String())
	if err := pusher.Push(ctx, where, list); err != nil {
		return name.Digest{}, fmt.Errorf("%s: %w", where, err)
	}
	for _, a := range artifacts {
		about, err := a.Digest()
		if err != nil {
			return name.Digest{}, err
		}
		if err := pusher.Push(ctx, tag.Context().Digest(about.String()), a); err != nil {
			return name.Digest{}, fmt.Errorf("%s: what is attached: %w", where, err)
		}
	}
	if err := pusher.Push(ctx, tag, list); err != nil {
		return name.Digest{}, fmt.Errorf("%s: %w", tag, err)
	}
	return where, nil
}

// readLayout finds the index and the artifacts in a layout.
func readLayout(path layout.Path) (list v1.ImageIndex, version string, artifacts []v1.Image, err error) {
	all, err := path.ImageIndex()
	if err != nil {
		return nil, "", nil, err
	}
	manifest, err := all.IndexManifest()
	if err != nil {
		return nil, "", nil, err
	}
	for _, d := range manifest.Manifests {
		switch {
		case d.MediaType.IsIndex() && list == nil:
			version = d.Annotations[refName]
			list, err = all.ImageIndex(d.Digest)
		case d.ArtifactType == spdxJSON:
			var artifact v1.Image
			artifact, err = all.Image(d.Digest)
			artifacts = append(artifacts, artifact)
		default:
			err = fmt.Errorf("%s: not expected in the layout of an image", d.Digest)
		}
		if err != nil {
			return nil, "", nil, err
		}
	}
	if list == nil || version == "" || len(artifacts) == 0 {
		return nil, "", nil, errors.New("no index with a version, or nothing attached to it")
	}
	return list, version, artifacts, nil
}
