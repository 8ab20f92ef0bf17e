package e2e_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/registry"
)

const (
	many = 1000
	// mostMemory is what a lock of so many models may hold at once.
	mostMemory = 96 << 20
)

// TestScale locks a thousand models of one directory: what that asks of the
// registry, for each model and in all, and what it takes of memory.
func TestScale(t *testing.T) {
	for name, tt := range map[string]struct {
		format pressing
		most   int // requests for one model
	}{
		"legacy signatures": {pressLegacy, 4},
		"bundles":           {pressBundle, 5},
	} {
		t.Run(name, func(t *testing.T) {
			w, press := pressed(t, registry.WithoutReferrers())
			var paths []string
			models := map[string]spec{}
			for i := range many {
				path := fmt.Sprintf("models/m%04d:v1", i)
				paths = append(paths, path)
				models[fmt.Sprintf("m%04d", i)] = spec{"model": w.uri("kit://", path)}
			}
			kit := pressAll(t, press, tt.format, paths)
			if err := tt.format.verify(w.publisher, t.Context(), w.key, kit); err != nil {
				t.Fatalf("the real cosign does not accept what was made here: %v", err)
			}
			app := directory(t, w.platform(t), models)

			asked := len(w.server.Requests())
			memory := w.measured(t, app, "lock")
			requests := w.server.Requests()[asked:]
			t.Logf("lock: %d requests, %.3f for each of %d models; %d MiB at the most", len(requests), float64(len(requests))/many, many, memory>>20)
			if memory > mostMemory {
				t.Errorf("lock held %d MiB, want at most %d", memory>>20, mostMemory>>20)
			}
			wantRequests(t, requests, tt.most)
			if n := len(readLock(t, app)); n != many {
				t.Errorf("%d entries, want %d", n, many)
			}

			file := read(t, filepath.Join(app, lockFile))
			asked = len(w.server.Requests())
			t.Logf("second lock: %d MiB at the most", w.measured(t, app, "lock")>>20)
			t.Logf("build: %d MiB at the most", w.measured(t, app, "build")>>20)
			if more := w.server.Requests()[asked:]; len(more) > 0 {
				t.Errorf("what is locked was asked for again: %q", more)
			}
			if read(t, filepath.Join(app, lockFile)) != file {
				t.Error("the second lock changed the file")
			}
		})
	}
}

// measured is the memory that a run of modelfn took.
func (w world) measured(t *testing.T, dir string, args ...string) int64 {
	t.Helper()
	result, memory := host.Measure(t, host.Command{Path: w.modelfn, Args: args, Dir: dir, Env: w.server.Env()})
	stdout(t, result)
	return memory
}

// wantRequests bounds what was asked about each model. Beside them stands what
// is asked once for the registry: whether it wants a password, and whether it
// has the referrers API.
func wantRequests(t *testing.T, requests []string, most int) {
	t.Helper()
	each, referrers, pings := map[string]int{}, 0, 0
	for _, r := range requests {
		model, _, ok := strings.Cut(strings.TrimPrefix(r, "GET /v2/models/"), "/")
		switch {
		case r == "GET /v2/":
			pings++
		case strings.Contains(r, "/referrers/"):
			referrers++
		case !ok:
			t.Errorf("request %q", r)
		default:
			each[model]++
		}
	}
	t.Logf("beside the models: %d for the password, %d for the referrers API", pings, referrers)
	if pings != 1 || referrers != 1 {
		t.Errorf("asked %d times about the password and %d times about the referrers API, want each once", pings, referrers)
	}
	for model, n := range each {
		if n > most {
			t.Errorf("%d requests about %s, want at most %d", n, model, most)
		}
	}
}
