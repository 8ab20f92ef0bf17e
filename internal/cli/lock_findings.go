package cli

import (
	"context"
	"fmt"

	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/host"
)

// noDeployment is the same for a directory and for all below it.
func noDeployment(dir string) finding.List {
	return finding.List{host.NoDeployment(dir)}
}

// outOfTime is about the directories that were not looked at.
func outOfTime(targets []host.Target, cause error) finding.List {
	return finding.List{{
		Rule: "out-of-time", Severity: finding.Error, Resource: finding.Resource{File: targets[0].Dir},
		Message: fmt.Sprintf("%d directories from this one on were not looked at: %v", len(targets), cause),
		Fix:     "try again, or give it longer with --timeout", Unknown: true,
	}}
}

// cannotHold: another run has the directory, or it cannot be opened.
func cannotHold(ctx context.Context, dir string, err error) finding.List {
	f := finding.Finding{
		Rule: "unwritable", Severity: finding.Error, Resource: finding.Resource{File: dir},
		Message: err.Error(), Fix: "make the directory readable and writable",
	}
	if ctx.Err() != nil {
		f.Rule, f.Unknown, f.Fix = "out-of-time", true, "try again when the other run has ended"
	}
	return finding.List{f}
}
