package e2e_test

import (
	"encoding/json"
	"encoding/pem"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/peer"
	"github.com/modelfn/modelfn/internal/testsign"
)

// judges are modelfn and both cosigns before one registry, and what they may be
// asked.
type judges struct {
	modelfn                     string
	cosigns                     map[string]string
	server                      *testsign.Registry
	root, cue                   string
	environment                 []string
	byKey, byLogged, byWorkflow question
}

func newJudges(t *testing.T) judges {
	t.Helper()
	modelfn, err := peer.Modelfn()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		write(t, path, content)
		return path
	}
	j := judges{
		modelfn: modelfn, server: testsign.NewRegistry(t, true),
		cosigns: map[string]string{peer.Cosign2: host.Peer(t, peer.Cosign2), peer.Cosign3: host.Peer(t, peer.Cosign3)},
		root:    file("root.json", sigstore.TrustedRoot()),
		cue:     file("scored.cue", "predicate: metrics: auc: >=0.92\n"),
	}
	fulcio, ct, rekor := trustedPEM(t)
	j.environment = []string{
		"SIGSTORE_ROOT_FILE=" + file("fulcio.pem", fulcio),
		"SIGSTORE_CT_LOG_PUBLIC_KEY_FILE=" + file("ct.pem", ct),
		"SIGSTORE_REKOR_PUBLIC_KEY=" + file("rekor.pem", rekor),
	}
	public := file("evaluator.pub", evaluator.PEM())
	key := map[string]any{"pem": evaluator.PEM()}
	j.byKey = question{
		predicateType: evaluationType, word: evaluationType,
		authority: map[string]any{"key": key}, flags: []string{"--key", public, "--insecure-ignore-tlog"},
	}
	j.byLogged, j.byWorkflow = j.byKey, j.byKey
	j.byLogged.authority = map[string]any{"key": key, "tlog": "Required", "trustedRoot": sigstore.TrustedRoot()}
	j.byLogged.flags = []string{"--key", public}
	j.byWorkflow.authority = byTrain("evaluator")
	j.byWorkflow.flags = []string{"--certificate-identity-regexp", "https://github.com/acme/", "--certificate-oidc-issuer", train.Issuer}
	j.byWorkflow.certified = true
	return j
}

// judge asks all of them about one model, which release has signed.
func (j judges) judge(t *testing.T, name string, d disputed) {
	t.Helper()
	kit := testsign.Kit("fraud", name)
	repository := "models/" + strings.Trim(unusual.ReplaceAllString(strings.ToLower(name), "-"), "-")
	j.server.Push(t, repository, "v1", kit)
	evidence := d.evidence(kit.Digest(), testsign.Kit("toy", name).Digest())
	j.server.Attach(t, repository, kit.Digest(), append(evidence, releaseKey.Legacy(j.server.Host+"/"+repository, kit.Digest()))...)

	app := directory(t, j.platform(d.question), map[string]spec{"fraud": {"model": "kit://" + j.server.Host + "/" + repository + ":v1"}})
	j.wants(t, "modelfn", d, d.modelfn, host.Command{Path: j.modelfn, Args: []string{"lock", app}})
	for cosign, want := range map[string]string{peer.Cosign2: d.cosign2, peer.Cosign3: d.cosign3} {
		args := append([]string{"verify-attestation", "--allow-insecure-registry", "--allow-http-registry", "--offline", "--type", d.question.word}, d.question.flags...)
		if d.question.scored {
			args = append(args, "--policy", j.cue)
		}
		command := host.Command{Path: j.cosigns[cosign]}
		if cosign == peer.Cosign2 && d.question.certified && !evidence[0].IsBundle() {
			// It takes a trusted root for bundles only.
			command.Env = j.environment
		} else {
			args = append(args, "--trusted-root", j.root)
		}
		command.Args = append(args, j.server.Host+"/"+repository+"@"+string(kit.Digest()))
		j.wants(t, cosign, d, want, command)
	}
}

var unusual = regexp.MustCompile(`[^a-z0-9]+`)

func (j judges) wants(t *testing.T, who string, d disputed, want string, command host.Command) {
	t.Helper()
	command.Env = append(command.Env, "HTTPS_PROXY=http://127.0.0.1:1") // nobody is asked but the registry
	got := host.Run(t, command)
	if (got.ExitCode == 0) != (want == "") || !strings.Contains(got.Stderr, want) {
		t.Errorf("%s (%s): exit %d, want %q\n%s", who, d.reason, got.ExitCode, want, got.Stderr)
	}
}

var releaseKey = testsign.ECDSA("release")

// platform asks for a signature by release, and for an attestation.
func (j judges) platform(q question) object {
	by := map[string]any{"name": "evaluator", "attestationsOnly": true}
	for field, value := range q.authority {
		by[field] = value
	}
	wanted := map[string]any{"predicateType": q.predicateType, "authorities": []any{"evaluator"}}
	if q.scored {
		wanted["rules"] = []any{goodEnough}
	}
	platform := keylessPlatform(j.server.Host)
	rule := platform["spec"].(map[string]any)["trust"].([]any)[0].(map[string]any)
	rule["authorities"] = []any{map[string]any{"name": "release", "key": map[string]any{"pem": releaseKey.PEM()}}, by}
	rule["attestations"] = []any{wanted}
	return platform
}

// trustedPEM is what a trusted root says, in the files of older clients.
func trustedPEM(t *testing.T) (fulcio, ct, rekor string) {
	t.Helper()
	type log struct{ PublicKey struct{ RawBytes []byte } }
	var root struct {
		Tlogs, Ctlogs          []log
		CertificateAuthorities []struct {
			CertChain struct{ Certificates []struct{ RawBytes []byte } }
		}
	}
	if err := json.Unmarshal([]byte(sigstore.TrustedRoot()), &root); err != nil {
		t.Fatal(err)
	}
	block := func(kind string, raw []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: raw}))
	}
	for _, c := range root.CertificateAuthorities[0].CertChain.Certificates {
		fulcio += block("CERTIFICATE", c.RawBytes)
	}
	return fulcio, block("PUBLIC KEY", root.Ctlogs[0].PublicKey.RawBytes), block("PUBLIC KEY", root.Tlogs[0].PublicKey.RawBytes)
}
