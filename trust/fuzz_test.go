package trust_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
)

// The bytes around a signed payload may be spelled in many ways (space, unknown
// annotations), and the lock's digest pins the spelling. What must never happen
// is that another payload is trusted.

func FuzzLegacy(f *testing.F) {
	genuine := release.Legacy(repository, kit.Digest())
	f.Add(genuine.Data)
	f.Add(genuine.Data[:len(genuine.Data)/2])
	f.Add(release.Legacy(repository, other.Digest()).Data)
	f.Add(mallory.Legacy(repository, kit.Digest()).Data)
	f.Add(release.LegacyOf([]byte(`{"critical":null}`)).Data)
	f.Add([]byte(`{"data":"AA==","annotations":{"dev.cosignproject.cosign/signature":1}}`))
	a := pin(f, repository, kit)
	policy := compile(f, rule(1, authority("release", release)))
	f.Fuzz(func(t *testing.T, data []byte) {
		e := artifact.Evidence{MediaType: artifact.TypeLegacy, Data: data}
		if !policy.Verify(a, list(e)).Trusted(a) {
			return
		}
		if got, err := e.Legacy(); err != nil || !bytes.Equal(got.Payload, testsign.Payload(repository, kit.Digest())) {
			t.Errorf("trusted: %q", data)
		}
	})
}

func FuzzBundle(f *testing.F) {
	f.Add(release.Bundle(kit.Digest()).Data)
	f.Add(release.Bundle(other.Digest()).Data)
	f.Add(mallory.Bundle(kit.Digest()).Data)
	f.Add(release.Attestation(kit.Digest(), slsa).Data)
	f.Add(blobBundle(kit.Manifest).Data)
	f.Add(testsign.Envelope("", testsign.InToto, nil).Data)
	f.Add([]byte(`{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{}},"dsseEnvelope":{}}`))
	a := pin(f, repository, kit)
	policy := compile(f, rule(1, authority("release", release)))
	f.Fuzz(func(t *testing.T, data []byte) {
		e := artifact.Evidence{MediaType: testsign.TypeBundle, Data: data}
		if policy.Verify(a, list(e)).Trusted(a) && !bytes.Equal(dsse(t, data), testsign.Statement(kit.Digest(), testsign.SignPredicate)) {
			t.Errorf("trusted: %q", data)
		}
	})
}

// TestEveryByteOfEvidence goes deterministically over what a fuzzer only
// samples: one changed byte never makes another statement trusted, and most
// changes make nothing trusted.
func TestEveryByteOfEvidence(t *testing.T) {
	a := pin(t, repository, kit)
	policy := compile(t, rule(1, authority("release", release)))
	legacy, bundle := release.Legacy(repository, kit.Digest()), release.Bundle(kit.Digest())
	for name, genuine := range map[string]artifact.Evidence{"legacy": legacy, "bundle": bundle} {
		if !policy.Verify(a, list(genuine)).Trusted(a) {
			t.Fatalf("%s: refused unchanged", name)
		}
		harmless := 0
		for i := range genuine.Data {
			e := artifact.Evidence{MediaType: genuine.MediaType, Data: bytes.Clone(genuine.Data)}
			e.Data[i] ^= 1
			if policy.Verify(a, list(e)).Trusted(a) {
				harmless++
			}
		}
		// The bundle's key hint (44 characters) is not believed, so it may change.
		if harmless > 44 {
			t.Errorf("%s: %d of %d changed bytes leave it trusted", name, harmless, len(genuine.Data))
		}
	}
}

// dsse is the payload of a bundle's envelope.
func dsse(t *testing.T, data []byte) []byte {
	t.Helper()
	var b struct {
		Envelope struct {
			Payload []byte `json:"payload"`
		} `json:"dsseEnvelope"`
	}
	if err := json.Unmarshal(data, &b); err != nil {
		t.Fatalf("trusted, but no JSON: %q", data)
	}
	return b.Envelope.Payload
}
