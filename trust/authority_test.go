package trust_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
	"github.com/modelfn/modelfn/trust"
)

// TestAuthorityDoesNotCompile: what could never hold, or would hold for anybody,
// is an error of the platform and names its field.
func TestAuthorityDoesNotCompile(t *testing.T) {
	with := func(change func(*v1alpha1.Authority)) v1alpha1.Authority {
		a := certified("ci", train)
		change(&a)
		return a
	}
	without := func(field string) v1alpha1.Authority {
		return with(func(a *v1alpha1.Authority) {
			a.TrustedRoot = string(edited(t, []byte(a.TrustedRoot), to([]any{}), field))
		})
	}
	for name, test := range map[string]struct {
		authority  v1alpha1.Authority
		path, want string
	}{
		"neither":            {v1alpha1.Authority{Name: "ci"}, "", "an authority is a key, a keyless identity, or a subject"},
		"both":               {with(func(a *v1alpha1.Authority) { a.Key = authority("x", release).Key }), "", "an authority is a key, a keyless identity, or a subject"},
		"no issuer":          {with(func(a *v1alpha1.Authority) { a.Keyless.Issuer = "" }), ".keyless", "an identity is an issuer and one of"},
		"anybody":            {with(func(a *v1alpha1.Authority) { a.Keyless.Subject = "" }), ".keyless", "an identity is an issuer and one of"},
		"expression":         {with(func(a *v1alpha1.Authority) { a.Keyless.Subject, a.Keyless.SubjectRegExp = "", "(" }), ".keyless", "subjectRegExp: error parsing regexp"},
		"expression, closed": {with(func(a *v1alpha1.Authority) { a.Keyless.Subject, a.Keyless.SubjectRegExp = "", "a)|(b" }), ".keyless", "subjectRegExp: error parsing regexp"},
		"root":               {with(func(a *v1alpha1.Authority) { a.TrustedRoot = "x" }), ".trustedRoot", "trusted root: "},
		"root, other type":   {with(func(a *v1alpha1.Authority) { a.TrustedRoot = "{}" }), ".trustedRoot", "unsupported TrustedRoot media type"},
		"root, no log":       {without("tlogs"), ".trustedRoot", "it names no transparency log"},
		"root, no authority": {without("certificateAuthorities"), ".trustedRoot", "it names no certificate authority"},
		"root, no CT log":    {without("ctlogs"), ".trustedRoot", "it names no certificate transparency log"},
		"window, no time":    {with(func(a *v1alpha1.Authority) { a.NotAfter = "x" }), ".notAfter", "cannot parse"},
		"window without log": {v1alpha1.Authority{Name: "release", Key: authority("x", release).Key, NotAfter: notAfter}, ".notAfter", "without a log nothing says when a key signed"},
	} {
		t.Run(name, func(t *testing.T) {
			_, errs := trust.Compile(v1alpha1.ModelPlatformSpec{Trust: []v1alpha1.TrustRule{rule(1, authority("release", release), test.authority)}})
			if len(errs) != 1 || errs[0].Path != "spec.trust[0].authorities[1]"+test.path || !strings.Contains(errs[0].Message, test.want) {
				t.Errorf("%v, want one error at %q with %q", errs, test.path, test.want)
			}
		})
	}
}

// TestRootRefuses: what a trusted root says about its authorities and logs holds
// for what they did, and when.
func TestRootRefuses(t *testing.T) {
	ended := func(v any) any {
		v.(map[string]any)["end"] = notBefore
		return v
	}
	begun := func(v any) any {
		v.(map[string]any)["start"] = notAfter
		return v
	}
	var foreignLogs any
	edited(t, []byte(testsign.NewSigstore("foreign").TrustedRoot()), func(v any) any { foreignLogs = v; return v }, "ctlogs")
	stamped := signing(func(l *testsign.Logged) { l.Timestamped, l.WithoutPromise = true, true })
	after := signing(func(l *testsign.Logged) {
		l.Issued = l.Issued.AddDate(1, 1, 0)
		l.At = l.Issued.Add(time.Minute)
	})
	for name, test := range map[string]struct {
		reason string
		signed testsign.Logged
		change func(any) any
		path   []any
		want   string
	}{
		"other CT log":           {"a certificate that was logged elsewhere", logged, to(foreignLogs), []any{"ctlogs"}, "only able to verify 0 SCT entries"},
		"CT log ended":           {"a certificate transparency log that was given up", logged, ended, []any{"ctlogs", 0, "publicKey", "validFor"}, "only able to verify 0 SCT entries"},
		"log ended":              {"a log that was given up", logged, ended, []any{"tlogs", 0, "publicKey", "validFor"}, "not enough verified log entries"},
		"log ended, stamped":     {"also where another authority states the time", stamped, ended, []any{"tlogs", 0, "publicKey", "validFor"}, "its transparency log was not in use when it was signed"},
		"log begun, stamped":     {"a log that did not exist yet", stamped, begun, []any{"tlogs", 0, "publicKey", "validFor"}, "its transparency log was not in use when it was signed"},
		"authority ended":        {"a certificate authority that was given up", logged, ended, []any{"certificateAuthorities", 0, "validFor"}, "leaf certificate verification failed"},
		"authority expired":      {"a certificate of an authority whose own had expired (CVE-2026-24122)", after, func(v any) any { return v }, []any{"certificateAuthorities"}, "leaf certificate verification failed"},
		"timestamper ended":      {"a timestamp authority that was given up", stamped, ended, []any{"timestampAuthorities", 0, "validFor"}, "after the validity period end"},
		"no timestamp authority": {"a timestamp by nobody", stamped, to([]any{}), []any{"timestampAuthorities"}, "threshold not met"},
	} {
		t.Run(name, func(t *testing.T) {
			a := certified("ci", train)
			a.TrustedRoot = string(edited(t, []byte(a.TrustedRoot), test.change, test.path...))
			refusedFor(t, test.reason, rule(1, a), list(test.signed.Bundle(kit.Digest())), test.want)
		})
	}
	key := loggedKey("release", release)
	key.TrustedRoot = string(edited(t, []byte(key.TrustedRoot), ended, "tlogs", 0, "publicKey", "validFor"))
	refusedFor(t, "a key in a log that was given up", rule(1, key), list(stampedKey().Bundle(kit.Digest())), "its transparency log was not in use when it was signed")
}

// TestEveryLogWasInUse: an entry that does not hold, or that nobody knows, does
// not speak for one in a log that was given up.
func TestEveryLogWasInUse(t *testing.T) {
	var foreignLog any
	edited(t, []byte(foreign.TrustedRoot()), func(v any) any { foreignLog = v; return v }, "tlogs", 0)
	ended := func(v any) any {
		v.(map[string]any)["end"] = notBefore
		return v
	}
	const notInUse = "its transparency log was not in use when it was signed"
	genuine, elsewhere := stampedKey().Bundle(kit.Digest()), foreign.Keyed(release).Bundle(kit.Digest())
	broken := bundleWith(t, elsewhere, flipped, "verificationMaterial", "tlogEntries", 0, "inclusionPromise", "signedEntryTimestamp")
	entries := func(of ...artifact.Evidence) artifact.Evidence {
		var list []any
		for _, e := range of {
			list = append(list, bundleEntry(t, e))
		}
		return bundleWith(t, genuine, to(list), "verificationMaterial", "tlogEntries")
	}
	for name, test := range map[string]struct {
		reason   string
		logs     []any // beside the one that was given up
		evidence artifact.Evidence
		want     string
		live     bool
	}{
		"unknown log":          {"an entry in a log that nobody knows", nil, entries(genuine, elsewhere), notInUse, false},
		"unknown log first":    {"in whichever order they come", nil, entries(elsewhere, genuine), notInUse, false},
		"broken promise":       {"a live log's entry that does not hold", []any{foreignLog}, entries(genuine, broken), notInUse, false},
		"broken promise first": {"in whichever order they come", []any{foreignLog}, entries(broken, genuine), notInUse, false},
		"live and retired":     {"what a log is said to have seen after its end", []any{foreignLog}, entries(elsewhere, genuine), notInUse, false},
		"two live logs":        {"two logs know it", []any{foreignLog}, entries(genuine, elsewhere), "", true},
		"unknown log and live": {"a log that nobody knows does no harm", nil, entries(elsewhere, genuine), "", true},
	} {
		t.Run(name, func(t *testing.T) {
			key := loggedKey("release", release)
			if !test.live {
				key.TrustedRoot = string(edited(t, []byte(key.TrustedRoot), ended, "tlogs", 0, "publicKey", "validFor"))
			}
			key.TrustedRoot = string(edited(t, []byte(key.TrustedRoot), func(v any) any { return append(v.([]any), test.logs...) }, "tlogs"))
			a := pin(t, repository, kit)
			v := compile(t, rule(1, key)).Verify(a, list(test.evidence))
			if v.Trusted(a) != test.live || !strings.Contains(v.Reason(), test.want) {
				t.Errorf("%s: trusted %t: %s, want %q", test.reason, v.Trusted(a), v.Reason(), test.want)
			}
		})
	}
}

// TestPublicGoodRoot pins the root that is built in: whoever changes it changes
// whom everybody trusts by default.
func TestPublicGoodRoot(t *testing.T) {
	raw, err := os.ReadFile("public_good.json")
	if err != nil {
		t.Fatal(err)
	}
	const want = "sha256:4364d7724c04cc912ce2a6c45ed2610e8d8d1c4dc857fb500292738d4d9c8d2c"
	if got := string(artifact.DigestOf(raw)); got != want {
		t.Errorf("public_good.json is %s, not sigstore-go v1.3.0's", got)
	}
	a := certified("ci", train)
	a.TrustedRoot = ""
	compile(t, rule(1, a))
}
