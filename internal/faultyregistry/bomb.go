package faultyregistry

import (
	"bytes"
	"compress/gzip"
	"io"
)

// zeroes are 200 MB, compressed: so many members, of a MB each.
func zeroes() io.Reader {
	const size = 1 << 20
	var member bytes.Buffer
	z := gzip.NewWriter(&member)
	_, _ = z.Write(make([]byte, size)) // a buffer takes all
	_ = z.Close()
	return bytes.NewReader(bytes.Repeat(member.Bytes(), large/size))
}
