package generators

import (
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

// canaryShape demands, in Knative mode, that the version that the other requests
// are to go to has been rolled out before its canary comes: KServe keeps it in the
// object's status only, and sends everything to the canary without. So an object
// is not created with a canary, and gets one only
//   - when it has one already, unless that is what is called stable by now: it was
//     never promoted, and the last one rolled out is another;
//   - when it serves the stable version, which is rolled out;
//   - or when it serves the canary's, and there is one to go back to.
//
// All of it is about which requests go where: both versions are verified.
func canaryShape(m *model.Model) object.List {
	if ownObjects(m) || m.Canary == nil {
		return nil
	}
	stable, canary := m.Stable.Artifact.StorageURI(), m.Canary.Artifact.StorageURI()
	replaces := servedBefore + " != " + celString(stable)
	if stable == canary {
		replaces = "true" // the same artifact in other settings
	}
	return object.List{validation(rolledOutFirst+": "+m.Stable.Artifact.Identity(), canaryComes(celString(stable), celString(canary), replaces))}
}

const (
	rolledOutFirst = "the stable version must be rolled out before its canary comes, or KServe sends every request to the canary; sync once without canary, and wait until the model is ready"
	// servedBefore is the model that the object loaded so far.
	servedBefore = "oldObject.spec.predictor.?model.storageUri.orValue('')"
)

// canaryComes is the condition itself, of expressions for the two URIs, and for
// what may follow upon another candidate.
func canaryComes(stable, canary, replaces string) string {
	const status = "oldObject.?status.components.predictor."
	return lines(
		"object.spec.predictor.?canaryTrafficPercent.orValue(100) == 100",
		"|| oldObject != null && has(oldObject.spec)",
		"&& (oldObject.spec.predictor.?canaryTrafficPercent.orValue(100) != 100",
		"? "+replaces,
		": "+servedBefore+" == "+stable,
		"? "+status+"latestRolledoutRevision.orValue('') != ''",
		"&& "+status+"latestRolledoutRevision == "+status+"latestCreatedRevision",
		": "+servedBefore+" == "+canary,
		"&& "+status+"previousRolledoutRevision.orValue('') != '')")
}
