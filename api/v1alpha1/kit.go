package v1alpha1

import (
	"fmt"
	"strings"

	"github.com/modelfn/modelfn/internal/pattern"
)

// Kit is what unpacks kit:// models in the cluster: KitOps' initializer, which
// `modelfn baseline` makes known to KServe.
type Kit struct {
	// Image is registry/repository@sha256:digest, of
	// ghcr.io/kitops-ml/kitops-kserve or a mirror of it.
	Image string `json:"image"`
	// CredentialsSecret names a Secret beside each model with KIT_USER and
	// KIT_PASSWORD for its registry. Default: none; registries of AWS and Google
	// Cloud take the pod's service account.
	CredentialsSecret string `json:"credentialsSecret,omitempty"`
	// Resources of the initializer. Default: those of KServe's own.
	Resources *Resources `json:"resources,omitempty"`
}

// pinnedImage is registry/repository by digest alone. What it unpacks is not looked
// at again by anybody, so it must not change.
var pinnedImage = pattern.New(`^[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:[1-9][0-9]{0,4})?(/[a-z0-9]+([._-]+[a-z0-9]+)*)+@sha256:[a-f0-9]{64}$`)

// kitops is the image that KitOps publishes.
const kitops = "ghcr.io/kitops-ml/kitops-kserve"

func (e *fieldErrors) kit(path string, k *Kit) {
	if k == nil {
		return
	}
	switch {
	case k.Image == "":
		e.add(path+".image", byDigest(kitops+":v1.0.0"), "required")
	case !strings.Contains(k.Image, "@"):
		e.add(path+".image", byDigest(k.Image), "%q has no digest: what a tag names can change", k.Image)
	case !pinnedImage.MatchString(k.Image):
		e.add(path+".image", "write registry/repository@sha256:digest, without a tag", "%q is no image by its digest", k.Image)
	}
	if k.CredentialsSecret != "" && (!subdomain.MatchString(k.CredentialsSecret) || len(k.CredentialsSecret) > maxSubdomain) {
		e.add(path+".credentialsSecret", "use the name of a Secret", "%q is no resource name", k.CredentialsSecret)
	}
	e.resources(path+".resources", k.Resources)
}

// byDigest says how to write an image that has a tag.
func byDigest(image string) string {
	repository := image
	if colon := strings.LastIndex(image, ":"); colon > strings.LastIndex(image, "/") {
		repository = image[:colon]
	}
	return fmt.Sprintf("write %s@sha256:...; `crane digest %s` prints the digest", repository, image)
}
