package publish

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// Image is Modelcar made by crane, in OCI's media types.
func (p *Publisher) Image(ctx context.Context, path string, car Modelcar) (name.Digest, error) {
	return p.image(ctx, path, car, "linux/amd64", "--oci-empty-base")
}

// DockerImage is Image in Docker's media types (schema 2).
func (p *Publisher) DockerImage(ctx context.Context, path string, car Modelcar) (name.Digest, error) {
	return p.image(ctx, path, car, "linux/amd64")
}

// Index is one Image for amd64 and one for arm64 below an index. Its path is a
// tag; those of the images add the architecture to it.
func (p *Publisher) Index(ctx context.Context, path string, car Modelcar) (name.Digest, error) {
	args := []string{"index", "append"}
	for _, architecture := range []string{"amd64", "arm64"} {
		digest, err := p.image(ctx, path+"-"+architecture, car, "linux/"+architecture, "--oci-empty-base")
		if err != nil {
			return name.Digest{}, err
		}
		args = append(args, "--manifest", digest.String())
	}
	return p.crane(ctx, path, args...)
}

// image appends the files to an empty image and sets the rest in a second step:
// crane has no single one for both. The first is overwritten by it.
func (p *Publisher) image(ctx context.Context, path string, car Modelcar, platform string, base ...string) (name.Digest, error) {
	layer, err := car.archive()
	if err != nil {
		return name.Digest{}, err
	}
	file := filepath.Join(p.home, "layer.tar")
	if err := os.WriteFile(file, layer, 0o644); err != nil {
		return name.Digest{}, err
	}
	empty, err := p.crane(ctx, path, append([]string{"append", "--new_layer", file}, base...)...)
	if err != nil {
		return name.Digest{}, err
	}
	args := []string{"mutate", empty.String(), "--set-platform", platform}
	for _, label := range slices.Sorted(maps.Keys(car.Labels)) {
		args = append(args, "--label", label+"="+car.Labels[label])
	}
	return p.crane(ctx, path, args...)
}

// crane runs a command of it that pushes to a tag, and returns what is there.
func (p *Publisher) crane(ctx context.Context, path string, args ...string) (name.Digest, error) {
	tag, err := p.tag(path)
	if err != nil {
		return name.Digest{}, err
	}
	if args[0] == "append" {
		args = append(args, "--new_tag", tag.String())
	} else {
		args = append(args, "--tag", tag.String())
	}
	if p.server.PlainHTTP() {
		args = append(args, "--insecure")
	}
	if err := p.run(ctx, peer.Crane, args...); err != nil {
		return name.Digest{}, err
	}
	return p.Digest(ctx, path)
}
