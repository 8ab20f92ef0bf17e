package cli

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/host"
)

// maxJobs bounds --jobs: each is a connection.
const maxJobs = 1024

// newLock resolves and writes the lock.
func newLock(p Process) *cobra.Command {
	r := lockRun{common: common{p: p, timeout: lockTimeout}}
	var recursive bool
	cmd := &cobra.Command{
		Use:   "lock [DIR | DIR/... | NAME | URI]...",
		Short: "Resolve models to digests, verify them, and write modelfn.lock.yaml",
		Long: `Resolve what each ModelDeployment names, fetch the signatures, verify them by
the platform's trust rules, and write modelfn.lock.yaml beside it. What is
locked stays: only URIs without an entry are resolved, and evidence is fetched
again where the stored one no longer satisfies the platform. Each change is a
line on stdout. For a refused model nothing is written, the others are locked
(exit 1). When a registry does not answer, the lock of that directory is left as
it is (exit 3).

DIR/... is every directory below with a kustomization, or with plain files that
hold a ModelDeployment: each has a lock of its own, bases first.

With --update every tag is resolved again; with --update=NAME, or --update and
arguments that name no directory, only those of this ModelDeployment (name or
namespace/name), or this model URI.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if update := len(r.update.asked) > 0; r.check && r.outdated || update && (r.check || r.outdated) {
				return errors.New("--check, --outdated and --update exclude one another")
			}
			if r.jobs < 1 || r.jobs > maxJobs {
				return fmt.Errorf("--jobs is %d, want 1 to %d", r.jobs, maxJobs)
			}
			named, err := r.arguments(args, recursive)
			if err != nil {
				return err
			}
			// It waits for registries more than it computes, often beside other jobs:
			// rather collect twice as often than hold twice as much.
			defer debug.SetGCPercent(debug.SetGCPercent(50))
			ctx, cancel := context.WithTimeout(cmd.Context(), r.timeout)
			defer cancel()
			return r.run(ctx, named)
		},
	}
	r.register(cmd)
	flags := cmd.Flags()
	flags.BoolVarP(&recursive, "recursive", "R", false, "the same as DIR/... for each DIR")
	flags.StringVar(&r.root, "root", "", "`directory` that a kustomization may read from (default: the Git repository)")
	flags.StringSliceVar(&r.update.asked, "update", nil, "resolve tags again: every one, or those of a ModelDeployment's `name` or a URI")
	flags.Lookup("update").NoOptDefVal = everyTag
	flags.BoolVar(&r.check, "check", false, "ask no registry and write nothing: print what is stale, exit 1 if anything is")
	flags.BoolVar(&r.outdated, "outdated", false, "write nothing: print which locked tags have moved")
	flags.BoolVar(&r.inline, "inline", false, "write the lock into each ModelDeployment (spec.lock), for hosts that hand over one file only")
	flags.IntVar(&r.jobs, "jobs", fn.DefaultJobs, fmt.Sprintf("ask for so many models at once, at most %d", maxJobs))
	return cmd
}

// arguments tells directories from what --update is about.
func (r *lockRun) arguments(args []string, recursive bool) ([]host.Named, error) {
	var dirs []string
	for _, arg := range args {
		if _, below := walked(arg); !below && missing(directory(arg)) {
			if r.update.named(arg) {
				continue
			}
			return nil, fmt.Errorf("there is no directory %s; a ModelDeployment or URI is named with --update=%s", arg, arg)
		}
		dirs = append(dirs, arg)
	}
	return namedDirectories(dirs, recursive)
}
