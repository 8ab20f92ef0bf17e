package generators

import (
	"fmt"
	"strings"

	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
	"github.com/modelfn/modelfn/trust"
)

// The forms of a pinned model, as package artifact parses and writes them. Hosts
// have one spelling only: rules match the text.
const (
	celHost    = `(localhost|` + celLabel + `([.]` + celLabel + `)+|` + celLabel + `([.]` + celLabel + `)*:[1-9][0-9]{0,4})`
	celLabel   = `[a-z0-9]([-a-z0-9]*[a-z0-9])?`
	celName    = `[a-z0-9]+(([.]|_|__|-+)[a-z0-9]+)*`
	celDigest  = `@sha256:[0-9a-f]{64}`
	celImage   = celHost + `(/` + celName + `)+` + celDigest
	celHubName = `[A-Za-z0-9]([A-Za-z0-9._-]{0,94}[A-Za-z0-9])?`
	celCommit  = `:[0-9a-f]{40}`
	celPath    = `(/[A-Za-z0-9._=@+,-]+)+/?`
	celBucket  = `[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]`
	celClaim   = celLabel + `([.]` + celLabel + `)*`

	// celMisread is what these forms still hold and nobody may write: directories
	// that lead up, the default port, and what KServe takes for something else.
	celMisread = `/[.][.]?(/|$)|^(s3|gs)://[^/]*[.][.]|^hf://.*[.][.]|^(oci://|kit://|https://)?[^/]*:443/|^https://.*([.]git|[.]core[.]windows[.]net)`
)

// isPinned is the condition that a URI names a model in the one form in which it is
// rendered: by digest, by commit, or as the storage that it is. No other scheme is
// among them, such as oci+native://, by which KServe loads images, too.
func isPinned(uri string) string {
	forms := []string{
		`(oci|kit)://` + celImage,
		`hf://` + celHubName + `/` + celHubName + celCommit,
		`(s3|gs)://` + celBucket + celPath,
		`https://` + celHost + celPath,
		`pvc://` + celClaim + `(/|` + celPath + `)?`,
	}
	return fmt.Sprintf("(size(%s) <= 1024 && %s && !%s)", uri, celMatches(uri, "^("+strings.Join(forms, "|")+")$"), celMatches(uri, celMisread))
}

// isImage is the same of a container's image.
func isImage(image string) string {
	return fmt.Sprintf("(size(%s) <= 1024 && %s && !%s)", image, celMatches(image, "^"+celImage+"$"), celMatches(image, celMisread))
}

// isAdmitted is the condition that the first trust rule that matches a pinned URI
// admits it. The rules stand in one list in their order: policies of their own
// would all have to hold. What is in a registry is admitted by any rule, its
// signatures being somebody else's to judge; everything else only by one that
// wants none.
func isAdmitted(p *model.Platform, uri string) string {
	var list []string
	for _, r := range p.Trust.Rules() {
		images, others := split(r.Patterns())
		if len(images) > 0 {
			list = append(list, choice(uri, `^(oci|kit)://(`+strings.Join(images, "|")+`)`+celDigest+`$`, true))
		}
		if len(others) > 0 {
			list = append(list, choice(uri, `^(`+strings.Join(others, "|")+`)$`, r.UnsafeUnsigned))
		}
	}
	return first(list, "[true, false]") + "[1]"
}

// split is a rule's patterns of images, without what pins them, and those
// of everything else as whole URIs.
func split(list []trust.Pattern) (images, others []string) {
	for _, p := range list {
		switch scheme := artifact.Scheme(p.Scheme); scheme {
		case "":
			images = append(images, p.Expression)
		case artifact.HuggingFace:
			others = append(others, literally(string(scheme))+"://"+p.Expression+celCommit)
		default:
			others = append(others, literally(string(scheme))+"://"+p.Expression+"/?")
		}
	}
	return images, others
}

// choice is a pair: whether it is this one, and what it says.
func choice(subject, expression string, says bool) string {
	return fmt.Sprintf("[%s, %t]", celMatches(subject, expression), says)
}

// first is the first of the pairs that it is.
func first(list []string, otherwise string) string {
	if len(list) == 0 {
		return otherwise
	}
	return "[\n" + strings.Join(list, ",\n") + "].filter(r, r[0])[?0].orValue(" + otherwise + ")"
}

// isAllowedImage is the condition that the first rule about images that matches a
// pinned one is there.
func isAllowedImage(p *model.Platform, image string) string {
	var list []string
	for _, r := range p.Images.Rules() {
		list = append(list, celMatches(image, imagePattern(r)))
	}
	if len(list) == 0 {
		return "false"
	}
	return "(" + strings.Join(list, "\n|| ") + ")"
}

// isVerified is the condition that the first rule about images that matches wants
// the image to be trusted as a model is.
func isVerified(p *model.Platform, image string) string {
	var list []string
	for _, r := range p.Images.Rules() {
		list = append(list, choice(image, imagePattern(r), r.Verify))
	}
	return first(list, "[true, false]") + "[1]" // what none allows is refused already
}

func imagePattern(r *model.ImageRule) string {
	images, _ := split(r.Patterns())
	return `^(` + strings.Join(images, "|") + `)` + celDigest + `$`
}

// trusted demands of the URIs in variables.uris that each is pinned, and admitted
// by the platform's rules; of the images in variables.images the same, by theirs.
func trusted(p *model.Platform) object.List {
	out := object.List{
		validation("the model must be named by digest (oci:// or kit://), by commit (hf://), or as storage that a trust rule lets in unsigned; no tag, no branch, no other scheme such as oci+native://",
			"variables.uris.size() > 0 && variables.uris.all(u, "+isPinned("u")+")"),
		validation("no trust rule of platform "+p.Name+" admits the model from where it is; the first that matches decides. Whether it is signed is not judged here",
			"variables.uris.all(u, "+isAdmitted(p, "u")+")"),
	}
	return out
}

// imagesAllowed demands the same of the containers' images.
func imagesAllowed(p *model.Platform) object.List {
	return object.List{
		validation("each container's image must be one that the platform allows (spec.images), by digest",
			"variables.images.all(i, "+isImage("i")+" && "+isAllowedImage(p, "i")+")"),
		validation("no trust rule of platform "+p.Name+" admits a container's image from where it is",
			lines("variables.images.filter(i, "+isVerified(p, "i")+").map(i, 'oci://' + i)",
				".all(u, "+isAdmitted(p, "u")+")")),
	}
}
