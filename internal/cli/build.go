package cli

import (
	"context"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/host"
	"github.com/modelfn/modelfn/internal/plugin"
)

// newBuild renders a directory.
func newBuild(p Process) *cobra.Command {
	c := common{p: p, timeout: renderTimeout}
	var o host.Options
	var a application
	cmd := &cobra.Command{
		Use:   "build [DIR]",
		Short: "Render a directory to a YAML stream",
		Long: `Render a directory: a kustomization is built in process, without docker; in any
other directory the YAML files are read. Functions of modelfn's own image run in
process; nothing else of the repository runs and nothing is fetched (unless the
platform says resolution: Online). Before anything is printed, the whole stream
is judged: serving and policy objects in it must be modelfn's own. In Argo CD's
plugin (ARGOCD_APP_NAME is set) the Application may set --namespace and
--allow-canary by its parameters.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := oneDirectory(args)
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), c.timeout)
			defer cancel()
			o.Sources = c.sources()
			var findings finding.List
			if o.Application, findings = a.read(cmd); findings.Refused() {
				return c.report(findings)
			}
			out, findings := host.Build(ctx, dir, o)
			if c.inPlugin() && len(out) == 0 && !findings.Refused() {
				findings = append(findings, plugin.Empty(dir))
			}
			if err := c.report(findings); err != nil {
				return err
			}
			_, err = p.Stdout.Write(out)
			return faulty(err)
		},
	}
	c.register(cmd)
	cmd.Flags().BoolVarP(&o.Recursive, "recursive", "R", false, "descend into subdirectories of a directory without a kustomization")
	cmd.Flags().BoolVar(&o.AllowEmpty, "allow-empty", false, "a directory without any ModelDeployment is no error")
	cmd.Flags().StringVar(&o.Root, "root", "", "`directory` that a kustomization may read from (default: the Git repository)")
	a.register(cmd)
	return cmd
}

// application is the flags of what is said about a package as a whole.
type application struct {
	namespace string
	canary    bool
}

func (a *application) register(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&a.namespace, "namespace", "n", "", "`namespace` of ModelDeployments that name none")
	cmd.Flags().BoolVar(&a.canary, "allow-canary", true, "with =false, a canary or shadow is refused")
}

// read is what the flags say, and in Argo CD's plugin the Application.
func (a *application) read(cmd *cobra.Command) (fn.Application, finding.List) {
	var said []plugin.Statement
	if cmd.Flags().Changed("namespace") {
		said = append(said, plugin.Statement{Name: plugin.Namespace, Value: a.namespace, By: "--namespace"})
	}
	if cmd.Flags().Changed("allow-canary") {
		said = append(said, plugin.Statement{Name: plugin.AllowCanary, Value: strconv.FormatBool(a.canary), By: "--allow-canary"})
	}
	environ := os.Environ()
	if !plugin.Started(environ) {
		environ = nil
	}
	return plugin.Parameters(environ, said...)
}
