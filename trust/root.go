package trust

import (
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/verify"
	"github.com/sigstore/sigstore/pkg/signature"
)

// publicGood is the trusted root of Sigstore's public-good instance, as
// sigstore-go v1.3.0 carries it (examples/trusted-root-public-good.json).
//
//go:embed public_good.json
var publicGood string

// trustedRoot says which certificate authorities, logs and timestamp
// authorities are believed.
type trustedRoot struct {
	material root.TrustedMaterial
	// certified verifies what is signed under a certificate.
	certified certifier
	// issuer stands for the one that a certificate does not name: ownIssuer.
	issuer string
	// unlogged asks no log.
	unlogged bool
}

// certifier is sigstore-go's verifier, or one's own authority around it.
type certifier interface {
	Verify(verify.SignedEntity, verify.PolicyBuilder) (*verify.VerificationResult, error)
}

// rootCache holds each trusted root by its text, so that it is parsed once, and
// evidence is verified once for all authorities that share it.
type rootCache map[string]*trustedRoot

// parse reads a trusted root; "" is the public-good one. For certificates it
// must name who issues and logs them: else no signature could ever hold.
func (c rootCache) parse(text string, certificates bool) (*trustedRoot, error) {
	if text == "" {
		text = publicGood
	}
	r := c[text]
	if r == nil {
		material, err := root.NewTrustedRootFromJSON([]byte(text))
		if err != nil {
			return nil, fmt.Errorf("trusted root: %w", err)
		}
		r = &trustedRoot{material: material}
		if r.certified, err = verify.NewVerifier(material, append(logged(), verify.WithSignedCertificateTimestamps(1))...); err != nil {
			return nil, fmt.Errorf("trusted root: %w", err)
		}
		c[text] = r
	}
	switch {
	case len(r.material.RekorLogs()) == 0:
		return nil, fmt.Errorf("trusted root: it names no transparency log")
	case certificates && len(r.material.FulcioCertificateAuthorities()) == 0:
		return nil, fmt.Errorf("trusted root: it names no certificate authority")
	case certificates && len(r.material.CTLogs()) == 0:
		return nil, fmt.Errorf("trusted root: it names no certificate transparency log")
	}
	return r, nil
}

// logged asks for an entry in a transparency log, and for a time by that log or
// by a timestamp authority (Rekor v2 states none): never our own clock.
func logged() []verify.VerifierOption {
	return []verify.VerifierOption{verify.WithTransparencyLog(1), verify.WithObserverTimestamps(1)}
}

// inUse tells whether the logs that a bundle names were in use at all these times,
// by the trusted root. sigstore-go asks that of a log's promise only, so that
// whoever has the key of a log that was given up could still log with it; and it
// passes over entries that do not hold, so every log that is named has to have
// been in use, or such an entry would speak for another.
func (r *trustedRoot) inUse(b *bundle.Bundle, times []time.Time) error {
	if r.unlogged {
		return nil
	}
	entries, err := b.TlogEntries()
	if err != nil {
		return err
	}
	logs := r.material.RekorLogs()
	found := false
	for _, e := range entries {
		log, known := logs[hex.EncodeToString([]byte(e.LogKeyID()))]
		if !known {
			continue
		}
		found = true
		for _, t := range times {
			if t.Before(log.ValidityPeriodStart) || !log.ValidityPeriodEnd.IsZero() && t.After(log.ValidityPeriodEnd) {
				return errNotInUse
			}
		}
	}
	if !found {
		return errNotInUse
	}
	return nil
}

var errNotInUse = errors.New("its transparency log was not in use when it was signed")

// keyed verifies what a key signed and had logged.
func (r *trustedRoot) keyed(k key) (*verify.Verifier, error) {
	return verify.NewVerifier(keyedMaterial{r.material, k.verifier}, logged()...)
}

// keyedMaterial is a trusted root that knows one key.
type keyedMaterial struct {
	root.TrustedMaterial
	verifier signature.Verifier
}

// PublicKeyVerifier does not believe a bundle's hint: only this key can verify.
func (m keyedMaterial) PublicKeyVerifier(string) (root.TimeConstrainedVerifier, error) {
	return timeless{m.verifier}, nil
}

// timeless is a key without a validity period: an authority's own window is
// judged by trusted time, where there is one.
type timeless struct{ signature.Verifier }

func (timeless) ValidAtTime(time.Time) bool { return true }
