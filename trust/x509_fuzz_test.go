package trust_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"testing"

	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
)

// A company's certificates and a timestamp authority's answer are read by other
// ways than Sigstore's: here, too, nothing may panic, and nothing else may be
// trusted than what was signed.

func FuzzX509Bundle(f *testing.F) {
	chain := stamped
	chain.WithChain, chain.Chain = true, issuing.Chain()[:1]
	for _, e := range list(
		stamped.Bundle(kit.Digest()), stamped.Bundle(other.Digest()), chain.Bundle(kit.Digest()), company.Bundle(kit.Digest()),
		unseen(local.Keyless(alice)).Bundle(kit.Digest()), stamped.Attestation(kit.Digest(), slsa),
		unseen(under(otherName(releaser))).Bundle(kit.Digest()), unseen(under(server)).Bundle(kit.Digest()),
		bundleWith(f, chain.Bundle(kit.Digest()), to([]any{}), "verificationMaterial", "x509CertificateChain", "certificates"),
	) {
		f.Add(e.Data)
	}
	a := pin(f, repository, kit)
	policy := compile(f, rule(1, stampedOnly(corporate("release", releaser, issuing))))
	f.Fuzz(func(t *testing.T, data []byte) {
		var says struct {
			MediaType string `json:"mediaType"`
		}
		_ = json.Unmarshal(data, &says) // what is no JSON has no type either
		e := artifact.Evidence{MediaType: says.MediaType, Data: data}
		if policy.Verify(a, list(e)).Trusted(a) && !bytes.Equal(dsse(t, data), testsign.Statement(kit.Digest(), testsign.SignPredicate)) {
			t.Errorf("trusted: %q", data)
		}
	})
}

func FuzzX509Legacy(f *testing.F) {
	const certificate, stamp = "dev.sigstore.cosign/certificate", "dev.sigstore.cosign/rfc3161timestamp"
	for _, e := range list(
		stamped.Legacy(repository, kit.Digest()), stamped.Legacy(repository, other.Digest()), company.Legacy(repository, kit.Digest()),
		unseen(local.Keyless(alice)).Legacy(repository, kit.Digest()), unseen(under(server)).Legacy(repository, kit.Digest()),
		bundleWith(f, stamped.Legacy(repository, kit.Digest()), to(`{"SignedRFC3161Timestamp":1}`), "annotations", stamp),
		bundleWith(f, stamped.Legacy(repository, kit.Digest()), to(`{}`), "annotations", stamp),
	) {
		l, err := e.Legacy()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(l.Payload, l.Annotations[testsign.SignatureAnnotation], l.Annotations[certificate], l.Annotations[stamp])
	}
	a := pin(f, repository, kit)
	policy := compile(f, rule(1, stampedOnly(corporate("release", releaser, issuing))))
	f.Fuzz(func(t *testing.T, payload []byte, signature, signer, time string) {
		e := bundleWith(t, testsign.LegacyWith(payload, signature), func(v any) any {
			annotations := maps.Clone(v.(map[string]any))
			annotations[certificate], annotations[stamp] = signer, time
			return annotations
		}, "annotations")
		if policy.Verify(a, list(e)).Trusted(a) && !bytes.Equal(payload, testsign.Payload(repository, kit.Digest())) {
			t.Errorf("trusted: %q %q %q %q", payload, signature, signer, time)
		}
	})
}
