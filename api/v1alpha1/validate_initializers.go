package v1alpha1

import (
	"fmt"
	"regexp"

	"github.com/modelfn/modelfn/internal/kserve"
	"github.com/modelfn/modelfn/internal/pattern"
)

// releasedInitializer is KServe's own, as the manifests of a release name it: while
// KServe is upgraded, pods of two releases are there.
var releasedInitializer = pattern.New(`^` + regexp.QuoteMeta(kserve.Initializer) + `:v(0|[1-9][0-9]*)[.](0|[1-9][0-9]*)[.](0|[1-9][0-9]*)$`)

func (e *fieldErrors) initializers(path string, images []string) {
	for i, image := range images {
		if !pinnedImage.MatchString(image) && !releasedInitializer.MatchString(image) {
			e.add(fmt.Sprintf("%s[%d]", path, i), "write registry/repository@sha256:digest without a tag, or KServe's own by its release, such as "+kserve.Initializer+":v0.20.0",
				"%q is no image by its digest", image)
		}
	}
}
