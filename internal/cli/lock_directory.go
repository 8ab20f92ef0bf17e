package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/host"
	"github.com/modelfn/modelfn/internal/lock"
)

// directory handles one; it yields how many models there are, and the lines of
// the result.
func (r *lockRun) directory(ctx context.Context, t host.Target) (models int, lines []string, findings finding.List) {
	if !r.check && !r.outdated {
		release, err := lock.Hold(ctx, t.Dir, func() { r.say("waiting for another run in " + t.Dir) })
		if err != nil {
			return 0, nil, cannotHold(ctx, t.Dir, err)
		}
		defer release()
	}
	l, findings := t.Open(ctx, r.options, r.inline)
	switch {
	case l == nil && t.Base && ctx.Err() == nil:
		// Whoever reads it says what is wrong, or mends it.
		return 0, nil, nil
	case l == nil:
		return 0, nil, findings
	case len(l.Package.Deployments) == 0 && t.Found:
		return 0, nil, nil
	case len(l.Package.Deployments) == 0:
		return 0, nil, append(findings, noDeployment(t.Dir)...)
	case l.Broken.Refused() && !r.update.everything():
		return 0, nil, append(findings, l.Broken...)
	}
	var more finding.List
	switch {
	case r.check:
		lines, more = r.stale(ctx, l)
	case r.outdated:
		lines, more = r.moved(ctx, l)
	default:
		lines, more = r.write(ctx, l)
	}
	if t.Base && slices.ContainsFunc(more, func(f finding.Finding) bool { return f.Rule == "no-platform" }) {
		return 0, nil, nil // it stands in what reads it
	}
	return len(l.Package.Deployments), lines, append(findings, more...)
}

// write locks a directory.
func (r *lockRun) write(ctx context.Context, l *host.Locking) ([]string, finding.List) {
	locked, findings := fn.Lock(ctx, l.Package, r.config, fn.LockOptions{Own: l.Own, Update: r.update.resolves})
	r.progress.clear()
	if locked.Entries == nil || keeps(findings) {
		if len(locked.Entries) > 0 {
			r.say("nothing was written in " + l.Dir)
		}
		return nil, findings
	}
	written, more := l.Write(locked)
	for _, path := range written {
		r.later("wrote " + path)
	}
	findings = append(findings, more...)
	if len(written) == 0 && !findings.Refused() && !r.several {
		r.later(l.Name() + " is up to date")
	}
	if more.Refused() && len(written) == 0 {
		return nil, findings
	}
	r.skipped = append(r.skipped, locked.Skipped...)
	return lines(l.Changes(locked)), findings
}

// stale is what `modelfn lock` would change.
func (r *lockRun) stale(ctx context.Context, l *host.Locking) ([]string, finding.List) {
	locked, findings := fn.Lock(ctx, l.Package, r.config, fn.LockOptions{Own: l.Own, Offline: true})
	r.progress.clear()
	out, more := l.Stale(locked, findings)
	findings = append(findings, more...)
	if !findings.Refused() {
		// The file is as it should be; a build may still see another.
		patched := l.Patched(ctx, r.options)
		findings = append(findings, patched...)
		for _, f := range patched {
			out = append(out, fmt.Sprintf("%s  %s  %s", f.Resource, f.Field, f.Rule))
		}
	}
	if !findings.Refused() && !r.several {
		r.later(l.Name() + " is up to date")
	}
	return out, findings
}

// moved are the tags that are not what is locked. What a base locks is said once.
func (r *lockRun) moved(ctx context.Context, l *host.Locking) ([]string, finding.List) {
	changes, findings := fn.Outdated(ctx, l.Package, r.config, fn.LockOptions{Own: l.Own})
	r.progress.clear()
	changes = slices.DeleteFunc(changes, func(c fn.Change) bool {
		key := c.From.URI + " " + c.From.Digest
		before := r.shown[key]
		r.shown[key] = true
		return before && !l.Locks(c.From)
	})
	if len(changes) == 0 && !findings.Refused() && !r.several {
		r.later("no locked tag of " + l.Dir + " has moved")
	}
	return lines(changes), findings
}

func lines(changes []fn.Change) []string {
	var out []string
	for _, c := range changes {
		out = append(out, c.String())
	}
	return out
}

// keeps tells whether the lock must stay as it is: something could not be found
// out, or the lock itself does not hold, which --update alone may mend.
func keeps(findings finding.List) bool {
	return slices.ContainsFunc(findings, func(f finding.Finding) bool {
		return f.Unknown || f.Rule == "lock-edited" || f.Rule == "ambiguous-lock"
	})
}
