package trust

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strconv"

	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/verify"
)

// What a certificate authority, a log and a timestamp authority say about a legacy
// signature stands in its annotations. The chain beside them is not read: whom to believe is in the
// trusted root.
const (
	legacyCertificate = "dev.sigstore.cosign/certificate"
	legacyBundle      = "dev.sigstore.cosign/bundle"
	legacyTimestamp   = "dev.sigstore.cosign/rfc3161timestamp"
)

// rekorBundle is a log's answer as cosign stores it. A body that is no base64
// text is refused here; cosign v2 panics on it.
type rekorBundle struct {
	SignedEntryTimestamp []byte
	Payload              struct {
		Body           []byte `json:"body"`
		IntegratedTime int64  `json:"integratedTime"`
		LogIndex       int64  `json:"logIndex"`
		LogID          string `json:"logID"`
	}
}

// rfc3161Timestamp is a timestamp authority's answer as cosign stores it.
type rfc3161Timestamp struct{ SignedRFC3161Timestamp []byte }

// sealed writes the signature as the Sigstore bundle v0.1 that says the same, so
// that both formats are verified by one path.
func (l legacy) sealed(certified, logged bool) (sealed, error) {
	sum := sha256.Sum256(l.Payload)
	b, err := asBundle(l.Annotations, certified, logged, "messageSignature", map[string]any{
		"messageDigest": map[string]any{"algorithm": "SHA2_256", "digest": sum[:]}, "signature": l.signature,
	})
	return sealed{
		bundle: b,
		about:  func() verify.ArtifactPolicyOption { return verify.WithArtifact(bytes.NewReader(l.Payload)) },
		read:   func(*verify.VerificationResult) (statement, error) { return l.read(l.Payload) },
	}, err
}

// asBundle puts legacy content into a bundle v0.1, with what stands in the
// annotations about its certificate and time, and about its log where that is
// asked for.
func asBundle(annotations map[string]string, certified, logged bool, kind string, content any) (*bundle.Bundle, error) {
	material := map[string]any{}
	if logged {
		entry, err := logEntry(annotations)
		if err != nil {
			return nil, fmt.Errorf("%w: annotation %s: %w", errUnverified, legacyBundle, err)
		}
		material["tlogEntries"] = []any{entry}
	}
	if text, found := annotations[legacyTimestamp]; found {
		var t rfc3161Timestamp
		if err := json.Unmarshal([]byte(text), &t); err != nil {
			return nil, fmt.Errorf("%w: annotation %s: %w", errUnverified, legacyTimestamp, err)
		}
		material["timestampVerificationData"] = map[string]any{"rfc3161Timestamps": []any{map[string]any{"signedTimestamp": t.SignedRFC3161Timestamp}}}
	}
	if certified {
		der, err := onlyCertificate(annotations[legacyCertificate])
		if err != nil {
			return nil, fmt.Errorf("%w: annotation %s: %w", errUnverified, legacyCertificate, err)
		}
		material["x509CertificateChain"] = map[string]any{"certificates": []any{map[string]any{"rawBytes": der}}}
	} else {
		material["publicKey"] = map[string]any{"hint": ""}
	}
	raw, err := json.Marshal(map[string]any{
		"mediaType":            "application/vnd.dev.sigstore.bundle+json;version=0.1",
		"verificationMaterial": material, kind: content,
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUnverified, err)
	}
	b, err := parseBundle(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUnverified, err)
	}
	return b, nil
}

// logEntry is the annotation as bundles say it.
func logEntry(annotations map[string]string) (map[string]any, error) {
	text, found := annotations[legacyBundle]
	if !found {
		return nil, fmt.Errorf("there is none, so no log knows the signature")
	}
	var b rekorBundle
	if err := json.Unmarshal([]byte(text), &b); err != nil {
		return nil, err
	}
	id, err := hex.DecodeString(b.Payload.LogID)
	if err != nil {
		return nil, fmt.Errorf("logID: %w", err)
	}
	var kind struct {
		Kind       string `json:"kind"`
		APIVersion string `json:"apiVersion"`
	}
	if err := json.Unmarshal(b.Payload.Body, &kind); err != nil {
		return nil, fmt.Errorf("body: %w", err)
	}
	return map[string]any{
		"logIndex": strconv.FormatInt(b.Payload.LogIndex, 10), "logId": map[string]any{"keyId": id},
		"kindVersion":       map[string]any{"kind": kind.Kind, "version": kind.APIVersion},
		"integratedTime":    strconv.FormatInt(b.Payload.IntegratedTime, 10),
		"inclusionPromise":  map[string]any{"signedEntryTimestamp": b.SignedEntryTimestamp},
		"canonicalizedBody": b.Payload.Body,
	}, nil
}

// onlyCertificate reads a text that is one certificate and nothing else.
func onlyCertificate(text string) ([]byte, error) {
	if text == "" {
		return nil, fmt.Errorf("there is none: it was signed with a key")
	}
	block, rest := pem.Decode([]byte(text))
	if block == nil || block.Type != "CERTIFICATE" || len(bytes.TrimSpace(rest)) > 0 {
		return nil, fmt.Errorf("want one PEM block CERTIFICATE")
	}
	return block.Bytes, nil
}
