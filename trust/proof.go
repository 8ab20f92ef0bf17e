package trust

import (
	"cmp"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/verify"
)

// proof is what verified evidence shows, before anybody asks whom the platform
// trusts.
type proof struct {
	signer           signer
	sourceRepository string
	// hash is how the key hashed, where it was one.
	hash Hash
	// times are when it was signed, by the account of logs and timestamp
	// authorities; none where no log was asked.
	times []time.Time
	// says is what was signed; void why that says nothing about the artifact.
	says statement
	void error
}

// errUnverified: the evidence does not hold for this authority and digest.
var errUnverified = errors.New("no authority verifies it")

// sealed is a bundle that is parsed and not believed, and what it must be about.
type sealed struct {
	bundle *bundle.Bundle
	about  func() verify.ArtifactPolicyOption
	// read takes what a verified bundle says about it.
	read func(*verify.VerificationResult) (statement, error)
}

// claimed is the predicate type that its envelope names.
func (s sealed) claimed() string { return claimedType(s.bundle.GetDsseEnvelope().GetPayload()) }

// certificate is the one that the bundle was signed under; nil for a key.
func (s sealed) certificate() (*x509.Certificate, error) {
	content, err := s.bundle.VerificationContent()
	if err != nil {
		return nil, err
	}
	return content.Certificate(), nil
}

// byCertificate verifies a bundle that was signed under a certificate.
func (s sealed) byCertificate(r *trustedRoot) (proof, error) {
	certificate, err := s.certificate()
	if err != nil {
		return proof{}, err
	}
	if certificate == nil {
		return proof{}, fmt.Errorf("%w: it was signed with a key, under no certificate", errUnverified)
	}
	if err := r.takes(s.bundle); err != nil {
		return proof{}, fmt.Errorf("%w: %w", errUnverified, err)
	}
	// Whose certificate it is, is asked of each authority.
	result, err := r.certified.Verify(s.bundle, verify.NewPolicy(s.about(), verify.WithoutIdentitiesUnsafe()))
	if err == nil {
		err = r.inUse(s.bundle, timesOf(result))
	}
	if err != nil {
		return proof{}, fmt.Errorf("%w: %w", errUnverified, err)
	}
	named := result.Signature.Certificate
	// Of the key, not of how it is written: parameters that nobody reads would make
	// two keys of one.
	spki, err := x509.MarshalPKIXPublicKey(certificate.PublicKey)
	if err != nil {
		return proof{}, fmt.Errorf("%w: certificate: %w", errUnverified, err)
	}
	p := proof{
		signer:           signer{key: keyID(spki), issuer: cmp.Or(r.issuer, named.Issuer), subject: named.SubjectAlternativeName},
		sourceRepository: named.SourceRepositoryURI,
		times:            timesOf(result),
	}
	p.says, p.void = s.read(result)
	return p, nil
}

// byKey verifies a bundle that was signed with a key; with a trusted root, it
// must have been logged too.
func (s sealed) byKey(k key, r *trustedRoot) (proof, error) {
	certificate, err := s.certificate()
	if err != nil {
		return proof{}, err
	}
	if certificate != nil {
		return proof{}, fmt.Errorf("%w: it was signed under a certificate, not with a key", errUnverified)
	}
	k, hash := k.noting()
	verifier, err := k.unlogged()
	if r != nil {
		verifier, err = r.keyed(k)
	}
	if err != nil {
		return proof{}, err
	}
	result, err := verifier.Verify(s.bundle, verify.NewPolicy(s.about(), verify.WithKey()))
	if err == nil && r != nil {
		err = r.inUse(s.bundle, timesOf(result))
	}
	if err != nil {
		return proof{}, fmt.Errorf("%w: %w", errUnverified, err)
	}
	p := proof{signer: signer{key: k.id}, hash: *hash, times: timesOf(result)}
	p.says, p.void = s.read(result)
	return p, nil
}

// unlogged verifies what the key signed, whenever that was.
func (k key) unlogged() (*verify.Verifier, error) {
	return verify.NewVerifier(keyedMaterial{new(root.BaseTrustedMaterial), k.verifier}, verify.WithNoObserverTimestamps())
}

func timesOf(result *verify.VerificationResult) []time.Time {
	var out []time.Time
	for _, t := range result.VerifiedTimestamps {
		out = append(out, t.Timestamp)
	}
	return out
}

// keyID names a key by its SubjectPublicKeyInfo, however it is written.
func keyID(spki []byte) string {
	sum := sha256.Sum256(spki)
	return hex.EncodeToString(sum[:])
}
