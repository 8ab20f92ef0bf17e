package e2e_test

import (
	"crypto/x509"
	"encoding/json"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/peer"
	"github.com/modelfn/modelfn/internal/testsign"
)

const releaser = "release@acme.example"

// companySigner signs under a certificate of acme's own authority, and shows a
// timestamp authority's time.
var (
	acmeIssuing   = testsign.NewCA("acme").Issuing("acme issuing")
	acmeKey       = testsign.ECDSA("acme release")
	acmeLeaf      = acmeIssuing.Leaf(acmeKey, releaser)
	companySigner = stamped(acmeLeaf)
)

func stamped(certificate *x509.Certificate, chain ...*x509.Certificate) testsign.Logged {
	l := sigstore.Certified(acmeKey, certificate, chain...)
	l.WithoutLog, l.Timestamped, l.WithChain = true, true, len(chain) > 0
	return l
}

// company is what the tools that sign and judge are given.
type company struct {
	dir, modelfn string
	cosigns      []string // v2, v3
	server       *testsign.Registry
}

func newCompany(t *testing.T) company {
	t.Helper()
	c := company{dir: t.TempDir(), server: testsign.NewRegistry(t, true)}
	var err error
	if c.modelfn, err = peer.Modelfn(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{peer.Cosign2, peer.Cosign3} {
		path, err := peer.Path(name)
		if err != nil {
			t.Fatal(err)
		}
		c.cosigns = append(c.cosigns, path)
	}
	for name, content := range map[string]string{
		"pkcs8.pem": acmeKey.PrivatePEM(), "leaf.pem": testsign.CertificatesPEM(acmeLeaf), "chain.pem": acmeIssuing.PEM(),
		"root.json": trustedRootOf(t, acmeIssuing),
	} {
		write(t, filepath.Join(c.dir, name), content)
	}
	return c
}

// cosign runs one of them as its own user would.
func (c company) cosign(t *testing.T, path string, args ...string) host.Result {
	t.Helper()
	return host.Run(t, host.Command{Path: path, Args: args, Dir: c.dir, Env: []string{"COSIGN_PASSWORD=", "HOME=" + c.dir}})
}

// judge asks modelfn, and both cosigns in one way.
func (c company) judge(t *testing.T, repository string, digest artifact.Digest, platform map[string]any, refusal string, accepts [2]bool, flags ...string) {
	t.Helper()
	app := t.TempDir()
	writeYAML(t, filepath.Join(app, "platform.yaml"), platform)
	writeYAML(t, filepath.Join(app, "fraud.yaml"), map[string]any{
		"apiVersion": "modelfn.dev/v1alpha1", "kind": "ModelDeployment", "metadata": map[string]any{"name": "fraud", "namespace": "ml-serving"},
		"spec": map[string]any{"model": "kit://" + c.server.Host + "/" + repository + ":v1"},
	})
	got := host.Run(t, host.Command{Path: c.modelfn, Args: []string{"lock", app}})
	if (got.ExitCode == 0) != (refusal == "") || !strings.Contains(got.Stderr, refusal) {
		t.Errorf("modelfn: exit %d, want a refusal with %q\n%s", got.ExitCode, refusal, got.Stderr)
	}
	for i, path := range c.cosigns {
		args := append([]string{
			"verify", "--allow-insecure-registry", "--allow-http-registry", "--insecure-ignore-sct",
			// No issuer is how cosign says that a certificate is not Fulcio's.
			"--certificate-identity", releaser, "--certificate-oidc-issuer-regexp", "^$",
		}, flags...)
		if i == 1 {
			args = append(args, "--allow-certificate-chain")
		}
		got := c.cosign(t, path, append(args, c.server.Host+"/"+repository+"@"+string(digest))...)
		if (got.ExitCode == 0) != accepts[i] {
			t.Errorf("cosign v%d: exit %d, want it to accept: %t\n%s", i+2, got.ExitCode, accepts[i], got.Stderr)
		}
	}
}

// TestCosignSignsForCompany: what the real tools sign with such a certificate,
// by each of their ways, modelfn accepts.
func TestCosignSignsForCompany(t *testing.T) {
	c := newCompany(t)
	timestamps := sigstore.TimestampServer(t, testsign.Then.Add(time.Minute))
	two, three := c.cosigns[0], c.cosigns[1]
	must := func(t *testing.T, path string, args ...string) {
		t.Helper()
		if got := c.cosign(t, path, args...); got.ExitCode != 0 {
			t.Fatalf("%q: exit %d\n%s", args, got.ExitCode, got.Stderr)
		}
	}
	must(t, two, "import-key-pair", "--key", "pkcs8.pem", "--output-key-prefix", "acme")
	must(t, three, "signing-config", "create", "--out", "services.json", "--tsa-config", "ANY",
		"--tsa", "url="+timestamps+",api-version=1,start-time=2024-01-01T00:00:00Z,operator=acme")
	for name, test := range map[string]struct {
		path  string
		flags []string
		reads [2]bool // which cosigns verify it
	}{
		"v2-legacy": {two, []string{"--certificate-chain", "chain.pem", "--tlog-upload=false", "--timestamp-server-url", timestamps}, [2]bool{true, true}},
		"v2-bundle": {two, []string{"--certificate-chain", "chain.pem", "--tlog-upload=false", "--timestamp-server-url", timestamps, "--new-bundle-format"}, [2]bool{true, true}},
		// A bundle v0.3 with a chain, which v2 cannot read.
		"v3-bundle": {three, []string{"--certificate-chain", "chain.pem", "--signing-config", "services.json"}, [2]bool{false, true}},
		"v3-leaf":   {three, []string{"--signing-config", "services.json"}, [2]bool{true, true}},
		"v3-legacy": {three, []string{"--certificate-chain", "chain.pem", "--tlog-upload=false", "--use-signing-config=false", "--new-bundle-format=false", "--timestamp-server-url", timestamps}, [2]bool{true, true}},
	} {
		t.Run(name, func(t *testing.T) {
			kit, repository := testsign.Kit("fraud", name), "models/"+name
			c.server.Push(t, repository, "v1", kit)
			must(t, test.path, append([]string{
				"sign", "--allow-insecure-registry", "--allow-http-registry", "-y", "--key", "acme.key", "--certificate", "leaf.pem",
				c.server.Host + "/" + repository + "@" + string(kit.Digest()),
			}, test.flags...)...)
			c.judge(t, repository, kit.Digest(), companyPlatform(c.server.Host, acmeIssuing, "Optional"), "", test.reads,
				"--trusted-root", "root.json", "--insecure-ignore-tlog", "--use-signed-timestamps")
		})
	}
}

// TestX509BeforeCosign puts the same evidence before modelfn and both cosigns.
// Where they differ, docs/trust.md says why.
func TestX509BeforeCosign(t *testing.T) {
	c := newCompany(t)
	leaf := func(change func(*x509.Certificate)) testsign.Logged {
		return stamped(acmeIssuing.Leaf(acmeKey, releaser, change))
	}
	below := func(name string, change func(*x509.Certificate)) *testsign.CA {
		return testsign.NewCA("acme").Issuing(name, change)
	}
	logged := sigstore.Certified(acmeKey, acmeLeaf)
	late := companySigner
	late.At = acmeLeaf.NotAfter.Add(time.Second)
	undated := companySigner
	undated.Timestamped = false
	lab := below("lab", func(c *x509.Certificate) {
		c.PermittedEmailAddresses, c.PermittedDNSDomainsCritical = []string{"lab.acme.example"}, true
	})
	expired := below("expired", func(c *x509.Certificate) { c.NotAfter = testsign.Then.AddDate(0, 0, -1) })
	for name, test := range map[string]struct {
		ca      *testsign.CA
		signer  testsign.Logged
		legacy  bool
		tlog    string
		modelfn string // why modelfn refuses it
		cosigns [2]bool
	}{
		"logged":         {acmeIssuing, logged, false, "Required", "", [2]bool{true, true}},
		"logged-legacy":  {acmeIssuing, logged, true, "Required", "", [2]bool{true, true}},
		"stamped":        {acmeIssuing, companySigner, false, "Optional", "", [2]bool{true, true}},
		"stamped-legacy": {acmeIssuing, companySigner, true, "Optional", "", [2]bool{true, true}},
		"undated":        {acmeIssuing, undated, false, "Optional", "no timestamp authority of the trusted root says when it was signed", [2]bool{}},
		"undated-legacy": {acmeIssuing, undated, true, "Optional", "no timestamp authority of the trusted root says when it was signed", [2]bool{}},
		"late":           {acmeIssuing, late, false, "Optional", "certificate has expired", [2]bool{}},
		"late-legacy":    {acmeIssuing, late, true, "Optional", "certificate has expired", [2]bool{}},
		"stranger":       {acmeIssuing, stamped(testsign.NewCA("evil").Leaf(acmeKey, releaser)), false, "Optional", "signed by unknown authority", [2]bool{}},
		"colleague":      {acmeIssuing, stamped(acmeIssuing.Leaf(acmeKey, "intern@acme.example")), false, "Optional", "is not \"release@acme.example\"", [2]bool{}},
		"server": {acmeIssuing, leaf(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }),
			false, "Optional", "not for code signing", [2]bool{}},
		"lab":     {lab, stamped(lab.Leaf(acmeKey, releaser)), false, "Optional", "not authorized to sign for this name", [2]bool{}},
		"expired": {expired, stamped(expired.Leaf(acmeKey, releaser)), false, "Optional", "certificate has expired", [2]bool{}},
		// Known differences.
		"expired-legacy": {expired, stamped(expired.Leaf(acmeKey, releaser)), true, "Optional", "certificate has expired", [2]bool{true, false}},
		"any-purpose":    {acmeIssuing, leaf(func(c *x509.Certificate) { c.ExtKeyUsage = nil }), false, "Optional", "not for code signing", [2]bool{true, true}},
		"no-signatures":  {acmeIssuing, leaf(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment }), false, "Optional", "not for digital signatures", [2]bool{true, true}},
		"authority":      {acmeIssuing, leaf(func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = true, true }), false, "Optional", "not a signer's", [2]bool{true, true}},
		"two-names": {acmeIssuing, leaf(func(c *x509.Certificate) { c.URIs = []*url.URL{{Scheme: "https", Host: "acme.example"}} }),
			true, "Optional", "not to one", [2]bool{true, true}},
		// v2 cannot read a bundle v0.3 with a chain; v3 believes what it brings.
		"brought":        {testsign.NewCA("acme"), stamped(acmeLeaf, acmeIssuing.Certificate), false, "Optional", "intermediates belong into ca", [2]bool{false, true}},
		"brought-legacy": {testsign.NewCA("acme"), stamped(acmeLeaf, acmeIssuing.Certificate), true, "Optional", "intermediates belong into ca", [2]bool{}},
	} {
		t.Run(name, func(t *testing.T) {
			kit, repository := testsign.Kit("fraud", name), "models/"+name
			c.server.Push(t, repository, "v1", kit)
			e := test.signer.Bundle(kit.Digest())
			if test.legacy {
				e = test.signer.Legacy(c.server.Host+"/"+repository, kit.Digest())
			}
			c.server.Attach(t, repository, kit.Digest(), e)
			write(t, filepath.Join(c.dir, name+".json"), trustedRootOf(t, test.ca))
			flags := []string{"--trusted-root", name + ".json"}
			if test.tlog == "Optional" {
				flags = append(flags, "--insecure-ignore-tlog", "--use-signed-timestamps")
			}
			c.judge(t, repository, kit.Digest(), companyPlatform(c.server.Host, test.ca, test.tlog), test.modelfn, test.cosigns, flags...)
		})
	}
}

// trustedRootOf is the trusted root with a company's authority for Fulcio, which
// is how cosign is told of one.
func trustedRootOf(t *testing.T, ca *testsign.CA) string {
	t.Helper()
	var root map[string]any
	if err := json.Unmarshal([]byte(sigstore.TrustedRoot()), &root); err != nil {
		t.Fatal(err)
	}
	var chain []any
	for _, c := range ca.Chain() {
		chain = append(chain, map[string]any{"rawBytes": c.Raw})
	}
	root["certificateAuthorities"].([]any)[0].(map[string]any)["certChain"] = map[string]any{"certificates": chain}
	raw, err := json.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// companyPlatform trusts whom a company's authority certifies.
func companyPlatform(registry string, ca *testsign.CA, tlog string) map[string]any {
	return map[string]any{
		"apiVersion": "modelfn.dev/v1alpha1", "kind": "ModelPlatform", "metadata": map[string]any{"name": "prod"},
		"spec": map[string]any{
			"registries": []any{map[string]any{"host": registry, "plainHTTP": true}},
			"trust": []any{map[string]any{
				"match": []any{registry + "/models/*"},
				"authorities": []any{map[string]any{
					"name": "corporate", "trustedRoot": sigstore.TrustedRoot(), "tlog": tlog,
					"x509": map[string]any{"ca": ca.PEM(), "subject": releaser},
				}},
			}},
			"policy": map[string]any{"engine": "None"},
		},
	}
}
