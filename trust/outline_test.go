package trust_test

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/trust"
)

// TestCostlyEvidence holds bundles that are small and would keep their decoders
// busy for minutes, or fill memory, before anybody asks who signed. Each is refused
// for its bound, beside a signature that holds.
func TestCostlyEvidence(t *testing.T) {
	stamp := func(raw []byte) artifact.Evidence {
		l := stamped
		return bundleWith(t, l.Bundle(kit.Digest()), to(base64.StdEncoding.EncodeToString(raw)), "verificationMaterial", "timestampVerificationData", "rfc3161Timestamps", 0, "signedTimestamp")
	}
	body := func(text string) artifact.Evidence {
		return bundleWith(t, logged.Bundle(kit.Digest()), to(base64.StdEncoding.EncodeToString([]byte(text))), "verificationMaterial", "tlogEntries", 0, "canonicalizedBody")
	}
	keyed := func(bits int) string {
		return base64.StdEncoding.EncodeToString(hugeKey(t, bits))
	}
	many := func(n int) func(any) any {
		return func(v any) any {
			out := v.([]any)
			for len(out) < n {
				out = append(out, out[0])
			}
			return out
		}
	}
	nested := bytes.Repeat([]byte{0x30, 0x80}, 3000)
	deep := []byte{0x05, 0x00}
	for range 40 {
		deep = append([]byte{0x30, byte(len(deep))}, deep...)
	}
	for name, test := range map[string]struct {
		reason   string
		evidence artifact.Evidence
		want     string
	}{
		"key in a log entry":        {"its decoder verifies with the key that is in it", body(`{"spec":{"signature":{"publicKey":{"content":"` + keyed(16384) + `"}}}}`), "log entry: a value of 2063 bytes, as of an RSA key of more than 8192 bits"},
		"key in an envelope entry":  {"in whichever field", body(`{"spec":{"signatures":[{"verifier":"` + keyed(16384) + `"}]}}`), "log entry: a value of 2063 bytes"},
		"key as DER":                {"however it is written", body(`{"spec":{"rawBytes":"` + base64.StdEncoding.EncodeToString(der(t, 16384)) + `"}}`), "log entry: a value of 2063 bytes"},
		"key after another":         {"also as a second block", body(`{"a":"` + base64.StdEncoding.EncodeToString(append([]byte(release.PEM()), hugeKey(t, 16384)...)) + `"}`), "log entry: a value of 2063 bytes"},
		"long entry":                {"a body that no signature needs", body(`{"a":"` + strings.Repeat("x", 33<<10) + `"}`), "log entry: body of 33800 bytes, at most 32768 are read"},
		"deep entry":                {"lists in lists", body(strings.Repeat("[", 50) + strings.Repeat("]", 50)), "log entry: more than 32 levels"},
		"many entries":              {"each is verified", bundleWith(t, logged.Bundle(kit.Digest()), many(5), "verificationMaterial", "tlogEntries"), "it has 5 log entries, 0 timestamps and 0 certificates, at most 4, 4 and 8 are read"},
		"many timestamps":           {"each is verified", bundleWith(t, stamped.Bundle(kit.Digest()), many(5), "verificationMaterial", "timestampVerificationData", "rfc3161Timestamps"), "5 timestamps"},
		"timestamp without lengths": {"its decoder copies each level once more", stamp(nested), "timestamp: ASN.1 of indefinite length"},
		"deep timestamp":            {"a level in a level", stamp(deep), "timestamp: more than 32 levels of ASN.1"},
		"long timestamp":            {"more than any authority writes", stamp(make([]byte, 17<<10)), "timestamp of 17408 bytes, at most 16384 are read"},
		"timestamp of nothing":      {"bytes that are no ASN.1", stamp([]byte{0x30, 0x05, 0x01}), "timestamp: it is no ASN.1 in DER"},
		"key in a timestamp":        {"a certificate in it", stamp(append([]byte{0x30, 0x82, byte(len(der(t, 16384)) >> 8), byte(len(der(t, 16384)))}, der(t, 16384)...)), "timestamp: a value of 2063 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			a := pin(t, repository, kit)
			for _, by := range []string{"key", "identity"} {
				r := rule(1, authority("release", release))
				if by == "identity" {
					r = rule(1, certified("ci", train))
				}
				v := compile(t, r).Verify(a, list(test.evidence))
				if v.Trusted(a) || !strings.Contains(v.Reason(), test.want) {
					t.Errorf("%s, %s: trusted %t: %.300s, want %q", test.reason, by, v.Trusted(a), v.Reason(), test.want)
				}
			}
			if v := compile(t, rule(1, authority("release", release))).Verify(a, list(test.evidence, release.Bundle(kit.Digest()))); !v.Trusted(a) {
				t.Errorf("%s: beside it a signature does not count: %s", test.reason, v.Reason())
			}
		})
	}
}

// TestCostlyKey: a platform's own keys are bounded, too.
func TestCostlyKey(t *testing.T) {
	by := authority("release", release)
	by.Key.PEM = string(hugeKey(t, 16384))
	_, errs := trust.Compile(v1alpha1.ModelPlatformSpec{Trust: []v1alpha1.TrustRule{rule(1, by)}})
	if len(errs) != 1 || !strings.Contains(errs[0].Error(), "RSA key of 16384 bits, at most 8192 are used") {
		t.Errorf("got %v", errs)
	}
}

// der is a public RSA key of any length; nobody has the private one.
func der(t *testing.T, bits int) []byte {
	t.Helper()
	n := new(big.Int).Lsh(big.NewInt(1), uint(bits-1))
	n.SetBit(n, 0, 1)
	raw, err := x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: n, E: 65537})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func hugeKey(t *testing.T, bits int) []byte {
	t.Helper()
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der(t, bits)})
}
