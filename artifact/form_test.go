package artifact_test

import (
	"strings"
	"testing"

	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
)

// TestOtherSpellings: protocol buffers' own names of a bundle's fields, which
// their decoder takes too, would go past the bounds on the lists in it.
func TestOtherSpellings(t *testing.T) {
	genuine := string(release.Bundle(kit.Digest()).Data)
	for _, name := range []string{"tlog_entries", "x509_certificate_chain", "rfc3161_timestamps", "dsse_envelope", "verification_material"} {
		data := strings.Replace(genuine, "{", `{"`+name+`" :{},`, 1)
		_, err := pin(t, uri, kit.Entry(uri, artifact.Evidence{MediaType: testsign.TypeBundle, Data: []byte(data)}))
		if err == nil || !strings.Contains(err.Error(), "is not spelled as bundles do") || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v, want a refusal of that name", name, err)
		}
	}
	if _, err := pin(t, uri, kit.Entry(uri, artifact.Evidence{MediaType: testsign.TypeBundle, Data: []byte(genuine)})); err != nil {
		t.Errorf("as it is: %v", err)
	}
}
