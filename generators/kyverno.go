package generators

import (
	"fmt"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
	"github.com/modelfn/modelfn/trust"
	"github.com/modelfn/modelfn/validators"
)

// kyverno makes one NamespacedImageValidatingPolicy per model: exactly the
// digests that were verified, signed by the authorities that were found to have
// signed them, and nothing else in the InferenceService that names a model.
type kyverno struct{}

var _ Generator = kyverno{}

const kindImageValidatingPolicy = "NamespacedImageValidatingPolicy"

// signatureAttestation is the policy's name for the attestation by which a
// Sigstore bundle marks a signature.
const signatureAttestation = "signature"

func (kyverno) Generate(m *model.Model) []object.Object {
	spec := object.Map{
		{Key: "failurePolicy", Value: "Fail"},
		{Key: "validationActions", Value: object.List{m.Platform.Spec.Policy.Action}},
		{Key: "webhookConfiguration", Value: object.Map{{Key: "timeoutSeconds", Value: 30}}},
		{Key: "evaluation", Value: object.Map{
			{Key: "admission", Value: object.Map{{Key: "enabled", Value: true}}},
			{Key: "background", Value: object.Map{{Key: "enabled", Value: false}}},
		}},
		{Key: "matchConstraints", Value: matchConstraints(m)},
		{Key: "matchConditions", Value: matchConditions(m)},
	}
	if insecure(m) {
		spec.Set("credentials", object.Map{{Key: "allowInsecureRegistry", Value: true}})
	}
	spec.Set("validationConfigurations", object.Map{
		{Key: "mutateDigest", Value: false}, {Key: "verifyDigest", Value: true}, {Key: "required", Value: true},
	})
	// Kyverno fetches what it matches before it validates: only these
	// repositories may make it fetch.
	spec.Set("matchImageReferences", repositories(m))
	spec.Set("images", object.List{object.Map{
		{Key: "name", Value: "model"},
		{Key: "expression", Value: imagesExpression},
	}})
	attestors, bundles := attestors(m)
	spec.Set("attestors", attestors)
	if bundles {
		spec.Set("attestations", object.List{object.Map{
			{Key: "name", Value: signatureAttestation},
			{Key: "intoto", Value: object.Map{{Key: "type", Value: trust.SignPredicate}}},
		}})
	}
	spec.Set("validations", validations(m))
	return []object.Object{{
		APIVersion: "policies.kyverno.io/v1", Kind: kindImageValidatingPolicy,
		Namespace: m.Deployment.Metadata.Namespace, Name: "modelfn-" + m.Deployment.Metadata.Name,
		Labels: labels(m), Annotations: annotations(m),
		Body: object.Map{{Key: "spec", Value: spec}},
	}}
}

func matchConstraints(m *model.Model) object.Map {
	return object.Map{
		{Key: "objectSelector", Value: object.Map{
			{Key: "matchLabels", Value: object.Map{{Key: DeploymentLabel, Value: m.Deployment.Metadata.Name}}},
		}},
		{Key: "resourceRules", Value: object.List{object.Map{
			{Key: "apiGroups", Value: object.List{"serving.kserve.io"}},
			{Key: "apiVersions", Value: object.List{"v1beta1"}},
			{Key: "operations", Value: object.List{"CREATE", "UPDATE"}},
			{Key: "resources", Value: object.List{"inferenceservices"}},
		}}},
	}
}

// matchConditions: two Kyverno policies with equal constraints and no
// conditions hang admission (kyverno#17275), and Kyverno's CLI judges objects of
// other namespaces too. An update that changes neither spec nor labels nor
// annotations is not judged, or the finalizers of a version that was replaced
// could not be removed. The CLI's oldObject is an empty map, not null.
func matchConditions(m *model.Model) object.List {
	var out object.List
	if ns := m.Deployment.Metadata.Namespace; ns != "" {
		out = append(out, object.Map{
			{Key: "name", Value: "namespace"},
			{Key: "expression", Value: "object.metadata.namespace == " + celString(ns)},
		})
	}
	return append(out, object.Map{
		{Key: "name", Value: "changed"},
		{Key: "expression", Value: lines(
			"oldObject == null || !has(oldObject.spec) || object.spec != oldObject.spec",
			"|| object.metadata.?labels.orValue({}) != oldObject.metadata.?labels.orValue({})",
			"|| object.metadata.?annotations.orValue({}) != oldObject.metadata.?annotations.orValue({})")},
	})
}

// imagesExpression finds the model image. KServe 0.20 also takes oci+native://
// and others: a filter on oci:// alone would let those pass unsigned.
const imagesExpression = "[object.spec.predictor]\n" +
	".filter(p, p.?model.storageUri.orValue('').matches('^(oci([+][a-z]+)?|kit)://'))\n" +
	".map(p, p.model.storageUri.split('://')[1])"

func repositories(m *model.Model) object.List {
	var repos []string
	for _, v := range m.Versions() {
		repos = append(repos, v.Artifact.Repository()+"@*")
	}
	slices.Sort(repos)
	var out object.List
	for _, r := range slices.Compact(repos) {
		out = append(out, object.Map{{Key: "glob", Value: r}})
	}
	return out
}

// attestors are the authorities whose signatures were found, each once.
func attestors(m *model.Model) (list object.List, bundles bool) {
	seen := map[string]bool{}
	for _, v := range m.Versions() {
		for _, s := range v.Verdict.Signers() {
			bundles = bundles || s.Format == trust.Bundle
			if id := attestor(s.Authority); !seen[id] {
				seen[id] = true
				list = append(list, object.Map{
					{Key: "name", Value: id},
					{Key: "cosign", Value: object.Map{
						{Key: "key", Value: object.Map{{Key: "data", Value: s.Authority.PEM()}}},
						// A key authority needs no transparency log.
						{Key: "ctlog", Value: object.Map{
							{Key: "insecureIgnoreTlog", Value: true}, {Key: "insecureIgnoreSCT", Value: true},
						}},
					}},
				})
			}
		}
	}
	return list, bundles
}

// attestor is an authority's name as a CEL identifier. Two rules may each have
// an authority of one name with different keys: the key's id tells them apart.
func attestor(a trust.Authority) string {
	return strings.ReplaceAll(a.Name, "-", "_") + "_" + a.KeyID()[:8]
}

func validations(m *model.Model) object.List {
	var uris, digests []string
	for _, v := range m.Versions() {
		uris = append(uris, v.Artifact.StorageURI())
		digests = append(digests, v.Artifact.ImageReference())
	}
	out := object.List{
		validation("only spec.predictor.model may name a model",
			lines("object.spec.all(k, k in ['predictor'])",
				"&& object.spec.predictor.all(k, k in "+celList(predictorKeys())+")",
				"&& object.spec.predictor.?model.orValue({}).all(k, k in "+celList(modelKeys)+")")),
		validation("the model must be one of the verified digests: "+strings.Join(digests, ", "),
			lines("object.spec.predictor.?model.storageUri.orValue('') in", celList(uris))),
		validation("the label that selects this policy must stay",
			"object.metadata.?labels[?"+celString(DeploymentLabel)+"].orValue('') == "+celString(m.Deployment.Metadata.Name)),
		validation("the annotations of KServe's local model cache must not redirect the model",
			lines("object.metadata.?annotations.orValue({}).all(k, !k.startsWith('internal.serving.kserve.io/'))",
				"&& object.metadata.?labels.orValue({}).all(k, !k.startsWith('internal.serving.kserve.io/'))")),
		validation("the model must be signed by "+signedBy(m), signatures(m)),
	}
	if p := m.Platform.Spec.Provenance; p != nil && len(p.Required) > 0 {
		keys := make([]string, len(p.Required))
		for i, k := range p.Required {
			keys[i] = prefix + k
		}
		out = append(out, validation("annotations are required: "+strings.Join(keys, ", "),
			celList(keys)+".all(k, object.metadata.?annotations[?k].orValue('') != '')"))
	}
	return out
}

func validation(message, expression string) object.Map {
	return object.Map{{Key: "message", Value: message}, {Key: "expression", Value: expression}}
}

// signatures demands, of the image by its digest, as many of the signers that
// were found as the rule's threshold says. It starts with size() > 0: all() over
// no image would hold.
func signatures(m *model.Model) string {
	var b strings.Builder
	b.WriteString("images.model.size() > 0 && images.model.all(i,\n")
	seen := map[string]bool{}
	for _, v := range m.Versions() {
		image := v.Artifact.ImageReference()
		if seen[image] {
			continue
		}
		seen[image] = true
		var checks []string
		for _, s := range v.Verdict.Signers() {
			id := attestor(s.Authority)
			if s.Format == trust.Bundle {
				// verifyImageSignatures would take any attestation for one.
				checks = append(checks, fmt.Sprintf("verifyAttestationSignatures(i, attestations.%s, [attestors.%s]) > 0", signatureAttestation, id))
			} else {
				checks = append(checks, fmt.Sprintf("verifyImageSignatures(i, [attestors.%s]) > 0", id))
			}
		}
		fmt.Fprintf(&b, "i == %s\n? %s\n: ", celString(image), atLeast(v.Verdict.Rule().Threshold, checks))
	}
	b.WriteString("false)")
	return b.String()
}

// lines joins an expression's lines, for who reads the policy.
func lines(parts ...string) string { return strings.Join(parts, "\n") }

// atLeast is a CEL condition that holds when n of the checks do.
func atLeast(n int, checks []string) string {
	switch {
	case n == 1:
		return "(" + strings.Join(checks, " || ") + ")"
	case n == len(checks):
		return "(" + strings.Join(checks, " && ") + ")"
	}
	counts := make([]string, len(checks))
	for i, c := range checks {
		counts[i] = "(" + c + " ? 1 : 0)"
	}
	return fmt.Sprintf("(%s >= %d)", strings.Join(counts, " + "), n)
}

func signedBy(m *model.Model) string {
	var names []string
	for _, v := range m.Versions() {
		for _, s := range v.Verdict.Signers() {
			names = append(names, s.Authority.Name)
		}
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}

// modelKeys are the fields of predictor.model that we emit, and "name", which
// KServe's defaulter adds empty. Without args and env nothing can point the
// server at another model.
var modelKeys = []string{"modelFormat", "name", "protocolVersion", "resources", "runtime", "storageUri"}

// predictorKeys are the fields of the predictor that we emit or let through.
func predictorKeys() []string {
	keys := append([]string{
		"canaryTrafficPercent", "maxReplicas", "minReplicas", "model", "scaleMetric", "scaleTarget",
	}, validators.PredictorFields()...)
	slices.Sort(keys)
	return keys
}

func insecure(m *model.Model) bool {
	for _, v := range m.Versions() {
		host, _, _ := strings.Cut(v.Artifact.Repository(), "/")
		if slices.ContainsFunc(m.Platform.Spec.Registries, func(r v1alpha1.Registry) bool {
			return r.Host == host && r.PlainHTTP
		}) {
			return true
		}
	}
	return false
}
