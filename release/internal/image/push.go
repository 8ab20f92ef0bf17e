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

// Push pushes a layout that Build wrote, with what is attached, and returns where it
// is. It has no tag then: it can be signed before anybody looks it up. A tag in the
// name is what Tag will give it.
func Push(ctx context.Context, dir, to string, options ...remote.Option) (name.Digest, error) {
	p, err := prepare(dir, to)
	if err != nil {
		return name.Digest{}, err
	}
	pusher, err := remote.NewPusher(append(options, remote.WithContext(ctx))...)
	if err != nil {
		return name.Digest{}, err
	}
	if err := pusher.Push(ctx, p.where, p.list); err != nil {
		return name.Digest{}, fmt.Errorf("%s: %w", p.where, err)
	}
	for _, a := range p.artifacts {
		about, err := a.Digest()
		if err != nil {
			return name.Digest{}, err
		}
		if err := pusher.Push(ctx, p.where.Context().Digest(about.String()), a); err != nil {
			return name.Digest{}, fmt.Errorf("%s: what is attached: %w", p.where, err)
		}
	}
	return p.where, nil
}

// Tag lets a tag name what Push pushed: without one in the name, its version.
func Tag(ctx context.Context, dir, to string, options ...remote.Option) (name.Tag, error) {
	p, err := prepare(dir, to)
	if err != nil {
		return name.Tag{}, err
	}
	options = append(options, remote.WithContext(ctx))
	pushed, err := remote.Get(p.where, options...)
	if err != nil {
		return name.Tag{}, fmt.Errorf("%s: %w (`release push` pushes it)", p.where, err)
	}
	if err := remote.Tag(p.tag, pushed, options...); err != nil {
		return name.Tag{}, fmt.Errorf("%s: %w", p.tag, err)
	}
	return p.tag, nil
}

// prepared is what is pushed, and where to.
type prepared struct {
	list      v1.ImageIndex
	artifacts []v1.Image
	where     name.Digest
	tag       name.Tag
}

func prepare(dir, to string) (prepared, error) {
	path, err := layout.FromPath(dir)
	if err != nil {
		return prepared{}, fmt.Errorf("%s: %w (`make image` writes it)", dir, err)
	}
	list, version, artifacts, err := readLayout(path)
	if err != nil {
		return prepared{}, fmt.Errorf("%s: %w", dir, err)
	}
	if strings.HasSuffix(version, "-dirty") {
		return prepared{}, fmt.Errorf("%s: %s was built with changes that are not committed: nobody can build it again, so it is not pushed", dir, version)
	}
	tag, err := name.NewTag(to, name.WithDefaultTag(version))
	if err != nil {
		return prepared{}, err
	}
	digest, err := list.Digest()
	if err != nil {
		return prepared{}, err
	}
	return prepared{list, artifacts, tag.Context().Digest(digest.String()), tag}, nil
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
