package e2e_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/modelfn/modelfn/e2e/internal/peer"
	"github.com/modelfn/modelfn/e2e/internal/publish"
	"github.com/modelfn/modelfn/e2e/internal/registry"
)

// pressed is a world whose kits and signatures come from a Press: real in every
// byte, and quick.
func pressed(t *testing.T, opts ...registry.Option) (world, *publish.Press) {
	t.Helper()
	server, err := registry.Start(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	modelfn, err := peer.Modelfn()
	if err != nil {
		t.Fatal(err)
	}
	press, err := publish.NewPress(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	key, err := press.Key(filepath.Join(t.TempDir(), "release.pub"))
	if err != nil {
		t.Fatal(err)
	}
	return world{server, publish.New(server, t.TempDir()), key, modelfn}, press
}

// pressing is one of a Press's formats of signatures.
type pressing struct {
	sign   func(*publish.Press, context.Context, name.Digest) error
	verify func(*publish.Publisher, context.Context, publish.Key, name.Digest) error
}

var (
	pressLegacy = pressing{(*publish.Press).SignLegacy, (*publish.Publisher).VerifyLegacy}
	pressBundle = pressing{(*publish.Press).SignBundle, (*publish.Publisher).Verify3}
)

// pressAll publishes a signed kit under each path, and returns one of them.
func pressAll(t *testing.T, press *publish.Press, format pressing, paths []string) (last name.Digest) {
	t.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	slots := make(chan struct{}, 8)
	for _, path := range paths {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			kit, err := press.ModelKit(t.Context(), path)
			if err == nil {
				err = format.sign(press, t.Context(), kit)
			}
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			last = kit
		})
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return last
}
