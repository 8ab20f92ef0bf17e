package peer

import (
	"fmt"
	"os/exec"
)

// DockerRegistry returns the path of Debian's registry, which no module of the
// proxy builds any more.
func DockerRegistry() (string, error) { return debian("docker-registry", "docker-registry") }

// Strace returns the path of what says which files a program asks for.
func Strace() (string, error) { return debian("strace", "strace") }

// Unshare returns the path of what runs a program in another root directory.
func Unshare() (string, error) { return debian("unshare", "util-linux") }

func debian(program, from string) (string, error) {
	path, err := exec.LookPath(program)
	if err != nil {
		return "", fmt.Errorf("%w: on Debian, `apt-get install -y %s` brings it", err, from)
	}
	return path, nil
}
