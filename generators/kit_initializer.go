package generators

import (
	"slices"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

// kitInitializer makes the ClusterStorageContainer by which KServe fetches kit://.
type kitInitializer struct{}

var _ Baseline = kitInitializer{}

func (kitInitializer) Baseline(p *model.Platform) ([]object.Object, finding.List) {
	kit := p.Spec.Serving.Kit
	if kit == nil {
		return nil, noInitializer(p)
	}
	container := object.Map{
		// KServe lays it over the container of this name that it adds to pods.
		{Key: "name", Value: "storage-initializer"},
		{Key: "image", Value: kit.Image},
		{Key: "env", Value: initializerEnv(kit)},
	}
	container.Set("resources", resources(kit.Resources))
	// The name in KitOps' documentation, to take the place of what was installed
	// from there: of two for one prefix, KServe takes whichever it finds first.
	return []object.Object{clusterWide(p, "serving.kserve.io/v1alpha1", "ClusterStorageContainer", "kitops", object.Map{
		{Key: "container", Value: container},
		{Key: "supportedUriFormats", Value: object.List{object.Map{{Key: "prefix", Value: "kit://"}}}},
		// As the API server would fill them in. The initializer takes one model.
		{Key: "supportsMultiModelDownload", Value: false},
		{Key: "workloadType", Value: "initContainer"},
	})}, nil
}

// initializerEnv has the model unpacked and nothing else: beside code, data and
// documents of the kit, its own or of the kits that it names, a server could find
// another model. Of a nested kit, too, only the model is taken.
func initializerEnv(kit *v1alpha1.Kit) object.List {
	out := object.List{object.Map{{Key: "name", Value: "KIT_UNPACK_FLAGS"}, {Key: "value", Value: "--filter=model"}}}
	if kit.CredentialsSecret == "" {
		return out
	}
	for _, name := range []string{"KIT_USER", "KIT_PASSWORD"} {
		from := object.Map{{Key: "key", Value: name}, {Key: "name", Value: kit.CredentialsSecret}}
		out = append(out, object.Map{
			{Key: "name", Value: name},
			{Key: "valueFrom", Value: object.Map{{Key: "secretKeyRef", Value: from}}},
		})
	}
	return out
}

// noInitializer warns where kits may come, and nothing unpacks them.
func noInitializer(p *model.Platform) finding.List {
	fromRegistry := func(r v1alpha1.TrustRule) bool {
		return slices.ContainsFunc(r.Match, func(glob string) bool { return !strings.Contains(glob, "://") })
	}
	if !slices.ContainsFunc(p.Spec.Trust, fromRegistry) {
		return nil
	}
	return finding.List{{
		Rule: "no-kit-initializer", Severity: finding.Warning, Resource: p.Resource, Field: "spec.serving.kit",
		Message: "models may come as kit://, and the platform does not say what unpacks them in the cluster",
		Fix:     "set spec.serving.kit.image to ghcr.io/kitops-ml/kitops-kserve@sha256:...; `crane digest ghcr.io/kitops-ml/kitops-kserve:v1.0.0` prints the digest",
	}}
}
