package peer

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// fromCheckout returns what build made of this repository under a path in the cache.
// The path is the checkout's own: another one's tests may run at the same time.
func fromCheckout(name string, build func(path string) error) (string, error) {
	script, err := findScript()
	if err != nil {
		return "", err
	}
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	unlock, err := lock(name)
	if err != nil {
		return "", err
	}
	defer unlock()
	sum := sha256.Sum256([]byte(script))
	path := filepath.Join(cache, name+"-"+hex.EncodeToString(sum[:8]))
	if err := build(path); err != nil {
		return "", fmt.Errorf("building the %s of this checkout: %w", name, err)
	}
	return path, nil
}

// Root is the root of this repository.
func Root() (string, error) {
	script, err := findScript()
	return filepath.Join(filepath.Dir(script), "../.."), err
}

// inCheckout runs a command in the root of this repository, with more variables.
func inCheckout(env []string, command ...string) error {
	root, err := Root()
	if err != nil {
		return err
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = root
	cmd.Env = append(append(os.Environ(), "GOWORK=off"), env...)
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, output)
	}
	return nil
}
