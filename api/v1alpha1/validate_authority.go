package v1alpha1

import (
	"encoding/pem"
	"fmt"
	"strings"
	"time"
)

// authority checks who may sign; keys, expressions and trusted roots are parsed
// in package trust.
func (e *fieldErrors) authority(at string, a Authority) {
	switch {
	case !oneKind(a):
		e.add(at, "give one of key, keyless and x509", "an authority is a key, a keyless identity, or a subject of an x509 authority")
	case a.Key != nil:
		e.publicKey(at+".key.pem", a.Key.PEM)
		e.keyedLog(at, a)
	case a.X509 != nil:
		e.x509(at+".x509", *a.X509)
	default:
		e.keyless(at+".keyless", *a.Keyless)
		if a.Tlog == TlogOptional {
			e.add(at+".tlog", "remove it", "a keyless certificate lasts minutes: only the log shows that it was valid")
		}
	}
	if a.Tlog != "" {
		e.oneOf(at+".tlog", a.Tlog, TlogRequired, TlogOptional)
	}
	for i, revoked := range a.Revoked {
		if !digest.MatchString(revoked) {
			e.add(fmt.Sprintf("%s.revoked[%d]", at, i), "write the artifact's digest as sha256:<64 hex>", "%q is no digest", revoked)
		}
	}
	e.window(at, a)
}

func oneKind(a Authority) bool {
	kinds := 0
	for _, given := range []bool{a.Key != nil, a.Keyless != nil, a.X509 != nil} {
		if given {
			kinds++
		}
	}
	return kinds == 1
}

func (e *fieldErrors) keyless(at string, k Keyless) {
	if k.Issuer == "" {
		e.add(at+".issuer", "name the OIDC issuer", "required")
	} else if (k.Subject == "") == (k.SubjectRegExp == "") {
		e.add(at, "give subject or subjectRegExp", "one of subject and subjectRegExp is required")
	}
	if k.SourceRepository != "" && !strings.HasPrefix(k.SourceRepository, "https://") {
		e.add(at+".sourceRepository", "write the repository's URL, such as https://github.com/acme/models", "%q names no repository", k.SourceRepository)
	}
}

// keyedLog refuses what only a log could tell about a key's signature: without
// one there is no time but the signer's own word.
func (e *fieldErrors) keyedLog(at string, a Authority) {
	if a.Tlog == TlogRequired {
		return
	}
	for _, field := range []struct{ name, value string }{
		{"trustedRoot", a.TrustedRoot}, {"notBefore", a.NotBefore}, {"notAfter", a.NotAfter},
	} {
		if field.value != "" {
			e.add(at+"."+field.name, "add tlog: Required, or remove it", "without a log nothing says when a key signed")
		}
	}
}

func (e *fieldErrors) window(at string, a Authority) {
	var limits []time.Time
	for _, field := range []struct{ name, value string }{{"notBefore", a.NotBefore}, {"notAfter", a.NotAfter}} {
		if field.value == "" {
			continue
		}
		t, err := time.Parse(time.RFC3339, field.value)
		if err != nil {
			e.add(at+"."+field.name, "write it as 2026-01-31T00:00:00Z", "%q is no time", field.value)
			continue
		}
		limits = append(limits, t)
	}
	if len(limits) == 2 && !limits[0].Before(limits[1]) {
		e.add(at+".notAfter", "use a time after notBefore", "the authority may never have signed")
	}
}

// publicKey says what was found instead of a public key.
func (e *fieldErrors) publicKey(path, text string) {
	const fix = "paste the content of cosign.pub, as a block (pem: |)"
	block, rest := pem.Decode([]byte(text))
	switch {
	case block == nil:
		e.add(path, fix, "want a PEM block PUBLIC KEY, found none")
	case strings.Contains(block.Type, "PRIVATE KEY"):
		e.add(path, "remove it from the file and from Git's history, make a new key, and paste the public one", "this is a private key (%s)", block.Type)
	case block.Type == "CERTIFICATE":
		e.add(path, "paste what `openssl x509 -pubkey -noout` prints of it", "want a PEM block PUBLIC KEY, found a certificate")
	case block.Type != "PUBLIC KEY":
		e.add(path, fix, "want a PEM block PUBLIC KEY, found %q", block.Type)
	case strings.TrimSpace(string(rest)) != "":
		e.add(path, "list each key as an authority of its own", "more than one PEM block")
	}
}
