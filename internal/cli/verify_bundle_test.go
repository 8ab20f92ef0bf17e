package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
)

// TestVerifyBundle: exit 0 for what holds, 1 for what does not, 2 for what
// cannot be asked, and nothing on stdout.
func TestVerifyBundle(t *testing.T) {
	local := testsign.NewSigstore("local")
	alice := testsign.Identity{Issuer: "https://accounts.example.com", Subject: "https://example.com/alice"}
	release := testsign.ECDSA("release")
	model := []byte("a model")
	digest := artifact.DigestOf(model)
	unlogged := local.Keyed(testsign.Ed25519("release"))
	unlogged.WithoutLog = true // Rekor v1 takes no signature over a file by such a key
	dir := t.TempDir()
	files := map[string]string{}
	for name, content := range map[string]string{
		"model": string(model), "other": "another model",
		"root": local.TrustedRoot(), "key": release.PEM(), "stranger": testsign.ECDSA("stranger").PEM(),
		"blob": string(local.Keyless(alice).Blob(model).Data), "statement": string(local.Keyless(alice).Attestation(digest, "https://example.com/any").Data),
		"keyed": string(release.Attestation(digest, "https://example.com/any").Data), "logged": string(local.Keyed(release).Blob(model).Data),
		"ed": testsign.Ed25519("release").PEM(), "ed-blob": string(unlogged.Blob(model).Data),
		"garbage": "{", "huge": strings.Repeat(" ", maxBundleInput+1),
	} {
		files[name] = filepath.Join(dir, name)
		if err := os.WriteFile(files[name], []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	asAlice := "--trusted-root root --certificate-identity " + alice.Subject + " --certificate-oidc-issuer " + alice.Issuer
	for name, test := range map[string]struct {
		args string
		code int
		want string
	}{
		"file":                   {"--bundle blob " + asAlice + " model", 0, ""},
		"digest":                 {"--bundle blob " + asAlice + " DIGEST", 0, ""},
		"statement":              {"--bundle statement " + asAlice + " model", 0, ""},
		"statement, digest":      {"--bundle statement " + asAlice + " DIGEST", 0, ""},
		"staging with its root":  {"--staging --bundle blob " + asAlice + " model", 0, ""},
		"key":                    {"--bundle keyed --key key model", 0, ""},
		"ed25519":                {"--bundle ed-blob --key ed model", 0, ""},
		"ed25519, digest":        {"--bundle ed-blob --key ed DIGEST", 1, "an Ed25519 signature over a file needs the file"},
		"key, logged":            {"--bundle logged --key key --trusted-root root model", 0, ""},
		"key, not logged":        {"--bundle keyed --key key --trusted-root root model", 1, "not enough verified log entries"},
		"other file":             {"--bundle blob " + asAlice + " other", 1, "error: untrusted-bundle: "},
		"other digest":           {"--bundle statement " + asAlice + " " + string(artifact.DigestOf(nil)), 1, "does not match any digest in statement"},
		"other identity":         {"--bundle blob " + strings.ReplaceAll(asAlice, "/alice", "/bob") + " model", 1, `is not "https://example.com/bob"`},
		"other key":              {"--bundle keyed --key stranger model", 1, "could not verify envelope"},
		"key for a certificate":  {"--bundle blob --key key model", 1, "signed under a certificate, not with a key"},
		"public good":            {"--bundle blob " + strings.TrimPrefix(asAlice, "--trusted-root root ") + " model", 1, "not enough verified log entries"},
		"no bundle in it":        {"--bundle garbage " + asAlice + " model", 1, "error: untrusted-bundle: "},
		"no key in it":           {"--bundle keyed --key garbage model", 1, "no PEM block"},
		"no root in it":          {"--bundle blob " + strings.Replace(asAlice, "root root", "root garbage", 1) + " model", 1, "trusted root: "},
		"too large":              {"--bundle huge " + asAlice + " model", 2, "is larger than"},
		"staging":                {"--staging --bundle blob --certificate-identity x --certificate-oidc-issuer y model", 2, "the staging instance's trusted root is not built in"},
		"nobody":                 {"--bundle blob model", 2, "at least one of the flags"},
		"both":                   {"--bundle blob --key key " + asAlice + " model", 2, "none of the others can be"},
		"no issuer":              {"--bundle blob --certificate-identity x model", 2, "--certificate-identity needs --certificate-oidc-issuer"},
		"no bundle":              {"--key key model", 2, `required flag(s) "bundle" not set`},
		"no file":                {"--bundle keyed --key key missing", 2, "no such file"},
		"a digest in upper case": {"--bundle keyed --key key " + strings.ToUpper(string(digest)), 2, "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			args := []string{"modelfn", "verify-bundle"}
			for _, arg := range strings.Fields(test.args) {
				if arg == "DIGEST" {
					arg = string(digest)
				}
				if path, ok := files[arg]; ok {
					arg = path
				}
				args = append(args, arg)
			}
			var stdout, stderr bytes.Buffer
			if got := Main(t.Context(), Process{Args: args, Stdin: os.Stdin, Stdout: &stdout, Stderr: &stderr}); got != test.code {
				t.Errorf("exit code %d, want %d\n%s", got, test.code, stderr.String())
			}
			if !strings.Contains(stderr.String(), test.want) || test.want == "" && stderr.Len() > 0 || stdout.Len() > 0 {
				t.Errorf("stderr %q, want %q in it; stdout %q", stderr.String(), test.want, stdout.String())
			}
		})
	}
}
