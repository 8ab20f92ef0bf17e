package world_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/bench/stopwatch"
	"github.com/modelfn/modelfn/e2e/internal/bench/world"
	"github.com/modelfn/modelfn/e2e/internal/peer"
)

func TestMain(m *testing.M) {
	stopwatch.InBetween()
	os.Exit(m.Run())
}

// TestDirectory: modelfn locks and renders what is made here, in each format and
// layout.
func TestDirectory(t *testing.T) {
	modelfn, err := peer.Modelfn()
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []world.Format{world.Legacy, world.Bundle, world.Keyless} {
		ground, err := world.NewGround(t.Context(), t.TempDir(), format, format == world.Bundle)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = ground.Close() })
		for _, layout := range []world.Layout{world.One, world.Each, world.Image} {
			t.Run(string(format)+" "+string(layout), func(t *testing.T) {
				plan := world.Plan{Layout: layout, N: 2}
				if format == world.Keyless {
					plan.Engine = "None"
				}
				d, err := ground.Write(t.Context(), t.TempDir(), plan)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := stopwatch.Run(t.Context(), d.Lock(modelfn)); err != nil {
					t.Fatal(err)
				}
				job := d.Build(modelfn)
				job.Output = filepath.Join(t.TempDir(), "output")
				if _, err := stopwatch.Run(t.Context(), job); err != nil {
					t.Fatal(err)
				}
				rendered, err := world.ReadRendered(job.Output)
				if err != nil || len(rendered) != 2 {
					t.Errorf("%d deployments rendered, want 2 (%v)", len(rendered), err)
				}
			})
		}
	}
}
