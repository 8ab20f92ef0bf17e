package registry

import (
	"encoding/json"
	"os"
	"path/filepath"

	"golang.org/x/crypto/bcrypt"
)

// login is a user of a registry; the zero value is nobody in particular.
type login struct{ username, password string }

// htpasswd is the file with which a registry recognizes the user. Every request
// costs it one comparison, hence the least work that bcrypt can be asked for.
func (l login) htpasswd() ([]byte, error) {
	hash, err := bcrypt.GenerateFromPassword([]byte(l.password), bcrypt.MinCost)
	return []byte(l.username + ":" + string(hash) + "\n"), err
}

// configureIn writes a Docker configuration that knows the login of a host, and
// returns the variable that leads tools to it, and away from anyone else's.
func (l login) configureIn(dir, host string) (string, error) {
	type entry struct {
		Auth []byte `json:"auth"` // encoding/json writes bytes in base64
	}
	auths := map[string]entry{}
	if l != (login{}) {
		auths[host] = entry{[]byte(l.username + ":" + l.password)}
	}
	content, err := json.Marshal(map[string]any{"auths": auths})
	if err != nil {
		return "", err
	}
	return "DOCKER_CONFIG=" + dir, os.WriteFile(filepath.Join(dir, "config.json"), content, 0o600)
}
