package plugin

import (
	"fmt"
	"slices"

	"github.com/modelfn/modelfn/internal/finding"
)

// Argo CD keeps all that a failed plugin wrote to stderr in the Application's
// status, and an object in a cluster may not be larger than 1.5 MB.
const (
	mostFindings = 20
	mostRunes    = 2000
)

// Told is what Argo CD's user reads, a line each. Of a refusal that is the errors
// only, so that the first line is the cause, and the first of them only. A render
// that succeeds goes to the plugin's log in full.
func Told(findings finding.List) []string {
	if !findings.Refused() {
		return lines(findings)
	}
	causes := slices.DeleteFunc(slices.Clone(findings), func(f finding.Finding) bool { return f.Severity != finding.Error })
	if more := len(causes) - mostFindings; more > 0 {
		return append(lines(causes[:mostFindings]), fmt.Sprintf("... and %d more: `modelfn build` in this directory prints them all", more))
	}
	return lines(causes)
}

func lines(findings finding.List) []string {
	var out []string
	for _, f := range findings {
		out = append(out, cut(f.String()))
	}
	return out
}

// cut bounds a line: what it repeats from a repository may be long.
func cut(line string) string {
	if runes := []rune(line); len(runes) > mostRunes {
		return string(runes[:mostRunes]) + "..."
	}
	return line
}

// Empty refuses to print nothing: to Argo CD that is a success without objects, and
// pruning then deletes what is in the cluster.
func Empty(dir string) finding.Finding {
	return finding.Finding{
		Rule: "empty-output", Severity: finding.Error, Resource: finding.Resource{File: dir},
		Message: "nothing is rendered, and Argo CD would delete everything that the Application has",
		Fix:     "leave --allow-empty out of plugin.yaml, or put an object into the directory",
	}
}
