package podman

import (
	"strings"
	"testing"
)

func TestPodmanIsMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := find("podman", "runc"); err == nil || !strings.Contains(err.Error(), "apt-get install -y --no-install-recommends podman runc") {
		t.Errorf("find = %v, want how to install it", err)
	}
}
