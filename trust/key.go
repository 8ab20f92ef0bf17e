package trust

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"

	"github.com/sigstore/sigstore/pkg/signature"
)

// key is a public key that may sign.
type key struct {
	verifier signature.Verifier
	// id is the hash of the SubjectPublicKeyInfo: the same key, however it is
	// written, is one signer.
	id string
	// canonical is the key's PEM as the encoder writes it.
	canonical string
}

// minRSA is the shortest RSA modulus in bits that is still believed.
const minRSA = 2048

func parseKey(text string) (key, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return key{}, fmt.Errorf("no PEM block")
	}
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return key{}, fmt.Errorf("public key: %w", err)
	}
	switch k := public.(type) {
	case *ecdsa.PublicKey, ed25519.PublicKey:
	case *rsa.PublicKey:
		if k.N.BitLen() < minRSA {
			return key{}, fmt.Errorf("RSA key of %d bits, at least %d are needed", k.N.BitLen(), minRSA)
		}
	default:
		return key{}, fmt.Errorf("%T is not supported: use ECDSA, Ed25519 or RSA", public)
	}
	// cosign hashes with SHA-256 whatever the key.
	verifier, err := signature.LoadVerifier(public, crypto.SHA256)
	if err != nil {
		return key{}, fmt.Errorf("public key: %w", err)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return key{}, fmt.Errorf("public key: %w", err)
	}
	return key{
		verifier:  verifier,
		id:        keyID(der),
		canonical: string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})),
	}, nil
}
