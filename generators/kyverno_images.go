package generators

import (
	"slices"
	"strings"

	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
	"github.com/modelfn/modelfn/trust"
)

// signatureAttestation is the policy's name for the attestation by which a
// Sigstore bundle marks a signature.
const signatureAttestation = "signature"

// imageChecks are the fields by which Kyverno finds images and the signatures
// about them.
func imageChecks(m *model.Model) object.Map {
	var spec object.Map
	spec = append(spec, fetching(insecure(m))...)
	// Kyverno fetches what it matches before it validates: only these
	// repositories may make it fetch.
	spec.Set("matchImageReferences", matchImages(m))
	var found object.List
	if signed(models(m)) {
		found = append(found, object.Map{{Key: "name", Value: "model"}, {Key: "expression", Value: modelExpression(m)}})
	}
	if signed(images(m)) {
		found = append(found, object.Map{{Key: "name", Value: "containers"}, {Key: "expression", Value: containersExpression(m)}})
	}
	spec.Set("images", found)
	all := append(models(m), images(m)...)
	spec.Set("attestors", attestors(all))
	spec.Set("attestations", attestations(all))
	return spec
}

// fetching is how images are fetched, and that each that is found must be signed.
func fetching(insecure bool) (spec object.Map) {
	if insecure {
		spec.Set("credentials", object.Map{{Key: "allowInsecureRegistry", Value: true}})
	}
	spec.Set("validationConfigurations", object.Map{
		{Key: "mutateDigest", Value: false}, {Key: "verifyDigest", Value: true}, {Key: "required", Value: true},
	})
	return spec
}

// modelExpression finds the model image. KServe 0.20 also takes oci+native://
// and others: a filter on oci:// alone would let those pass unsigned.
func modelExpression(m *model.Model) string {
	return "[" + modelURI(m) + "]\n.filter(u, u.matches('^(oci([+][a-z]+)?|kit)://'))\n.map(u, u.split('://')[1])"
}

// modelURI is where the object names its model; where it names none, an empty text.
func modelURI(m *model.Model) string {
	if m.LLM() {
		return "object.spec.?model.uri.orValue('')"
	}
	return "object.spec.predictor.?model.storageUri.orValue('')"
}

// containersExpression finds the images whose signatures are demanded, each once:
// Kyverno 1.19 hangs on an image that it finds twice. Those that need no signature
// are held to their digests by name.
func containersExpression(m *model.Model) string {
	return celList(demanded(m)) + ".filter(i, i in\n" + containerImages(m) + ")"
}

// demanded are the images whose signatures are demanded, by digest.
func demanded(m *model.Model) []string {
	var out []string
	for _, j := range images(m) {
		if demandable(j) {
			out = append(out, j.Artifact.Identity())
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// matchImages are the models' repositories, so that another digest there is a
// refusal and no oversight, and the very images of containers.
func matchImages(m *model.Model) object.List {
	globs := demanded(m)
	for _, j := range models(m) {
		if demandable(j) {
			globs = append(globs, j.Artifact.Repository()+"@*")
		}
	}
	slices.Sort(globs)
	var out object.List
	for _, g := range slices.Compact(globs) {
		out = append(out, object.Map{{Key: "glob", Value: g}})
	}
	return out
}

// attestors are the authorities whose signatures and attestations were found.
func attestors(list []model.Judged) object.List {
	var found []trust.Signer
	for _, j := range list {
		signers, _ := j.Demand()
		found = append(found, signers...)
	}
	for _, d := range demands(list, false) {
		found = append(found, d.by)
	}
	return attestorsOf(found)
}

// attestorsOf are the signers' keys, each once.
func attestorsOf(list []trust.Signer) (out object.List) {
	seen := map[string]bool{}
	for _, s := range list {
		id := attestor(s)
		if seen[id] {
			continue
		}
		seen[id] = true
		key := object.Map{{Key: "data", Value: s.Authority.PEM()}}
		if s.Hash != trust.UsualHash {
			key.Set("hashAlgorithm", string(s.Hash))
		}
		out = append(out, object.Map{
			{Key: "name", Value: id},
			{Key: "cosign", Value: object.Map{
				{Key: "key", Value: key},
				// A key authority needs no transparency log.
				{Key: "ctlog", Value: object.Map{
					{Key: "insecureIgnoreTlog", Value: true}, {Key: "insecureIgnoreSCT", Value: true},
				}},
			}},
		})
	}
	return out
}

// bundles tells whether any of the signatures is a bundle.
func bundles(list []model.Judged) bool {
	return slices.ContainsFunc(list, func(j model.Judged) bool {
		signers, _ := j.Demand()
		return slices.ContainsFunc(signers, func(s trust.Signer) bool { return s.Format == trust.Bundle })
	})
}

// attestor is an authority's name as a CEL identifier. Two rules may each have
// an authority of one name with different keys: the key's id tells them apart. One
// key may hash in two ways, of which Kyverno tries one.
func attestor(s trust.Signer) string {
	id := strings.ReplaceAll(s.Authority.Name, "-", "_") + "_" + s.Authority.KeyID()[:8]
	if s.Hash != trust.UsualHash {
		id += "_" + string(s.Hash)
	}
	return id
}
