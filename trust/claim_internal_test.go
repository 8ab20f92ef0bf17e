package trust

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/sigstore/sigstore/pkg/signature"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
)

// fragile gives up on some payloads, as decoders have.
type fragile struct{ signature.Verifier }

func (f fragile) VerifySignature(sig, message io.Reader, opts ...signature.VerifyOption) error {
	raw, err := io.ReadAll(message)
	if err != nil {
		return err
	}
	if strings.Contains(string(raw), "crash") {
		panic("index out of range")
	}
	return f.Verifier.VerifySignature(sig, bytes.NewReader(raw), opts...)
}

// TestPanicIsAReason: evidence on which a library gives up is one reason, and what
// lies beside it is still judged.
func TestPanicIsAReason(t *testing.T) {
	const repository = "registry.example.com/models/fraud"
	key, kit := testsign.ECDSA("release"), testsign.Kit("fraud", "7.0.0")
	ref, err := artifact.ParseReference("kit://" + repository + ":v7")
	if err != nil {
		t.Fatal(err)
	}
	pinned, err := artifact.NewLocked([]v1alpha1.LockedModel{kit.Entry(ref.String())}).Pin(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	policy, errs := Compile(v1alpha1.ModelPlatformSpec{Trust: []v1alpha1.TrustRule{{
		Match: []string{"**"}, Authorities: []v1alpha1.Authority{{Name: "release", Key: &v1alpha1.Key{PEM: key.PEM()}}},
	}}})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	own := policy.rules[0].Authorities[0].key
	own.verifier = fragile{own.verifier}

	bad, good := key.LegacyOf([]byte("crash")), key.Legacy(repository, kit.Digest())
	v := policy.Verify(pinned.Artifact, []artifact.Evidence{bad})
	if want := "legacy evidence: evidence cannot be read: index out of range"; v.Trusted(pinned.Artifact) || !strings.Contains(v.Reason(), want) {
		t.Errorf("trusted %t: %s, want %q", v.Trusted(pinned.Artifact), v.Reason(), want)
	}
	if v = policy.Verify(pinned.Artifact, []artifact.Evidence{bad, good}); !v.Trusted(pinned.Artifact) {
		t.Errorf("with a good signature beside it: %s", v.Reason())
	}
}
