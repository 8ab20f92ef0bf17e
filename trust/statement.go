package trust

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/sigstore/sigstore-go/pkg/verify"

	"github.com/modelfn/modelfn/artifact"
)

// statement is what a signer says about an artifact. It is read only once the
// signature over it holds.
type statement struct {
	// releases tells that it is a signature: other statements say something about
	// the artifact.
	releases      bool
	predicateType string
	// payload is the whole statement as it was signed: what it says is decoded only
	// where a rule asks for it, since anybody who may attest can attest much.
	payload []byte
	// names are what it calls the artifact, annotations what the signer added.
	names       []string
	annotations map[string]string
}

// SignPredicate is the predicate type by which cosign marks a signature; other
// types are attestations, which say something about an artifact but do not
// release it. cosign itself takes any attestation by the key for a signature.
const SignPredicate = "https://sigstore.dev/cosign/sign/v1"

// statementTypes are the versions of in-toto's statement. The older one, which
// cosign attests with, has the same fields.
var statementTypes = []string{"https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1"}

// readStatement takes what a verified bundle says about this digest.
func readStatement(result *verify.VerificationResult, payload []byte, about artifact.Digest) (statement, error) {
	if result.Statement == nil {
		return statement{}, fmt.Errorf("it holds no in-toto statement")
	}
	if got := result.Statement.GetType(); !slices.Contains(statementTypes, got) {
		return statement{}, fmt.Errorf("a statement of type %q is not supported", got)
	}
	s := statement{
		releases:      result.Statement.GetPredicateType() == SignPredicate,
		predicateType: result.Statement.GetPredicateType(),
		payload:       payload,
		annotations:   map[string]string{},
	}
	// Others that it is about say nothing of this one.
	for _, subject := range result.Statement.GetSubject() {
		if subject.GetDigest()["sha256"] != about.Hex() {
			continue
		}
		s.names = append(s.names, subject.GetName())
		maps.Copy(s.annotations, texts(subject.GetAnnotations().AsMap()))
	}
	return s, nil
}

// texts are the values that are texts.
func texts(values map[string]any) map[string]string {
	out := map[string]string{}
	for key, value := range values {
		if text, ok := value.(string); ok {
			out[key] = text
		}
	}
	return out
}

// claimedType is the predicate type that an envelope's payload names, before
// anything about it holds: it says only which question evidence is an answer to.
func claimedType(payload []byte) string {
	var s struct {
		PredicateType string `json:"predicateType"`
	}
	if json.Unmarshal(payload, &s) != nil {
		return ""
	}
	return s.PredicateType
}
