package fn

import (
	"github.com/modelfn/modelfn/generators"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/object"
)

// Baseline is what the platform's cluster needs once, by the platform that holds
// where these are the repository's.
func Baseline(repo []Platform, s Sources) ([]object.Object, finding.List) {
	p, findings := s.Choose(repo)
	if findings.Refused() {
		return nil, findings
	}
	objects, more := generators.GenerateBaseline(p)
	return objects, append(findings, more...)
}
