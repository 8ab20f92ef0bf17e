package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/host"
)

// newLock resolves and writes the lock.
func newLock(p Process) *cobra.Command {
	c := common{p: p, timeout: lockTimeout}
	var o host.Options
	var update, inline bool
	cmd := &cobra.Command{
		Use:   "lock [DIR...]",
		Short: "Resolve models to digests, verify them, and write modelfn.lock.yaml",
		Long: `Resolve what each ModelDeployment names, fetch the signatures, verify them by
the platform's trust rules, and write modelfn.lock.yaml beside it. What is
locked stays: only URIs without an entry are resolved, and evidence is fetched
again where the stored one no longer satisfies the platform. A refused model
gets no entry (exit 1). When a registry does not answer, the lock is left as it
is (exit 3).`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{"."}
			}
			for _, dir := range args {
				if err := directory(dir); err != nil {
					return err
				}
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), c.timeout)
			defer cancel()
			o.Sources = c.sources()
			var all finding.List
			for _, dir := range args {
				all = append(all, lockDirectory(ctx, &c, dir, o, update, inline)...)
			}
			return c.report(all)
		},
	}
	c.register(cmd)
	cmd.Flags().BoolVarP(&o.Recursive, "recursive", "R", false, "descend into subdirectories of a directory without a kustomization")
	cmd.Flags().StringVar(&o.Root, "root", "", "`directory` that a kustomization may read from (default: the Git repository)")
	cmd.Flags().BoolVar(&update, "update", false, "resolve every tag again")
	cmd.Flags().BoolVar(&inline, "inline", false, "write the lock into each ModelDeployment (spec.lock), for hosts that hand over one file only")
	return cmd
}

func lockDirectory(ctx context.Context, c *common, dir string, o host.Options, update, inline bool) finding.List {
	p, findings := host.Collect(ctx, dir, o)
	if findings.Refused() {
		return findings
	}
	if len(p.Deployments) == 0 {
		return append(findings, finding.Finding{
			Rule: "no-deployment", Severity: finding.Error, Resource: finding.Resource{File: dir},
			Message: "there is no ModelDeployment in this directory", Fix: "name the directory that has one",
		})
	}
	if !inline {
		if more := lockedInline(p); more.Refused() {
			return append(findings, more...)
		}
	}
	own, more := host.ReadLock(dir)
	if more.Refused() {
		if !update {
			return append(findings, more...)
		}
		own = nil // whatever it holds is resolved again
	}
	locked, more := fn.Lock(ctx, p, fn.Config{Sources: o.Sources}, fn.LockOptions{Update: update, Own: own})
	findings = append(findings, more...)
	if locked.Entries == nil || keeps(findings) {
		c.say("nothing was written")
		return findings
	}
	var written []string
	if inline {
		written, more = host.WriteInline(dir, p, locked)
	} else {
		written, more = host.WriteLock(dir, locked.Locks)
	}
	for _, note := range locked.Notes {
		c.say(note)
	}
	for _, path := range written {
		c.say("wrote " + path)
	}
	if len(written) == 0 && !findings.Refused() && !more.Refused() {
		c.say(filepath.Join(dir, host.LockFile) + " is up to date")
	}
	return append(findings, more...)
}

// lockedInline refuses to write a file beside an inline lock, which would go on
// to hold.
func lockedInline(p fn.Package) finding.List {
	var out finding.List
	for _, d := range p.Deployments {
		if d.Spec.Lock != nil {
			out = append(out, finding.Finding{
				Rule: "locked-inline", Severity: finding.Error, Resource: d.At, Field: "spec.lock",
				Message: "this ModelDeployment carries its lock", Fix: "run `modelfn lock --inline`, or remove spec.lock",
			})
		}
	}
	return out
}

// say prints progress.
func (c *common) say(line string) { fmt.Fprintln(c.p.Stderr, finding.Neutralise(line)) }

// keeps tells whether the lock must stay as it is: something could not be found
// out, or the lock itself does not hold, which --update alone may mend.
func keeps(findings finding.List) bool {
	return slices.ContainsFunc(findings, func(f finding.Finding) bool {
		return f.Unknown || f.Rule == "lock-edited" || f.Rule == "ambiguous-lock"
	})
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
