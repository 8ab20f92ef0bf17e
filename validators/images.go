package validators

import (
	"errors"
	"fmt"
	"strings"

	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
)

// images: each container's image is one that the platform allows, pinned, and
// trusted where the platform verifies it; where it does not, that is said each
// time.
func images(m *model.Model) finding.List {
	var out finding.List
	for _, i := range m.Images() {
		switch {
		case !i.Trusted():
			out = append(out, imageFinding(m, i))
		case i.Verdict.Unsigned():
			out = append(out, unsignedImage(m, i))
		}
	}
	return out
}

// imageFinding says why an image is refused.
func imageFinding(m *model.Model, i *model.Image) finding.Finding {
	f := pinFinding(m.Resource, i.Field+".image", "image", i.Err)
	switch {
	case errors.Is(i.Err, model.ErrImageNotAllowed):
		f.Rule = "image-not-allowed"
		f.Message = fmt.Sprintf("%v (platform %s)", i.Err, m.Platform.Name)
		f.Fix = fmt.Sprintf("use an image that the platform allows, or have one added to its spec.images: {match: [%s]}", repository(i.Spec.Image))
	case f.Rule == "refused-artifact":
		f.Fix = "correct the reference"
	case i.Err != nil || !i.Artifact.Resolved():
	case !i.Runs():
		f.Rule = "not-runnable"
		f.Message = fmt.Sprintf("%s is a %s: no container can be started from it", i.Spec.Image, i.Artifact.Kind())
		f.Fix = "name a container image"
	default:
		f.Rule = "untrusted-image"
		f.Message = fmt.Sprintf("%s (platform %s)", i.Verdict.Reason(), m.Platform.Name)
		f.Fix = signFix("image", i.Verdict)
	}
	return f
}

func unsignedImage(m *model.Model, i *model.Image) finding.Finding {
	where, how := i.Rule.Path, "verify: false"
	if i.Rule.Verify {
		where, how = i.Verdict.Rule().Path, "unsafeUnsigned"
	}
	return warn(m, "unsigned-image", i.Field+".image",
		fmt.Sprintf("%s is held to its digest, and to no signature: %s of platform %s lets it in (%s)", i.Artifact.Identity(), where, m.Platform.Name, how),
		"sign the image and have the platform verify it")
}

// repository is an image without its tag and digest, for a rule about it.
func repository(image string) string {
	image, _, _ = strings.Cut(strings.TrimPrefix(image, "oci://"), "@")
	if tag := strings.LastIndexByte(image, ':'); tag > strings.LastIndexByte(image, '/') {
		image = image[:tag]
	}
	return image
}
