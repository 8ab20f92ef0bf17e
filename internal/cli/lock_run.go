package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/host"
	"github.com/modelfn/modelfn/trust"
)

// lockRun is one run of `modelfn lock`.
type lockRun struct {
	common
	root                    string
	check, outdated, inline bool
	update                  updates
	jobs                    int

	options  host.Options
	config   fn.Config
	progress progress
	// several directories: each line says which one it is about.
	several bool
	// shown are the moved tags that were printed.
	shown map[string]bool
	// skipped is what was not asked for; after is said after a directory's result.
	skipped, after []string
}

// run goes through the directories one after the other; what fails in one stops
// none of the others.
func (r *lockRun) run(ctx context.Context, named []host.Named) error {
	r.options = host.Options{Sources: r.sources(), Root: r.root}
	r.options.Sources.Compiler = new(trust.Compiler)
	r.progress = newProgress(r.p.Stderr)
	r.config = fn.Config{Sources: r.options.Sources, Online: host.Shared(r.options.Sources.Compiler), Jobs: r.jobs, Progress: r.progress.report()}
	r.shown = map[string]bool{}
	targets, notes, all := host.Targets(named, r.root)
	r.several = len(targets) > 1
	for _, note := range notes {
		r.say(note)
	}
	r.print(all)
	if done, err := r.foresee(ctx, targets); done {
		return err
	}
	models, directories, changes := 0, 0, 0
	for i, t := range targets {
		if ctx.Err() != nil {
			late := outOfTime(targets[i:], context.Cause(ctx))
			r.print(late)
			all = append(all, late...)
			break
		}
		n, lines, findings := r.directory(ctx, t)
		if err := r.results(t, lines); err != nil {
			return err
		}
		changes, directories = changes+len(lines), directories+min(n, 1)
		for _, line := range r.after {
			r.say(line)
		}
		r.after = nil
		if r.several {
			findings = inDirectory(t.Dir, findings)
		}
		r.print(findings)
		models += n
		all = append(all, findings...)
	}
	if models == 0 && !all.Refused() {
		nothing := noDeployment(named[0].Dir) // a walk that found none
		r.print(nothing)
		all = append(all, nothing...)
	}
	if r.several {
		r.say(summary(models, directories, changes))
	}
	if len(r.skipped) > 0 {
		slices.Sort(r.skipped)
		r.say("not asked for where there was enough already: " + strings.Join(slices.Compact(r.skipped), ", "))
	}
	return exit(all)
}

// later says a line after the directory's result.
func (r *lockRun) later(line string) { r.after = append(r.after, line) }

func summary(models, directories, changes int) string {
	line := fmt.Sprintf("%d ModelDeployments in %d directories: ", models, directories)
	if changes == 0 {
		return line + "nothing to report"
	}
	return line + fmt.Sprintf("%d lines above", changes)
}

// foresee tells of targets of --update that do not exist before anything is
// written.
func (r *lockRun) foresee(ctx context.Context, targets []host.Target) (done bool, err error) {
	if len(r.update.all()) == 0 {
		return false, nil
	}
	var all finding.List
	for _, t := range targets {
		p, findings := host.Collect(ctx, t.Dir, r.options)
		r.update.meet(p)
		if !t.Base {
			all = append(all, inDirectory(t.Dir, findings)...)
		}
	}
	switch err := r.update.unmet(); {
	case err == nil:
		return false, nil
	case all.Refused():
		// It may be in what could not be read.
		return true, r.report(all)
	default:
		return true, err
	}
}

// results prints what a directory came to.
func (r *lockRun) results(t host.Target, lines []string) error {
	for _, line := range lines {
		if r.several {
			line = t.Dir + ": " + line
		}
		if _, err := fmt.Fprintln(r.p.Stdout, finding.Neutralise(line)); err != nil {
			return faulty(err)
		}
	}
	return nil
}

// inDirectory lets each finding say which directory it is about, where its file
// does not. A platform is the same for all that read it.
func inDirectory(dir string, findings finding.List) finding.List {
	findings = slices.Clone(findings)
	for i, f := range findings {
		switch {
		case f.Resource.File == "":
			findings[i].Resource.File = dir
		case f.Resource.Kind == v1alpha1.KindModelPlatform, below(dir, f.Resource.File):
		default:
			findings[i].Dir = dir
		}
	}
	return findings
}

func below(dir, file string) bool {
	rel, err := filepath.Rel(absolute(dir), absolute(file))
	return err == nil && filepath.IsLocal(rel)
}
