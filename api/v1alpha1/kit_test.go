package v1alpha1

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestValidateKit: what unpacks models is an image by its digest alone.
func TestValidateKit(t *testing.T) {
	const (
		at     = "spec.serving.kit.image"
		digest = "@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		alone  = "write registry/repository@sha256:digest, without a tag"
	)
	byTag := func(image, repository string) []FieldError {
		return invalid(at, `"`+image+`" has no digest: what a tag names can change`, "write "+repository+"@sha256:...; `crane digest "+image+"` prints the digest")
	}
	malformed := func(image string) []FieldError { return invalid(at, `"`+image+`" is no image by its digest`, alone) }
	for name, tt := range map[string]struct {
		kit  string
		want []FieldError
	}{
		"pinned":       {"image: " + kitops + digest, nil},
		"whole":        {"image: 'a.example:5000/b/c-d" + digest + "', credentialsSecret: kit, resources: {limits: {memory: 2Gi}}", nil},
		"none":         {"resources: {}", invalid(at, "required", "write "+kitops+"@sha256:...; `crane digest "+kitops+":v1.0.0` prints the digest")},
		"tag":          {"image: '" + kitops + ":v1.0.0'", byTag(kitops+":v1.0.0", kitops)},
		"port, no tag": {"image: 'a.example:5000/kit'", byTag("a.example:5000/kit", "a.example:5000/kit")},
		"both":         {"image: '" + kitops + ":v1" + digest + "'", malformed(kitops + ":v1" + digest)},
		"short digest": {"image: " + kitops + strings.TrimSuffix(digest, "a"), malformed(kitops + strings.TrimSuffix(digest, "a"))},
		"scheme":       {"image: 'oci://a.example/kit" + digest + "'", malformed("oci://a.example/kit" + digest)},
		"no registry":  {"image: kit" + digest, malformed("kit" + digest)},
		"secret":       {"image: " + kitops + digest + ", credentialsSecret: Kit", invalid("spec.serving.kit.credentialsSecret", `"Kit" is no resource name`, "use the name of a Secret")},
		"resources":    {"image: " + kitops + digest + ", resources: {limits: {cpu: -1}}", invalid("spec.serving.kit.resources.limits.cpu", `"-1" is below zero`, "use 0 or more")},
	} {
		t.Run(name, func(t *testing.T) {
			got := Decode([]byte(platform("serving: {kit: {"+tt.kit+"}}")), new(ModelPlatform))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
