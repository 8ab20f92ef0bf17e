package peer

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Image builds the container image from this repository as people do, and returns
// its OCI layout; beside it, with .tar at the end, is what engines load.
func Image() (string, error) {
	return builds.do("image", buildImage)
}

func buildImage() (string, error) {
	script, err := findScript()
	if err != nil {
		return "", err
	}
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	unlock, err := lock("image")
	if err != nil {
		return "", err
	}
	defer unlock()
	sum := sha256.Sum256([]byte(script)) // of this checkout, as in buildModelfn
	path := filepath.Join(cache, "image-"+hex.EncodeToString(sum[:8]))
	cmd := exec.Command("make", "image", "IMAGE_LAYOUT="+path)
	cmd.Dir = filepath.Join(filepath.Dir(script), "../..")
	cmd.Env = append(os.Environ(), "GOWORK=off")
	if output, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the image: %w\n%s", err, output)
	}
	return path, nil
}
