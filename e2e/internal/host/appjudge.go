package host

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// AppJudge is Argo CD's application controller, by its own code.
type AppJudge struct {
	// Kubeconfig leads to the cluster, where there is one.
	Kubeconfig string
	// ServerSide is the sync option ServerSideApply=true.
	ServerSide bool
	// Settings is a file with the ConfigMap argocd-cm; none are those of a new
	// installation.
	Settings string
}

// Compared tells whether an object is out of sync: as it lives, and as another sync
// would make it, in JSON.
type Compared struct {
	OutOfSync       bool
	Live, Predicted json.RawMessage
}

// Health is what Argo CD makes of a live object. Without a status it knows none for
// that kind, and waits for nothing.
type Health struct{ Status, Message string }

// Synced is an object in a sync, Status and HookPhase as in the Application's status.
type Synced struct {
	ResourceKey struct{ Group, Kind, Namespace, Name string }
	Status      string
	HookPhase   string
	Message     string
}

// Syncing is what a sync has come to.
type Syncing struct {
	Phase, Message string
	Results        []Synced
}

// Apply applies a stream of objects, in its order; what the API server refuses fails
// the test.
func (j AppJudge) Apply(tb testing.TB, stream string) {
	tb.Helper()
	for _, answer := range answers[struct{ Message, Error string }](tb, j, "apply", stream) {
		if answer.Error != "" {
			tb.Errorf("applying: %s", answer.Error)
		}
	}
}

// Diff compares a stream of objects with those in the cluster.
func (j AppJudge) Diff(tb testing.TB, stream string) []Compared {
	tb.Helper()
	return answers[Compared](tb, j, "diff", stream)
}

// Health tells that of a stream of live objects.
func (j AppJudge) Health(tb testing.TB, stream string) []Health {
	tb.Helper()
	return answers[Health](tb, j, "health", stream)
}

// Step takes the next step of a sync to a stream of objects, with pruning. The file
// holds its state from step to step; after a sync is complete, the next begins.
func (j AppJudge) Step(tb testing.TB, state, stream string) Syncing {
	tb.Helper()
	all := answers[Syncing](tb, j, "step", stream, "-state", state)
	if len(all) != 1 {
		tb.Fatalf("app-judge step: %d answers", len(all))
	}
	return all[0]
}

func answers[T any](tb testing.TB, j AppJudge, command, stream string, flags ...string) []T {
	tb.Helper()
	args := append([]string{command, "-kubeconfig", j.Kubeconfig, "-settings", j.Settings}, flags...)
	if j.ServerSide {
		args = append(args, "-server-side")
	}
	result := Run(tb, Command{Path: Peer(tb, peer.AppJudge), Args: args, Stdin: stream})
	if result.ExitCode != 0 {
		tb.Fatalf("app-judge %s: exit %d: %s", command, result.ExitCode, result.Stderr)
	}
	var all []T
	for decoder := json.NewDecoder(strings.NewReader(result.Stdout)); ; {
		var answer T
		if err := decoder.Decode(&answer); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			tb.Fatal(err)
		}
		all = append(all, answer)
	}
}
