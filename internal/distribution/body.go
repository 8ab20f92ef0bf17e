package distribution

import (
	"errors"
	"fmt"
	"io"
)

// body fails, rather than truncates, when an answer is too long.
type body struct {
	io.ReadCloser
	left, limit   int64
	progress, end func()
	// cause says why a read was ended, if it was.
	cause func() error
	// fault says whose answer it is.
	fault func(error) error
}

func tooLong(limit int64) error {
	return lasting(fmt.Sprintf("the answer is longer than %d bytes", limit))
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		b.progress()
	}
	if b.left -= int64(n); b.left < 0 {
		return 0, b.fault(tooLong(b.limit))
	}
	if err == nil || errors.Is(err, io.EOF) {
		return n, err
	}
	if cause := b.cause(); cause != nil {
		err = cause
	}
	return n, b.fault(err)
}

func (b *body) Close() error {
	b.end()
	return b.ReadCloser.Close()
}
