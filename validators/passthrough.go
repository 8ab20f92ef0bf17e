package validators

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
)

// PredictorFields are the fields of KServe's predictor that spec.predictor may
// set: where and how the pod runs, never what it loads. Arguments, environment,
// containers, volumes, annotations and storage fields can each make the server
// load another model than the verified one (KServe's servers prefer a later
// --model_dir; STORAGE_URI and HF_* redirect downloads; an init container can
// write over /mnt/models), so they are not here.
func PredictorFields() []string {
	return []string{
		"affinity", "containerConcurrency", "imagePullSecrets", "nodeSelector",
		"priorityClassName", "runtimeClassName", "schedulerName",
		"serviceAccountName", "terminationGracePeriodSeconds", "timeout",
		"tolerations", "topologySpreadConstraints",
	}
}

// passthrough: spec.predictor holds nothing but PredictorFields and containers,
// which the rule images judges.
func passthrough(m *model.Model) finding.List {
	var out finding.List
	for _, v := range m.Versions() {
		if v == m.Canary && m.Share.Predictor == nil {
			continue // inherited, and reported where it stands
		}
		for _, field := range slices.Sorted(maps.Keys(v.Spec.Predictor.Others())) {
			if slices.Contains(PredictorFields(), field) {
				continue
			}
			out = append(out, refuse(m, "predictor-field", v.Field+".predictor."+field,
				fmt.Sprintf("%q is not on the allow-list: it could make the server load another model than the verified one", field),
				"remove it; allowed: "+strings.Join(PredictorFields(), ", ")+"; and containers, of the images that the platform allows"))
		}
	}
	return out
}
