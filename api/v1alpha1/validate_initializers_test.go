package v1alpha1

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestValidateInitializers: what fetches models is known by its digest, or is a
// release of KServe's own.
func TestValidateInitializers(t *testing.T) {
	const digest = "@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	refused := func(image string) []FieldError {
		return invalid("spec.serving.initializers[0]", `"`+image+`" is no image by its digest`,
			"write registry/repository@sha256:digest without a tag, or KServe's own by its release, such as kserve/storage-initializer:v0.20.0")
	}
	for image, want := range map[string][]FieldError{
		"registry.example.com/kserve/storage-initializer" + digest:         nil,
		"kserve/storage-initializer" + digest:                              nil,
		"kserve/storage-initializer:v0.17.0":                               nil,
		"kserve/storage-initializer:latest":                                refused("kserve/storage-initializer:latest"),
		"kserve/storage-initializer:v0.17":                                 refused("kserve/storage-initializer:v0.17"),
		"registry.example.com/kserve/storage-initializer:v0.17.0":          refused("registry.example.com/kserve/storage-initializer:v0.17.0"),
		"registry.example.com/kserve/storage-initializer:v0.17.0" + digest: refused("registry.example.com/kserve/storage-initializer:v0.17.0" + digest),
		"other/storage-initializer:v0.17.0":                                refused("other/storage-initializer:v0.17.0"),
		"":                                                                 refused(""),
	} {
		t.Run(image, func(t *testing.T) {
			got := Decode([]byte(platform("serving: {initializers: ['"+image+"']}")), new(ModelPlatform))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
