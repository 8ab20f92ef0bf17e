package bench_test

import (
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/bench"
)

// results of which each figure can be reckoned by hand.
var results = bench.Results{
	Machine: bench.Machine{CPU: "a CPU", Cores: 2, Memory: "4 GiB", Kernel: "Linux 6", Go: "1.26", Date: "2026-01-02", Load: "0.10"},
	Binary:  40e6,
	Measurements: bench.Measurements{
		{Contest: bench.Locked, N: 1, Who: bench.OursBuild, CPU: 10, Peak: 41 << 20, Runs: 5},
		{Contest: bench.Locked, N: 1, Who: bench.HelmOnce, CPU: 40, Runs: 5},
		{Contest: bench.Locked, N: 100, Who: bench.OursBuild, CPU: 100, Runs: 5},
		{Contest: bench.Locked, N: 1000, Who: bench.OursBuild, CPU: 1000, Wall: 600, Peak: 96 << 20, Output: 2e6, Runs: 5},
		{Contest: bench.Locked, N: 1000, Who: bench.HelmOnce, CPU: 1250, Runs: 5},
		{Contest: bench.Lock, N: 1000, Who: bench.OursLock, CPU: 300, Wall: 900, Requests: 4002, Runs: 5},
		{Contest: bench.Lock, N: 1000, Who: bench.KbldResolve, CPU: 400, Runs: 5},
		{Contest: bench.Lock, N: 1000, Who: bench.CosignVerify, CPU: 600, Runs: 5},
		{Contest: bench.Formats, N: 1000, Who: bench.KeyBundle, CPU: 500, Runs: 5},
		{Contest: bench.Formats, N: 1000, Who: bench.Keyless, CPU: 2000, Runs: 5},
	},
}

func TestGoals(t *testing.T) {
	got := map[string]string{}
	for _, g := range bench.Goals {
		figure, verdict, _ := g.Verdict(results)
		got[g.What] = strings.TrimSpace(figure + ": " + verdict)
	}
	for start, want := range map[string]string{
		"one model, locked and verified: CPU":                  "10 ms: met",
		"one model, of `helm template`":                        "0.25: met",
		"one model, peak memory":                               "41 MiB: missed: 1.02 times as much",
		"size of the binary":                                   "40 MB: missed: 1.25 times as much",
		"1000 models, locked and verified, of `helm template`": "0.8: missed: 1.6 times as much",
		"1000 models, peak memory":                             "96 MiB: met",
		"exponent of CPU":                                      "1: met",
		"locking 1000 models, of kbld":                         "0.3: met",
		"locking 1000 models, requests":                        "4: met",
		"locking 1000 models with 25 ms":                       ": not measured",
		"100 models in kustomize":                              ": not measured",
		"a keyless signature":                                  "1.5 ms: missed: 1.5 times as much",
	} {
		found := false
		for what, verdict := range got {
			if strings.HasPrefix(what, start) {
				found = true
				if verdict != want {
					t.Errorf("%s: %q, want %q", what, verdict, want)
				}
			}
		}
		if !found {
			t.Errorf("there is no goal %q", start)
		}
	}
	if len(got) != 12 {
		t.Errorf("%d goals, want 12", len(got))
	}
}

func TestSections(t *testing.T) {
	sections := results.Sections()
	for name, want := range map[string]string{
		bench.Locked: "| CPU in ms, N models | 1 | 100 | 1000 | exponent | wall | memory | output | runs |\n" +
			"|---|---|---|---|---|---|---|---|---|\n" +
			"| modelfn build | 10 | 100 | 1000 | 1.00 | 0.6 s | 96 MiB | 2.0 MB | 5 |\n" +
			"| helm template, one release for N | 40 (x 4) |  | 1250 (x 1.25) |  | 0 s | 0 MiB | 0.0 kB | 5 |\n",
		bench.Inside: "Not measured.\n",
		"machine": "2026-01-02: a CPU, 2 cores, 4 GiB of memory, Linux 6, Go 1.26. Load before the first run: 0.10.\n\n" +
			"| program | version |\n|---|---|\n",
	} {
		if sections[name] != want {
			t.Errorf("%s:\n%swant\n%s", name, sections[name], want)
		}
	}
}
