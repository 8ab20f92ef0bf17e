package cli

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
)

// progress is one line on a terminal, written over and over, and taken away at
// the end. Anywhere else there is none: in a log it would be many lines.
type progress struct {
	out io.Writer
	// last is what the line says; empty when there is none.
	last string
}

func newProgress(stderr io.Writer) progress {
	if f, ok := stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return progress{out: stderr}
	}
	return progress{}
}

// report is fn.Config.Progress; nil without a terminal.
func (p *progress) report() func(done, total int) {
	if p.out == nil {
		return nil
	}
	return func(done, total int) {
		// A step is a hundredth, or a model where there are fewer.
		if step := max(1, total/100); done%step != 0 && done != total {
			return
		}
		if line := fmt.Sprintf("resolving %d/%d", done, total); line != p.last {
			p.last = line
			fmt.Fprintf(p.out, "\r%s%s", line, clearRest)
		}
	}
}

// clearRest removes what is left of a longer line.
const clearRest = "\x1b[K"

// clear takes the line away.
func (p *progress) clear() {
	if p.last != "" {
		p.last = ""
		fmt.Fprintf(p.out, "\r%s", clearRest)
	}
}
