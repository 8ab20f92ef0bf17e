package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/modelfn/modelfn/internal/host"
	"github.com/modelfn/modelfn/internal/plugin"
)

// newParameters announces parameters to Argo CD.
func newParameters(p Process) *cobra.Command {
	c := common{p: p, timeout: renderTimeout}
	var o host.Options
	cmd := &cobra.Command{
		Use:   "parameters [DIR]",
		Short: "Tell Argo CD which parameters change something for a directory",
		Long: `Print, as JSON, the parameters of Argo CD's plugin that change something for
the directory: what the command of spec.parameters.dynamic in plugin.yaml prints.
Nothing is pinned, verified or rendered.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := oneDirectory(args)
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), c.timeout)
			defer cancel()
			o.Sources = c.sources()
			found, findings := host.Collect(ctx, dir, o)
			if err := c.report(findings); err != nil {
				return err
			}
			out, err := plugin.Announce(found)
			if err != nil {
				return faulty(err)
			}
			_, err = p.Stdout.Write(append(out, '\n'))
			return faulty(err)
		},
	}
	cmd.Flags().DurationVar(&c.timeout, "timeout", c.timeout, "give up after this long")
	cmd.Flags().BoolVarP(&o.Recursive, "recursive", "R", false, "descend into subdirectories of a directory without a kustomization")
	cmd.Flags().StringVar(&o.Root, "root", "", "`directory` that a kustomization may read from (default: the Git repository)")
	return cmd
}
