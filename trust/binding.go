package trust

import (
	"fmt"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
)

// A signature says what it is for by these annotations, which are signed with it
// (`cosign sign -a modelfn.dev/model=fraud`).
const (
	// ClaimRepository is the repository, host/path.
	ClaimRepository = v1alpha1.Group + "/repository"
	// ClaimModel is the name of a ModelDeployment, or several joined with "+":
	// cosign splits its flag at commas.
	ClaimModel = v1alpha1.Group + "/model"
)

// binds says why a signature is not for this use of the artifact. A digest does
// not say what a model is for: without a claim, whoever can push to a repository
// can let another model, with its signature, take the place of this one.
func (r *Rule) binds(a artifact.Artifact, use Use, s statement) error {
	switch r.binding {
	case v1alpha1.BindingRepository:
		if claim := s.annotations[ClaimRepository]; claim != "" {
			s.names = []string{claim}
		}
		if !slices.ContainsFunc(s.names, func(name string) bool { return sameRepository(name, a.Repository()) }) {
			return fmt.Errorf("it does not say that it is for the repository %s (cosign sign -a %s=...), as binding: Repository demands", a.Repository(), ClaimRepository)
		}
	case v1alpha1.BindingName:
		if use.Deployment == "" {
			return fmt.Errorf("binding: Name demands that it names a ModelDeployment, and there is none: verify the directory that names the model")
		}
		if !slices.Contains(strings.Split(s.annotations[ClaimModel], "+"), use.Deployment) {
			return fmt.Errorf("it does not say that it is for the model %q (cosign sign -a %s=...), as binding: Name demands", use.Deployment, ClaimModel)
		}
	}
	return nil
}
