package generators

import (
	"fmt"
	"slices"

	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
	"github.com/modelfn/modelfn/internal/passthrough"
	"github.com/modelfn/modelfn/trust"
)

// classicSignatures are rules that demand the signatures of one digest each. Which
// digests there may be, and that one of them is there, is a matter of shape: what
// Kyverno finds under another name is not for these to judge.
func classicSignatures(m *model.Model) object.List {
	var out object.List
	seen := map[string]bool{}
	for _, j := range classicJudged(m) {
		image := j.Artifact.Identity()
		signers, need := j.LegacyDemand()
		attested := classicAttestations(j)
		if seen[image] || need == 0 && len(attested) == 0 {
			continue
		}
		seen[image] = true
		var check object.Map
		check.Set("imageReferences", object.List{image})
		check = append(check,
			object.Field{Key: "mutateDigest", Value: false}, object.Field{Key: "verifyDigest", Value: true},
			object.Field{Key: "required", Value: true}, object.Field{Key: "useCache", Value: true})
		if insecure(m) {
			check.Set("imageRegistryCredentials", object.Map{{Key: "allowInsecureRegistry", Value: true}})
		}
		if need > 0 {
			check.Set("attestors", classicAttestors(need, signers...))
		}
		check.Set("attestations", attested)
		out = append(out, object.Map{
			{Key: "name", Value: fmt.Sprintf("signed-%d", len(out)+1)},
			{Key: "match", Value: classicMatch(m, object.Map{{Key: "matchLabels", Value: object.Map{{Key: DeploymentLabel, Value: m.Deployment.Metadata.Name}}}})},
			{Key: "skipBackgroundRequests", Value: true},
			{Key: "preconditions", Value: classicChanged},
			{Key: "imageExtractors", Value: object.Map{{Key: classicKind(m), Value: classicExtractors(m)}}},
			{Key: "verifyImages", Value: object.List{check}},
		})
	}
	return out
}

// classicJudged is everything that a model's object names: versions with their
// adapters, and images.
func classicJudged(m *model.Model) []model.Judged {
	var out []model.Judged
	for _, v := range m.Loaded() {
		out = append(out, v.Judged)
	}
	return append(out, images(m)...)
}

// classicAttestations demand that there is an attestation of the type, by whose let
// the artifact in. What it says would have to be judged by other expressions than the
// platform's, so that is not.
func classicAttestations(j model.Judged) object.List {
	var out object.List
	for _, a := range j.Verdict.Attestations() {
		if a.EnforceableLegacy() && passthrough.Expanded(a.PredicateType) == "" {
			out = append(out, object.Map{
				{Key: "name", Value: fmt.Sprintf("attestation%d", len(out)+1)},
				{Key: "type", Value: a.PredicateType},
				{Key: "attestors", Value: classicAttestors(1, a.Signer)},
			})
		}
	}
	return out
}

// classicAttestors are so many of the signers, by their keys.
func classicAttestors(need int, signers ...trust.Signer) object.List {
	var out object.List
	for _, s := range signers {
		hash := "sha256"
		if s.Hash != trust.UsualHash {
			hash = string(s.Hash)
		}
		out = append(out, object.Map{
			{Key: "keys", Value: object.Map{
				{Key: "publicKeys", Value: s.Authority.PEM()},
				{Key: "signatureAlgorithm", Value: hash}, // older versions read it here
				// A key authority needs no transparency log.
				{Key: "rekor", Value: object.Map{{Key: "url", Value: "https://rekor.sigstore.dev"}, {Key: "ignoreTlog", Value: true}}},
				{Key: "ctlog", Value: object.Map{{Key: "ignoreSCT", Value: true}}},
			}},
			{Key: "signatureAlgorithm", Value: hash},
		})
	}
	return object.List{object.Map{{Key: "count", Value: need}, {Key: "entries", Value: out}}}
}

// classicExtractors are where Kyverno finds images. Of two with one name it keeps
// the later.
func classicExtractors(m *model.Model) object.List {
	extractor := func(name, path string) object.Map {
		return object.Map{{Key: "name", Value: name}, {Key: "path", Value: path}}
	}
	model := func(name, path string) object.Map {
		return append(extractor(name, path), object.Field{Key: "jmesPath", Value: classicImage})
	}
	if m.LLM() {
		return object.List{model("model", "/spec/model/uri"), model("adapters", "/spec/model/lora/adapters/*/uri")}
	}
	out := object.List{model("model", "/spec/predictor/model/storageUri")}
	components := []string{}
	if sidecars(m) {
		components = append(components, "predictor")
	}
	for _, c := range m.Components {
		components = append(components, c.Name)
	}
	for _, c := range slices.Compact(components) {
		out = append(out, extractor(c, "/spec/"+c+"/containers/*/image"))
	}
	return out
}

// classicImage is what a URI names in a registry, in JMESPath: of KServe's schemes,
// oci+native:// and others among them, the rest. Kyverno would stumble over a URI
// of another kind, which a rule may let in without a signature: it gets a name that
// no registry has.
const classicImage = `regex_match('^(oci([+][a-z]+)?|kit)://', @) && regex_replace_all('^(oci([+][a-z]+)?|kit)://', @, '') || 'none.invalid/none:none'`
