package cli_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"path/filepath"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/lock"
	"github.com/modelfn/modelfn/internal/testsign"
)

// piece is what stands in a lock's entry: everything about it fits together, but for
// what is hostile.
type piece struct {
	input   string
	entry   func() v1alpha1.LockedModel
	refused string
}

const pinned = "kit://registry.example.com/models/fraud:v7"

var honest = testsign.Kit("fraud", "7.0.0")

// kitOf is an entry of a kit with any Kitfile.
func kitOf(config string) func() v1alpha1.LockedModel {
	return func() v1alpha1.LockedModel { return testsign.KitRaw([]byte(config)).Entry(pinned) }
}

// manifestOf is an entry with any manifest, under its digest.
func manifestOf(manifest string) func() v1alpha1.LockedModel {
	return func() v1alpha1.LockedModel {
		m := honest
		m.Manifest = []byte(manifest)
		return m.Entry(pinned)
	}
}

// evidence is an honest entry with one piece of evidence, packed as a lock packs it.
func evidence(mediaType string, data func() []byte) func() v1alpha1.LockedModel {
	return func() v1alpha1.LockedModel {
		return honest.Entry(pinned, artifact.Evidence{MediaType: mediaType, Data: data()})
	}
}

// stored is an honest entry with evidence of any bytes, packed or not.
func stored(data func() []byte) func() v1alpha1.LockedModel {
	return func() v1alpha1.LockedModel {
		e := honest.Entry(pinned)
		raw := data()
		e.Evidence = append(e.Evidence, v1alpha1.LockedEvidence{MediaType: testsign.TypeBundle, Digest: string(artifact.DigestOf(raw)), Data: raw})
		return e
	}
}

func zipped(n int) func() []byte {
	return func() []byte {
		var out bytes.Buffer
		w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
		if err != nil {
			panic(err)
		}
		for range n >> 20 {
			if _, err := w.Write(make([]byte, 1<<20)); err != nil {
				panic(err)
			}
		}
		if err := w.Close(); err != nil {
			panic(err)
		}
		return out.Bytes()
	}
}

// bundle is a bundle as JSON, with some parts as they are given.
func bundle(material, envelope string) func() []byte {
	return text(`{"mediaType":"`, testsign.TypeBundle, `","verificationMaterial":{`, material, `},"dsseEnvelope":{`, envelope, `}}`)
}

func times(unit string, n int) string { return strings.TrimSuffix(strings.Repeat(unit+",", n), ",") }

var (
	certificate = `{"rawBytes":"` + base64.StdEncoding.EncodeToString([]byte("\x30\x03\x02\x01\x01")) + `"}`
	signature   = `{"sig":"` + base64.StdEncoding.EncodeToString(make([]byte, 64)) + `"}`
	said        = `"payloadType":"application/vnd.in-toto+json","payload":"e30=","signatures":[`
)

var hostilePieces = []piece{
	{"evidence of 5 MB that is no gzip", stored(func() []byte { return bytes.Repeat([]byte("A"), large) }), "bytes, at most"},
	{"evidence of 16 KB that unpacks to 16 MB", stored(zipped(16 << 20)), "unpack to more than"},
	{"a Kitfile of 8 MB and more", kitOf(`{"a":"` + strings.Repeat("x", 8<<20) + `"}`), "bytes, at most"},
	{"a Kitfile 100,000 objects deep", kitOf(strings.Repeat(`{"model":`, 100_000)), "exceeded max depth"},
	{"a Kitfile with 100,000 parts", kitOf(`{"model":{"parts":[` + times("{}", 100_000) + `]}}`), "a list of more than 2048 items"},
	{"a Kitfile that is YAML with a billion laughs", kitOf("a: &a [x]\nb: &b [*a,*a]\n"), "invalid character"},
	{"a manifest 100,000 lists deep", manifestOf(`{"layers":` + strings.Repeat("[", 100_000)), "exceeded max depth"},
	{"a manifest with a million layers", manifestOf(`{"config":{"digest":"` + string(honest.Digest()) + `"},"layers":[` + times("{}", 1_000_000) + `]}`), "a list of more than 2048 items"},
	{"a bundle 100,000 objects deep", evidence(testsign.TypeBundle, text(`{"mediaType":"`, testsign.TypeBundle, `","a":`, strings.Repeat(`{"a":`, 100_000))), "more than 1024 JSON objects"},
	{"a bundle with 10,000 signatures", evidence(testsign.TypeBundle, bundle(`"publicKey":{"hint":""}`, said+times(signature, 10_000)+"]")), "more than 1024 JSON objects"},
	{"a bundle with a chain of 900 certificates", evidence(testsign.TypeBundle, bundle(`"x509CertificateChain":{"certificates":[`+times(certificate, 900)+"]}", said+signature+"]")), "more than 32 signatures, log entries, timestamps and certificates"},
	{"a bundle with 900 entries of a log", evidence(testsign.TypeBundle, bundle(`"publicKey":{"hint":""},"tlogEntries":[`+times("{}", 900)+"]", said+signature+"]")), "more than 32 signatures, log entries, timestamps and certificates"},
	{"an envelope around a statement 100,000 lists deep", evidence(testsign.TypeBundle, func() []byte {
		statement := []byte(`{"_type":"https://in-toto.io/Statement/v1","predicate":` + strings.Repeat("[", 100_000))
		return testsign.Envelope("", testsign.InToto, statement, testsign.ECDSA("release").SignEnvelope(testsign.InToto, statement)).Data
	}), "more than 64 deep"},
}

// TestHostilePieces: whoever may write a lock, or push to a registry, cannot have a
// render calculate for long.
func TestHostilePieces(t *testing.T) {
	for _, p := range hostilePieces {
		t.Run(p.input, func(t *testing.T) {
			t.Parallel()
			dir := quickstart(t)
			plainly(t, dir)
			const model = "apiVersion: modelfn.dev/v1alpha1\nkind: ModelDeployment\nmetadata: {name: fraud, namespace: ml-serving}\nspec:\n  model: " + pinned + "\n  provenance: {training-run-id: 8f2c}\n"
			put(t, filepath.Join(dir, "fraud.yaml"), model)
			d := new(v1alpha1.ModelDeployment)
			if errs := v1alpha1.Decode([]byte(model), d); len(errs) > 0 {
				t.Fatal(errs)
			}
			put(t, filepath.Join(dir, "modelfn.lock.yaml"), string(lock.Marshal([]*v1alpha1.ModelLock{lock.New(d, []v1alpha1.LockedModel{p.entry()})})))
			got := started(t, dir, nil, "build", ".")
			got.within(t)
			if got.code != 1 || got.stdout != "" {
				t.Errorf("exit %d with %d bytes on stdout, want 1 with none", got.code, len(got.stdout))
			}
			for _, want := range []string{"error: ", "; fix: ", p.refused} {
				if !strings.Contains(got.stderr, want) {
					t.Errorf("%q is not said:\n%.2000s", want, got.stderr)
				}
			}
		})
	}
}
