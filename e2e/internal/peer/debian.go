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

// Redis returns the path of Debian's redis-server, which Argo CD's repo-server
// keeps what it has rendered in.
func Redis() (string, error) { return debian("redis-server", "redis-server") }

// debian finds a program that a package of Debian's brings.
func debian(program, of string) (string, error) {
	path, err := exec.LookPath(program)
	if err != nil {
		return "", fmt.Errorf("%w: on Debian, `apt-get install -y %s` brings it", err, of)
	}
	return path, nil
}
