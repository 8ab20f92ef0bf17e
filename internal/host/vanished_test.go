package host

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestVanished: a file that is gone between its listing and its reading is said to be,
// and never passed over as if it had held nothing.
func TestVanished(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fraud.yaml")
	var c contents
	findings := c.file(path, "fraud.yaml", plainTexts())
	if len(c.items)+len(c.own.Deployments) > 0 || !findings.Refused() || !strings.Contains(findings[0].String(), "unreadable: ("+path+") stat "+path+": no such file or directory") {
		t.Errorf("%d items, %v", len(c.items), findings)
	}
}
