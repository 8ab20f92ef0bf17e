package e2e_test

import (
	"os"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/host"
)

func TestMain(m *testing.M) {
	host.MeasureInBetween()
	os.Exit(m.Run())
}
