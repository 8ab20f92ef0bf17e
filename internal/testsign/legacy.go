package testsign

import (
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/modelfn/modelfn/artifact"
)

const (
	typeSimpleSigning = "application/vnd.dev.cosign.simplesigning.v1+json"
	// SignatureAnnotation is where a legacy signature stands beside its payload.
	SignatureAnnotation = "dev.cosignproject.cosign/signature"
)

// Payload is the text of a legacy signature, byte for byte as cosign writes it.
func Payload(repository string, digest artifact.Digest) []byte {
	return fmt.Appendf(nil, `{"critical":{"identity":{"docker-reference":%q},"image":{"docker-manifest-digest":%q},"type":"cosign container image signature"},"optional":null}`, repository, digest)
}

// Legacy is cosign's legacy signature of an artifact.
func (k Key) Legacy(repository string, digest artifact.Digest) artifact.Evidence {
	return k.LegacyOf(Payload(repository, digest))
}

// LegacyOf signs any payload in the legacy format.
func (k Key) LegacyOf(payload []byte) artifact.Evidence {
	return LegacyWith(payload, base64.StdEncoding.EncodeToString(k.Sign(payload)))
}

// LegacyWith is a payload with any text where its signature belongs.
func LegacyWith(payload []byte, signature string) artifact.Evidence {
	d := describe(typeSimpleSigning, payload)
	d.Annotations = map[string]string{SignatureAnnotation: signature}
	d.Data = payload
	return artifact.Evidence{MediaType: artifact.TypeLegacy, Data: marshal(d)}
}

// descriptor is an OCI descriptor, fields in the order of the specification.
type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      artifact.Digest   `json:"digest"`
	Size        int               `json:"size"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Data        []byte            `json:"data,omitempty"`
}

func describe(mediaType string, content []byte) descriptor {
	return descriptor{MediaType: mediaType, Digest: artifact.DigestOf(content), Size: len(content)}
}

func marshal(value any) []byte {
	raw, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("testsign: %v", err)) // values of this package only
	}
	return raw
}
