package distribution

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
)

// dockerConfig is a docker configuration's part about registries. It is read
// here and not by docker's own package, which prints to stderr, cannot end a
// helper that hangs, and puts what helpers print into its errors.
type dockerConfig struct {
	Auths       map[string]authn.AuthConfig `json:"auths"`
	CredHelpers map[string]string           `json:"credHelpers"`
	CredsStore  string                      `json:"credsStore"`

	// file is where it stands, for errors; auths and helpers are by host[/path].
	file    string
	auths   map[string]authn.AuthConfig
	helpers map[string]string
}

// loadConfigs reads the configurations that apply, and says where it looked.
// What the environment names explicitly applies alone, all of it; otherwise the
// first of docker's and podman's own places that has one.
func loadConfigs() ([]*dockerConfig, string, error) {
	var configs []*dockerConfig
	var looked []string
	if text := os.Getenv("DOCKER_AUTH_CONFIG"); text != "" {
		config, err := parseConfig("$DOCKER_AUTH_CONFIG", []byte(text))
		if err != nil {
			return nil, "", err
		}
		configs, looked = append(configs, config), append(looked, config.file)
	}
	explicit, standard := configFiles()
	for _, file := range append(explicit, standard...) {
		looked = append(looked, file)
		config, err := readConfig(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, "", err
		}
		configs = append(configs, config)
		if len(explicit) == 0 {
			break
		}
	}
	if len(looked) == 0 {
		looked = []string{"no place, as DOCKER_CONFIG, REGISTRY_AUTH_FILE and HOME are not set"}
	}
	return configs, strings.Join(looked, ", "), nil
}

// configFiles are the places named by the environment, else the usual ones.
func configFiles() (explicit, standard []string) {
	if file := os.Getenv("REGISTRY_AUTH_FILE"); file != "" {
		explicit = append(explicit, file)
	}
	if dir := os.Getenv("DOCKER_CONFIG"); dir != "" {
		// The second is a Kubernetes secret's key, mounted as it is.
		file := filepath.Join(dir, "config.json")
		if secret := filepath.Join(dir, ".dockerconfigjson"); !exists(file) && exists(secret) {
			file = secret
		}
		explicit = append(explicit, file)
	}
	if len(explicit) > 0 {
		return explicit, nil
	}
	// Argo CD's sidecars may have no HOME: then there is nothing to look at.
	home, _ := os.UserHomeDir()
	if home != "" {
		standard = append(standard, filepath.Join(home, ".docker", "config.json"))
	}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		standard = append(standard, filepath.Join(dir, "containers", "auth.json"))
	}
	if dir := os.Getenv("XDG_CONFIG_HOME"); dir != "" {
		standard = append(standard, filepath.Join(dir, "containers", "auth.json"))
	} else if home != "" {
		standard = append(standard, filepath.Join(home, ".config", "containers", "auth.json"))
	}
	return nil, standard
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

func readConfig(file string) (*dockerConfig, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("docker configuration: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("docker configuration %s: is no regular file", file)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("docker configuration: %w", err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxDockerConfig+1))
	if err != nil {
		return nil, fmt.Errorf("docker configuration: %w", err)
	}
	if len(raw) > maxDockerConfig {
		return nil, fmt.Errorf("docker configuration %s: is longer than %d bytes", file, maxDockerConfig)
	}
	return parseConfig(file, raw)
}

// parseConfig never puts the content into its error: it is secret.
func parseConfig(file string, raw []byte) (*dockerConfig, error) {
	config := &dockerConfig{file: file}
	if len(bytes.TrimSpace(raw)) > 0 {
		if err := json.Unmarshal(raw, config); err != nil {
			if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
				return nil, fmt.Errorf("docker configuration %s: is no JSON at byte %d", file, syntax.Offset)
			}
			return nil, fmt.Errorf("docker configuration %s: an entry of auths, credHelpers or credsStore is not of docker's form", file)
		}
	}
	config.auths, config.helpers = byHost(config.Auths), byHost(config.CredHelpers)
	return config, nil
}

// byHost brings keys, which may be URLs, into the form host[/path]. One that is
// written so already wins over one that is not.
func byHost[V any](entries map[string]V) map[string]V {
	out := make(map[string]V, len(entries))
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		short := strings.TrimPrefix(strings.TrimPrefix(key, "https://"), "http://")
		for _, suffix := range []string{"/", "/v1", "/v2"} {
			short = strings.TrimSuffix(short, suffix)
		}
		host, path, found := strings.Cut(short, "/")
		if host = hostKey("https", host); found {
			host += "/" + path
		}
		if _, taken := out[host]; !taken || host == key {
			out[host] = entries[key]
		}
	}
	return out
}
