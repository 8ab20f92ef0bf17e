package v1alpha1

import (
	"fmt"
	"maps"
	"slices"
)

const (
	// maxExpression bounds a CEL expression in bytes, as Kubernetes bounds its own
	// by cost.
	maxExpression = 4096
	// maxExpressions bounds those over one attestation.
	maxExpressions = 32
	// maxAttestations bounds those of one rule: each is looked for among all
	// evidence.
	maxAttestations = 16
	// maxCompiled bounds the expressions of a platform, which are compiled before
	// anything is asked: an unsealed platform comes with a pull request.
	maxCompiled = 256
	// maxCompiledBytes bounds what they come to: compiling takes a few microseconds
	// for each.
	maxCompiledBytes = 64 << 10
)

// trust checks the rules, and what they come to together.
func (e *fieldErrors) trust(rules []TrustRule) {
	expressions, size := 0, 0
	for i, r := range rules {
		e.trustRule(fmt.Sprintf("spec.trust[%d]", i), r)
		for _, a := range r.Attestations {
			expressions += len(a.Rules) + len(a.Provenance)
			for _, text := range append(slices.Collect(maps.Values(a.Provenance)), a.Rules...) {
				size += len(text)
			}
		}
	}
	if size > maxCompiledBytes {
		e.add("spec.trust", "shorten some", "%d bytes of expressions in all attestations, at most %d are compiled", size, maxCompiledBytes)
	}
	if expressions > maxCompiled {
		e.add("spec.trust", "join some with &&, or remove some", "%d expressions in all attestations, at most %d are compiled", expressions, maxCompiled)
	}
}

func (e *fieldErrors) trustRule(path string, r TrustRule) {
	if len(r.Match) == 0 {
		e.add(path+".match", "list globs such as registry.example.com/models/**", "required")
	}
	switch {
	case len(r.Authorities) == 0 && !r.UnsafeUnsigned:
		e.add(path+".authorities", "list who may sign", "required")
	case (len(r.Authorities)+len(r.Attestations) > 0 || r.Binding != "") && r.UnsafeUnsigned:
		e.add(path+".unsafeUnsigned", "remove it, or write a rule of its own for what has no signature", "a rule asks for signatures or does without")
	}
	e.threshold(path, r)
	e.oneOf(path+".repositoryBinding", r.RepositoryBinding, RepositoryBindingRequired, RepositoryBindingIgnored)
	if r.Binding != "" {
		e.oneOf(path+".binding", r.Binding, BindingRepository, BindingName)
	}
	if r.Binding == BindingRepository && r.RepositoryBinding == RepositoryBindingIgnored {
		e.add(path+".binding", "keep one of them", "repositoryBinding: Ignored says the opposite")
	}
	names := map[string]bool{}
	for i, a := range r.Authorities {
		at := fmt.Sprintf("%s.authorities[%d]", path, i)
		if !authorityName.MatchString(a.Name) || len(a.Name) > maxLabel {
			e.add(at+".name", "use lower-case letters, digits and '-'", "%q is no authority name", a.Name)
		}
		if names[a.Name] {
			e.add(at+".name", "give each authority its own name", "%q is listed twice", a.Name)
		}
		names[a.Name] = true
		e.authority(at, a)
	}
	if n := len(r.Attestations); n > maxAttestations {
		e.add(path+".attestations", "remove some", "%d attestations, at most %d are looked for", n, maxAttestations)
		return
	}
	for i, a := range r.Attestations {
		e.attestation(fmt.Sprintf("%s.attestations[%d]", path, i), a, names)
	}
	e.idle(path, r)
}

// threshold: there must be as many who can release something.
func (e *fieldErrors) threshold(path string, r TrustRule) {
	can := len(r.Releasing())
	switch {
	case r.Threshold < 1, len(r.Authorities) > 0 && can > 0 && r.Threshold > can:
		e.add(path+".threshold", "use 1 up to the number of authorities", "%d of %d authorities", r.Threshold, can)
	case len(r.Authorities) > 0 && can == 0:
		e.add(path+".authorities", "list an authority without attestationsOnly", "none of them can release a model")
	}
}

// idle: an authority that only attests and is named by no attestation does
// nothing, which is most often a slip.
func (e *fieldErrors) idle(path string, r TrustRule) {
	for i, a := range r.Authorities {
		if a.AttestationsOnly && !slices.ContainsFunc(r.Attestations, func(want AttestationRule) bool {
			return slices.Contains(want.Authorities, a.Name)
		}) {
			e.add(fmt.Sprintf("%s.authorities[%d].attestationsOnly", path, i), "name it in an attestation of the rule, or remove it", "no attestation names %q", a.Name)
		}
	}
}

func (e *fieldErrors) attestation(path string, a AttestationRule, names map[string]bool) {
	at := path + ".predicateType"
	switch a.PredicateType {
	case "":
		e.add(at, "name the predicate type's URI", "required")
	case signPredicate:
		e.add(at, "use threshold and authorities of the rule", "this is the type of signatures")
	default:
		if uri := predicateTypes[a.PredicateType]; uri != "" {
			e.add(at, "write "+uri, "%q is cosign's name for it, and attestations have the URI", a.PredicateType)
		}
	}
	if len(a.Authorities) == 0 {
		e.add(path+".authorities", "name who of this rule's authorities may make it", "required")
	}
	for i, name := range a.Authorities {
		at := fmt.Sprintf("%s.authorities[%d]", path, i)
		if !names[name] {
			e.add(at, "use a name from this rule's authorities", "%q is not an authority of the rule", name)
		}
		if slices.Contains(a.Authorities[:i], name) {
			e.add(at, "remove it", "%q is listed twice", name)
		}
	}
	if n := len(a.Rules) + len(a.Provenance); n > maxExpressions {
		e.add(path+".rules", "join them with &&", "%d expressions, at most %d are evaluated", n, maxExpressions)
	}
	for i, text := range a.Rules {
		e.expression(fmt.Sprintf("%s.rules[%d]", path, i), text)
	}
	for _, key := range sortedKeys(a.Provenance) {
		e.provenanceKey(path+".provenance."+key, key)
		e.expression(path+".provenance."+key, a.Provenance[key])
	}
}

// expression checks the length; what it says is compiled in package trust.
func (e *fieldErrors) expression(path, text string) {
	switch {
	case text == "":
		e.add(path, "write a CEL expression over predicate, such as predicate.metrics.auc >= 0.92", "required")
	case len(text) > maxExpression:
		e.add(path, "shorten it", "%d bytes, at most %d are compiled", len(text), maxExpression)
	}
}

// predicateTypes are the URIs that cosign (v2.6, v3.1) writes for --type.
var predicateTypes = map[string]string{
	"custom":           "https://cosign.sigstore.dev/attestation/v1",
	"vuln":             "https://cosign.sigstore.dev/attestation/vuln/v1",
	"slsaprovenance":   "https://slsa.dev/provenance/v0.2",
	"slsaprovenance02": "https://slsa.dev/provenance/v0.2",
	"slsaprovenance1":  "https://slsa.dev/provenance/v1",
	"spdx":             "https://spdx.dev/Document",
	"spdxjson":         "https://spdx.dev/Document",
	"cyclonedx":        "https://cyclonedx.org/bom",
	"link":             "https://in-toto.io/Link/v1",
	"openvex":          "https://openvex.dev/ns",
}

// signPredicate is the predicate type of cosign's signatures.
const signPredicate = "https://sigstore.dev/cosign/sign/v1"
