package cli

import (
	"bytes"
	"context"

	"github.com/spf13/cobra"

	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/host"
)

// newBaseline prints the platform's cluster-wide objects.
func newBaseline(p Process) *cobra.Command {
	c := common{p: p, timeout: renderTimeout}
	cmd := &cobra.Command{
		Use:   "baseline [DIR]",
		Short: "Print what the platform needs once in a cluster",
		Long: `Print the platform's cluster-wide objects, for an application of the platform
team's own: what unpacks kit:// models (spec.serving.kit), and the admission
policies by which the API server refuses every model that the platform's rules do
not admit (docs/baseline.md), unless spec.policy.engine is None. The platform is
found as in other commands; DIR is read for one where it is given, and the working
directory where no platform is. A baseline does not belong beside models: build
refuses it there.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, cancel := context.WithTimeout(cmd.Context(), c.timeout)
			defer cancel()
			repo, findings, err := c.repository(ctx, args)
			if err != nil {
				return err
			}
			var out []byte
			if !findings.Refused() {
				var more finding.List
				out, more = baseline(repo, c.sources())
				findings = append(findings, more...)
			}
			if err := c.report(findings.Sorted()); err != nil {
				return err
			}
			_, err = p.Stdout.Write(out)
			return faulty(err)
		},
	}
	c.register(cmd)
	return cmd
}

// repository is the platforms of the directory that is named, or of the working
// directory where no other place has a platform.
func (c *common) repository(ctx context.Context, args []string) ([]fn.Platform, finding.List, error) {
	if len(args) == 0 && c.sources().Outside() {
		return nil, nil, nil
	}
	dir, err := oneDirectory(args)
	if err != nil {
		return nil, nil, err
	}
	found, findings := host.Collect(ctx, dir, host.Options{Sources: c.sources()})
	return found.Platforms, findings, nil
}

// baseline is a YAML stream.
func baseline(repo []fn.Platform, s fn.Sources) ([]byte, finding.List) {
	objects, findings := fn.Baseline(repo, s)
	var out bytes.Buffer
	for i, o := range objects {
		if i > 0 {
			out.WriteString("---\n")
		}
		out.Write(o.YAML())
	}
	return out.Bytes(), findings
}
