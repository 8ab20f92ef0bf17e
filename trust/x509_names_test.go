package trust_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"net/url"
	"testing"
)

// TestX509HiddenName: a name of a kind that nothing else reads, behind an empty
// one, is no subject.
func TestX509HiddenName(t *testing.T) {
	for want, empty := range map[string][]byte{
		`its subject alternative name "" is no email address`:     {0x81, 0},
		`its subject alternative name "" is no URI with a scheme`: {0x86, 0},
	} {
		names := marshalled(t, asn1.RawValue{Class: asn1.ClassUniversal, Tag: asn1.TagSequence, IsCompound: true, Bytes: append(empty, fulcioName(t, releaser)...)})
		hidden := under(func(c *x509.Certificate) {
			c.EmailAddresses, c.URIs = nil, []*url.URL(nil)
			c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: names})
		})
		refusedFor(t, "the subject as another kind of name", rule(1, corporate("release", releaser, issuing)), list(hidden.Bundle(kit.Digest())), want)
	}
}

// fulcioName is a name as Fulcio writes those that are neither address nor URI.
func fulcioName(t *testing.T, name string) []byte {
	t.Helper()
	text, err := asn1.MarshalWithParams(name, "utf8")
	if err != nil {
		t.Fatal(err)
	}
	value := marshalled(t, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: text})
	id := marshalled(t, asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, 7})
	return marshalled(t, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: append(id, value...)})
}

func marshalled(t *testing.T, value any) []byte {
	t.Helper()
	raw, err := asn1.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestRelativeURI: a URI without a scheme would pass for an email address.
func TestRelativeURI(t *testing.T) {
	relative := local.Certified(signer, issuing.Leaf(signer, "x@acme.example", func(c *x509.Certificate) {
		c.EmailAddresses, c.URIs = nil, []*url.URL{{Path: releaser}}
	}))
	refusedFor(t, "a path that reads like an address", rule(1, corporate("release", releaser, issuing)), list(relative.Bundle(kit.Digest())), "is no URI with a scheme")
}
