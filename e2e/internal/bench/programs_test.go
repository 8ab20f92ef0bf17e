package bench_test

import (
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/bench"
	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// TestPrograms: the versions are those of the binaries that run.
func TestPrograms(t *testing.T) {
	modelfn, err := peer.Modelfn()
	if err != nil {
		t.Fatal(err)
	}
	b, err := bench.New(bench.Options{Modelfn: modelfn, Peers: []string{peer.Kustomize, peer.Crane, peer.Kpt}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}()
	programs, err := b.Programs()
	if err != nil {
		t.Fatal(err)
	}
	wants := []bench.Program{
		{Name: "modelfn", Version: "commit "},
		{Name: peer.Kustomize, Version: "sigs.k8s.io/kustomize/kustomize/v5 v5."},
		{Name: peer.Crane, Version: "github.com/google/go-containerregistry v0."},
		{Name: peer.Kpt, Version: "github.com/kptdev/kpt v1."},
	}
	if len(programs) != len(wants) {
		t.Fatalf("%+v, want %d of them", programs, len(wants))
	}
	for i, want := range wants {
		if programs[i].Name != want.Name || !strings.HasPrefix(programs[i].Version, want.Version) {
			t.Errorf("%+v, want %+v...", programs[i], want)
		}
	}
}
