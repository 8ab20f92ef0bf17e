// Package publish fills a registry the way model teams do: ModelKits and
// ModelPacks packed with kit, images made with crane, artifacts pushed with
// oras, and signatures and attestations made with cosign v2 and v3, all offline
// and with keys of its own.
package publish

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/modelfn/modelfn/e2e/internal/peer"
	"github.com/modelfn/modelfn/e2e/internal/registry"
)

// Publisher publishes to one registry.
type Publisher struct {
	server *registry.Server
	home   string
}

// New takes the registry to fill and an empty directory, which becomes the
// tools' home: kit's storage, cosign's caches and no one's credentials.
func New(server *registry.Server, home string) *Publisher {
	return &Publisher{server, home}
}

// Digest asks the registry what a tag such as models/fraud:v7 names now.
func (p *Publisher) Digest(ctx context.Context, path string) (name.Digest, error) {
	tag, err := p.tag(path)
	if err != nil {
		return name.Digest{}, err
	}
	descriptor, err := remote.Head(tag, p.remote(ctx)...)
	if err != nil {
		return name.Digest{}, fmt.Errorf("%s: %w", tag, err)
	}
	return tag.Digest(descriptor.Digest.String()), nil
}

func (p *Publisher) tag(path string) (name.Tag, error) {
	return name.NewTag(p.server.Host()+"/"+path, name.StrictValidation)
}

func (p *Publisher) remote(ctx context.Context) []remote.Option { return p.server.Remote(ctx) }

// run runs a peer. Whatever it prints belongs to the error when it fails.
func (p *Publisher) run(ctx context.Context, tool string, args ...string) error {
	binary, err := peer.Path(tool)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Dir = p.home
	cmd.Env = append(os.Environ(),
		"HOME="+p.home,
		"DOCKER_CONFIG="+filepath.Join(p.home, ".docker"),
		"COSIGN_PASSWORD="+password,
		"COSIGN_YES=true",
	)
	cmd.Env = append(cmd.Env, p.server.Env()...)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %q: %w\n%s", tool, args, err, output.Bytes())
	}
	return nil
}
