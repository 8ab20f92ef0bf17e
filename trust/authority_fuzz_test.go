package trust_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/testsign"
	"github.com/modelfn/modelfn/trust"
)

// FuzzAuthority takes any text for a key, for certificates and for a trusted root: a
// platform that is not sealed comes with a pull request. What is no authority is said
// so, on one line; what is one trusts nobody else.
func FuzzAuthority(f *testing.F) {
	root := local.TrustedRoot()
	for _, text := range []string{
		release.PEM(), testsign.Ed25519("x").PEM(), testsign.RSA("x", 2048).PEM(), root, "", "{}", `{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}`,
		strings.ReplaceAll(root, `"tlogs"`, `"tlogz"`), "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n",
		release.PEM() + release.PEM(), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
	} {
		f.Add(text)
	}
	a := pin(f, repository, kit)
	stranger := list(mallory.Bundle(kit.Digest()), foreign.Keyless(train).Bundle(kit.Digest()))
	f.Fuzz(func(t *testing.T, text string) {
		byKey := authority("a", release)
		byKey.Key.PEM = text
		byRoot := certified("b", train)
		byRoot.TrustedRoot = text
		for _, by := range []v1alpha1.Authority{byKey, byRoot} {
			policy, errs := trust.Compile(v1alpha1.ModelPlatformSpec{Trust: []v1alpha1.TrustRule{rule(1, by)}})
			for _, e := range errs {
				if e.Message == "" || len(e.Message) > 4000 || strings.Contains(e.Message, "\n") {
					t.Errorf("%q", e.Message)
				}
			}
			// The fuzzer knows neither key, nor the names that foreign's root goes by.
			if len(errs) == 0 && !strings.Contains(text, "tlogs") && policy.Verify(a, stranger).Trusted(a) {
				t.Errorf("trusts a stranger: %q", text)
			}
		}
	})
}

// FuzzVerifyFile is about a bundle that lies beside a file: it is accepted only with
// the statement that was signed.
func FuzzVerifyFile(f *testing.F) {
	genuine := release.Bundle(kit.Digest())
	f.Add(genuine.Data)
	f.Add(mallory.Bundle(kit.Digest()).Data)
	f.Add(blobBundle(kit.Manifest).Data)
	f.Add(logged.Bundle(kit.Digest()).Data)
	f.Add(logged.Blob(kit.Manifest).Data)
	by := authority("release", release)
	f.Fuzz(func(t *testing.T, data []byte) {
		if trust.VerifyFile(data, trust.File{Digest: kit.Digest()}, by) != nil {
			return
		}
		if bytes.Contains(data, []byte("dsseEnvelope")) && !bytes.Equal(dsse(t, data), testsign.Statement(kit.Digest(), testsign.SignPredicate)) {
			t.Errorf("accepted: %q", data)
		}
	})
}
