package generators

import (
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

// Baseline makes what a cluster needs once, whatever models are in it. Where the
// platform does not say enough for it, there is a finding.
type Baseline interface {
	Baseline(p *model.Platform) ([]object.Object, finding.List)
}

// Baselines are all of them.
func Baselines() []Baseline {
	return []Baseline{kitInitializer{}, admission{}, records{}, signatures{}}
}

// GenerateBaseline makes a platform's cluster-wide objects. None at all is an
// error: an application without objects would look as if all were well.
func GenerateBaseline(p *model.Platform) ([]object.Object, finding.List) {
	var out []object.Object
	var findings finding.List
	for _, b := range Baselines() {
		objects, more := b.Baseline(p)
		out, findings = append(out, objects...), append(findings, more...)
	}
	if len(out) == 0 {
		findings = append(findings, finding.Finding{
			Rule: "empty-baseline", Severity: finding.Error, Resource: p.Resource,
			Message: "the platform asks for nothing cluster-wide, so there is nothing to print",
			Fix:     "let spec.policy.engine be another than None, or do without a baseline",
		})
	}
	return out, findings
}

// clusterWide is an object of the platform as a whole.
func clusterWide(p *model.Platform, apiVersion, kind, name string, spec object.Map) object.Object {
	return object.Object{
		APIVersion: apiVersion, Kind: kind, Name: name,
		Labels: map[string]string{ManagedByLabel: ManagedBy}, Annotations: platformAnnotations(p),
		Body: object.Map{{Key: "spec", Value: spec}},
	}
}
