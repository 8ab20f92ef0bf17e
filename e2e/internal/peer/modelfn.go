package peer

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Modelfn builds the program under test from this repository and returns its
// path. Go's own cache makes the second build of the same sources quick.
func Modelfn() (string, error) {
	return builds.do("modelfn", buildModelfn)
}

func buildModelfn() (string, error) {
	script, err := findScript()
	if err != nil {
		return "", err
	}
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	unlock, err := lock("modelfn")
	if err != nil {
		return "", err
	}
	defer unlock()
	// By the checkout: another one's tests may run at the same time.
	sum := sha256.Sum256([]byte(script))
	path := filepath.Join(cache, "modelfn-"+hex.EncodeToString(sum[:8]))
	// go build writes in place; a test binary beside this one may be running it.
	fresh := path + ".new"
	cmd := exec.Command("go", "build", "-trimpath", "-o", fresh, ".")
	cmd.Dir = filepath.Join(filepath.Dir(script), "../..")
	cmd.Env = append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0")
	if output, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building modelfn: %w\n%s", err, output)
	}
	return path, os.Rename(fresh, path)
}
