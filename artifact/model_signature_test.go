package artifact_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
)

const kitTar = "application/vnd.kitops.modelkit.docs.v1.tar"

var (
	weights   = testsign.File{Path: "model.onnx", Content: "weights"}
	signature = release.ModelSignature(weights)
)

// tarred is an archive of files in which each name and content may be anything.
func tarred(t testing.TB, files ...testsign.File) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Name: f.Path, Size: int64(len(f.Content)), Mode: 0o644, Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(f.Content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// retyped is the archive with another type of its first file.
func retyped(archive string, typeflag byte) string {
	header := []byte(archive[:512])
	header[156] = typeflag
	return sealed(header) + archive[512:]
}

// sparse is an archive of a file that says where its content lies: at the
// beginning, all of it.
func sparse(t testing.TB, f testsign.File) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	err := w.WriteHeader(&tar.Header{Name: f.Path, Size: int64(len(f.Content)), Mode: 0o644, Typeflag: tar.TypeReg, Format: tar.FormatGNU})
	if err == nil {
		_, err = w.Write([]byte(f.Content))
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	header := b.Bytes()[:512]
	header[156] = tar.TypeGNUSparse
	size := fmt.Sprintf("%011o\x00", len(f.Content))
	copy(header[386:], fmt.Sprintf("%011o\x00", 0)+size) // offset and length of the one piece
	copy(header[483:], size)
	return sealed(header) + string(b.Bytes()[512:])
}

// sealed is a header of an archive with its checksum.
func sealed(header []byte) string {
	copy(header[148:156], "        ")
	sum := 0
	for _, c := range header {
		sum += int(c)
	}
	copy(header[148:], fmt.Sprintf("%06o\x00 ", sum))
	return string(header)
}

func zipped(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// stored is a layer that says it holds the signature.
func stored(mediaType, content string) testsign.File {
	return testsign.File{Path: "model.sig", Content: content, MediaType: mediaType}
}

// pushed pins what was pushed into a registry of its own.
func pushed(t testing.TB, m testsign.Model, evidence ...artifact.Evidence) (artifact.Pinned, *testsign.Registry, error) {
	t.Helper()
	r := testsign.NewRegistry(t, true)
	r.Push(t, path, "v7", m)
	r.Attach(t, path, m.Digest(), evidence...)
	got, err := ask(t.Context(), t, r)
	return got, r, err
}

// TestModelSignatureIsFound where signers leave it: among the files that it
// signs, or attached.
func TestModelSignatureIsFound(t *testing.T) {
	file, other := testsign.SignatureFile(signature), testsign.File{Path: "README.md", Content: "x"}
	archive := tarred(t, file)
	bomb := zipped(t, tarred(t, testsign.File{Path: "model.sig", Content: strings.Repeat("\x00", 2<<20)}))
	// A special header is read whole before the next file; that one is 900 KiB.
	special := retyped(tarred(t, testsign.File{Path: "x", Content: strings.Repeat("\x00", 900<<10)}), tar.TypeGNULongLink)[:512+900<<10]
	large := file
	large.Content += strings.Repeat(" ", 1<<20+1-len(large.Content))
	trailing := zipped(t, archive[:len(archive)-1024]+tarred(t, testsign.File{Path: "x", Content: strings.Repeat("\x00", 4<<20)}))
	for name, test := range map[string]struct {
		reason string
		model  testsign.Model
		found  bool
		asked  int // for the layer
	}{
		"ModelPack, raw":      {"a file among the others", testsign.RawPack("fraud", "onnx", weights, file), true, 1},
		"ModelKit, raw":       {"kit pack --layer-format raw", testsign.RawKit("", weights, file), true, 1},
		"other artifact":      {"oras push", testsign.Titled(weights, file), true, 1},
		"ModelKit, tar":       {"kit pack --compression none", testsign.RawKit("", weights, stored(kitTar, archive)), true, 1},
		"ModelKit, gzip":      {"kit packs so by default", testsign.RawKit("", weights, stored(kitTar+"+gzip", zipped(t, archive))), true, 1},
		"none":                {"nothing is asked for", testsign.RawPack("fraud", "onnx", weights), false, 0},
		"ModelKit without":    {"nothing is asked for", kit, false, 0},
		"image":               {"an image has no such layers", testsign.Image("fraud", "1", "onnx"), false, 0},
		"too large":           {"no signature is that large", testsign.RawPack("fraud", "onnx", weights, stored("", strings.Repeat(" ", 1<<20+1))), false, 0},
		"no bundle":           {"what is no bundle proves nothing", testsign.RawPack("fraud", "onnx", weights, stored("", "{}")), false, 1},
		"no JSON":             {"what is no bundle proves nothing", testsign.RawPack("fraud", "onnx", weights, stored("", "x")), false, 1},
		"other type":          {"what is no bundle proves nothing", testsign.RawPack("fraud", "onnx", weights, stored("", `{"mediaType":"text/plain"}`)), false, 1},
		"many entries":        {"each is verified", testsign.RawPack("fraud", "onnx", weights, stored("", `{"mediaType":"`+testsign.TypeBundle+`","verificationMaterial":{"tlogEntries":[`+strings.Repeat("{},", 32)+`{}]}}`)), false, 1},
		"bomb":                {"a small layer that unpacks to anything", testsign.RawKit("", weights, stored(kitTar+"+gzip", bomb)), false, 1},
		"bomb before":         {"nor may much come first", testsign.RawKit("", weights, stored(kitTar+"+gzip", zipped(t, special+special+archive))), false, 1},
		"little before":       {"what comes first is passed over", testsign.RawKit("", weights, stored(kitTar+"+gzip", zipped(t, retyped(tarred(t, testsign.File{Path: "x", Content: "x"}), tar.TypeGNULongLink)[:1024]+archive))), true, 1},
		"large file":          {"no signature is that large, however well it is packed", testsign.RawKit("", weights, stored(kitTar+"+gzip", zipped(t, tarred(t, large)))), false, 1},
		"hard link":           {"no file of its own", testsign.RawKit("", weights, stored(kitTar, retyped(archive, tar.TypeLink))), false, 1},
		"contiguous":          {"no plain file", testsign.RawKit("", weights, stored(kitTar, retyped(archive, tar.TypeCont))), false, 1},
		"sparse":              {"whose size the archive does not bound", testsign.RawKit("", weights, stored(kitTar, sparse(t, file))), false, 1},
		"bomb behind":         {"nothing may follow", testsign.RawKit("", weights, stored(kitTar+"+gzip", trailing)), false, 1},
		"two files":           {"an archive of that file alone", testsign.RawKit("", weights, stored(kitTar, tarred(t, file, other))), false, 1},
		"other file":          {"an archive of that file alone", testsign.RawKit("", weights, stored(kitTar, tarred(t, other))), false, 1},
		"file outside":        {"an archive of that file alone", testsign.RawKit("", weights, stored(kitTar, tarred(t, testsign.File{Path: "../model.sig", Content: file.Content}))), false, 1},
		"no archive":          {"bytes under another name", testsign.RawKit("", weights, stored(kitTar, file.Content)), false, 1},
		"no gzip":             {"bytes under another name", testsign.RawKit("", weights, stored(kitTar+"+gzip", archive)), false, 1},
		"half an archive":     {"a truncated file", testsign.RawKit("", weights, stored(kitTar, archive[:700])), false, 1},
		"other compression":   {"what is not read", testsign.RawKit("", weights, stored(kitTar+"+zstd", file.Content)), false, 1},
		"in a folder":         {"another model's, perhaps", testsign.RawPack("fraud", "onnx", weights, testsign.File{Path: "other/model.sig", Content: file.Content}), false, 0},
		"as a title of a kit": {"which annotation names a file is the kind's matter", testsign.RawKit("", weights, testsign.File{Path: "x", Content: file.Content, Annotations: map[string]string{"org.opencontainers.image.title": "model.sig"}}), false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			got, r, err := pushed(t, test.model)
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			if test.found {
				want = digests([]artifact.Evidence{signature})
			}
			if diff := cmp.Diff(want, digests(got.Evidence)); diff != "" {
				t.Errorf("%s: evidence (-want +got):\n%s", test.reason, diff)
			}
			// The config is a blob too.
			if n := asked(r, "/blobs/") - 1; n != test.asked {
				t.Errorf("%s: %d requests for the layer, want %d", test.reason, n, test.asked)
			}
		})
	}
}

// TestModelSignatureAttached: model.sig is a bundle, and found like any other
// under its media type.
func TestModelSignatureAttached(t *testing.T) {
	got, _, err := pushed(t, testsign.RawPack("fraud", "onnx", weights), signature)
	if err != nil || len(got.Evidence) != 1 || got.Evidence[0].Digest() != signature.Digest() {
		t.Errorf("%d pieces of evidence, %v", len(got.Evidence), err)
	}
}

// TestModelSignatureIsAskedForLast, and only if there is not enough; the lock
// gives what the registry gave.
func TestModelSignatureIsAskedForLast(t *testing.T) {
	m := testsign.RawPack("fraud", "onnx", weights, testsign.SignatureFile(signature))
	r := testsign.NewRegistry(t, true)
	r.Push(t, path, "v7", m)
	r.Attach(t, path, m.Digest(), release.Bundle(m.Digest()))
	source, err := artifact.NewRegistry(r.Exceptions(), enough)
	if err != nil {
		t.Fatal(err)
	}
	got, err := source.Pin(t.Context(), parse(t, "kit://"+r.Host+"/"+path+":v7"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"legacy signatures", "the model signature among the layers"}, got.Skipped); diff != "" || len(got.Evidence) != 1 {
		t.Errorf("%d pieces of evidence, skipped (-want +got):\n%s", len(got.Evidence), diff)
	}
	all, err := ask(t.Context(), t, r)
	if err != nil || len(all.Evidence) != 2 {
		t.Fatalf("%d pieces of evidence, %v, want both", len(all.Evidence), err)
	}
	entry := all.Lock([]int{0, 1})
	again, err := pin(t, all.Reference().String(), entry)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(entry, again.Lock([]int{0, 1})); diff != "" {
		t.Errorf("through the lock (-registry +lock):\n%s", diff)
	}
}

// TestModelSignatureMissing: a layer that the registry does not give leaves the
// question open.
func TestModelSignatureMissing(t *testing.T) {
	m := testsign.RawPack("fraud", "onnx", weights, testsign.SignatureFile(signature))
	m.Files = m.Files[:1]
	if _, _, err := pushed(t, m); err == nil || !strings.Contains(err.Error(), "evidence: ") {
		t.Errorf("%v, want an error", err)
	}
}

// TestModelSignatureIsCharged: it counts for what an artifact may have attached.
func TestModelSignatureIsCharged(t *testing.T) {
	var others []artifact.Evidence
	for i := range 4 {
		others = append(others, artifact.Evidence{MediaType: testsign.TypeBundle, Data: padded(1<<20 - i)})
	}
	for name, test := range map[string]struct {
		files []testsign.File
		want  string
	}{
		"without": {[]testsign.File{weights}, ""},
		"with":    {[]testsign.File{weights, testsign.SignatureFile(signature)}, "of more than 4194304 bytes are attached to it"},
	} {
		_, _, err := pushed(t, testsign.RawPack("fraud", "onnx", test.files...), others...)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

// FuzzSignatureLayer: who can push can make a layer of anything.
func FuzzSignatureLayer(f *testing.F) {
	archive := tarred(f, testsign.SignatureFile(signature))
	f.Add([]byte(archive))
	f.Add([]byte(zipped(f, archive)))
	f.Add([]byte(archive[:600]))
	f.Add([]byte(zipped(f, archive)[:100]))
	f.Add(signature.Data)
	f.Fuzz(func(t *testing.T, layer []byte) {
		if len(layer) == 0 {
			return
		}
		for _, mediaType := range []string{kitTar, kitTar + "+gzip", ""} {
			got, _, err := pushed(t, testsign.RawKit("", weights, stored(mediaType, string(layer))))
			if err != nil || len(got.Evidence) > 1 || len(got.Evidence) == 1 && !got.Evidence[0].IsBundle() {
				t.Errorf("%d pieces of evidence, %v", len(got.Evidence), err)
			}
		}
	})
}
