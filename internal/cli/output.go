package cli

import (
	"fmt"
	"io"
)

// output is stdout, and remembers that something of it was lost: help and completion
// are written by cobra, which does not always tell.
type output struct {
	io.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.Writer.Write(p)
	if err != nil && o.err == nil {
		o.err = fmt.Errorf("%w: what was printed is not whole; make room, or write it elsewhere", err)
	}
	return n, err
}
