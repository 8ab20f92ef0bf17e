package trust_test

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/trust"
)

func TestKeyRefused(t *testing.T) {
	short := &rsa.PublicKey{N: new(big.Int).SetBit(big.NewInt(1), 1023, 1), E: 65537}
	der, err := x509.MarshalPKIXPublicKey(short)
	if err != nil {
		t.Fatal(err)
	}
	// X25519 keys agree on secrets; they cannot sign.
	x25519 := "MCowBQYDK2VuAyEAhSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo="
	for name, test := range map[string]struct{ pem, want string }{
		"no PEM":        {"ssh-ed25519 AAAA", "no PEM block"},
		"no key":        {block([]byte("x")), "public key: "},
		"rsa 1024":      {block(der), "RSA key of 1024 bits, at least 2048 are needed"},
		"no signatures": {"-----BEGIN PUBLIC KEY-----\n" + x25519 + "\n-----END PUBLIC KEY-----\n", "*ecdh.PublicKey is not supported: use ECDSA, Ed25519 or RSA"},
	} {
		t.Run(name, func(t *testing.T) {
			_, errs := trust.Compile(v1alpha1.ModelPlatformSpec{Trust: []v1alpha1.TrustRule{
				rule(1, authority("release", release)),
				rule(1, authority("release", release), v1alpha1.Authority{Name: "bad", Key: &v1alpha1.Key{PEM: test.pem}}),
			}})
			if len(errs) != 1 || errs[0].Path != "spec.trust[1].authorities[1].key.pem" || !strings.Contains(errs[0].Message, test.want) {
				t.Errorf("%v, want one error about the key with %q", errs, test.want)
			}
		})
	}
}

// TestKeyIsCanonical: the same key in another spelling of its PEM is the same
// signer, and is written as one.
func TestKeyIsCanonical(t *testing.T) {
	policy := compile(t, rule(1, authority("release", release), v1alpha1.Authority{
		Name: "again", Key: &v1alpha1.Key{PEM: respelled(release.PEM())},
	}))
	got := policy.Rule(repository).Authorities
	if got[0].KeyID() != got[1].KeyID() || got[0].PEM() != got[1].PEM() {
		t.Errorf("%s and %s are taken for two keys", got[0].KeyID(), got[1].KeyID())
	}
}

func block(der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}
