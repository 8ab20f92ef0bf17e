package artifact_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
)

// maxEvidence is package artifact's.
const maxEvidence = 1 << 20

// gzipped is a member by the level, with what the function writes into its
// header.
func gzipped(t testing.TB, raw []byte, level int, head func(*gzip.Header)) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, level)
	if err != nil {
		t.Fatal(err)
	}
	if head != nil {
		head(&w.Header)
	}
	if _, err := w.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// holding is an entry with this piece.
func holding(piece v1alpha1.LockedEvidence) v1alpha1.LockedModel {
	entry := kit.Entry(uri)
	entry.Evidence = []v1alpha1.LockedEvidence{piece}
	return entry
}

// storing is an entry that holds these bytes as a bundle, by their digest.
func storing(stored []byte) v1alpha1.LockedModel {
	return holding(v1alpha1.LockedEvidence{MediaType: testsign.TypeBundle, Digest: string(artifact.DigestOf(stored)), Data: stored})
}

// padded is a bundle of so many bytes, most of them spaces.
func padded(n int) []byte {
	raw := release.Bundle(kit.Digest()).Data
	return append(raw, bytes.Repeat([]byte(" "), n-len(raw))...)
}

func TestPieceRefused(t *testing.T) {
	raw := release.Bundle(kit.Digest()).Data
	good := gzipped(t, raw, gzip.DefaultCompression, nil)
	headed := func(head func(*gzip.Header)) []byte { return gzipped(t, raw, gzip.DefaultCompression, head) }
	const header = "evidence[0]: it is no gzip member with an empty header"
	for name, test := range map[string]struct {
		stored []byte
		want   string
	}{
		"nothing":          {nil, header},
		"no gzip":          {[]byte("signature"), header},
		"name":             {headed(func(h *gzip.Header) { h.Name = "bundle.json" }), header},
		"comment":          {headed(func(h *gzip.Header) { h.Comment = "trust me" }), header},
		"extra":            {headed(func(h *gzip.Header) { h.Extra = []byte("x") }), header},
		"time":             {headed(func(h *gzip.Header) { h.ModTime = time.Unix(1, 0) }), header},
		"header only":      {good[:10], "evidence[0]: gzip: unexpected EOF"},
		"cut":              {good[:len(good)-1], "evidence[0]: gzip: unexpected EOF"},
		"no header's end":  {good[:9], "evidence[0]: gzip: unexpected EOF"},
		"trailing byte":    {append(bytes.Clone(good), 0), "evidence[0]: 1 bytes follow the gzip member"},
		"second member":    {append(bytes.Clone(good), gzipped(t, nil, gzip.BestSpeed, nil)...), "bytes follow the gzip member"},
		"another's bundle": {gzipped(t, []byte(`{"mediaType":"x"}`), gzip.BestSpeed, nil), `evidence[0]: these bytes are no "application/vnd.dev.sigstore.bundle.v0.3+json"`},
		"bomb":             {gzipped(t, make([]byte, 64<<20), gzip.BestCompression, nil), "bytes unpack to more than 1044"},
		"long":             {gzipped(t, padded(maxEvidence+1), gzip.NoCompression, nil), "bytes unpack to more than 1048576"},
		"spread out":       {gzipped(t, padded(maxEvidence), gzip.BestCompression, nil), "bytes unpack to more than "},
		"long as stored":   {make([]byte, maxEvidence+1<<10+1), "evidence[0]: it has 1049601 bytes, at most 1049600 are read"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := pin(t, uri, storing(test.stored))
			if !errors.Is(err, artifact.ErrLockEdited) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want ErrLockEdited with %q", err, test.want)
			}
		})
	}
}

// TestBombCostsNothing: what is read of it is bounded by its own size.
func TestBombCostsNothing(t *testing.T) {
	bomb := gzipped(t, make([]byte, 64<<20), gzip.BestCompression, nil)
	// It may say of itself what it likes.
	copy(bomb[len(bomb)-4:], []byte{0xff, 0xff, 0xff, 0x7f})
	entry := storing(bomb)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := pin(t, uri, entry); err == nil {
		t.Error("pinned")
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 4*maxEvidence {
		t.Errorf("%d bytes were made room for", got)
	}
}

// TestBitOfAPiece flips each bit of a stored piece: its digest then differs. With
// the digest changed too, either the piece does not hold, or it says the same in
// other bytes, which are kept.
func TestBitOfAPiece(t *testing.T) {
	raw := release.Bundle(kit.Digest()).Data
	good := release.Bundle(kit.Digest()).Lock()
	other := 0
	for i := range 8 * len(good.Data) {
		stored := bytes.Clone(good.Data)
		stored[i/8] ^= 1 << (i % 8)
		piece := good
		piece.Data = stored
		if _, err := pin(t, uri, holding(piece)); !errors.Is(err, artifact.ErrLockEdited) || !strings.Contains(err.Error(), "evidence[0]: it hashes to ") {
			t.Fatalf("bit %d: %v, want another digest", i, err)
		}
		entry := storing(stored)
		got, err := pin(t, uri, entry)
		switch {
		case err == nil:
			other++
			if diff := cmp.Diff(entry, got.Lock([]int{0})); diff != "" || !bytes.Equal(got.Evidence[0].Data, raw) {
				t.Errorf("bit %d: pinned to other bytes, or written otherwise (-want +got):\n%s", i, diff)
			}
		case !errors.Is(err, artifact.ErrLockEdited):
			t.Errorf("bit %d: %v, want ErrLockEdited", i, err)
		}
	}
	// Which compressor it was, on which system, and what fills the last byte.
	if other < 16 || other > 32 {
		t.Errorf("%d bits say nothing", other)
	}
}

// TestAnotherCompressor: what another one wrote is as good, stays as it is, and
// says the same.
func TestAnotherCompressor(t *testing.T) {
	e := release.Bundle(kit.Digest())
	ours, err := pin(t, uri, kit.Entry(uri, e))
	if err != nil {
		t.Fatal(err)
	}
	for _, level := range []int{gzip.NoCompression, gzip.BestSpeed, gzip.HuffmanOnly} {
		theirs := storing(gzipped(t, e.Data, level, func(h *gzip.Header) { h.OS = 3 }))
		got, err := pin(t, uri, theirs)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(theirs, got.Lock([]int{0})); diff != "" {
			t.Errorf("level %d (-locked +written):\n%s", level, diff)
		}
		if got.Sum([]int{0}) != ours.Sum([]int{0}) || !artifact.SameEntry(theirs, ours.Lock([]int{0})) {
			t.Errorf("level %d: not the same", level)
		}
	}
}

// TestSumIsOverAllOfAnEntry, and so is SameEntry.
func TestSumIsOverAllOfAnEntry(t *testing.T) {
	p, err := pin(t, uri, locked())
	if err != nil {
		t.Fatal(err)
	}
	sums := map[artifact.Digest]string{p.Sum([]int{0, 1}): "both"}
	other, err := pin(t, uri+"x", kit.Entry(uri+"x"))
	if err != nil {
		t.Fatal(err)
	}
	for name, sum := range map[string]artifact.Digest{
		"bundle": p.Sum([]int{0}), "legacy": p.Sum([]int{1}), "neither": p.Sum(nil), "another URI": other.Sum(nil),
	} {
		if same, ok := sums[sum]; ok {
			t.Errorf("%s and %s have one digest", name, same)
		}
		sums[sum] = name
	}
	for name, change := range map[string]func(*v1alpha1.LockedModel){
		"version":    func(e *v1alpha1.LockedModel) { e.Version = "8" },
		"a piece":    func(e *v1alpha1.LockedModel) { e.Evidence = e.Evidence[:1] },
		"media type": func(e *v1alpha1.LockedModel) { e.Evidence[0].MediaType = "x" },
		"digest":     func(e *v1alpha1.LockedModel) { e.Evidence[0].Digest = "x" },
		"bytes":      func(e *v1alpha1.LockedModel) { e.Evidence[0].Data = []byte("x") },
	} {
		entry := locked()
		if change(&entry); artifact.SameEntry(locked(), entry) {
			t.Errorf("%s: the same", name)
		}
	}
}

// TestWhatIsWrittenIsRead, also what a compressor makes very small: it could not be
// told from a bomb.
func TestWhatIsWrittenIsRead(t *testing.T) {
	for _, n := range []int{1000, 20_000, maxEvidence} {
		want := artifact.Evidence{MediaType: testsign.TypeBundle, Data: padded(n)}
		got, err := pin(t, uri, kit.Entry(uri, want))
		if err != nil || !bytes.Equal(got.Evidence[0].Data, want.Data) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	if !bytes.Equal(release.Bundle(kit.Digest()).Lock().Data, release.Bundle(kit.Digest()).Lock().Data) {
		t.Error("the same evidence is packed in two ways")
	}
}

// TestOldLock: evidence as it is, without compression, is told from an edited lock.
func TestOldLock(t *testing.T) {
	for name, e := range map[string]artifact.Evidence{"bundle": release.Bundle(kit.Digest()), "legacy": release.Legacy(repository, kit.Digest())} {
		entry := holding(v1alpha1.LockedEvidence{MediaType: e.MediaType, Digest: string(e.Digest()), Data: e.Data})
		_, err := pin(t, uri, entry)
		if !errors.Is(err, artifact.ErrOldLock) || errors.Is(err, artifact.ErrLockEdited) || !strings.Contains(err.Error(), "evidence[0]: it is not compressed: an older modelfn wrote this lock") {
			t.Errorf("%s: %v, want ErrOldLock", name, err)
		}
		entry.Version = "8"
		if _, err := pin(t, uri, entry); !errors.Is(err, artifact.ErrLockEdited) {
			t.Errorf("%s, edited: %v, want ErrLockEdited", name, err)
		}
	}
}

// FuzzLockedEvidence takes any bytes for a stored piece. What is pinned is bounded,
// is what gzip itself makes of them, and goes back into a lock as it was.
func FuzzLockedEvidence(f *testing.F) {
	raw := release.Bundle(kit.Digest()).Data
	good := gzipped(f, raw, gzip.DefaultCompression, nil)
	f.Add(good)
	f.Add(raw)
	f.Add(good[:len(good)-1])
	f.Add(append(bytes.Clone(good), good...))
	f.Add(gzipped(f, raw, gzip.NoCompression, nil))
	f.Add(gzipped(f, raw, gzip.HuffmanOnly, func(h *gzip.Header) { h.Name = "x" }))
	f.Add(gzipped(f, padded(maxEvidence), gzip.BestCompression, nil))
	f.Fuzz(func(t *testing.T, stored []byte) {
		entry := storing(stored)
		got, err := pin(t, uri, entry)
		if err != nil {
			if got.Resolved() || !errors.Is(err, artifact.ErrLockEdited) && !errors.Is(err, artifact.ErrOldLock) {
				t.Errorf("%v, resolved %t", err, got.Resolved())
			}
			return
		}
		if diff := cmp.Diff(entry, got.Lock([]int{0})); diff != "" {
			t.Errorf("-locked +written:\n%s", diff)
		}
		z, err := gzip.NewReader(bytes.NewReader(stored))
		if err != nil {
			t.Fatal(err)
		}
		want, err := io.ReadAll(z)
		if err != nil || len(want) > maxEvidence || !bytes.Equal(want, got.Evidence[0].Data) {
			t.Errorf("%d bytes, gzip itself makes %d of them: %v", len(got.Evidence[0].Data), len(want), err)
		}
	})
}
