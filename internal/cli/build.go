package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/modelfn/modelfn/internal/host"
)

// newBuild renders a directory.
func newBuild(p Process) *cobra.Command {
	c := common{p: p, timeout: renderTimeout}
	var o host.Options
	cmd := &cobra.Command{
		Use:   "build [DIR]",
		Short: "Render a directory to a YAML stream",
		Long: `Render a directory: a kustomization is built in process, without docker; in any
other directory the YAML files are read. Functions of modelfn's own image run in
process; nothing else of the repository runs and nothing is fetched (unless the
platform says resolution: Online). Before anything is printed, the whole stream
is judged: serving and policy objects in it must be modelfn's own.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			if err := directory(dir); err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), c.timeout)
			defer cancel()
			o.Sources = c.sources()
			out, findings := host.Build(ctx, dir, o)
			if err := c.report(findings); err != nil {
				return err
			}
			_, err := p.Stdout.Write(out)
			return faulty(err)
		},
	}
	c.register(cmd)
	cmd.Flags().BoolVarP(&o.Recursive, "recursive", "R", false, "descend into subdirectories of a directory without a kustomization")
	cmd.Flags().BoolVar(&o.AllowEmpty, "allow-empty", false, "a directory without any ModelDeployment is no error")
	cmd.Flags().StringVar(&o.Root, "root", "", "`directory` that a kustomization may read from (default: the Git repository)")
	return cmd
}

// directory refuses what is named in place of a directory: wrong usage.
func directory(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.IsDir() {
		return fmt.Errorf("%s is a file: name its directory, %s", path, filepath.Dir(path))
	}
	return err
}
