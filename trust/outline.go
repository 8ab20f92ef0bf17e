package trust

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
)

// Bounds on what stands in a bundle beside the signature. sigstore-go verifies a
// log entry with the key in it, and decodes a timestamp with the certificates in
// it, before it is known who signed: whoever can attach a bundle, or write a lock,
// could have us calculate for minutes.
const (
	maxEntries    = 4
	maxTimestamps = 4
	maxChain      = 8
	// maxBody is for a log entry's body, maxTimestamp for a timestamp, in bytes.
	maxBody      = 32 << 10
	maxTimestamp = 16 << 10
	// maxDepth is for ASN.1, and for JSON in a log entry.
	maxDepth = 32
	// maxNumber is the longest primitive value in bytes: an RSA key of maxRSA bits
	// has one, wrapped into a bit string.
	maxNumber = maxRSA/8 + 64
)

// outline is a bundle as far as it is looked at before it is decoded.
type outline struct {
	Material struct {
		Entries []struct {
			Body []byte `json:"canonicalizedBody"`
		} `json:"tlogEntries"`
		Chain struct {
			Certificates []rawBytes `json:"certificates"`
		} `json:"x509CertificateChain"`
		Certificate rawBytes `json:"certificate"`
		Timestamps  struct {
			RFC3161 []struct {
				Signed []byte `json:"signedTimestamp"`
			} `json:"rfc3161Timestamps"`
		} `json:"timestampVerificationData"`
	} `json:"verificationMaterial"`
}

type rawBytes struct {
	DER []byte `json:"rawBytes"`
}

// checkOutline tells whether a bundle can be decoded without harm.
func checkOutline(data []byte) error {
	var o outline
	if err := json.Unmarshal(data, &o); err != nil {
		return err
	}
	m := o.Material
	if len(m.Entries) > maxEntries || len(m.Timestamps.RFC3161) > maxTimestamps || len(m.Chain.Certificates) > maxChain {
		return fmt.Errorf("it has %d log entries, %d timestamps and %d certificates, at most %d, %d and %d are read",
			len(m.Entries), len(m.Timestamps.RFC3161), len(m.Chain.Certificates), maxEntries, maxTimestamps, maxChain)
	}
	for _, e := range m.Entries {
		if err := checkBody(e.Body); err != nil {
			return fmt.Errorf("log entry: %w", err)
		}
	}
	for _, t := range m.Timestamps.RFC3161 {
		if len(t.Signed) > maxTimestamp {
			return fmt.Errorf("timestamp of %d bytes, at most %d are read", len(t.Signed), maxTimestamp)
		}
		if err := checkDER(t.Signed, 0); err != nil {
			return fmt.Errorf("timestamp: %w", err)
		}
	}
	for _, c := range append(m.Chain.Certificates, m.Certificate) {
		if err := checkDER(c.DER, 0); err != nil {
			return fmt.Errorf("certificate: %w", err)
		}
	}
	return nil
}

// checkBody looks for keys and certificates in a log entry's body, in whichever
// field a kind of entry has them.
func checkBody(body []byte) error {
	if len(body) > maxBody {
		return fmt.Errorf("body of %d bytes, at most %d are read", len(body), maxBody)
	}
	var tree any
	// What is no JSON its decoder says more about.
	_ = json.Unmarshal(body, &tree)
	return checkTexts(tree, 0)
}

func checkTexts(value any, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("more than %d levels", maxDepth)
	}
	switch v := value.(type) {
	case map[string]any:
		for _, item := range v {
			if err := checkTexts(item, depth+1); err != nil {
				return err
			}
		}
	case []any:
		for _, item := range v {
			if err := checkTexts(item, depth+1); err != nil {
				return err
			}
		}
	case string:
		return checkKey([]byte(v))
	}
	return nil
}

// checkKey bounds what may be a key or a certificate: PEM or DER, in base64 or not.
func checkKey(text []byte) error {
	if raw, err := base64.StdEncoding.DecodeString(string(text)); err == nil {
		text = raw
	}
	for rest := text; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if err := checkDER(block.Bytes, 0); err != nil {
			return err
		}
	}
	// A signature may begin like ASN.1, too.
	if err := checkDER(text, 0); bytes.HasPrefix(text, []byte{0x30}) && !errors.Is(err, errNoDER) {
		return err
	}
	return nil
}

var errNoDER = errors.New("it is no ASN.1 in DER")

// checkDER walks ASN.1: no value of unknown length, no long number, no deep
// nesting.
func checkDER(der []byte, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("more than %d levels of ASN.1", maxDepth)
	}
	for len(der) > 0 {
		constructed := der[0]&0x20 != 0
		content, rest, ok := element(der)
		switch {
		case !ok:
			return errNoDER
		case content == nil:
			return fmt.Errorf("ASN.1 of indefinite length")
		case !constructed && len(content) > maxNumber:
			return fmt.Errorf("a value of %d bytes, as of an RSA key of more than %d bits", len(content), maxRSA)
		}
		if constructed {
			if err := checkDER(content, depth+1); err != nil {
				return err
			}
		}
		der = rest
	}
	return nil
}

// element splits off the first element's content; nil is one of indefinite
// length.
func element(der []byte) (content, rest []byte, ok bool) {
	at := 1
	if der[0]&0x1f == 0x1f { // a tag of several bytes
		for at < len(der) && der[at]&0x80 != 0 {
			at++
		}
		at++
	}
	if at >= len(der) {
		return nil, nil, false
	}
	length := int(der[at])
	at++
	switch {
	case length == 0x80:
		return nil, nil, true
	case length > 0x84:
		return nil, nil, false
	case length > 0x80:
		n := length & 0x7f
		if at+n > len(der) {
			return nil, nil, false
		}
		length = 0
		for _, b := range der[at : at+n] {
			length = length<<8 | int(b)
		}
		at += n
	}
	if length < 0 || length > len(der)-at {
		return nil, nil, false
	}
	return der[at : at+length : at+length], der[at+length:], true
}
