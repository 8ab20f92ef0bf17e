package fn

import (
	"fmt"

	krm "github.com/kptdev/krm-functions-sdk/go/fn"

	"github.com/modelfn/modelfn/internal/finding"
)

// partial refuses a part of a kpt package: what modelfn generated before may be in
// the other part, where it would neither be brought up to date nor pruned, but be
// there a second time.
func partial(items krm.KubeObjects) finding.List {
	for _, item := range items {
		if item.GetAnnotation(selectionAnnotation) != "" {
			return finding.List{{
				Rule: "partial-package", Severity: finding.Error,
				Message: fmt.Sprintf("kpt hands over %d selected items of the package, and what modelfn generated before may be among the others", len(items)),
				Fix:     "take selectors and exclude (--match-*, --exclude-*) off this function: what is not modelfn's stays as it is",
			}}
		}
	}
	return nil
}
