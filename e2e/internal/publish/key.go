package publish

import (
	"context"
	"os"
	"path/filepath"

	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// password of every key made here: they live in a temporary directory, sign
// samples only, and a file without one would be written the same way.
const password = ""

// Key is a cosign key pair, by its files.
type Key struct{ Private, Public string }

// NewKey makes a key pair with cosign under a name of its own in the
// publisher's home.
func (p *Publisher) NewKey(ctx context.Context, label string) (Key, error) {
	prefix := filepath.Join(p.home, label)
	if err := p.run(ctx, peer.Cosign2, "generate-key-pair", "--output-key-prefix", prefix); err != nil {
		return Key{}, err
	}
	return Key{Private: prefix + ".key", Public: prefix + ".pub"}, nil
}

// ImportKey takes a private key of any kind, in PEM (PKCS #8), as cosign imports it.
func (p *Publisher) ImportKey(ctx context.Context, label string, pem []byte) (Key, error) {
	prefix := filepath.Join(p.home, label)
	if err := os.WriteFile(prefix+".pem", pem, 0o600); err != nil {
		return Key{}, err
	}
	if err := p.run(ctx, peer.Cosign3, "import-key-pair", "--key", prefix+".pem", "--output-key-prefix", prefix, "-y"); err != nil {
		return Key{}, err
	}
	return Key{Private: prefix + ".key", Public: prefix + ".pub"}, nil
}

// PublicPEM is what a ModelPlatform names.
func (k Key) PublicPEM() (string, error) {
	pem, err := os.ReadFile(k.Public)
	return string(pem), err
}
