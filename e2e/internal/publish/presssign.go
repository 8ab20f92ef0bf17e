package publish

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

const bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json"

// SignLegacy signs as cosign v2 does: a simple-signing payload under the tag
// sha256-<hex>.sig.
func (p *Press) SignLegacy(ctx context.Context, artifact name.Digest) error {
	payload := fmt.Appendf(nil, `{"critical":{"identity":{"docker-reference":%q},"image":{"docker-manifest-digest":%q},"type":"cosign container image signature"},"optional":null}`,
		artifact.Context().Name(), artifact.DigestStr())
	signature, err := p.sign(payload)
	if err != nil {
		return err
	}
	_, err = p.push(ctx, artifact.Tag(strings.Replace(artifact.DigestStr(), ":", "-", 1)+".sig"), document{
		config: blob{types.OCIConfigJSON, []byte("{}"), nil},
		layer: blob{"application/vnd.dev.cosign.simplesigning.v1+json", payload, map[string]string{
			"dev.cosignproject.cosign/signature": base64.StdEncoding.EncodeToString(signature),
		}},
	})
	return err
}

// SignBundle signs as cosign v3 does: a bundle with an in-toto statement.
func (p *Press) SignBundle(ctx context.Context, artifact name.Digest) error {
	const payloadType = "application/vnd.in-toto+json"
	_, digest, _ := strings.Cut(artifact.DigestStr(), ":")
	statement := fmt.Appendf(nil, `{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":%q}}],"predicateType":"https://sigstore.dev/cosign/sign/v1","predicate":{}}`, digest)
	signature, err := p.sign(fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(payloadType), payloadType, len(statement), statement))
	if err != nil {
		return err
	}
	hint := sha256.Sum256(p.public)
	bundle, err := json.Marshal(map[string]any{
		"mediaType":            bundleType,
		"verificationMaterial": map[string]any{"publicKey": map[string]any{"hint": hint[:]}},
		"dsseEnvelope": map[string]any{
			"payload": statement, "payloadType": payloadType, "signatures": []any{map[string]any{"sig": signature}},
		},
	})
	if err != nil {
		return err
	}
	return p.AttachBundle(ctx, artifact, bundle)
}

// AttachBundle attaches any bundle: it refers to the artifact or stands in its
// fallback index.
func (p *Press) AttachBundle(ctx context.Context, artifact name.Digest, bundle []byte) error {
	subject, err := remote.Head(artifact, p.server.Remote(ctx)...)
	if err != nil {
		return err
	}
	_, err = p.push(ctx, artifact.Tag(""), document{
		artifactType: bundleType, config: emptyConfig, layer: blob{bundleType, bundle, nil},
		subject: &v1.Descriptor{MediaType: subject.MediaType, Digest: subject.Digest, Size: subject.Size},
	})
	return err
}

func (p *Press) sign(message []byte) ([]byte, error) {
	digest := sha256.Sum256(message)
	return p.key.Sign(rand.Reader, digest[:], nil)
}
