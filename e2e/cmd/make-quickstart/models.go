package main

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/modelfn/modelfn/e2e/internal/publish"
)

//go:embed models
var models embed.FS

// publishModels pushes both versions and signs the older one in cosign's legacy
// format and the newer as a bundle: a registry in use holds both. It returns
// the public key.
func publishModels(ctx context.Context, publisher *publish.Publisher) (string, error) {
	key, err := publisher.NewKey(ctx, "release")
	if err != nil {
		return "", err
	}
	for _, model := range []struct {
		version string
		sign    func(context.Context, publish.Key, name.Digest) error
	}{
		{"v7", publisher.SignLegacy},
		{"v8", publisher.SignBundle},
	} {
		files, err := fs.Sub(models, "models/"+model.version)
		if err != nil {
			return "", err
		}
		digest, err := publisher.ModelKit(ctx, "models/fraud:"+model.version, files)
		if err != nil {
			return "", err
		}
		if err := model.sign(ctx, key, digest); err != nil {
			return "", err
		}
		fmt.Fprintln(os.Stderr, "signed", model.version, digest)
	}
	return key.PublicPEM()
}
