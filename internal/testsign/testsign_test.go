package testsign_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
)

// TestKeysFollowFromTheirNames pins a public key and a signature: were they to
// change, every golden file would.
func TestKeysFollowFromTheirNames(t *testing.T) {
	key := testsign.ECDSA("release")
	want := `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEVN9rOVepFvF4Rs8dRxh72CMjson3
HllnYIixjOBDT+mzDnXul1I62qBlJjFHp6JCzwrAiYxMQ570tAtbmoxDOQ==
-----END PUBLIC KEY-----
`
	if diff := cmp.Diff(want, key.PEM()); diff != "" {
		t.Errorf("public key (-want +got):\n%s", diff)
	}
	if !bytes.Equal(key.Sign([]byte("message")), testsign.ECDSA("release").Sign([]byte("message"))) {
		t.Error("signing twice gives two signatures")
	}
	if testsign.ECDSA("other").PEM() == key.PEM() {
		t.Error("two names have one key")
	}
}

func TestSignaturesVerify(t *testing.T) {
	key := testsign.ECDSA("release")
	block, _ := pem.Decode([]byte(key.PEM()))
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("message"))
	if !ecdsa.VerifyASN1(public.(*ecdsa.PublicKey), sum[:], key.Sign([]byte("message"))) {
		t.Error("the signature does not verify")
	}
}

// TestRealInForm compares what is made here with what kit and cosign wrote into
// the quickstart's lock: the same keys at every level of the JSON.
func TestRealInForm(t *testing.T) {
	raw, err := os.ReadFile("../../examples/quickstart/modelfn.lock.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var lock v1alpha1.ModelLock
	if errs := v1alpha1.Decode(raw, &lock); len(errs) > 0 {
		t.Fatal(errs)
	}
	kit, key := testsign.Kit("fraud", "7.0.0"), testsign.ECDSA("release")
	made := map[string][]byte{
		artifact.TypeLegacy: key.Legacy("registry.example.com/models/fraud", kit.Digest()).Data,
		testsign.TypeBundle: key.Bundle(kit.Digest()).Data,
	}
	compared := 0
	for _, m := range lock.Spec.Models {
		if diff := cmp.Diff(form(t, m.Manifest, "annotations"), form(t, kit.Manifest, "annotations")); diff != "" {
			t.Errorf("manifest (-kit +ours):\n%s", diff)
		}
		ref, err := artifact.ParseReference(m.URI)
		if err != nil {
			t.Fatal(err)
		}
		pinned, err := artifact.NewLocked(lock.Spec.Models).Pin(t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range pinned.Evidence {
			compared++
			if diff := cmp.Diff(form(t, e.Data, ""), form(t, made[e.MediaType], "")); diff != "" {
				t.Errorf("%s (-cosign +ours):\n%s", e.MediaType, diff)
			}
		}
	}
	if compared != 2 {
		t.Errorf("compared %d pieces of evidence, want a legacy signature and a bundle", compared)
	}
}

// form is the JSON with every text and number emptied, without the keys to
// leave out; what is base64 of JSON is opened.
func form(t *testing.T, raw []byte, leave string) any {
	t.Helper()
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	return emptied(tree, leave)
}

func emptied(value any, leave string) any {
	switch v := value.(type) {
	case map[string]any:
		for k := range v {
			if k == leave {
				delete(v, k)
				continue
			}
			v[k] = emptied(v[k], leave)
		}
		return v
	case []any:
		for i := range v {
			v[i] = emptied(v[i], leave)
		}
		return v
	case string:
		var inner struct{ Text []byte }
		if err := json.Unmarshal([]byte(`{"Text":"`+v+`"}`), &inner); err == nil && json.Valid(inner.Text) {
			var tree any
			if err := json.Unmarshal(inner.Text, &tree); err == nil {
				return emptied(tree, leave)
			}
		}
		return ""
	default:
		return nil
	}
}
