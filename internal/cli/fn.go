package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/modelfn/modelfn/fn"
)

// stdinBound ends an endless input. It is more than fn.Run accepts, so that a
// long one is refused and not cut.
const stdinBound = 256<<20 + 1

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
			in, err := io.ReadAll(io.LimitReader(p.Stdin, stdinBound))
			if err != nil {
				return faulty(err)
			}
			out, _, findings := fn.Run(ctx, in, fn.Config{Sources: c.sources()})
			// With an error the items go out as they came in: a host that
			// ignores the exit code must not find a half-expanded package.
			if _, err := p.Stdout.Write(out); err != nil {
				return faulty(err)
			}
			return c.report(findings)
		},
	}
	c.register(cmd)
	return cmd
}
