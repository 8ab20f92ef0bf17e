package image

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/modelfn/modelfn/release/internal/source"
)

// refName is the annotation by which a layout's reader finds a tag.
const refName = "org.opencontainers.image.ref.name"

// Built is what was written.
type Built struct {
	Version string
	Digest  v1.Hash // of the index
	// Layout is a directory with everything. Archive is what `docker load` reads:
	// the image of one platform, this machine's if it is among them.
	Layout, Archive string
}

func (b Built) String() string {
	return fmt.Sprintf("%s:%s@%s\n%s (oras cp --from-oci-layout -r %s:%s ..., podman pull oci:...)\n%s (docker load -i, podman load -i)",
		Name, b.Version, b.Digest, b.Layout, b.Layout, b.Version, b.Archive)
}

// Build compiles the commit and writes the layout to a directory, and the archive
// beside it. A layout that is there already is replaced.
func Build(ctx context.Context, src source.Source, gocmd, out string) (Built, error) {
	work, err := os.MkdirTemp("", "image")
	if err != nil {
		return Built{}, err
	}
	defer os.RemoveAll(work)
	var all parts
	for _, arch := range architectures {
		binary := filepath.Join(work, arch)
		if err := compile(ctx, src, gocmd, arch, binary); err != nil {
			return Built{}, err
		}
		content, err := os.ReadFile(binary)
		if err != nil {
			return Built{}, err
		}
		if err := all.add(src, arch, content); err != nil {
			return Built{}, fmt.Errorf("linux/%s: %w", arch, err)
		}
	}
	return all.write(src, out)
}

// parts are the images, and what is attached to each.
type parts struct {
	images   []v1.Image
	attached []v1.Image
	bills    []document
}

func (p *parts) add(src source.Source, arch string, binary []byte) error {
	img, err := of(src, v1.Platform{OS: "linux", Architecture: arch}, binary)
	if err != nil {
		return err
	}
	content, err := bill(src, img, binary)
	if err != nil {
		return fmt.Errorf("bill of materials: %w", err)
	}
	d := document{"modelfn-linux-" + arch + ".spdx.json", content}
	artifact, err := attach(src, img, d)
	p.images, p.bills, p.attached = append(p.images, img), append(p.bills, d), append(p.attached, artifact)
	return err
}

// write writes the layout and the archive. To the index all bills are attached
// once more: a tag names the index, and that is what people ask about.
func (p *parts) write(src source.Source, out string) (Built, error) {
	list, err := index(src, p.images)
	if err != nil {
		return Built{}, err
	}
	digest, err := list.Digest()
	if err != nil {
		return Built{}, err
	}
	artifact, err := attach(src, list, p.bills...)
	if err != nil {
		return Built{}, err
	}
	fresh, err := fresh(out)
	if err != nil {
		return Built{}, err
	}
	path, err := layout.Write(fresh, empty.Index)
	if err != nil {
		return Built{}, err
	}
	if err := path.AppendIndex(list, layout.WithAnnotations(map[string]string{refName: src.Version})); err != nil {
		return Built{}, err
	}
	for _, a := range append(p.attached, artifact) {
		if err := path.AppendImage(a); err != nil {
			return Built{}, err
		}
	}
	built := Built{Version: src.Version, Digest: digest, Layout: out, Archive: out + ".tar"}
	return built, errors.Join(replace(fresh, out), p.archive(src, built.Archive))
}

// fresh is an empty directory beside the one that is wanted, which may be there
// already if it is a layout.
func fresh(out string) (string, error) {
	if _, err := os.Stat(filepath.Join(out, "oci-layout")); errors.Is(err, fs.ErrNotExist) {
		// Removes it if it is empty: nothing else may be taken away.
		if err := os.Remove(out); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("%s is no OCI layout, and is not replaced by one: %w", out, err)
		}
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return "", err
	}
	return os.MkdirTemp(filepath.Dir(out), filepath.Base(out)+".new")
}

func replace(fresh, out string) error {
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	if err := os.Chmod(fresh, 0o755); err != nil {
		return err
	}
	return os.Rename(fresh, out)
}

// archive writes the image that this machine runs.
func (p *parts) archive(src source.Source, out string) error {
	tag, err := name.NewTag(Name + ":" + src.Version)
	if err != nil {
		return err
	}
	img := p.images[0]
	for i, arch := range architectures {
		if arch == runtime.GOARCH {
			img = p.images[i]
		}
	}
	return tarball.WriteToFile(out, tag, img)
}
