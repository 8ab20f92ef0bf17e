package peer

import (
	"fmt"
	"os/exec"
)

// DockerRegistry returns the path of Debian's registry, which no module of the
// proxy builds any more.
func DockerRegistry() (string, error) {
	path, err := exec.LookPath("docker-registry")
	if err != nil {
		return "", fmt.Errorf("%w: on Debian, `apt-get install -y docker-registry` brings it", err)
	}
	return path, nil
}
