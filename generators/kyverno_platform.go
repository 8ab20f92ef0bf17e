package generators

import (
	"fmt"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
	"github.com/modelfn/modelfn/trust"
)

// signatures makes, for scope Platform, one ImageValidatingPolicy for each trust
// rule: whatever the rule decides about must be signed and attested as it says. Their
// number is the platform's, however many models there are. What no rule admits, and
// what is not pinned, the API server's own policies refuse.
type signatures struct{}

var _ Baseline = signatures{}

const kindClusterImageValidatingPolicy = "ImageValidatingPolicy"

func (signatures) Baseline(p *model.Platform) ([]object.Object, finding.List) {
	if p.Spec.Policy.Engine != v1alpha1.EngineKyverno || p.Spec.Policy.Scope != v1alpha1.ScopePlatform {
		return nil, nil
	}
	var out []object.Object
	var findings finding.List
	for i, r := range p.Trust.Rules() {
		images, _ := split(r.Patterns())
		if len(images) == 0 || r.UnsafeUnsigned {
			continue
		}
		duty := r.Duty(p.Spec.Policy.OnGap == v1alpha1.OnGapWarn)
		findings = append(findings, gaps(p, r, duty)...)
		findings = append(findings, revocations(p, r, duty)...)
		if duty.Need == 0 && len(duty.Attestations) == 0 {
			continue
		}
		out = append(out, ruleGuard{p, r, duty, decidedBy(p, i), concerned(p, r)}.policy(fmt.Sprintf("modelfn-trust-%d", i)))
	}
	return out, findings
}

// gaps are what of a rule Kyverno cannot demand.
func gaps(p *model.Platform, r *trust.Rule, duty trust.Duty) finding.List {
	var out finding.List
	for _, g := range duty.Gaps {
		f := finding.Finding{
			Rule: "policy-gap", Severity: finding.Error, Resource: p.Resource, Field: r.Path,
			Message: "Kyverno cannot check " + g.Message, Fix: g.Fix + ", or set spec.policy.onGap to Warn",
		}
		if p.Spec.Policy.OnGap == v1alpha1.OnGapWarn {
			f.Severity, f.Fix = finding.Warning, g.Fix
			f.Message += "; the platform lets it through (policy.onGap: Warn)"
		}
		out = append(out, f)
	}
	return out
}

// revocations: nothing tells of which kind a revoked digest is, and Kyverno sees the
// artifact's own only.
func revocations(p *model.Platform, r *trust.Rule, duty trust.Duty) finding.List {
	keys := slices.Clone(duty.Releasing)
	for _, a := range duty.Attestations {
		keys = append(keys, a.By...)
	}
	keys = slices.DeleteFunc(keys, func(c trust.Candidate) bool { return len(c.Revoked) == 0 })
	if len(keys) == 0 {
		return nil
	}
	return finding.List{{
		Rule: "revoked-artifacts-only", Severity: finding.Warning, Resource: p.Resource, Field: r.Path + ".authorities",
		Message: fmt.Sprintf("Kyverno compares what %s revoked with the artifact's own digest: of a piece of evidence, or an image of an index, only render knows", trust.Names(keys)),
		Fix:     "revoke the digest of the artifact, too",
	}}
}

// ruleGuard is the policy of one trust rule; decided are the artifacts of an object
// that the rule decides about, as a CEL list, and concerns is the condition that there
// may be any.
type ruleGuard struct {
	p                 *model.Platform
	rule              *trust.Rule
	duty              trust.Duty
	decided, concerns string
}

func (g ruleGuard) policy(name string) object.Object {
	spec := append(judging(g.p, true), object.Map{
		{Key: "matchConstraints", Value: object.Map{
			{Key: "namespaceSelector", Value: notExempt()},
			{Key: "resourceRules", Value: object.List{object.Map{
				{Key: "apiGroups", Value: object.List{"serving.kserve.io"}},
				{Key: "apiVersions", Value: object.List{"*"}},
				{Key: "operations", Value: object.List{"CREATE", "UPDATE"}},
				{Key: "resources", Value: object.List{"inferenceservices", "llminferenceservices"}},
			}}},
		}},
		{Key: "matchConditions", Value: g.conditions()},
	}...)
	spec = append(spec, fetching(g.insecure())...)
	spec.Set("matchImageReferences", g.references())
	spec.Set("images", object.List{named("artifacts", g.decided)})
	spec.Set("attestors", attestorsOf(g.signers()))
	spec.Set("attestations", g.attestations())
	spec.Set("variables", object.List{
		named("decided", g.decided),
		named("model", modelURIs+".map(u, u.split('://')[?1].orValue(''))"),
	})
	spec.Set("validations", g.validations())
	return clusterWide(g.p, "policies.kyverno.io/v1", kindClusterImageValidatingPolicy, name, spec)
}

// insecure: the rule may be about a registry without TLS.
func (g ruleGuard) insecure() bool {
	return slices.ContainsFunc(g.p.Spec.Registries, func(r v1alpha1.Registry) bool {
		return r.PlainHTTP && slices.ContainsFunc(g.rule.Match(), func(glob string) bool {
			host, _, _ := strings.Cut(glob, "/")
			return host == r.Host || strings.Contains(host, "*")
		})
	})
}

// conditions: what the platform lists as somebody else's is not judged, and what has
// nothing that the rule decides about is not fetched.
func (g ruleGuard) conditions() object.List {
	out := append(object.List{named("changed", changedFor(false))}, notForeign(foreignModels(g.p))...)
	return append(out, named("concerned", g.concerns))
}

// references are the globs by which Kyverno fetches; its * crosses slashes, and
// which artifacts there are says the expression that finds them.
func (g ruleGuard) references() object.List {
	var out object.List
	for _, glob := range g.rule.Match() {
		if !strings.Contains(glob, "://") {
			out = append(out, object.Map{{Key: "glob", Value: strings.ReplaceAll(glob, "**", "*") + "@*"}})
		}
	}
	return out
}

// signers are all keys that are asked for.
func (g ruleGuard) signers() []trust.Signer {
	var out []trust.Signer
	add := func(list []trust.Candidate) {
		for _, c := range list {
			out = append(out, c.Ways...)
		}
	}
	if g.duty.Need > 0 {
		add(g.duty.Releasing)
	}
	for _, a := range g.duty.Attestations {
		add(a.By)
	}
	return out
}

func (g ruleGuard) attestations() object.List {
	of := func(name, predicateType string) object.Map {
		return object.Map{
			{Key: "name", Value: name},
			{Key: "intoto", Value: object.Map{{Key: "type", Value: predicateType}}},
		}
	}
	var out object.List
	if g.duty.Need > 0 {
		out = append(out, of(signatureAttestation, trust.SignPredicate))
	}
	seen := map[string]bool{}
	for _, a := range g.duty.Attestations {
		for _, d := range demandsOf(a, false) {
			if !seen[d.name()] {
				seen[d.name()] = true
				out = append(out, of(d.name(), a.PredicateType))
			}
		}
	}
	return out
}

func (g ruleGuard) validations() object.List {
	var out object.List
	if g.duty.Need > 0 {
		who, form := trust.Names(g.duty.Releasing), "with a bundle (cosign v3)"
		if g.duty.Older {
			form = "with a bundle or an older signature"
		}
		if len(g.duty.Releasing) > 1 {
			who = fmt.Sprintf("%d of %s", g.duty.Need, who)
		}
		out = append(out, validation("by "+g.rule.Path+" of platform "+g.p.Name+" it must be signed by "+who+", "+form,
			g.each("variables.decided", g.signed())))
	}
	for _, a := range g.duty.Attestations {
		for _, part := range g.parts(a) {
			ds := demandsOf(a, part.annotated)
			out = append(out, validation(
				fmt.Sprintf("by %s of platform %s %s must be attested by %s: %s%s", g.rule.Path, g.p.Name, part.what, trust.Names(a.By), a.PredicateType, ds[0].says()),
				g.each(part.list, attestedByAny(a, ds))))
		}
	}
	return out
}

// each demands something of every artifact in a list, which Kyverno has to have found.
func (ruleGuard) each(list, demand string) string {
	return lines(list+".all(i, i in images.artifacts &&", demand+")")
}

// signed demands of an artifact, i, that enough of the keys have signed it.
func (g ruleGuard) signed() string {
	var checks []string
	for _, c := range g.duty.Releasing {
		var ways []string
		for _, s := range c.Ways {
			ways = append(ways, fmt.Sprintf("verifyAttestationSignatures(i, attestations.%s, [attestors.%s]) > 0", signatureAttestation, attestor(s)))
			if g.duty.Older {
				ways = append(ways, fmt.Sprintf("verifyImageSignatures(i, [attestors.%s]) > 0", attestor(s)))
			}
		}
		checks = append(checks, standing(c, oneOf(ways...)))
	}
	return atLeast(g.duty.Need, checks)
}

// standing is a check that does not hold of what the authority has revoked.
func standing(c trust.Candidate, check string) string {
	if len(c.Revoked) == 0 {
		return check
	}
	return "(!(i.split('@')[1] in " + celList(each(c.Revoked, func(d artifact.Digest) string { return string(d) })) + ") && " + check + ")"
}

// part is a list of artifacts of which an attestation says the same.
type part struct {
	what, list string
	annotated  bool
}

// parts: of the model an attestation's provenance is what the object states, of
// adapters and images it is their own.
func (g ruleGuard) parts(a trust.DutyAttestation) []part {
	if !slices.ContainsFunc(a.Conditions, func(c trust.Condition) bool { return c.Key != "" }) {
		return []part{{"it", "variables.decided", false}}
	}
	return []part{
		{theModel, "variables.decided.filter(i, i in variables.model)", true},
		{"adapters and images", "variables.decided.filter(i, !(i in variables.model))", false},
	}
}

// demandsOf is the same attestation by each key that may make it.
func demandsOf(a trust.DutyAttestation, annotated bool) []*demand {
	var out []*demand
	for _, c := range a.By {
		for _, s := range c.Ways {
			out = append(out, &demand{predicateType: a.PredicateType, by: s, conditions: a.Conditions, annotated: annotated})
		}
	}
	return out
}

// attestedByAny demands that one of them holds, of a key that stands by it.
func attestedByAny(a trust.DutyAttestation, list []*demand) string {
	var checks []string
	for _, c := range a.By {
		var ways []string
		for range c.Ways {
			ways, list = append(ways, "("+list[0].check()+")"), list[1:]
		}
		checks = append(checks, standing(c, oneOf(ways...)))
	}
	return oneOf(checks...)
}

// What an object loads, whatever it is: of the other kind it has nothing.
const (
	modelURIs   = "[object.?spec.predictor.model.storageUri.orValue(''), object.?spec.model.uri.orValue('')]"
	adapterURIs = "object.?spec.model.lora.adapters.orValue([]).map(a, a.?uri.orValue(''))"
	runImages   = "(object.?spec.predictor.containers.orValue([])\n+ object.?spec.transformer.containers.orValue([])\n+ object.?spec.explainer.containers.orValue([])).map(c, c.?image.orValue(''))"
)

// decidedBy are the artifacts about which the n-th rule decides, each once: Kyverno
// hangs on an image that it finds twice. Where a rule before it matches, too, that
// one decides.
func decidedBy(p *model.Platform, n int) string {
	var earlier, own []string
	for i, r := range p.Trust.Rules()[:n+1] {
		images, _ := split(r.Patterns())
		if i == n {
			own = images
		} else {
			earlier = append(earlier, images...)
		}
	}
	condition := located(own)
	if len(earlier) > 0 {
		condition += "\n&& !" + located(earlier)
	}
	return lines("("+loadedBy(p)+")", ".filter(u, "+condition+")", ".map(u, u.split('://')[1]).distinct()")
}

// concerned is the condition that a rule's patterns match anything that the object
// loads. It is for the API server, which has Kyverno's conditions in one webhook
// configuration of all its policies: it must know every function (Kubernetes 1.30 has
// no distinct), and no rule may repeat those before it.
func concerned(p *model.Platform, r *trust.Rule) string {
	images, _ := split(r.Patterns())
	return lines("("+loadedBy(p)+")", ".exists(u, "+located(images)+")")
}

// loadedBy are the URIs of what an object loads, and of images that the platform wants
// to be trusted.
func loadedBy(p *model.Platform) string {
	loaded := lines(modelURIs, "+ "+adapterURIs)
	if slices.ContainsFunc(p.Images.Rules(), func(r *model.ImageRule) bool { return r.Verify }) {
		loaded = lines(loaded, "+ "+runImages+".filter(i, "+isVerified(p, "i")+").map(i, 'oci://' + i)")
	}
	return loaded
}

// located is the condition that a URI, u, is a pinned artifact where the patterns
// match.
func located(patterns []string) string {
	return celMatches("u", `^(oci|kit)://(`+strings.Join(patterns, "|")+`)`+celDigest+`$`)
}
