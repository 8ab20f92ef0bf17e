package trust_test

import (
	"bytes"
	"testing"

	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
)

// FuzzModelSignature: whatever stands around it, only the statement about these
// very files may be trusted.
func FuzzModelSignature(f *testing.F) {
	genuine := release.ModelSignature(files...)
	f.Add(genuine.Data)
	f.Add(older(f, genuine).Data)
	f.Add(mallory.ModelSignature(files...).Data)
	f.Add(release.ModelSignature(weights).Data)
	f.Add(release.SignStatement([]byte(`{"predicateType":"` + testsign.ModelPredicate + `","predicate":{"resources":[null,{}]}}`)).Data)
	f.Add([]byte(`{"mediaType":"` + testsign.TypeBundle + `","verificationMaterial":{"publicKey":{"rawBytes":null}},"dsseEnvelope":{}}`))
	a := pin(f, repository, testsign.RawPack("fraud", "onnx", files...))
	policy := compile(f, rule(1, authority("release", release)))
	f.Fuzz(func(t *testing.T, data []byte) {
		e := artifact.Evidence{MediaType: testsign.TypeBundle, Data: data}
		if policy.Verify(a, list(e)).Trusted(a) && !bytes.Equal(dsse(t, data), testsign.FilesStatement(files...)) {
			t.Errorf("trusted: %q", data)
		}
	})
}

// FuzzFilesStatement: whatever an authority's key signs about files, the artifact
// is trusted only if it is about all of them.
func FuzzFilesStatement(f *testing.F) {
	statement := testsign.FilesStatement(files...)
	f.Add(statement)
	f.Add(testsign.FilesStatement(weights))
	f.Add(edited(f, statement, to("shards"), "predicate", "serialization", "method"))
	f.Add(edited(f, statement, to("../x"), "predicate", "resources", 0, "name"))
	a := pin(f, repository, testsign.RawPack("fraud", "onnx", files...))
	policy := compile(f, rule(1, authority("release", release)))
	f.Fuzz(func(t *testing.T, signed []byte) {
		if !policy.Verify(a, list(release.SignStatement(signed))).Trusted(a) {
			return
		}
		for _, part := range []string{"model.onnx", "tokenizer/vocab.json", "files", "sha256", testsign.ModelPredicate} {
			if !bytes.Contains(signed, []byte(part)) && !bytes.Contains(signed, []byte(`\u`)) {
				t.Errorf("trusted without %q: %q", part, signed)
			}
		}
	})
}

// TestEveryByteOfAModelSignature goes deterministically over what a fuzzer only
// samples.
func TestEveryByteOfAModelSignature(t *testing.T) {
	a := pin(t, repository, testsign.RawPack("fraud", "onnx", files...))
	policy := compile(t, rule(1, authority("release", release)))
	genuine := release.ModelSignature(files...)
	harmless := 0
	for i := range genuine.Data {
		e := artifact.Evidence{MediaType: genuine.MediaType, Data: bytes.Clone(genuine.Data)}
		e.Data[i] ^= 1
		if policy.Verify(a, list(e)).Trusted(a) {
			harmless++
		}
	}
	// The key hint (44 characters) is not believed, so it may change.
	if harmless > 44 {
		t.Errorf("%d of %d changed bytes leave it trusted", harmless, len(genuine.Data))
	}
}
