package cli

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/artifact"
)

// conformance are the cases of sigstore-conformance, which lie beside the
// repository and not in it.
const conformance = "../../../shared/sigstore-conformance"

// TestConformance runs sigstore-conformance's bundle cases through the command
// line, each by path and by digest. A case whose name ends in _fail must be
// refused, and not for wrong usage.
func TestConformance(t *testing.T) {
	cases, err := filepath.Glob(filepath.Join(conformance, "bundle-verify", "*", "bundle.sigstore.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) == 0 {
		t.Skipf("no cases at %s (of the repository's root: ../shared/sigstore-conformance): see docs/trust.md for where to get them", conformance)
	}
	ran, passed := 0, 0
	for _, bundle := range cases {
		dir := filepath.Dir(bundle)
		args := caseArguments(t, dir)
		file := optional(filepath.Join(dir, "artifact"), filepath.Join(conformance, "bundle-verify", "a.txt"))
		for how, about := range map[string]string{"path": file, "digest": string(artifact.DigestOf([]byte(read(t, file))))} {
			ran++
			ok := t.Run(filepath.Base(dir)+"/"+how, func(t *testing.T) {
				want := 0
				if strings.HasSuffix(dir, "_fail") {
					want = 1
				}
				var stderr bytes.Buffer
				got := Main(t.Context(), Process{Args: append(args, about), Stdin: os.Stdin, Stdout: &stderr, Stderr: &stderr})
				if got != want {
					t.Errorf("exit code %d, want %d\n%s", got, want, stderr.String())
				}
				if text := stderr.String(); want == 1 {
					t.Log(text)
				}
			})
			if ok {
				passed++
			}
		}
	}
	t.Logf("%d of %d", passed, ran)
	if ran < 140 {
		t.Errorf("%d cases ran, there were 140 when this was written", ran)
	}
}

// caseArguments are the command as the conformance tests write it, up to what
// it is about.
func caseArguments(t *testing.T, dir string) []string {
	t.Helper()
	args := []string{"modelfn", "verify-bundle", "--bundle", filepath.Join(dir, "bundle.sigstore.json")}
	if key := optional(filepath.Join(dir, "key.pub"), ""); key != "" {
		args = append(args, "--key", key)
	} else {
		identity, issuer := "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main", "https://token.actions.githubusercontent.com"
		if file := optional(filepath.Join(dir, "identity"), ""); file != "" {
			identity = strings.TrimSpace(read(t, file))
		}
		if file := optional(filepath.Join(dir, "issuer"), ""); file != "" {
			issuer = strings.TrimSpace(read(t, file))
		}
		args = append(args, "--certificate-identity", identity, "--certificate-oidc-issuer", issuer)
	}
	if root := optional(filepath.Join(dir, "trusted_root.json"), ""); root != "" {
		args = append(args, "--trusted-root", root)
	}
	return args
}

// optional is the file, or the other path where it is not there.
func optional(path, other string) string {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return other
	}
	return path
}

func read(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
