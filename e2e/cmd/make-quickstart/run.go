package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/modelfn/modelfn/e2e/internal/publish"
	"github.com/modelfn/modelfn/e2e/internal/registry"
)

const (
	registryHost = "registry.example.com"
	quickstart   = "examples/quickstart"
)

// run leaves a new key in platform.yaml and a lock that fits it, or the
// example as it was.
func run(ctx context.Context, root, modelfn string) (err error) {
	server, err := registry.StartNamed(registryHost)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	home, err := os.MkdirTemp("", "make-quickstart")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(home)) }() // the private key is in it

	pem, err := publishModels(ctx, publish.New(server, home))
	if err != nil {
		return err
	}
	platform := filepath.Join(root, quickstart, "platform.yaml")
	before, err := os.ReadFile(platform)
	if err != nil {
		return err
	}
	after, err := replaceKey(before, pem)
	if err != nil {
		return fmt.Errorf("%s: %w", platform, err)
	}
	if err := os.WriteFile(platform, after, 0o644); err != nil {
		return err
	}
	if err := lock(ctx, root, modelfn, append(server.Env(), "DOCKER_CONFIG="+home)); err != nil {
		return errors.Join(err, os.WriteFile(platform, before, 0o644))
	}
	return nil
}

// lock runs modelfn where a reader of the example would.
func lock(ctx context.Context, root, modelfn string, env []string) error {
	cmd := exec.CommandContext(ctx, modelfn, "lock", quickstart, "--update")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", cmd, err)
	}
	return nil
}
