package model

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

const (
	// maxName is for a version's object: KServe labels its pods with the name, a
	// prefix and the component's.
	maxName = 63 - len("isvc.") - len("-transformer")
	// hashLength is that of the hashes in names, in hex.
	hashLength = 8
)

// VersionName names the object of one version where each has its own: by the
// deployment and the artifact, so that a version keeps its object, with its pods,
// when a canary becomes the stable version.
func (m *Model) VersionName(v *Version) string {
	id := v.short()
	if v == m.Canary && id == m.Stable.short() {
		// The same artifact in other settings is another version.
		id = hash(v.Artifact.Identity() + "\n" + v.settings())
	}
	return shortened(m.Deployment.Metadata.Name, maxName-hashLength-1) + "-" + id
}

// short is the beginning of the digest, or of a hash of what has none. KServe
// forbids an LLMInferenceService to change over how many GPUs it is spread, so
// that makes another version, too.
func (v Version) short() string {
	if v.Spec.LLM != nil && v.Spec.LLM.Parallelism != nil {
		return hash(fmt.Sprintf("%s\n%+v", v.Artifact.Identity(), *v.Spec.LLM.Parallelism))
	}
	if digest := v.Artifact.Digest(); digest != "" {
		return digest.Hex()[:hashLength]
	}
	return hash(v.Artifact.Identity())
}

// settings are how the version runs, as text.
func (v Version) settings() string {
	spec := v.Spec
	spec.Model, spec.Provenance = "", nil
	raw, err := json.Marshal(spec)
	if err != nil {
		panic(err) // it was decoded from JSON
	}
	return string(raw)
}

// shortened is a name that fits: a long one keeps its beginning, and ends with a
// hash of the whole.
func shortened(name string, limit int) string {
	if len(name) <= limit {
		return name
	}
	return strings.TrimRight(name[:limit-hashLength-1], "-") + "-" + hash(name)
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])[:hashLength]
}
