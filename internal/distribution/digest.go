package distribution

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/modelfn/modelfn/internal/pattern"
)

// Both become part of a path, and digests come from manifests that anybody may
// have written: nothing that could lead elsewhere may pass.
var (
	digestPattern = pattern.New(`^sha256:[0-9a-f]{64}$`)
	tagPattern    = pattern.New(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$`)
)

func checkDigest(digest string) error {
	if !digestPattern.MatchString(digest) {
		return fmt.Errorf("%.80q is no sha256 digest", digest)
	}
	return nil
}

func digestOf(raw []byte) string {
	sum := sha256.Sum256(raw)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// fallbackTag is where referrers are listed without the API.
func fallbackTag(digest string) string { return strings.Replace(digest, ":", "-", 1) }
