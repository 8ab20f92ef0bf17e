package e2e_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
	"github.com/modelfn/modelfn/e2e/internal/host"
)

// Clusters that tests share. Where no controller runs, an object stays as it was
// applied; kserve has KServe's controller managers and their webhooks.
var (
	bare   cluster.Shared
	kserve = cluster.Shared{Options: []cluster.Option{cluster.WithKServe(), cluster.WithLLM()}}
)

func TestMain(m *testing.M) {
	host.MeasureInBetween()
	code := m.Run()
	for _, c := range []*cluster.Shared{&bare, &kserve} {
		if err := c.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	os.Exit(code)
}
