package generators

import (
	"slices"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

// kyverno makes one NamespacedImageValidatingPolicy per model: exactly the
// digests that were verified, signed by the authorities that were found to have
// signed them, and nothing else in the InferenceService that names a model.
type kyverno struct{}

var _ Generator = kyverno{}

const (
	kindImageValidatingPolicy = "NamespacedImageValidatingPolicy"
	// kindValidatingPolicy guards a model that has no signature to demand.
	kindValidatingPolicy = "NamespacedValidatingPolicy"
)

func (kyverno) Generate(m *model.Model) []object.Object {
	kind := kindValidatingPolicy
	spec := common(m)
	if signed(models(m)) || signed(images(m)) {
		kind = kindImageValidatingPolicy
		spec = append(spec, imageChecks(m)...)
	}
	spec.Set("validations", validations(m))
	return []object.Object{{
		APIVersion: "policies.kyverno.io/v1", Kind: kind,
		Namespace: m.Deployment.Metadata.Namespace, Name: "modelfn-" + m.Deployment.Metadata.Name,
		Labels: labels(m), Annotations: policyAnnotations(m),
		Body: object.Map{{Key: "spec", Value: spec}},
	}}
}

func common(m *model.Model) object.Map {
	return append(judging(m.Platform, false), object.Map{
		{Key: "matchConstraints", Value: matchConstraints(m)},
		{Key: "matchConditions", Value: matchConditions(m)},
	}...)
}

// judging is when and how a policy is asked, with Kyverno's defaults spelled out;
// in the background it reports of what is there already.
func judging(p *model.Platform, background bool) object.Map {
	return object.Map{
		{Key: "failurePolicy", Value: "Fail"},
		{Key: "validationActions", Value: object.List{p.Spec.Policy.Action}},
		{Key: "webhookConfiguration", Value: object.Map{{Key: "timeoutSeconds", Value: 30}}},
		{Key: "evaluation", Value: object.Map{
			{Key: "admission", Value: object.Map{{Key: "enabled", Value: true}}},
			{Key: "background", Value: object.Map{{Key: "enabled", Value: background}}},
		}},
	}
}

func validations(m *model.Model) object.List {
	out := shape(m)
	if signed(models(m)) {
		out = append(out, validation("the model must be signed by "+signedBy(models(m)), modelSignatures(m)))
		out = append(out, attested(models(m), theModel, "images.model")...)
	}
	if signed(images(m)) {
		out = append(out, validation("the images must be signed by "+signedBy(images(m)), imageSignatures(m)))
		out = append(out, attested(images(m), "an image", "images.containers")...)
	}
	return append(out, annotated(m)...)
}

// annotated demands what the platform wants to be stated.
func annotated(m *model.Model) object.List {
	p := m.Platform.Spec.Provenance
	if p == nil || len(p.Required) == 0 {
		return nil
	}
	keys := make([]string, len(p.Required))
	for i, k := range p.Required {
		keys[i] = prefix + k
	}
	return object.List{validation("annotations are required: "+strings.Join(keys, ", "),
		celList(keys)+".all(k, object.metadata.?annotations[?k].orValue('') != '')")}
}

func validation(message, expression string) object.Map {
	return object.Map{{Key: "message", Value: message}, {Key: "expression", Value: expression}}
}

// lines joins an expression's lines, for who reads the policy.
func lines(parts ...string) string { return strings.Join(parts, "\n") }

// models are the versions' own artifacts.
func models(m *model.Model) []model.Judged {
	var out []model.Judged
	for _, v := range m.Versions() {
		out = append(out, v.Judged)
	}
	return out
}

// images are the containers' images.
func images(m *model.Model) []model.Judged {
	var out []model.Judged
	for _, i := range m.Images() {
		out = append(out, i.Judged)
	}
	return out
}

// signed tells whether any of the artifacts has a signature that the policy can
// demand.
func signed(list []model.Judged) bool {
	return slices.ContainsFunc(list, demandable)
}

func insecure(m *model.Model) bool {
	for _, j := range append(models(m), images(m)...) {
		host, _, _ := strings.Cut(j.Artifact.Repository(), "/")
		if host != "" && slices.ContainsFunc(m.Platform.Spec.Registries, func(r v1alpha1.Registry) bool {
			return r.Host == host && r.PlainHTTP
		}) {
			return true
		}
	}
	return false
}

// policyAnnotations: the policy is there before what it guards, and before another
// digest comes.
func policyAnnotations(m *model.Model) map[string]string {
	return waved(recordAnnotations(m), beforeVersions)
}
