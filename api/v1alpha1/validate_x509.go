package v1alpha1

import (
	"encoding/pem"
	"strings"
)

func (e *fieldErrors) x509(at string, x X509) {
	e.certificates(at+".ca", x.CA)
	// A company's authority certifies everybody in it.
	if (x.Subject == "") == (x.SubjectRegExp == "") {
		e.add(at, "give subject or subjectRegExp", "one of subject and subjectRegExp is required")
	}
}

// certificates says what was found instead of certificates; package trust parses
// them.
func (e *fieldErrors) certificates(path, text string) {
	const fix = "paste the certificates of the authority, the self-signed root among them, as a block (ca: |)"
	rest, found := []byte(text), 0
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		found++
		switch {
		case strings.Contains(block.Type, "PRIVATE KEY"):
			e.add(path, "remove it from the file and from Git's history, and have the authority replaced", "this is a private key (%s)", block.Type)
			return
		case block.Type != "CERTIFICATE":
			e.add(path, fix, "want PEM blocks CERTIFICATE, found %q", block.Type)
			return
		}
	}
	switch {
	case found == 0:
		e.add(path, fix, "want PEM blocks CERTIFICATE, found none")
	case found != strings.Count(text, "-----BEGIN "):
		// The decoder passes over a damaged block without a word.
		e.add(path, fix, "only %d of %d PEM blocks can be read", found, strings.Count(text, "-----BEGIN "))
	}
}
