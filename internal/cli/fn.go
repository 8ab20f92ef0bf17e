package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/finding"
)

// input is all of stdin, at most a byte more than a ResourceList may have. Whoever
// keeps it open and says nothing is not waited for longer than for anybody else.
func input(ctx context.Context, stdin io.Reader) ([]byte, error) {
	type result struct {
		raw []byte
		err error
	}
	done := make(chan result, 1)
	go func() {
		raw, err := io.ReadAll(io.LimitReader(stdin, fn.MaxInput+1))
		done <- result{raw, err}
	}()
	select {
	case r := <-done:
		return r.raw, r.err
	case <-ctx.Done():
		return nil, fmt.Errorf("stdin: the ResourceList has not come to its end within the time that was given (--timeout): %w", ctx.Err())
	}
}

// newFn is the KRM function.
func newFn(p Process) *cobra.Command {
	c := common{p: p, timeout: renderTimeout}
	cmd := &cobra.Command{
		Use:   "fn",
		Short: "Run as a KRM function: ResourceList on stdin and stdout",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(cmd.Context(), c.timeout)
			defer cancel()
			in, err := input(ctx, p.Stdin)
			if err != nil {
				return faulty(err)
			}
			out, _, findings := fn.Run(ctx, in, fn.Config{Sources: c.sources()})
			// With an error the items go out as they came in: a host that
			// ignores the exit code must not find a half-expanded package.
			if _, err := p.Stdout.Write(out); err != nil {
				return faulty(err)
			}
			// To a host of functions every refusal is exit 1.
			if c.report(findings) != nil {
				return refusal(finding.ExitRefused)
			}
			return nil
		},
	}
	c.register(cmd)
	return cmd
}
