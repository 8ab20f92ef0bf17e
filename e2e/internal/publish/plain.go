package publish

import (
	"context"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// Plain is an OCI artifact that says no more of itself than its type: its config
// is empty, and its one layer a file.
type Plain struct {
	Type        string // artifactType
	Annotations map[string]string
	File        string
	Content     []byte
}

// Plain pushes one with oras, which stamps the time into its manifest unless
// org.opencontainers.image.created is given.
func (p *Publisher) Plain(ctx context.Context, path string, plain Plain) (name.Digest, error) {
	tag, err := p.tag(path)
	if err != nil {
		return name.Digest{}, err
	}
	// oras takes the file's name from its path, which must be a relative one.
	if err := os.WriteFile(filepath.Join(p.home, plain.File), plain.Content, 0o644); err != nil {
		return name.Digest{}, err
	}
	args := []string{"push", tag.String(), plain.File + ":application/octet-stream", "--artifact-type", plain.Type}
	for key, value := range plain.Annotations {
		args = append(args, "--annotation", key+"="+value)
	}
	if p.server.PlainHTTP() {
		args = append(args, "--plain-http")
	}
	if err := p.run(ctx, peer.Oras, args...); err != nil {
		return name.Digest{}, err
	}
	return p.Digest(ctx, path)
}
