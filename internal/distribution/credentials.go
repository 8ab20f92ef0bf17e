package distribution

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
)

// keychain finds credentials as docker, podman and go-containerregistry do, with
// three differences: what the environment names explicitly wins and needs no
// HOME; a Kubernetes secret can be mounted as it is; and an entry for one
// repository is never taken for its whole host, as docker's own lookup does with
// whichever entry it meets first.
type keychain struct {
	once    sync.Once
	configs []*dockerConfig
	looked  string
	err     error

	mu      sync.Mutex
	helpers map[helperKey]*flight[authn.AuthConfig]
}

type helperKey struct{ program, server string }

// credentials are for one repository of one host; empty where there are none.
type credentials struct {
	auth authn.AuthConfig
	// source says to the user where they are from or where they are missing.
	source string
}

// find looks for the most specific entry: host/path, its parents, the host.
func (k *keychain) find(ctx context.Context, host, path string) (credentials, error) {
	k.once.Do(func() { k.configs, k.looked, k.err = loadConfigs() })
	if k.err != nil {
		return credentials{}, k.err
	}
	for _, config := range k.configs {
		for key := host + "/" + path; key != host; key = key[:strings.LastIndexByte(key, '/')] {
			found, err := k.entry(ctx, config, key, config.helpers[key], key)
			if err != nil || found.auth != (authn.AuthConfig{}) {
				return found, err
			}
		}
		helper, server := config.helpers[host], host
		if helper == "" {
			helper = config.CredsStore
		}
		if host == name.DefaultRegistry {
			server = authn.DefaultAuthKey // the key under which docker login stores
		}
		found, err := k.entry(ctx, config, host, helper, server)
		if err != nil || found.auth != (authn.AuthConfig{}) {
			return found, err
		}
	}
	return credentials{source: fmt.Sprintf("no credentials for %s: looked in %s; log in to it first, for example with docker login", host, k.looked)}, nil
}

// entry is what one configuration has under one key: the helper's answer, else
// what stands in the file.
func (k *keychain) entry(ctx context.Context, config *dockerConfig, key, helper, server string) (credentials, error) {
	if helper != "" {
		auth, err := k.ask(ctx, helper, server)
		if err != nil {
			return credentials{}, fmt.Errorf("%s: credentials for %s: %w", config.file, key, err)
		}
		if *auth != (authn.AuthConfig{}) {
			return credentials{*auth, fmt.Sprintf("it did not accept the credentials for %s of docker-credential-%s, which %s names", key, helper, config.file)}, nil
		}
	}
	return credentials{config.auths[key], fmt.Sprintf("it did not accept the credentials for %s in %s", key, config.file)}, nil
}

// ask runs a helper once for each server.
func (k *keychain) ask(ctx context.Context, program, server string) (*authn.AuthConfig, error) {
	k.mu.Lock()
	if k.helpers == nil {
		k.helpers = map[helperKey]*flight[authn.AuthConfig]{}
	}
	f := k.helpers[helperKey{program, server}]
	if f == nil {
		f = &flight[authn.AuthConfig]{}
		k.helpers[helperKey{program, server}] = f
	}
	k.mu.Unlock()
	return f.get(ctx, nil, func(ctx context.Context) (*authn.AuthConfig, error) { return runHelper(ctx, program, server) })
}
