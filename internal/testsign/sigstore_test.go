package testsign_test

import (
	"crypto/sha256"
	"testing"

	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/verify"

	"github.com/modelfn/modelfn/internal/testsign"
)

// TestSigstoreIsReal: sigstore-go, which knows nothing of this package, accepts
// what is made here, by every way in which a bundle can show when it was made.
func TestSigstoreIsReal(t *testing.T) {
	kit := testsign.Kit("fraud", "7.0.0")
	local := testsign.NewSigstore("local")
	id := testsign.Identity{Issuer: "https://issuer.example.com", Subject: "https://example.com/me"}
	material, err := root.NewTrustedRootFromJSON([]byte(local.TrustedRoot()))
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(kit.Manifest)
	for name, test := range map[string]struct {
		change func(*testsign.Logged)
		time   verify.VerifierOption
	}{
		"the log's time": {func(*testsign.Logged) {}, verify.WithIntegratedTimestamps(1)},
		"promise only":   {func(l *testsign.Logged) { l.Version, l.WithoutProof = "0.1", true }, verify.WithIntegratedTimestamps(1)},
		"version 0.2":    {func(l *testsign.Logged) { l.Version = "0.2" }, verify.WithIntegratedTimestamps(1)},
		"an authority's": {func(l *testsign.Logged) { l.Timestamped, l.WithoutPromise = true, true }, verify.WithSignedTimestamps(1)},
		"both":           {func(l *testsign.Logged) { l.Timestamped = true }, verify.WithObserverTimestamps(2)},
	} {
		t.Run(name, func(t *testing.T) {
			signer := local.Keyless(id)
			test.change(&signer)
			var b bundle.Bundle
			if err := b.UnmarshalJSON(signer.Bundle(kit.Digest()).Data); err != nil {
				t.Fatal(err)
			}
			verifier, err := verify.NewVerifier(material, verify.WithSignedCertificateTimestamps(1), verify.WithTransparencyLog(1), test.time)
			if err != nil {
				t.Fatal(err)
			}
			identity, err := verify.NewShortCertificateIdentity(id.Issuer, "", id.Subject, "")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := verifier.Verify(&b, verify.NewPolicy(verify.WithArtifactDigest("sha256", digest[:]), verify.WithCertificateIdentity(identity))); err != nil {
				t.Error(err)
			}
		})
	}
	if testsign.NewSigstore("local").TrustedRoot() != local.TrustedRoot() {
		t.Error("one name gives two trusted roots")
	}
	signer := local.Keyless(id)
	signer.Timestamped = true
	if first := signer.Bundle(kit.Digest()); string(first.Data) != string(signer.Bundle(kit.Digest()).Data) {
		t.Error("signing twice gives two bundles")
	}
}
