package generators

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
	"github.com/modelfn/modelfn/trust"
)

// theModel is what annotations of the object are about.
const theModel = "the model"

// attested demands of the artifacts what their rules require to be attested, and
// by which attestation each was let in: by the authority that made it, and as the
// rule's expressions find it. Which artifacts there may be at all is a matter of
// shape and signatures; images are where they stand.
func attested(list []model.Judged, what, images string) object.List {
	var out object.List
	for _, d := range demands(list, what == theModel) {
		out = append(out, validation(
			fmt.Sprintf("%s must be attested by %s: %s%s", what, d.by.Authority.Name, d.predicateType, d.says()),
			lines(images+".all(i, !(i in "+celList(d.about)+") ||", d.check()+")")))
	}
	return out
}

// demand is one attestation that some artifacts must have.
type demand struct {
	about         []string // the artifacts, by digest
	predicateType string
	by            trust.Signer
	conditions    []trust.Condition
	// annotated: the object's provenance is about these artifacts.
	annotated bool
}

// demands are the attestations that an engine can demand, each once, and the
// artifacts of which it is the same.
func demands(list []model.Judged, annotated bool) []*demand {
	var out []*demand
	byText := map[string]*demand{}
	for _, j := range list {
		for _, a := range j.Verdict.Attestations() {
			if !a.Enforceable() {
				continue
			}
			d := &demand{predicateType: a.PredicateType, by: a.Signer, conditions: a.Conditions, annotated: annotated}
			text := d.check()
			if same := byText[text]; same != nil {
				d = same
			} else {
				byText[text] = d
				out = append(out, d)
			}
			if image := j.Artifact.Identity(); !slices.Contains(d.about, image) {
				d.about = append(d.about, image)
			}
		}
	}
	return out
}

// check is the demand about one image, i. Kyverno keeps the last predicate of a
// type that it verified: it is read where it was verified.
func (d *demand) check() string {
	name, by := d.name(), attestor(d.by)
	verified := fmt.Sprintf("verifyAttestationSignatures(i, attestations.%s, [attestors.%s]) > 0", name, by)
	holds := d.holds()
	if len(holds) == 0 {
		return verified
	}
	return lines(verified, "&& cel.bind(predicate, extractPayload(i, attestations."+name+").predicate,", strings.Join(holds, "\n&& ")+")")
}

// holds are the conditions on the predicate that mean the same in Kyverno. The
// line's end ends a comment of the platform's. What is attested of provenance must
// be a text, and what the object says, if it says that.
func (d *demand) holds() []string {
	var out []string
	for _, c := range d.conditions {
		switch {
		case c.Stays != nil:
		case c.Key != "":
			text := "type(said) == string"
			if d.annotated {
				text += " && object.metadata.?annotations[?" + celString(prefix+c.Key) + "].orValue(said) == said"
			}
			out = append(out, "cel.bind(said, "+c.Expression+"\n, "+text+")")
		default:
			out = append(out, "("+c.Expression+"\n)")
		}
	}
	return out
}

// says is what it must say, for who is refused.
func (d *demand) says() string {
	var out []string
	for _, c := range d.conditions {
		text := strings.Join(strings.Fields(c.Expression), " ")
		switch {
		case c.Stays != nil:
		case c.Key != "" && d.annotated:
			out = append(out, text+" as in the annotation "+prefix+c.Key)
		default:
			out = append(out, text)
		}
	}
	if len(out) == 0 {
		return ""
	}
	return ", saying " + strings.Join(out, ", ")
}

// name is the demand's name for its attestation, as a CEL identifier. It is of
// one authority: Kyverno's cache keeps one predicate for each name.
func (d *demand) name() string {
	sum := sha256.Sum256([]byte(d.predicateType))
	return fmt.Sprintf("%s_%x", attestor(d.by), sum[:4])
}

// attestations are what the policy calls the types that it demands.
func attestations(list []model.Judged) object.List {
	var out object.List
	seen := map[string]bool{}
	add := func(name, predicateType string) {
		if !seen[name] {
			seen[name] = true
			out = append(out, object.Map{
				{Key: "name", Value: name},
				{Key: "intoto", Value: object.Map{{Key: "type", Value: predicateType}}},
			})
		}
	}
	if bundles(list) {
		add(signatureAttestation, trust.SignPredicate)
	}
	for _, d := range demands(list, false) {
		add(d.name(), d.predicateType)
	}
	return out
}
