// Package cli is modelfn's command line: thin commands over package fn and
// package internal/host. Findings and progress go to stderr, results to stdout.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/host"
	"github.com/modelfn/modelfn/internal/plugin"
)

// Process is the surroundings of one run.
type Process struct {
	Args           []string
	Stdin          *os.File
	Stdout, Stderr io.Writer
	// BakedPlatform is the path at which an image carries its platform.
	BakedPlatform string
}

// Deadlines where --timeout is not given. Argo CD kills a plugin after 60 s.
const (
	renderTimeout = 40 * time.Second
	lockTimeout   = 10 * time.Minute
)

// refusal is an exit code whose findings are printed already.
type refusal int

func (r refusal) Error() string { return fmt.Sprintf("exit %d", int(r)) }

// fault is a failure of stdin or stdout: neither wrong usage nor a refusal.
type fault struct{ error }

func faulty(err error) error {
	if err == nil {
		return nil
	}
	return fault{err}
}

// Main runs one command and yields the exit code.
func Main(ctx context.Context, p Process) int {
	if code, called := host.Callback(ctx, p.Args, p.Stdin, p.Stdout, p.Stderr); called {
		return code
	}
	stdout := &output{Writer: p.Stdout}
	p.Stdout = stdout
	root := newRoot(p)
	root.SetArgs(p.Args[1:])
	err := execute(ctx, root)
	var code refusal
	var broken fault
	if stdout.err != nil && !errors.As(err, &code) {
		err = faulty(stdout.err)
	}
	switch {
	case err == nil:
		return finding.ExitOK
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &broken):
		fmt.Fprintf(p.Stderr, "error: %s\n", finding.Neutralise(broken.Error()))
		return finding.ExitUnknown
	default:
		fmt.Fprintf(p.Stderr, "error: %s\nRun `modelfn --help` for the commands.\n", finding.Neutralise(err.Error()))
		return finding.ExitUsage
	}
}

// execute turns a panic into a refusal: whatever a repository made us stumble
// over, it is not rendered, and it is no wrong usage.
func execute(ctx context.Context, root *cobra.Command) (err error) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintln(root.ErrOrStderr(), finding.Finding{
				Rule: "internal", Severity: finding.Error,
				Message: fmt.Sprint(p), Fix: "report this as a defect of modelfn",
			})
			err = refusal(finding.ExitRefused)
		}
	}()
	return root.ExecuteContext(ctx)
}

// common are the flags of every command that renders or verifies.
type common struct {
	p        Process
	platform string
	sealed   bool
	timeout  time.Duration
}

func (c *common) register(cmd *cobra.Command) {
	c.registerPlatform(cmd)
	cmd.Flags().DurationVar(&c.timeout, "timeout", c.timeout, "give up after this long")
	cmd.Flags().BoolVar(&c.sealed, "require-sealed", false, "refuse to go on without a sealed platform (baked into the image, or --platform)")
}

func (c *common) registerPlatform(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.platform, "platform", "", "`file` with the ModelPlatform that holds, sealed: a repository's own cannot change it")
}

func (c *common) sources() fn.Sources {
	return fn.Sources{
		Baked: c.p.BakedPlatform, Flag: absolute(c.platform),
		Env: absolute(os.Getenv("MODELFN_PLATFORM")), RequireSealed: c.sealed,
		InPlugin: c.inPlugin(),
	}
}

// inPlugin tells whether Argo CD started this process.
func (c *common) inPlugin() bool { return plugin.Started(os.Environ()) }

// say prints a note.
func (c *common) say(line string) { fmt.Fprintln(c.p.Stderr, finding.Neutralise(line)) }

// print prints findings, a line each.
func (c *common) print(findings finding.List) {
	for _, f := range findings {
		fmt.Fprintln(c.p.Stderr, f)
	}
}

// report prints findings, and turns errors into an exit code.
func (c *common) report(findings finding.List) error {
	if c.inPlugin() {
		for _, line := range plugin.Told(findings) {
			fmt.Fprintln(c.p.Stderr, line)
		}
	} else {
		c.print(findings)
	}
	return exit(findings)
}

// exit is the exit code of findings that are printed.
func exit(findings finding.List) error {
	if code := findings.ExitCode(); code != finding.ExitOK {
		return refusal(code)
	}
	return nil
}

// absolute keeps a path right for callbacks, which run in the kustomization's
// directory.
func absolute(path string) string {
	if path == "" {
		return ""
	}
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

func newRoot(p Process) *cobra.Command {
	function := newFn(p)
	root := &cobra.Command{
		Use:   "modelfn",
		Short: "Pin, verify and render models for KServe",
		Long: `modelfn reads compact ModelDeployments, pins each model to a digest, verifies
who signed it, and renders what serves and guards it: a KServe InferenceService,
canary settings and a Kyverno policy.

Without a command it is a KRM function: a ResourceList on stdin, the expanded
one on stdout. Exit codes: 0 done, 1 refused, 2 wrong usage, 3 could not find
out (a registry that does not answer; try again).`,
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if term.IsTerminal(int(p.Stdin.Fd())) {
				return cmd.Help()
			}
			// Not at exit code 0: a host that calls us without input would take
			// the help for its manifests.
			if info, err := p.Stdin.Stat(); err != nil || info.Mode()&os.ModeCharDevice != 0 {
				return errors.New("no command, and no ResourceList on stdin")
			}
			return function.RunE(cmd, args)
		},
	}
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	root.SetIn(p.Stdin)
	function.Flags().VisitAll(root.Flags().AddFlag)
	root.AddCommand(function, newBuild(p), newBaseline(p), newDoctor(p), newLock(p), newParameters(p), newVerify(p), newSchema(p), newVerifyBundle(p), newVersion(p))
	return root
}
