package artifact

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Metadata is what an artifact's own config says about it. Nothing in it is
// more trustworthy than the signature over the digest.
type Metadata struct {
	Name, Version, License string
	// Format is KServe's name of the model format, or "".
	Format string
	// Architecture is the model's, such as transformer.
	Architecture string
	// Parameters are their number ("8b"), or what the packer wrote about them.
	Parameters string
	// Files are what the layers hold, as far as it is said.
	Files []File
}

// bound leaves out text that is longer than anybody means it to be.
func (m *Metadata) bound() {
	for _, text := range []*string{&m.Name, &m.Version, &m.License, &m.Architecture} {
		if len(*text) > maxText {
			*text = ""
		}
	}
}

// File is a file or folder of an artifact, with the layer that holds it.
type File struct {
	Path string
	// Size of the layer in bytes, and its digest.
	Size   int64
	Digest string
}

// parameters is a scalar as it is and anything else as compact JSON; "" when it
// is longer than maxText.
func parameters(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		var compact bytes.Buffer
		if json.Compact(&compact, raw) != nil {
			return ""
		}
		text = compact.String()
	}
	if text = strings.TrimSpace(text); text == "null" || len(text) > maxText {
		return ""
	}
	return text
}
