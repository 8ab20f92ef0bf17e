package distribution

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

func TestPublic(t *testing.T) {
	for address, wanted := range map[string]bool{
		"8.8.8.8": true, "203.0.113.9": true, "2606:4700::1": true, "::ffff:8.8.8.8": true, "64:ff9b::808:808": true, "2002:808:808::1": true,
		"10.0.0.1": false, "172.16.0.1": false, "192.168.1.1": false, "127.0.0.1": false, "127.255.0.1": false, "::1": false,
		"169.254.169.254": false, "fe80::1": false, "fe80::1%eth0": false, "0.0.0.0": false, "0.1.2.3": false, "::": false, "100.64.0.1": false, "100.127.255.255": false, "100.128.0.1": true,
		"fd00:ec2::254": false, "fc00::1": false, "::ffff:10.0.0.1": false, "::ffff:169.254.169.254": false, "::10.0.0.1": false, "64:ff9b::a00:1": false, "2002:a00:1::": false,
		"224.0.0.1": false, "ff02::1": false, "255.255.255.255": false, "240.0.0.1": false, "192.0.0.192": false, "198.18.0.1": false, "fec0::1": false,
	} {
		if got := public(netip.MustParseAddr(address)); got != wanted {
			t.Errorf("%s: %t", address, got)
		}
	}
}

func TestPrivate(t *testing.T) {
	for host, wanted := range map[string]bool{
		"127.0.0.1": true, "2130706433": true, "0x7f000001": true, "0x7f.1": true, "127.1": true, "0177.0.0.1": true, "10.65793": true, "127.0.0.1.": true,
		"localhost": true, "LOCALHOST": true, "localhost.": true, "x.localhost": true, "::1": true, "fe80::1%eth0": true, "::ffff:127.0.0.1": true, "0": true,
		"8.8.8.8": false, "134744072": false, "example.com": false, "10.example.com": false, "1.2.3.4.5": false, "256.1.1.1": false, "": false, "localhost.example.com": false,
	} {
		if got := private(host); got != wanted {
			t.Errorf("%s: %t", host, got)
		}
	}
}

// FuzzNextPage: whatever a header says, it ends, and what comes out is asked for
// only if it is the registry's.
func FuzzNextPage(f *testing.F) {
	for _, seed := range []string{
		`<?n=2>; rel="next"`, `</v2/x>; a=b; rel=prev, <?n=3>;rel="x next"`, `<a`, `;`, `<>;rel=next`, `<a>;rel`, `<a>;rel="next`, `<a>;;=,,<b>; rel =next`, `< >;x="a,b>";rel=next,`,
	} {
		f.Add(seed)
	}
	page, err := url.Parse("https://registry.example.com/v2/a/referrers/b")
	if err != nil {
		f.Fatal(err)
	}
	r := &registry{key: "registry.example.com", scheme: "https"}
	f.Fuzz(func(t *testing.T, header string) {
		next, err := nextPage(page, []string{header})
		if err != nil && next != nil {
			t.Error("both")
		}
		if next != nil && (!strings.Contains(strings.ToLower(header), "next") || r.own(next) && !strings.EqualFold(next.Hostname(), "registry.example.com")) {
			t.Errorf("%q leads to %s", header, next)
		}
	})
}

// FuzzIndex: what is listed is few and can only be asked for by digest.
func FuzzIndex(f *testing.F) {
	for _, seed := range []string{
		`{"manifests":[]}`, `{"manifests":null}`, `{"manifests":[{},{}]}`, `{"manifests":[1]}`, `{"manifests":{"digest":1}}`, `[]`, `{"manifests":[{"digest":"` + some(1) + `"}],"Manifests":[]}`,
		string(index(many(5)...)),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		list, there, err := parseIndex(raw, 3)
		if err != nil && list != nil || !there && list != nil || len(list) > 3 {
			t.Errorf("%v, %t, %v", list, there, err)
		}
		for _, d := range list {
			if checkDigest(d.Digest) != nil {
				t.Errorf("%q", d.Digest)
			}
		}
	})
}
