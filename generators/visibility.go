package generators

import (
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

// KServe gives what has this label no route of its own. Without it, it makes
// public ones to each version on its own gateway: past the platform's, past its
// headers, and past the weights.
const (
	visibilityLabel = "networking.kserve.io/visibility"
	clusterLocal    = "cluster-local"
)

// visibilityShape demands the label where it is rendered: removing it would make
// the routes.
func visibilityShape(m *model.Model) object.List {
	if !ownObjects(m) {
		return nil
	}
	return object.List{validation("the label that keeps KServe from making public routes must stay",
		"object.metadata.?labels[?"+celString(visibilityLabel)+"].orValue('') == "+celString(clusterLocal))}
}
