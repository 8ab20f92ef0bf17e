package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/finding"
)

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
			in, err := io.ReadAll(io.LimitReader(p.Stdin, fn.MaxInput+1))
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
