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
	items, findings := readFile(path, "fraud.yaml", plainTexts())
	if len(items) > 0 || !findings.Refused() || !strings.Contains(findings[0].String(), "unreadable: ("+path+") stat "+path+": no such file or directory") {
		t.Errorf("%d items, %v", len(items), findings)
	}
}
