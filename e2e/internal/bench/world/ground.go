// Package world makes what the benchmarks run on: a registry with signed
// ModelKits, and the directories that name them, for modelfn and for each peer.
package world

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"

	"github.com/modelfn/modelfn/e2e/internal/publish"
	"github.com/modelfn/modelfn/e2e/internal/registry"
)

// Format is how models are signed.
type Format string

// Formats of signatures.
const (
	Legacy  Format = "legacy"  // cosign v2's, with a key
	Bundle  Format = "bundle"  // cosign v3's, with a key
	Keyless Format = "keyless" // a bundle under a certificate, with a log's proof
)

// Model is a published ModelKit.
type Model struct {
	Name   string // of the deployment: m0000
	URI    string // by tag, as a ModelDeployment names it
	Ref    string // the same without its scheme, as other tools do
	Digest string // sha256:...
}

// Ground is a registry with models that are signed in one format.
type Ground struct {
	Format Format
	Server *registry.Server
	// KeyFile holds the public key of the legacy and bundle formats.
	KeyFile string

	press    *publish.Press
	public   string // the key as PEM
	sigstore *testsign.Sigstore
	delay    atomic.Int64
	models   []Model
}

// NewGround starts a registry of this process: its CPU is not the measured
// programs'. It keeps its key under dir.
func NewGround(ctx context.Context, dir string, format Format, referrers bool) (*Ground, error) {
	g := &Ground{Format: format, KeyFile: filepath.Join(dir, "release.pub"), sigstore: testsign.NewSigstore("bench")}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	opts := []registry.Option{registry.WithMiddleware(g.delayed)}
	if !referrers {
		opts = append(opts, registry.WithoutReferrers())
	}
	var err error
	if g.Server, err = registry.Start(opts...); err != nil {
		return nil, err
	}
	if g.press, err = publish.NewPress(ctx, g.Server); err != nil {
		return nil, errors.Join(err, g.Server.Close())
	}
	if _, err := g.press.Key(g.KeyFile); err != nil {
		return nil, errors.Join(err, g.Server.Close())
	}
	public, err := os.ReadFile(g.KeyFile)
	if err != nil {
		return nil, errors.Join(err, g.Server.Close())
	}
	g.public = string(public)
	return g, nil
}

// Close ends the registry.
func (g *Ground) Close() error { return g.Server.Close() }

// Delay makes each further request wait so long before it is answered.
func (g *Ground) Delay(by time.Duration) { g.delay.Store(int64(by)) }

func (g *Ground) delayed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if by := time.Duration(g.delay.Load()); by > 0 {
			time.Sleep(by)
		}
		next.ServeHTTP(w, r)
	})
}

// Models are the first n models; what is not there yet is published.
func (g *Ground) Models(ctx context.Context, n int) ([]Model, error) {
	more := make([]Model, max(0, n-len(g.models)))
	errs := make([]error, len(more))
	var wg sync.WaitGroup
	slots := make(chan struct{}, 8)
	for i := range more {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			more[i], errs[i] = g.publish(ctx, fmt.Sprintf("m%04d", len(g.models)+i))
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	g.models = append(g.models, more...)
	return g.models[:n], nil
}

func (g *Ground) publish(ctx context.Context, name string) (Model, error) {
	kit, err := g.press.ModelKit(ctx, "models/"+name+":v1")
	if err != nil {
		return Model{}, err
	}
	switch g.Format {
	case Legacy:
		err = g.press.SignLegacy(ctx, kit)
	case Bundle:
		err = g.press.SignBundle(ctx, kit)
	case Keyless:
		digest, wrong := artifact.ParseDigest(kit.DigestStr())
		if wrong != nil {
			return Model{}, wrong
		}
		err = g.press.AttachBundle(ctx, kit, g.keyless(name).Bundle(digest).Data)
	default:
		err = fmt.Errorf("unknown format %q", g.Format)
	}
	ref := kit.Context().Name() + ":v1"
	return Model{Name: name, URI: "kit://" + ref, Ref: ref, Digest: kit.DigestStr()}, err
}

// trainer is the workflow that signs keyless.
var trainer = testsign.Identity{
	Issuer:           "https://token.actions.githubusercontent.com",
	Subject:          "https://github.com/acme/models/.github/workflows/train.yml@refs/heads/main",
	SourceRepository: "https://github.com/acme/models",
}

// keyless signs each model with a key and a certificate of its own, as cosign does.
func (g *Ground) keyless(name string) testsign.Logged {
	signer := g.sigstore.Keyless(trainer)
	signer.Key = testsign.ECDSA("ephemeral " + name)
	return signer
}
