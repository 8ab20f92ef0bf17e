package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/host"
)

// newDoctor finds where stock kustomize and kpt would do something else.
func newDoctor(p Process) *cobra.Command {
	c := common{p: p}
	var root string
	cmd := &cobra.Command{
		Use:   "doctor [DIR]",
		Short: "Find layouts in which stock kustomize or kpt would not do what build does",
		Long: `Look at the kustomizations and kpt packages below a directory for what stock
kustomize and kpt would do with ModelDeployments in another way than modelfn
build: print them as they are, drop them in silence, rename or patch what modelfn
generated after it did, throw its result away. Nothing is rendered, run or fetched.
A line on stdout for each kustomization or package with a model says what expands
it. Exit 1 when a finding is an error.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir, err := oneDirectory(args)
			if err != nil {
				return err
			}
			d := host.Doctor(dir, root, c.sources())
			for _, note := range d.Notes {
				c.say(note)
			}
			for _, line := range d.Looked {
				if _, err := fmt.Fprintln(p.Stdout, finding.Neutralise(line)); err != nil {
					return faulty(err)
				}
			}
			return c.report(d.Findings)
		},
	}
	c.registerPlatform(cmd)
	cmd.Flags().StringVar(&root, "root", "", "`directory` that a kustomization may read from (default: the Git repository)")
	return cmd
}
