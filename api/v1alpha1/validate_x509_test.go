package v1alpha1

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestValidateX509(t *testing.T) {
	const (
		certificate = `-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n` // package trust reads what is in it
		damaged     = `-----BEGIN CERTIFICATE-----\nMAA\n-----END CERTIFICATE-----\n`
		private     = `-----BEGIN EC PRIVATE KEY-----\nMAA=\n-----END EC PRIVATE KEY-----\n`
		at          = "spec.trust[1].authorities[0].x509"
		paste       = "paste the certificates of the authority, the self-signed root among them, as a block (ca: |)"
		subject     = ", subject: release@acme.example"
	)
	ca := func(text string) string { return `ca: "` + text + `"` }
	for name, tt := range map[string]struct {
		x509, more string
		want       []FieldError
	}{
		"subject":          {ca(certificate) + subject, "", nil},
		"expression":       {ca(certificate+certificate) + ", subjectRegExp: .*@acme.example", ", tlog: Required, trustedRoot: x, notAfter: 2026-01-01T00:00:00Z", nil},
		"no log":           {ca(certificate) + subject, ", tlog: Optional, notAfter: 2026-01-01T00:00:00Z", nil},
		"texts around":     {ca(`subject=CN=root\n`+certificate) + subject, "", nil},
		"anybody":          {ca(certificate), "", invalid(at, "one of subject and subjectRegExp is required", "give subject or subjectRegExp")},
		"two subjects":     {ca(certificate) + subject + ", subjectRegExp: x", "", invalid(at, "one of subject and subjectRegExp is required", "give subject or subjectRegExp")},
		"no CA":            {"subject: x", "", invalid(at+".ca", "want PEM blocks CERTIFICATE, found none", paste)},
		"a key":            {ca(certificate+private) + subject, "", invalid(at+".ca", "this is a private key (EC PRIVATE KEY)", "remove it from the file and from Git's history, and have the authority replaced")},
		"a request":        {ca(`-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n`) + subject, "", invalid(at+".ca", `want PEM blocks CERTIFICATE, found "CERTIFICATE REQUEST"`, paste)},
		"damaged":          {ca(certificate+damaged) + subject, "", invalid(at+".ca", "only 1 of 2 PEM blocks can be read", paste)},
		"a log's wish":     {ca(certificate) + subject, ", tlog: Never", invalid("spec.trust[1].authorities[0].tlog", `"Never" is not known`, "use one of Required, Optional")},
		"and keyless":      {ca(certificate) + subject, ", keyless: {issuer: x, subject: me}", invalid("spec.trust[1].authorities[0]", "an authority is a key, a keyless identity, or a subject of an x509 authority", "give one of key, keyless and x509")},
		"and key, keyless": {ca(certificate) + subject, ", keyless: {issuer: x, subject: me}, key: {pem: x}", invalid("spec.trust[1].authorities[0]", "an authority is a key, a keyless identity, or a subject of an x509 authority", "give one of key, keyless and x509")},
	} {
		t.Run(name, func(t *testing.T) {
			fields := "match: [b/**], authorities: [{name: a, x509: {" + tt.x509 + "}" + tt.more + "}]"
			if diff := cmp.Diff(tt.want, Decode([]byte(rule(fields)), new(ModelPlatform))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
