package trust_test

import (
	"crypto"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
)

var (
	weights   = testsign.File{Path: "model.onnx", Content: "weights"}
	tokenizer = testsign.File{Path: "tokenizer/vocab.json", Content: "{}"}
	files     = []testsign.File{weights, tokenizer}
)

// with is the files and more.
func with(more ...testsign.File) []testsign.File { return slices.Concat(files, more) }

// TestModelSignatureAccepted: where each layer is a file, a signature over the
// files is one over the artifact.
func TestModelSignatureAccepted(t *testing.T) {
	signature := release.ModelSignature(files...)
	byRelease, asTrain := rule(1, authority("release", release)), rule(1, certified("ci", train))
	curve := testsign.P384("release", crypto.SHA384)
	for name, test := range map[string]struct {
		reason   string
		rule     v1alpha1.TrustRule
		model    testsign.Model
		evidence []artifact.Evidence
		signers  string
		counted  []int
	}{
		"ModelPack":          {"raw layers are the model specification's", byRelease, testsign.RawPack("fraud", "onnx", files...), list(signature), "release/model-signing", []int{0}},
		"ModelKit":           {"kit pack --layer-format raw", byRelease, testsign.RawKit("", files...), list(signature), "release/model-signing", []int{0}},
		"other artifact":     {"oras gives files a tar's media type unless told", byRelease, testsign.Titled(files...), list(signature), "release/model-signing", []int{0}},
		"signature inside":   {"the signature cannot sign itself", byRelease, testsign.RawPack("fraud", "onnx", with(testsign.SignatureFile(signature))...), list(signature), "release/model-signing", []int{0}},
		"order of layers":    {"a list of layers is no list of files", byRelease, testsign.RawPack("fraud", "onnx", tokenizer, weights), list(signature), "release/model-signing", []int{0}},
		"longer curve":       {"the key type is the signer's choice", rule(1, authority("release", curve)), testsign.RawPack("fraud", "onnx", files...), list(curve.ModelSignature(files...)), "release/model-signing", []int{0}},
		"keyless":            {"signed under a certificate, and logged", asTrain, testsign.RawPack("fraud", "onnx", files...), list(logged.ModelSignature(files...)), "ci/model-signing", []int{0}},
		"logged key":         {"tlog: Required asks for the log here too", rule(1, loggedKey("release", release)), testsign.RawPack("fraud", "onnx", files...), list(local.Keyed(release).ModelSignature(files...)), "release/model-signing", []int{0}},
		"before v1.1":        {"older signers wrote the key where the hint belongs", byRelease, testsign.RawPack("fraud", "onnx", files...), list(older(t, signature)), "release/model-signing", []int{0}},
		"beside a signature": {"one key in two formats is one signer, named by what an admission engine can check", byRelease, testsign.RawPack("fraud", "onnx", files...), list(release.Legacy(repository, testsign.RawPack("fraud", "onnx", files...).Digest()), signature), "release/legacy", []int{0, 1}},
		"two parties":        {"it counts toward a threshold", rule(2, authority("release", release), authority("ci", ci)), testsign.RawPack("fraud", "onnx", files...), list(signature, ci.Bundle(testsign.RawPack("fraud", "onnx", files...).Digest())), "release/model-signing ci/bundle", []int{0, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			a := pin(t, repository, test.model)
			v := compile(t, test.rule).Verify(a, test.evidence)
			if !v.Trusted(a) {
				t.Fatalf("%s: refused: %s", test.reason, v.Reason())
			}
			if diff := cmp.Diff(test.signers, signers(v)); diff != "" {
				t.Errorf("%s: signers (-want +got):\n%s", test.reason, diff)
			}
			if diff := cmp.Diff(test.counted, v.Counted()); diff != "" {
				t.Errorf("%s: counted (-want +got):\n%s", test.reason, diff)
			}
		})
	}
}

// older is a signature as model-signing wrote it before v1.1: with the key.
func older(t testing.TB, e artifact.Evidence) artifact.Evidence {
	t.Helper()
	return bundleWith(t, e, to(map[string]any{"rawBytes": []byte(mallory.PEM()), "keyDetails": "PKIX_ECDSA_P256_SHA_256"}), "verificationMaterial", "publicKey")
}

// TestModelSignatureRefused holds the ways in which a signature over files proves
// nothing about an artifact.
func TestModelSignatureRefused(t *testing.T) {
	genuine := release.ModelSignature(files...)
	pack := testsign.RawPack("fraud", "onnx", files...)
	stating := func(change func(any) any, path ...any) []artifact.Evidence {
		return list(release.SignStatement(edited(t, testsign.FilesStatement(files...), change, path...)))
	}
	resource := func(i int, path ...any) []any { return append([]any{"predicate", "resources", i}, path...) }
	named := func(path string) testsign.Model {
		return testsign.RawPack("fraud", "onnx", testsign.File{Path: path, Content: weights.Content}, tokenizer)
	}
	folder := tokenizer
	folder.Annotations = map[string]string{"io.deis.oras.content.unpack": "true"}
	zipped, packed, unnamed := weights, weights, weights
	zipped.MediaType = "application/vnd.kitops.modelkit.model.v1.raw+gzip"
	packed.MediaType = "application/vnd.cncf.model.weight.v1.tar"
	unnamed.Path = ""
	layerZip, layerZstd := weights, weights
	layerZip.MediaType = "application/vnd.oci.image.layer.v1.tar+gzip"
	layerZstd.MediaType = "application/vnd.oci.image.layer.v1.tar+zstd"

	const archived = "cannot be shown without pulling the weights: "
	for name, test := range map[string]struct {
		reason   string
		model    testsign.Model
		evidence []artifact.Evidence
		want     string
	}{
		"stranger":          {"a stranger's signature", pack, list(mallory.ModelSignature(files...)), "another key made it, or it was changed since"},
		"key inside":        {"the key that a bundle brings is nobody's authority", pack, list(older(t, mallory.ModelSignature(files...))), "another key made it, or it was changed since"},
		"tampered":          {"files that were not signed", pack, list(bundleWith(t, genuine, to(testsign.FilesStatement(weights)), "dsseEnvelope", "payload")), "another key made it, or it was changed since"},
		"other files":       {"the signature of another model", testsign.RawPack("fraud", "onnx", testsign.File{Path: weights.Path, Content: "evil"}, tokenizer), list(genuine), `it signs other content of "model.onnx", sha256:`},
		"file missing":      {"a part of a model is another model", testsign.RawPack("fraud", "onnx", weights), list(genuine), `it signs "tokenizer/vocab.json", which the artifact does not hold`},
		"file added":        {"a file beside the signed ones may be loaded", testsign.RawPack("fraud", "onnx", with(testsign.File{Path: "extra.pkl", Content: "x"})...), list(genuine), `the artifact holds "extra.pkl", which it does not sign`},
		"file renamed":      {"a runtime chooses by name", named("model.pkl"), list(genuine), `it signs "model.onnx", which the artifact does not hold`},
		"file twice":        {"two layers of one path: which one is loaded?", testsign.RawPack("fraud", "onnx", with(weights)...), list(genuine), `the artifact's layer of "model.onnx" names no file of its own`},
		"other spelling":    {"kit cleans a path before it writes", named("./model.onnx"), list(genuine), `the artifact's layer of "./model.onnx" names no file of its own`},
		"the folder":        {"a path that is the folder's own", named("."), list(genuine), `the artifact's layer of "." names no file of its own`},
		"outside":           {"a layer that leaves the folder", named("../model.onnx"), list(genuine), `the artifact's layer of "../model.onnx" names no file of its own`},
		"rooted":            {"a layer that leaves the folder", named("/model.onnx"), list(genuine), `the artifact's layer of "/model.onnx" names no file of its own`},
		"another signature": {"only this very signature may lie among the files unsigned", testsign.RawPack("fraud", "onnx", with(testsign.SignatureFile(ci.ModelSignature(files...)))...), list(genuine), `the artifact holds "model.sig", which it does not sign`},
		"signature renamed": {"not under another name either", testsign.RawPack("fraud", "onnx", with(testsign.File{Path: "config.json", Content: string(genuine.Data)})...), list(genuine), `the artifact holds "config.json", which it does not sign`},

		"subject":          {"a subject that is not the files'", pack, stating(to(strings.Repeat("0", 64)), "subject", 0, "digest", "sha256"), "provided artifact digest does not match any digest in statement"},
		"artifact's":       {"an artifact's digest says nothing about files", pack, stating(to(pack.Digest().Hex()), "subject", 0, "digest", "sha256"), "provided artifact digest does not match any digest in statement"},
		"two subjects":     {"a statement about several models", pack, stating(twice, "subject"), "it is about 2 models, want one"},
		"statement v0.1":   {"another kind of statement", pack, stating(to("https://in-toto.io/Statement/v0.1"), "_type"), `a statement of type "https://in-toto.io/Statement/v0.1"`},
		"no type":          {"another kind of statement", pack, stating(to(""), "_type"), `a statement of type ""`},
		"predicate v0.1":   {"what model-signing v0.2 signed is not read", pack, stating(to("https://model_signing/Digests/v0.1"), "predicateType"), "bundle: "},
		"name twice":       {"two digests for one file", pack, stating(to(weights.Path), resource(1, "name")...), `it signs "model.onnx" twice`},
		"name outside":     {"a name that leaves the folder", pack, stating(to("../model.onnx"), resource(0, "name")...), `it signs "../model.onnx", which is no plain path below the model`},
		"name rooted":      {"a name that leaves the folder", pack, stating(to("/model.onnx"), resource(0, "name")...), `it signs "/model.onnx", which is no plain path`},
		"no name":          {"a file without a name", pack, stating(to(""), resource(0, "name")...), `it signs "", which is no plain path`},
		"single file":      {"a signature over one file says nothing about its name", testsign.RawPack("fraud", "onnx", weights), list(release.ModelSignature(testsign.File{Path: ".", Content: weights.Content})), "it signs a single file without its name"},
		"no file":          {"a signature over nothing holds for nothing", testsign.RawPack("fraud", "onnx"), list(release.ModelSignature()), "it signs no file"},
		"no predicate":     {"a statement that lists no files", pack, stating(to(nil), "predicate"), "provided artifact digest does not match"},
		"no digest":        {"a digest that is none", pack, stating(to("x"), resource(0, "digest")...), `file "model.onnx": digest: encoding/hex`},
		"short digest":     {"a digest of another length", pack, list(release.SignStatement(rooted(t, "ab"))), `it signs other content of "model.onnx", sha256:ab`},
		"shards":           {"parts of files", pack, stating(to("shards"), "predicate", "serialization", "method"), "it signs sha256 hashes of shards, which cannot be compared with layers"},
		"no method":        {"nobody knows what of", pack, stating(to(""), "predicate", "serialization", "method"), "it signs sha256 hashes of , which cannot be compared"},
		"blake3":           {"another hash than layers have", pack, stating(to("blake3"), "predicate", "serialization", "hash_type"), "it signs blake3 hashes of files, which cannot be compared with layers"},
		"blake2b of one":   {"another hash than layers have", pack, stating(to("blake2b"), resource(1, "algorithm")...), `it signs the blake2b hash of "tokenizer/vocab.json"`},
		"too many files":   {"a list to fill our memory with", pack, stating(many, "predicate", "resources"), "it lists more files than an artifact can have"},
		"half a bundle":    {"bytes that are no bundle", pack, list(artifact.Evidence{MediaType: testsign.TypeBundle, Data: genuine.Data[:len(genuine.Data)/2]}), "bundle: "},
		"a signature, key": {"only model-signing ever wrote the key there, not cosign", pack, list(bundleWith(t, release.Bundle(pack.Digest()), to(map[string]any{"rawBytes": []byte(release.PEM())}), "verificationMaterial", "publicKey")), `unknown field "rawBytes"`},
		"other material":   {"another field than the key that older signers wrote", pack, list(bundleWith(t, genuine, to(map[string]any{"keyDetails": "PKIX_ECDSA_P256_SHA_256"}), "verificationMaterial", "publicKey")), `unknown field "keyDetails"`},
		"renamed":          {"bytes stored under another name than they carry", pack, list(artifact.Evidence{MediaType: artifact.TypeBundle + ".v0.2+json", Data: genuine.Data}), `stored as "application/vnd.dev.sigstore.bundle.v0.2+json"`},
		"no signature":     {"an attestation by the key about the artifact", pack, list(release.Attestation(pack.Digest(), slsa)), "is no signature"},
		"as an artifact's": {"the predicate type alone makes no signature of an artifact", pack, list(release.Attestation(pack.Digest(), testsign.ModelPredicate)), "provided artifact digest does not match any digest in statement"},

		"ModelKit of archives": {"what is in an archive is not known", testsign.Kit("fraud", "7.0.0"), list(genuine), archived + `layers[0] ("", application/vnd.kitops.modelkit.model.v1.tar) is an archive`},
		"one archive":          {"one is enough", testsign.RawPack("fraud", "onnx", tokenizer, packed), list(genuine), archived + `layers[1] ("model.onnx", application/vnd.cncf.model.weight.v1.tar) is an archive`},
		"compressed":           {"the digest is not the file's", testsign.RawKit("", zipped, tokenizer), list(genuine), archived + `layers[0] ("model.onnx", application/vnd.kitops.modelkit.model.v1.raw+gzip)`},
		"image":                {"layers of an image are archives", testsign.Image("fraud", "1", "onnx"), list(genuine), archived + "layers[0]"},
		"index":                {"layers of images are archives", testsign.Index([]string{"linux/amd64"}, testsign.Image("fraud", "1", "onnx")), list(genuine), archived + "it is a list of images"},
		"folder":               {"oras unpacks it", testsign.Titled(weights, folder), list(genuine), archived + `layers[1] ("tokenizer/vocab.json"`},
		"compressed layer":     {"another client may unpack it", testsign.Titled(layerZip, tokenizer), list(genuine), archived + `layers[0] ("model.onnx"`},
		"otherwise compressed": {"another client may unpack that, too", testsign.Titled(layerZstd, tokenizer), list(genuine), archived + `layers[0] ("model.onnx"`},
		"unnamed":              {"a layer of which nobody knows where it goes", testsign.RawPack("fraud", "onnx", unnamed, tokenizer), list(genuine), "layers[0] (application/vnd.cncf.model.weight.v1.raw) names no file"},
		"nested":               {"a config, which is not signed, that loads another kit's files", testsign.RawKit("registry.example.com/models/base@"+string(other.Digest()), files...), list(genuine), "the artifact's config adds those of another artifact, kit://registry.example.com/models/base@"},
	} {
		t.Run(name, func(t *testing.T) {
			a := pin(t, repository, test.model)
			v := compile(t, rule(1, authority("release", release))).Verify(a, test.evidence)
			if v.Trusted(a) {
				t.Fatalf("%s: trusted", test.reason)
			}
			if !strings.Contains(v.Reason(), test.want) {
				t.Errorf("%s: reason %q, want %q in it", test.reason, v.Reason(), test.want)
			}
		})
	}
}

// rooted is a statement in which one file's digest is this, and the subject fits.
func rooted(t testing.TB, digest string) []byte {
	t.Helper()
	statement := edited(t, testsign.FilesStatement(weights), to(digest), "predicate", "resources", 0, "digest")
	return edited(t, statement, to(artifact.DigestOf([]byte{0xab}).Hex()), "subject", 0, "digest", "sha256")
}

// many repeats a list's first item more often than an artifact can have layers.
func many(v any) any {
	out := v.([]any)
	for len(out) < 6000 {
		out = append(out, out[0])
	}
	return out
}

// TestModelSignatureWithoutItsTerms: what an authority asks beside the signature
// is asked of this format too.
func TestModelSignatureWithoutItsTerms(t *testing.T) {
	model := testsign.RawPack("fraud", "onnx", files...)
	var root string
	edited(t, testsign.FilesStatement(files...), func(v any) any { root = v.(string); return v }, "subject", 0, "digest", "sha256")
	revokedFiles, revokedArtifact := authority("release", release), authority("release", release)
	revokedFiles.Revoked, revokedArtifact.Revoked = []string{"sha256:" + root}, []string{string(model.Digest())}
	evil := train
	evil.Subject += "2"
	for name, test := range map[string]struct {
		reason   string
		rule     v1alpha1.TrustRule
		evidence artifact.Evidence
		want     string
	}{
		"files revoked":    {"the same files under another digest stay revoked", rule(1, revokedFiles), release.ModelSignature(files...), "release has revoked sha256:" + root},
		"artifact revoked": {"a digest that the authority does not stand by any more", rule(1, revokedArtifact), release.ModelSignature(files...), "release has revoked " + string(model.Digest())},
		"not logged":       {"a signature that nobody saw", rule(1, loggedKey("release", release)), release.ModelSignature(files...), "not enough verified log entries"},
		"other identity":   {"another workflow", rule(1, certified("ci", train)), local.Keyless(evil).ModelSignature(files...), `main2" is not "https://github.com/acme`},
		"other Sigstore":   {"a certificate by an authority that nobody believes", rule(1, certified("ci", train)), foreign.Keyless(train).ModelSignature(files...), "not enough verified log entries"},
		"one party":        {"two formats of one key are one signer", rule(2, authority("release", release), authority("ci", ci)), release.ModelSignature(files...), "is signed by 1 of 2 required authorities"},
	} {
		a := pin(t, repository, model)
		v := compile(t, test.rule).Verify(a, list(test.evidence))
		if v.Trusted(a) || !strings.Contains(v.Reason(), test.want) {
			t.Errorf("%s: %s: trusted %t, reason %q, want %q in it", name, test.reason, v.Trusted(a), v.Reason(), test.want)
		}
	}
}
