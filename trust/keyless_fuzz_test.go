package trust_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"testing"

	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
)

// What stands around a signed payload may be spelled in many ways, and the
// lock's digest pins the spelling. What must never happen is a panic, or that
// something else is trusted than what the identity signed.

func FuzzKeylessBundle(f *testing.F) {
	stamped := signing(func(l *testsign.Logged) { l.Timestamped, l.WithoutPromise = true, true })
	old := signing(func(l *testsign.Logged) { l.Version, l.WithChain = "0.2", true })
	for _, e := range list(
		logged.Bundle(kit.Digest()), logged.Bundle(other.Digest()), logged.Attestation(kit.Digest(), slsa),
		foreign.Keyless(train).Bundle(kit.Digest()), local.Keyless(alice).Bundle(kit.Digest()),
		logged.Blob(kit.Manifest), stamped.Bundle(kit.Digest()), old.Bundle(kit.Digest()), local.Keyed(release).Bundle(kit.Digest()),
		bundleWith(f, logged.Bundle(kit.Digest()), to("MQ=="), "verificationMaterial", "tlogEntries", 0, "canonicalizedBody"),
		bundleWith(f, logged.Bundle(kit.Digest()), to(nil), "verificationMaterial", "tlogEntries", 0, "kindVersion"),
		bundleWith(f, logged.Bundle(kit.Digest()), twice, "dsseEnvelope", "signatures"),
	) {
		f.Add(e.Data)
	}
	a := pin(f, repository, kit)
	policy := compile(f, rule(1, certified("ci", train)))
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

// FuzzKeylessLegacy fuzzes what a certificate authority and a log are made to
// say about a legacy signature.
func FuzzKeylessLegacy(f *testing.F) {
	const certificate, bundle = "dev.sigstore.cosign/certificate", "dev.sigstore.cosign/bundle"
	genuine := logged.Legacy(repository, kit.Digest())
	for _, e := range list(
		genuine, logged.Legacy(repository, other.Digest()), local.Keyless(alice).Legacy(repository, kit.Digest()),
		foreign.Keyless(train).Legacy(repository, kit.Digest()), local.Keyed(release).Legacy(repository, kit.Digest()),
		annotated(f, genuine, to(1), "Payload", "body"), annotated(f, genuine, to("MQ=="), "Payload", "body"),
		annotated(f, genuine, to(""), "SignedEntryTimestamp"), annotated(f, genuine, to(nil), "Payload"),
		signing(func(l *testsign.Logged) { l.LogAs = []byte("x") }).Legacy(repository, kit.Digest()),
	) {
		l, err := e.Legacy()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(l.Payload, l.Annotations[testsign.SignatureAnnotation], l.Annotations[certificate], l.Annotations[bundle])
	}
	a := pin(f, repository, kit)
	policy := compile(f, rule(1, certified("ci", train)))
	f.Fuzz(func(t *testing.T, payload []byte, signature, chain, log string) {
		e := testsign.LegacyWith(payload, signature)
		e = bundleWith(t, e, func(v any) any {
			annotations := maps.Clone(v.(map[string]any))
			annotations[certificate], annotations[bundle] = chain, log
			return annotations
		}, "annotations")
		if policy.Verify(a, list(e)).Trusted(a) && !bytes.Equal(payload, testsign.Payload(repository, kit.Digest())) {
			t.Errorf("trusted: %q %q %q %q", payload, signature, chain, log)
		}
	})
}

// TestBytesUnderACertificate goes deterministically over what a fuzzer only
// samples: one changed byte never makes another statement trusted, and most
// changes make nothing trusted.
func TestBytesUnderACertificate(t *testing.T) {
	a := pin(t, repository, kit)
	policy := compile(t, rule(1, certified("ci", train)))
	for name, genuine := range map[string]artifact.Evidence{
		"bundle": logged.Bundle(kit.Digest()),
		// The chain is not read, so its bytes would all be harmless.
		"legacy": bundleWith(t, logged.Legacy(repository, kit.Digest()), to(""), "annotations", "dev.sigstore.cosign/chain"),
	} {
		const stride = 11 // each costs several signatures to verify
		looked, harmless := 0, 0
		for i := 0; i < len(genuine.Data); i += stride {
			e := artifact.Evidence{MediaType: genuine.MediaType, Data: bytes.Clone(genuine.Data)}
			e.Data[i] ^= 1
			looked++
			if !policy.Verify(a, list(e)).Trusted(a) {
				continue
			}
			harmless++
			if name == "bundle" && !bytes.Equal(dsse(t, e.Data), testsign.Statement(kit.Digest(), testsign.SignPredicate)) {
				t.Errorf("%s: trusted with byte %d changed", name, i)
			}
		}
		// The entry's kind is a label beside the logged body, which says it too.
		if harmless > 10 {
			t.Errorf("%s: %d of %d changed bytes leave it trusted", name, harmless, looked)
		}
	}
}
