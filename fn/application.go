package fn

import (
	"fmt"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
)

// Application is what the one who renders says about a package as a whole: by
// flags, or by the parameters of an Argo CD Application. The zero value says
// nothing. There is nothing about trust in it, and nothing that lets more through.
type Application struct {
	// Namespace is that of ModelDeployments that name none.
	Namespace string
	// NoCanary refuses canaries and shadows.
	NoCanary bool
}

// applied is the package with the namespace filled in, and what is not allowed.
// Deployments that differed by having none may now have one name.
func (p *Package) applied(a Application) finding.List {
	var out finding.List
	filled := false
	for _, d := range p.Deployments {
		if a.Namespace != "" && d.Metadata.Namespace == "" {
			d.Metadata.Namespace = a.Namespace
			filled = true
		}
		if a.NoCanary {
			out = append(out, unwantedSecond(d, "spec.canary", d.Spec.Canary)...)
			out = append(out, unwantedSecond(d, "spec.shadow", d.Spec.Shadow)...)
		}
	}
	if filled {
		out = append(out, p.duplicates()...)
	}
	return out
}

// unwantedSecond refuses a second version. To leave it out would render something
// that stands nowhere in Git.
func unwantedSecond(d Deployment, field string, second *v1alpha1.Canary) finding.List {
	if second == nil {
		return nil
	}
	return finding.List{{
		Rule: "canary-not-allowed", Severity: finding.Error, Resource: d.At, Field: field,
		Message: "this application takes no second version of a model (--allow-canary=false, or the parameter allowCanary)",
		Fix:     fmt.Sprintf("remove %s, or render it in an application that allows canaries", field),
	}}
}
