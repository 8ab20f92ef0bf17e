package publish

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing/fstest"

	"github.com/google/go-containerregistry/pkg/name"
	"sigs.k8s.io/yaml"

	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// Kit is a small ModelKit with one model.
type Kit struct {
	Name, Version, License string
	Framework, Format      string // what the Kitfile says of its model
	// Path is the model's file, or the reference of another ModelKit whose
	// model this one adopts.
	Path  string
	Model []byte // the file's content; empty for a reference
}

// Files is the directory to pack: the Kitfile and what it names.
func (k Kit) Files() (fs.FS, error) {
	kitfile, err := yaml.Marshal(map[string]any{
		"manifestVersion": "1.0.0",
		"package":         given{"name": k.Name, "version": k.Version, "license": k.License}.set(),
		"model": given{
			"name": k.Name, "version": k.Version, "license": k.License,
			"framework": k.Framework, "format": k.Format, "path": k.Path,
		}.set(),
	})
	if err != nil {
		return nil, err
	}
	files := fstest.MapFS{"Kitfile": {Data: kitfile, Mode: 0o644}}
	if k.Model != nil {
		files[k.Path] = &fstest.MapFile{Data: k.Model, Mode: 0o644}
	}
	return files, nil
}

// given is a mapping whose empty values stand for absent ones.
type given map[string]string

func (g given) set() map[string]string {
	set := map[string]string{}
	for key, value := range g {
		if value != "" {
			set[key] = value
		}
	}
	return set
}

// ModelKit packs a directory that holds a Kitfile and pushes it under a tag
// such as models/fraud:v7. kit stamps the time of packing into the manifest:
// the digest differs each time.
func (p *Publisher) ModelKit(ctx context.Context, path string, files fs.FS) (name.Digest, error) {
	return p.pack(ctx, path, files)
}

// ModelPack is ModelKit in the CNCF's format.
func (p *Publisher) ModelPack(ctx context.Context, path string, files fs.FS) (name.Digest, error) {
	return p.pack(ctx, path, files, "--use-model-pack")
}

func (p *Publisher) pack(ctx context.Context, path string, files fs.FS, flags ...string) (name.Digest, error) {
	tag, err := p.tag(path)
	if err != nil {
		return name.Digest{}, err
	}
	dir, err := os.MkdirTemp(p.home, "pack")
	if err != nil {
		return name.Digest{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := os.CopyFS(dir, files); err != nil {
		return name.Digest{}, err
	}
	storage := []string{"--config", filepath.Join(p.home, "kitops"), "--progress", "none"}
	pack := append([]string{"pack", dir, "--tag", tag.String()}, flags...)
	if err := p.run(ctx, peer.Kit, append(pack, storage...)...); err != nil {
		return name.Digest{}, err
	}
	push := []string{"push", tag.String()}
	if p.server.PlainHTTP() {
		push = append(push, "--plain-http")
	}
	if err := p.run(ctx, peer.Kit, append(push, storage...)...); err != nil {
		return name.Digest{}, err
	}
	return p.Digest(ctx, path)
}

// RawKit is ModelKit with each file as a layer of its own, as it is.
func (p *Publisher) RawKit(ctx context.Context, path string, files fs.FS) (name.Digest, error) {
	return p.pack(ctx, path, files, "--layer-format", "raw")
}

// RawPack is RawKit in the CNCF's format.
func (p *Publisher) RawPack(ctx context.Context, path string, files fs.FS) (name.Digest, error) {
	return p.pack(ctx, path, files, "--layer-format", "raw", "--use-model-pack")
}

// ZippedKit is ModelKit with compressed archives as layers.
func (p *Publisher) ZippedKit(ctx context.Context, path string, files fs.FS) (name.Digest, error) {
	return p.pack(ctx, path, files, "--compression", "gzip")
}
