package trust

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"

	"github.com/sigstore/sigstore/pkg/signature"
)

// key is a public key that may sign.
type key struct {
	verifier signature.Verifier
	// id is the hash of the SubjectPublicKeyInfo: the same key, however it is
	// written, is one signer.
	id string
	// whole: what it signed cannot be told from a digest alone.
	whole bool
	// canonical is the key's PEM as the encoder writes it.
	canonical string
}

// minRSA is the shortest RSA modulus in bits that is still believed, maxRSA the
// longest that is worth the time: verifying takes the square of it, and anybody can
// attach a key.
const (
	minRSA = 2048
	maxRSA = 8192
)

func parseKey(text string) (key, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return key{}, fmt.Errorf("no PEM block")
	}
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return key{}, fmt.Errorf("public key: %w", err)
	}
	if err := strong(public); err != nil {
		return key{}, err
	}
	verifier, err := verifierOf(public)
	if err != nil {
		return key{}, fmt.Errorf("public key: %w", err)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return key{}, fmt.Errorf("public key: %w", err)
	}
	_, whole := public.(ed25519.PublicKey)
	return key{
		verifier:  verifier,
		whole:     whole,
		id:        keyID(der),
		canonical: string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})),
	}, nil
}

// strong tells whether a key's signatures are believed.
func strong(public crypto.PublicKey) error {
	switch k := public.(type) {
	case *ecdsa.PublicKey, ed25519.PublicKey:
		return nil
	case *rsa.PublicKey:
		if k.N.BitLen() < minRSA {
			return fmt.Errorf("RSA key of %d bits, at least %d are needed", k.N.BitLen(), minRSA)
		}
		if k.N.BitLen() > maxRSA {
			return fmt.Errorf("RSA key of %d bits, at most %d are used", k.N.BitLen(), maxRSA)
		}
		return nil
	default:
		return fmt.Errorf("%T is not supported: use ECDSA, Ed25519 or RSA", public)
	}
}

// verifierOf hashes as signers do: with SHA-256 (older clients, whatever the
// key), with what belongs to a longer curve, and for Ed25519, which cosign has
// hash first (Ed25519ph), in either way.
func verifierOf(public crypto.PublicKey) (signature.Verifier, error) {
	plain, err := signature.LoadVerifier(public, crypto.SHA256)
	if err != nil {
		return nil, err
	}
	var own signature.Verifier
	var hash Hash
	switch k := public.(type) {
	case *ecdsa.PublicKey:
		switch k.Curve {
		case elliptic.P384():
			hash = SHA384
			own, err = signature.LoadVerifier(public, crypto.SHA384)
		case elliptic.P521():
			hash = SHA512
			own, err = signature.LoadVerifier(public, crypto.SHA512)
		}
	case ed25519.PublicKey:
		hash = Ed25519ph
		own, err = signature.LoadED25519phVerifier(k)
	}
	if own == nil || err != nil {
		return plain, err
	}
	return eitherWay{Verifier: plain, own: own, hash: hash}, nil
}

// Hash is how a key hashed what it signed. Admission engines try one way only, so
// a Verdict says which one it was.
type Hash string

const (
	// UsualHash is SHA-256, and for Ed25519 no hash of its own.
	UsualHash Hash = ""
	// SHA384 belongs to the curve P-384.
	SHA384 Hash = "sha384"
	// SHA512 belongs to the curve P-521.
	SHA512 Hash = "sha512"
	// Ed25519ph hashes before Ed25519 signs, as cosign does.
	Ed25519ph Hash = "ed25519ph"
)

// eitherWay is one key with two ways to hash; either signature is the key's own.
type eitherWay struct {
	signature.Verifier
	own  signature.Verifier
	hash Hash // of own
	// used is told which way fitted; nil where nobody asks.
	used *Hash
}

// noting is the key for one verification, and how it hashed, once that succeeded.
func (k key) noting() (key, *Hash) {
	used := new(Hash)
	if e, ok := k.verifier.(eitherWay); ok {
		e.used = used
		k.verifier = e
	}
	return k, used
}

// VerifySignature tries both.
func (e eitherWay) VerifySignature(sig, message io.Reader, opts ...signature.VerifyOption) error {
	s, err := io.ReadAll(sig)
	if err != nil {
		return err
	}
	m, err := io.ReadAll(message)
	if err != nil {
		return err
	}
	hash := e.hash
	err = e.own.VerifySignature(bytes.NewReader(s), bytes.NewReader(m), opts...)
	if err != nil && e.Verifier.VerifySignature(bytes.NewReader(s), bytes.NewReader(m), opts...) == nil {
		hash, err = UsualHash, nil
	}
	if err == nil && e.used != nil {
		*e.used = hash
	}
	return err
}
