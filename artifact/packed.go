package artifact

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
)

// gzipHead begins a gzip member that says nothing about what is in it: no flags
// (so no name, comment, extra or checksum of the header) and no time.
var gzipHead = []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0}

// gzipSize is the length of the last field of a member, the size of its content.
const gzipSize = 4

// pack compresses evidence for a lock. The same bytes always give the same;
// another version of the compressor may give others.
func pack(raw []byte) []byte {
	packed := compress(&gzipWriters, raw)
	if len(raw) > mostUnpacked(packed) {
		// It would not be read again.
		packed = compress(&gzipStorers, raw)
	}
	return packed
}

// A reader has 40 KiB of window and tables, a writer 800: they are used again.
var (
	gzipReaders = sync.Pool{New: func() any { return new(gzip.Reader) }}
	gzipWriters = sync.Pool{New: func() any { return newWriter(gzip.DefaultCompression) }}
	gzipStorers = sync.Pool{New: func() any { return newWriter(gzip.NoCompression) }}
)

func newWriter(level int) *gzip.Writer {
	w, err := gzip.NewWriterLevel(nil, level)
	if err != nil {
		panic(err) // the level is one of gzip's own
	}
	return w
}

func compress(writers *sync.Pool, raw []byte) []byte {
	w := writers.Get().(*gzip.Writer)
	defer writers.Put(w)
	var out bytes.Buffer
	w.Reset(&out)
	_, err := w.Write(raw)
	if err = errors.Join(err, w.Close()); err != nil {
		panic(err) // memory takes whatever is written
	}
	return out.Bytes()
}

// unpack reads the one member that packed must be, all of it.
func unpack(packed []byte) ([]byte, error) {
	if !bytes.HasPrefix(packed, gzipHead) {
		return nil, errors.New("it is no gzip member with an empty header")
	}
	z := gzipReaders.Get().(*gzip.Reader)
	defer gzipReaders.Put(z)
	in := bytes.NewReader(packed)
	if err := z.Reset(in); err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	z.Multistream(false)
	most := mostUnpacked(packed)
	var out bytes.Buffer
	// What it says of its size is a guess at how much to make room for.
	said := binary.LittleEndian.Uint32(packed[len(packed)-gzipSize:])
	out.Grow(int(min(said, uint32(most))) + bytes.MinRead)
	switch n, err := out.ReadFrom(io.LimitReader(z, int64(most)+1)); {
	case err != nil:
		return nil, fmt.Errorf("gzip: %w", err)
	case n > int64(most):
		return nil, fmt.Errorf("%d bytes unpack to more than %d", len(packed), most)
	case in.Len() > 0:
		return nil, fmt.Errorf("%d bytes follow the gzip member", in.Len())
	}
	return out.Bytes(), nil
}

// mostUnpacked is how many bytes are read of what is packed. The second bound is
// for all pieces of a lock together: in its file there is room for thousands of
// 1 KiB, and gzip makes 1 MiB of each.
func mostUnpacked(packed []byte) int { return min(maxEvidence, maxExpansion*len(packed)) }
