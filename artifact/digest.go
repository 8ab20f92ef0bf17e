package artifact

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/modelfn/modelfn/internal/pattern"
)

// Digest is sha256:<64 lower-case hex>. A tag cannot become one: the only ways
// to a non-empty Digest are ParseDigest and DigestOf.
type Digest string

var digestPattern = pattern.New(`^sha256:[a-f0-9]{64}$`)

// ParseDigest accepts exactly the canonical spelling.
func ParseDigest(s string) (Digest, error) {
	if !digestPattern.MatchString(s) {
		return "", fmt.Errorf("%q is no digest: want sha256: and 64 lower-case hex digits", s)
	}
	return Digest(s), nil
}

// DigestOf hashes the bytes.
func DigestOf(b []byte) Digest {
	sum := sha256.Sum256(b)
	return Digest("sha256:" + hex.EncodeToString(sum[:]))
}

// Hex is the digest without its algorithm.
func (d Digest) Hex() string { return string(d)[len("sha256:"):] }
