package publish

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/modelfn/modelfn/e2e/internal/registry"
)

// Press publishes ModelKits and signatures by their bytes, a thousand in
// seconds: kit and cosign take about one second for each. Its test holds them
// against the real ones. It can be used concurrently.
type Press struct {
	server *registry.Server
	pusher *remote.Pusher
	key    *ecdsa.PrivateKey
	public []byte // DER
}

// NewPress makes one with a key of its own, which never leaves this process.
func NewPress(ctx context.Context, server *registry.Server) (*Press, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return nil, err
	}
	pusher, err := remote.NewPusher(server.Remote(ctx)...)
	return &Press{server, pusher, key, public}, err
}

// Key writes the public key to a file. There is no private one to name.
func (p *Press) Key(file string) (Key, error) {
	content := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: p.public})
	return Key{Public: file}, os.WriteFile(file, content, 0o644)
}

// ModelKit publishes a ModelKit of one sklearn model under a path such as
// models/fraud:v7. The same path gives the same digest.
func (p *Press) ModelKit(ctx context.Context, path string) (name.Digest, error) {
	tag, err := name.NewTag(p.server.Host()+"/"+path, name.StrictValidation)
	if err != nil {
		return name.Digest{}, err
	}
	weights, err := tarred("model.joblib", []byte("weights of "+path))
	if err != nil {
		return name.Digest{}, err
	}
	config, err := json.Marshal(map[string]any{
		"manifestVersion": "1.0.0",
		"package":         map[string]any{"name": "fraud", "version": tag.TagStr(), "license": "Apache-2.0"},
		"model":           map[string]any{"name": "fraud", "framework": "sklearn", "path": "model.joblib"},
	})
	if err != nil {
		return name.Digest{}, err
	}
	return p.push(ctx, tag, document{
		artifactType: "application/vnd.kitops.modelkit.manifest.v1+json",
		config:       blob{"application/vnd.kitops.modelkit.config.v1+json", config, nil},
		layer: blob{
			"application/vnd.kitops.modelkit.model.v1.tar", weights,
			map[string]string{"org.cncf.model.filepath": "model.joblib"},
		},
	})
}

func tarred(file string, content []byte) ([]byte, error) {
	var buffer bytes.Buffer
	w := tar.NewWriter(&buffer)
	if err := w.WriteHeader(&tar.Header{Name: file, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(content))}); err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	err := w.Close() // writes the end
	return buffer.Bytes(), err
}
