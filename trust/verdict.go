package trust

import (
	"fmt"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/artifact"
)

// Format is how a signature is stored. Admission engines check the formats in
// different ways, so a Verdict says which one holds.
type Format string

const (
	// Legacy is cosign's payload under the .sig tag.
	Legacy Format = "legacy"
	// Bundle is a Sigstore bundle attached as a referrer.
	Bundle Format = "bundle"
	// ModelSigning is a bundle over the files, not the digest: OpenSSF Model
	// Signing. No admission engine checks it.
	ModelSigning Format = "model-signing"
)

// Signer is one authority whose signature holds.
type Signer struct {
	Authority Authority
	Format    Format
	Hash      Hash
}

// Keyed tells whether an admission engine can check the signature by itself: a
// key's over the digest, which needs no log. None hashes before Ed25519.
func (s Signer) Keyed() bool {
	return !s.Authority.Logged() && s.Format != ModelSigning && s.Hash != Ed25519ph
}

// Verdict says whether an artifact is trusted, by which rule and signers, or
// why not. The zero Verdict is a refusal.
type Verdict struct {
	trusted  bool
	unsigned bool
	identity string // of the artifact that was judged
	rule     *Rule
	signers  []Signer
	// signed and attested tell which half of the rule is satisfied.
	signed, attested bool
	attestations     []Attestation
	counted          []int
	reason           string
}

// Trusted tells whether the verdict admits this very artifact: a verdict about
// one digest says nothing about another, nor about another repository, for
// which another rule may hold.
func (v Verdict) Trusted(a artifact.Artifact) bool {
	return v.trusted && a.Resolved() && a.Identity() == v.identity
}

// Unsigned tells that the artifact is let in without any signature, since its
// rule says unsafeUnsigned.
func (v Verdict) Unsigned() bool { return v.unsigned }

// Rule is the rule that matched; nil when none did.
func (v Verdict) Rule() *Rule { return v.rule }

// Signers are the distinct signers, in the order of the rule's authorities.
func (v Verdict) Signers() []Signer { return v.signers }

// KeySigners are those whose signatures an admission engine can check by itself.
// Beside an attestation no legacy signature is: it would look at bundles only, and
// take the attestation for a signature.
func (v Verdict) KeySigners() []Signer {
	return slices.DeleteFunc(slices.Clone(v.signers), func(s Signer) bool {
		return !s.Keyed() || s.Format == Legacy && v.rule.Attested()
	})
}

// LegacySigners are those whose signatures an engine can check that knows cosign's
// older format only, and is not confused by what else is attached.
func (v Verdict) LegacySigners() []Signer {
	return slices.DeleteFunc(slices.Clone(v.signers), func(s Signer) bool { return !s.Keyed() || s.Format != Legacy })
}

// Signed tells whether as many authorities signed as the rule demands.
func (v Verdict) Signed() bool { return v.trusted || v.signed }

// Attested tells whether every attestation that the rule requires is there.
func (v Verdict) Attested() bool { return v.trusted || v.attested }

// Attestations are those that the rule requires, in its order.
func (v Verdict) Attestations() []Attestation { return v.attestations }

// Counted are the indices of the evidence that proved something: what a lock
// has to keep.
func (v Verdict) Counted() []int { return v.counted }

// Reason says why the artifact is refused.
func (v Verdict) Reason() string { return v.reason }

// AuthorityNames joins the signers' names for people.
func (v Verdict) AuthorityNames() string {
	names := make([]string, len(v.signers))
	for i, s := range v.signers {
		names[i] = s.Authority.Name
	}
	return strings.Join(names, ",")
}

func refuse(rule *Rule, format string, args ...any) Verdict {
	return Verdict{rule: rule, reason: fmt.Sprintf(format, args...)}
}
