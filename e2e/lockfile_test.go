package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

const lockFile = "modelfn.lock.yaml"

// lockedModel is an entry of a lock as it is documented: read here on its own,
// not with modelfn's code.
type lockedModel struct {
	URI, Digest, Kind        string
	Size                     int64
	Name, Version, License   string
	Format                   string
	Architecture, Parameters string
	Files                    []lockedFile
	References               []string
	Manifest, Config         []byte
	Platforms                []lockedPlatform
	Evidence                 []lockedEvidence
}

type lockedFile struct {
	Path   string
	Size   int64
	Digest string
}

type lockedPlatform struct {
	Platform, Digest string
	Manifest, Config []byte
}

type lockedEvidence struct {
	MediaType, Digest string
	Data              []byte
}

// readLock reads a directory's lock: all entries by their URIs.
func readLock(t *testing.T, dir string) map[string]lockedModel {
	t.Helper()
	entries := map[string]lockedModel{}
	for _, document := range documents(read(t, filepath.Join(dir, lockFile))) {
		var lock struct {
			APIVersion, Kind string
			Metadata         any
			Spec             struct{ Models []lockedModel }
		}
		if err := yaml.UnmarshalStrict([]byte(document), &lock); err != nil {
			t.Fatal(err)
		}
		for _, entry := range lock.Spec.Models {
			entries[entry.URI] = entry
		}
	}
	return entries
}

// wantNoLock: what was refused, or could not be found out, left no file.
func wantNoLock(t *testing.T, dir string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(dir, lockFile)); err == nil {
		t.Errorf("there is a lock:\n%s", read(t, filepath.Join(dir, lockFile)))
	}
}

// oneDigitOff changes one digit of the first digest in a lock.
func oneDigitOff(locked string) string {
	at := strings.Index(locked, "digest: sha256:") + len("digest: sha256:")
	digit := "0"
	if locked[at] == '0' {
		digit = "1"
	}
	return locked[:at] + digit + locked[at+1:]
}
