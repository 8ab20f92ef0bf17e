package cluster_test

import (
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
)

func TestStart(t *testing.T) {
	c, err := cluster.Start()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Stop(); err != nil {
		t.Error(err)
	}
}
