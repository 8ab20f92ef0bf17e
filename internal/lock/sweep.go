package lock

import (
	"os"
	"path/filepath"
	"strings"
)

// temporary makes the file that is to take the place of path, held while it is
// written, and removes those that killed runs left.
func temporary(path string) (*os.File, error) {
	sweep(path)
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err == nil {
		_ = flock(tmp) // for others' sweeps, where the system can
	}
	return tmp, err
}

// sweep removes the temporary files of path that nobody holds: whoever wrote them was
// killed. Where that cannot be told they stay.
func sweep(path string) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return
	}
	for _, e := range entries {
		number, ours := strings.CutPrefix(e.Name(), "."+filepath.Base(path)+".")
		if !ours || number == "" || strings.Trim(number, "0123456789") != "" || !e.Type().IsRegular() {
			continue
		}
		left := filepath.Join(filepath.Dir(path), e.Name())
		f, err := os.Open(left)
		if err != nil {
			continue
		}
		if flock(f) == nil {
			_ = os.Remove(left)
		}
		_ = f.Close()
	}
}
