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
	stable, canary := celString(m.Stable.Artifact.StorageURI()), celString(m.Canary.Artifact.StorageURI())
	replaces := servesNot(stable)
	if stable == canary {
		replaces = "true" // the same artifact in other settings
	}
	return object.List{validation(firstRolledOut+m.Stable.Artifact.Identity(), rolledOutFirst(stable, canary, replaces))}
}

const firstRolledOut = "the stable version must be rolled out before its canary comes, or KServe sends every request to the canary; sync once without canary, and wait until the model is ready: "

// servesNot is the condition that the object served something else.
func servesNot(stable string) string {
	return "oldObject.spec.predictor.?model.storageUri.orValue('') != " + stable
}

// rolledOutFirst is the condition, for the expressions of both versions; replaces is
// that of an object that has a canary already.
func rolledOutFirst(stable, canary, replaces string) string {
	const status = "oldObject.?status.components.predictor."
	return lines(
		"object.spec.predictor.?canaryTrafficPercent.orValue(100) == 100",
		"|| oldObject != null && has(oldObject.spec)",
		"&& (oldObject.spec.predictor.?canaryTrafficPercent.orValue(100) != 100",
		"? "+replaces,
		": oldObject.spec.predictor.?model.storageUri.orValue('') == "+stable,
		"? "+status+"latestRolledoutRevision.orValue('') != ''",
		"&& "+status+"latestRolledoutRevision == "+status+"latestCreatedRevision",
		": oldObject.spec.predictor.?model.storageUri.orValue('') == "+canary,
		"&& "+status+"previousRolledoutRevision.orValue('') != '')")
}
