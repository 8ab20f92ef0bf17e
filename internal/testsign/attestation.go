package testsign

import (
	"cmp"
	"encoding/json"
	"fmt"

	"github.com/modelfn/modelfn/artifact"
)

// Says is a statement to make about an artifact.
type Says struct {
	// Type of the statement; default in-toto's v1.
	Type string
	// PredicateType; default that of signatures.
	PredicateType string
	// Predicate is JSON; default {}.
	Predicate string
	// Name is what the artifact is called, Annotations what is added.
	Name        string
	Annotations map[string]string
}

// typeEnvelope is the media type of a legacy attestation's layer.
const typeEnvelope = "application/vnd.dsse.envelope.v1+json"

// Scored is an evaluation result.
func Scored(auc float64) Says {
	return Says{PredicateType: Evaluation, Predicate: fmt.Sprintf(`{"metrics":{"auc":%v},"dataset":"holdout"}`, auc)}
}

// Evaluation is the predicate type of Scored.
const Evaluation = "https://example.com/evaluation/v1"

// About is the statement's text.
func (s Says) About(digest artifact.Digest) []byte {
	annotations := s.Annotations
	if annotations == nil {
		annotations = map[string]string{}
	}
	return fmt.Appendf(nil, `{"_type":%q, "subject":[{"name":%q, "digest":{"sha256":%q}, "annotations":%s}], "predicateType":%q, "predicate":%s}`,
		cmp.Or(s.Type, "https://in-toto.io/Statement/v1"), s.Name, digest.Hex(), marshal(annotations),
		cmp.Or(s.PredicateType, SignPredicate), cmp.Or(s.Predicate, "{}"))
}

// Attest is a bundle with a statement, signed with the key.
func (k Key) Attest(digest artifact.Digest, s Says) artifact.Evidence {
	payload := s.About(digest)
	return Envelope(k.hint(), InToto, payload, k.SignEnvelope(InToto, payload))
}

// Attest is the same in a log, and under a certificate where there is one.
func (l Logged) Attest(digest artifact.Digest, s Says) artifact.Evidence {
	return l.Envelope(InToto, s.About(digest))
}

// LegacyAttest is an attestation as cosign stored them under the .att tag.
func (k Key) LegacyAttest(digest artifact.Digest, s Says) artifact.Evidence {
	payload := s.About(digest)
	return LegacyEnvelope(envelopeOf(InToto, payload, k.SignEnvelope(InToto, payload)), nil)
}

// LegacyAttest is the same with what the log and the authority said.
func (l Logged) LegacyAttest(digest artifact.Digest, s Says) artifact.Evidence {
	payload := s.About(digest)
	signature := l.Key.SignEnvelope(InToto, payload)
	envelope := envelopeOf(InToto, payload, signature)
	return LegacyEnvelope(envelope, l.annotations("dsse", l.dsse(envelope, payload, signature), signature))
}

// LegacyEnvelope is any envelope under the .att tag.
func LegacyEnvelope(envelope []byte, annotations map[string]string) artifact.Evidence {
	d := describe(typeEnvelope, envelope)
	d.Annotations = map[string]string{SignatureAnnotation: ""}
	for key, value := range annotations {
		d.Annotations[key] = value
	}
	d.Data = envelope
	return artifact.Evidence{MediaType: artifact.TypeLegacy, Data: marshal(d)}
}

// envelopeOf is a DSSE envelope with one signature.
func envelopeOf(payloadType string, payload, signature []byte) json.RawMessage {
	return marshal(map[string]any{
		"payload": payload, "payloadType": payloadType, "signatures": []any{map[string]any{"sig": signature}},
	})
}
