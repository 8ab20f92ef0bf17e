package artifact

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/modelfn/modelfn/internal/pattern"
)

// checkForm tells whether the media type is what the bytes say they are (the
// bytes have a digest in the lock, the name beside them has none), and whether
// they can be decoded without harm: anybody can attach them.
func (e Evidence) checkForm() error {
	if e.MediaType == TypeLegacy {
		l, err := e.Legacy()
		if err != nil {
			return err
		}
		return checkObjects(l.Payload)
	}
	if err := checkObjects(e.Data); err != nil {
		return err
	}
	if err := checkNames(e.Data); err != nil {
		return err
	}
	var b struct {
		MediaType string `json:"mediaType"`
		Material  struct {
			Entries list[logEntry] `json:"tlogEntries"`
			Chain   struct {
				Certificates list[struct{}] `json:"certificates"`
			} `json:"x509CertificateChain"`
			Timestamps struct {
				RFC3161 list[struct{}] `json:"rfc3161Timestamps"`
			} `json:"timestampVerificationData"`
		} `json:"verificationMaterial"`
		Envelope struct {
			Signatures list[struct{}] `json:"signatures"`
		} `json:"dsseEnvelope"`
	}
	if err := json.Unmarshal(e.Data, &b); err != nil || b.MediaType != e.MediaType {
		return fmt.Errorf("these bytes are no %q", e.MediaType)
	}
	m := b.Material
	if len(m.Entries)+len(m.Chain.Certificates)+len(m.Timestamps.RFC3161)+len(b.Envelope.Signatures) > maxBundleEntries {
		return fmt.Errorf("a bundle of more than %d signatures, log entries, timestamps and certificates", maxBundleEntries)
	}
	for _, entry := range m.Entries {
		if err := checkObjects(entry.Body); err != nil {
			return fmt.Errorf("log entry: %w", err)
		}
	}
	return nil
}

type logEntry struct {
	Body []byte `json:"canonicalizedBody"`
}

func checkObjects(content []byte) error {
	if bytes.Count(content, []byte("{")) > maxObjects {
		return fmt.Errorf("it has more than %d JSON objects", maxObjects)
	}
	return nil
}

// otherSpelling is a field of a bundle by the name that it has in protocol
// buffers, which their JSON decoder takes too.
var otherSpelling = pattern.New(`"[A-Za-z0-9]+_[A-Za-z0-9_]*"\s*:`)

// checkNames wants fields to have the one name that everything writes and the
// bounds above look for.
func checkNames(content []byte) error {
	if bytes.IndexByte(content, '_') >= 0 {
		if name := otherSpelling.Find(content); name != nil {
			return fmt.Errorf("its field %.40q is not spelled as bundles do", name)
		}
	}
	return nil
}
