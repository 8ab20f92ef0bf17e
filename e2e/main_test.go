package e2e_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// Clusters that tests share. Where no controller runs, an object stays as it was
// applied; kserve has KServe's controller managers and their webhooks.
var (
	bare   = cluster.Shared{KServe: peer.KServe020}
	kserve = cluster.Shared{KServe: peer.KServe020, Options: []cluster.Option{cluster.WithKServe(), cluster.WithLLM()}}

	// The same of the older version.
	bare017   = cluster.Shared{KServe: peer.KServe017}
	kserve017 = cluster.Shared{KServe: peer.KServe017, Options: []cluster.Option{cluster.WithKServe()}}

	// What holds every namespace to a platform's rules has clusters of its own, by
	// the platform of generators/testdata/admission.yaml.
	guarded = map[string]*cluster.Shared{"knative": {KServe: peer.KServe020}, "standard": {KServe: peer.KServe020}}

	// managed are those with a manager, by the version of KServe.
	managed = map[string]*cluster.Shared{"0.17": &kserve017, "0.20": &kserve}
)

func TestMain(m *testing.M) {
	host.MeasureInBetween()
	code := m.Run()
	for _, c := range slices.Concat([]*cluster.Shared{&bare, &kserve, &bare017, &kserve017}, slices.Collect(maps.Values(guarded))) {
		if err := c.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	os.Exit(code)
}
