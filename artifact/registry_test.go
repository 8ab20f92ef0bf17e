package artifact_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/testsign"
)

const path = "models/fraud" // in the in-process registry

// bothWorlds runs a test with the referrers API and with the fallback tag.
func bothWorlds(t *testing.T, run func(t *testing.T, r *testsign.Registry)) {
	for name, referrers := range map[string]bool{"referrers API": true, "fallback tag": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, testsign.NewRegistry(t, referrers))
		})
	}
}

// ask pins path:v7 from the registry, as a platform that lists it would.
func ask(ctx context.Context, t testing.TB, r *testsign.Registry) (artifact.Pinned, error) {
	t.Helper()
	source, err := artifact.NewRegistry(r.Exceptions(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return source.Pin(ctx, parse(t, "kit://"+r.Host+"/"+path+":v7"))
}

func TestRegistryFindsEvidence(t *testing.T) {
	for name, formats := range map[string]struct{ legacy, bundle int }{
		"none": {0, 0}, "legacy": {1, 0}, "bundle": {0, 1}, "both": {1, 1}, "several of both": {3, 3},
	} {
		t.Run(name, func(t *testing.T) {
			bothWorlds(t, func(t *testing.T, r *testsign.Registry) {
				var evidence []artifact.Evidence
				for i := range formats.legacy {
					evidence = append(evidence, testsign.ECDSA(fmt.Sprint(i)).Legacy(r.Host+"/"+path, kit.Digest()))
				}
				for i := range formats.bundle {
					evidence = append(evidence, testsign.ECDSA(fmt.Sprint(i)).Bundle(kit.Digest()))
				}
				r.Push(t, path, "v7", kit)
				r.Attach(t, path, kit.Digest(), evidence...)
				got, err := ask(t.Context(), t, r)
				if err != nil {
					t.Fatal(err)
				}
				if got.Digest() != kit.Digest() || string(got.Lock(nil).Config) != string(kit.Config) {
					t.Errorf("pinned %s, want %s", got.Digest(), kit.Digest())
				}
				if diff := cmp.Diff(digests(evidence), digests(got.Evidence)); diff != "" {
					t.Errorf("evidence (-want +got):\n%s", diff)
				}
				// What the registry gave is what the lock gives.
				uri := got.Reference().String()
				again, err := pin(t, uri, got.Lock(indices(got.Evidence)))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(got.Lock(indices(got.Evidence)), again.Lock(indices(again.Evidence))); diff != "" {
					t.Errorf("through the lock (-registry +lock):\n%s", diff)
				}
			})
		})
	}
}

// TestBundlesOfEveryVersion: older clients wrote the version behind the media type.
func TestBundlesOfEveryVersion(t *testing.T) {
	for _, version := range []string{"0.1", "0.2", "0.3"} {
		signer := testsign.NewSigstore("local").Keyed(release)
		signer.Version = version
		e := signer.Bundle(kit.Digest())
		got, _, err := pushed(t, kit, e)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(digests([]artifact.Evidence{e}), digests(got.Evidence)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", version, diff)
		}
	}
}

// digests names evidence in the order that Pin promises, so that a registry's
// own order shows nowhere.
func digests(list []artifact.Evidence) []string {
	var out []string
	for _, e := range list {
		out = append(out, e.MediaType+" "+string(e.Digest()))
	}
	slices.Sort(out)
	return out
}

func indices(list []artifact.Evidence) []int {
	out := make([]int, len(list))
	for i := range list {
		out[i] = i
	}
	return out
}

// TestRegistrySortsEvidence: two registries that list it in different orders
// give the same lock.
func TestRegistrySortsEvidence(t *testing.T) {
	evidence := []artifact.Evidence{
		testsign.ECDSA("a").Bundle(kit.Digest()), testsign.ECDSA("b").Bundle(kit.Digest()), testsign.ECDSA("c").Bundle(kit.Digest()),
	}
	var orders [][]string
	for range 2 {
		r := testsign.NewRegistry(t, false)
		r.Push(t, path, "v7", kit)
		r.Attach(t, path, kit.Digest(), evidence...)
		slices.Reverse(evidence)
		got, err := ask(t.Context(), t, r)
		if err != nil {
			t.Fatal(err)
		}
		var order []string
		for _, e := range got.Evidence {
			order = append(order, string(e.Digest()))
		}
		orders = append(orders, order)
	}
	if diff := cmp.Diff(orders[0], orders[1]); diff != "" {
		t.Errorf("order (-one +other):\n%s", diff)
	}
}

// TestRegistryAsksOnce: a pin costs one request per thing fetched, and goes by
// the digest as soon as there is one: the tag may move in between.
func TestRegistryAsksOnce(t *testing.T) {
	bothWorlds(t, func(t *testing.T, r *testsign.Registry) {
		r.Push(t, path, "v7", kit)
		r.Attach(t, path, kit.Digest(), release.Bundle(kit.Digest()), release.Legacy(r.Host+"/"+path, kit.Digest()))
		if _, err := ask(t.Context(), t, r); err != nil {
			t.Fatal(err)
		}
		count := map[string]int{}
		for _, request := range r.Requests() {
			count[request]++
			if count[request] > 1 && request != "GET /v2/" {
				t.Errorf("%s more than once", request)
			}
		}
		if got := count["GET /v2/"+path+"/manifests/v7"]; got != 1 {
			t.Errorf("the tag was resolved %d times", got)
		}
		// Ping, manifest, config, .sig and its payload, referrers, the bundle's
		// manifest and blob; the fallback tag where there is no API.
		if got := len(r.Requests()); got > 9 {
			t.Errorf("%d requests: %s", got, strings.Join(r.Requests(), ", "))
		}
	})
}

// TestRegistryByDigest: what is locked is fetched by its digest; the tag may
// have moved since.
func TestRegistryByDigest(t *testing.T) {
	r := testsign.NewRegistry(t, true)
	r.Push(t, path, "v7", kit)
	r.Push(t, path, "v7", testsign.Kit("fraud", "8.0.0"))
	source, err := artifact.NewRegistry(r.Exceptions(), nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := source.Pin(t.Context(), parse(t, "kit://"+r.Host+"/"+path+":v7").At(kit.Digest()))
	if err != nil || got.Digest() != kit.Digest() {
		t.Errorf("pinned %s, %v; want %s", got.Digest(), err, kit.Digest())
	}
}

// TestRegistryRefusesTooManyCandidates: a registry can list signatures without end
// (CVE-2023-33957, CVE-2023-33958).
func TestRegistryRefusesTooManyCandidates(t *testing.T) {
	for name, count := range map[string]struct{ legacy, bundles, others int }{
		"legacy": {65, 0, 0}, "bundles": {0, 65, 0}, "together": {33, 32, 0}, "other referrers": {0, 0, 65},
	} {
		t.Run(name, func(t *testing.T) {
			bothWorlds(t, func(t *testing.T, r *testsign.Registry) {
				var evidence []artifact.Evidence
				for i := range count.legacy {
					evidence = append(evidence, testsign.ECDSA(fmt.Sprint(i)).Legacy(r.Host+"/"+path, kit.Digest()))
				}
				for i := range count.bundles {
					evidence = append(evidence, testsign.ECDSA(fmt.Sprint(i)).Bundle(kit.Digest()))
				}
				for i := range count.others {
					evidence = append(evidence, artifact.Evidence{MediaType: "application/spdx+json", Data: fmt.Append(nil, i)})
				}
				r.Push(t, path, "v7", kit)
				r.Attach(t, path, kit.Digest(), evidence...)
				_, err := ask(t.Context(), t, r)
				if err == nil || !strings.Contains(err.Error(), "more than 64 signatures, attestations and other referrers are attached") {
					t.Errorf("%v, want a refusal of 65 candidates", err)
				}
				if errors.Is(err, artifact.ErrUnavailable) {
					t.Errorf("%v: a retry would not help", err)
				}
			})
		})
	}
}

// TestRegistryBoundsWhatItFetches: one manifest may list any number of
// signatures; they must not all be fetched before they are counted.
func TestRegistryBoundsWhatItFetches(t *testing.T) {
	var legacy, bundles []artifact.Evidence
	for i := range 200 {
		legacy = append(legacy, testsign.LegacyWith(fmt.Append(nil, i), ""))
		bundles = append(bundles, artifact.Evidence{MediaType: testsign.TypeBundle, Data: fmt.Append(nil, i)})
	}
	for name, attach := range map[string]func(r *testsign.Registry){
		"legacy":  func(r *testsign.Registry) { r.Attach(t, path, kit.Digest(), legacy...) },
		"bundles": func(r *testsign.Registry) { r.AttachTogether(t, path, kit.Digest(), bundles...) },
	} {
		t.Run(name, func(t *testing.T) {
			r := testsign.NewRegistry(t, true)
			r.Push(t, path, "v7", kit)
			attach(r)
			if _, err := ask(t.Context(), t, r); err == nil || !strings.Contains(err.Error(), "more than 64 signatures") {
				t.Errorf("%v, want a refusal", err)
			}
			if got := len(r.Requests()); got > 75 {
				t.Errorf("%d requests for 200 signatures, want the allowed 64 and a few", got)
			}
		})
	}
}

// TestRegistryIgnoresOtherReferrers: an SBOM beside the signature is none of
// our business, nor is a manifest that is none; and an entry of a fallback index
// may be stale.
func TestRegistryIgnoresOtherReferrers(t *testing.T) {
	bothWorlds(t, func(t *testing.T, r *testsign.Registry) {
		r.Push(t, path, "v7", kit)
		signature := release.Bundle(kit.Digest())
		r.Attach(t, path, kit.Digest(), artifact.Evidence{MediaType: "application/spdx+json", Data: []byte("{}")}, signature)
		strange := []byte(`{"schemaVersion":2,"layers":"none"}`)
		list := fmt.Sprintf(`"manifests":[{"mediaType":%q,"digest":%q,"size":2},{"mediaType":%q,"digest":%q,"size":%d},`,
			testsign.TypeManifest, digest, testsign.TypeManifest, artifact.DigestOf(strange), len(strange))
		r.Intercept(func(w http.ResponseWriter, req *http.Request) bool {
			switch {
			case strings.Contains(req.URL.Path, string(artifact.DigestOf(strange))):
				return body(strange)(w, req)
			case strings.HasSuffix(req.URL.Path, "/referrers/"+string(kit.Digest())), strings.HasSuffix(req.URL.Path, "/manifests/sha256-"+kit.Digest().Hex()):
				if raw := bytes.Replace(r.Answer(req.URL.Path), []byte(`"manifests":[`), []byte(list), 1); bytes.Contains(raw, []byte(list)) {
					w.Header().Set("Content-Type", typeIndex)
					_, _ = w.Write(raw)
					return true
				}
			}
			return false
		})
		got, err := ask(t.Context(), t, r)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(digests([]artifact.Evidence{signature}), digests(got.Evidence)); diff != "" {
			t.Errorf("evidence (-want +got):\n%s", diff)
		}
		for _, d := range []string{digest, string(artifact.DigestOf(strange))} {
			if asked(r, "/manifests/"+d) != 1 {
				t.Errorf("%s was not looked at", d)
			}
		}
	})
}

// TestTagMoves between two requests (CVE-2022-47633, CVE-2023-47630: another
// answer the second time): what is attached to the digest that was resolved is
// asked for, and to no other.
func TestTagMoves(t *testing.T) {
	bothWorlds(t, func(t *testing.T, r *testsign.Registry) {
		evil := testsign.Kit("fraud", "6.6.6")
		r.Push(t, path, "v7", evil)
		r.Attach(t, path, kit.Digest(), release.Bundle(kit.Digest()), release.Legacy(r.Host+"/"+path, kit.Digest()))
		r.Attach(t, path, evil.Digest(), testsign.ECDSA("mallory").Bundle(evil.Digest()))
		var once sync.Once
		r.Push(t, path, "v7", kit)
		// The config is asked for when the tag is resolved already.
		r.Intercept(on("/blobs/", func(http.ResponseWriter, *http.Request) bool {
			once.Do(func() { r.Push(t, path, "v7", evil) })
			return false
		}))
		got, err := ask(t.Context(), t, r)
		if err != nil || got.Digest() != kit.Digest() {
			t.Fatalf("%s, %v, want what the tag was", got.Digest(), err)
		}
		want := []artifact.Evidence{release.Bundle(kit.Digest()), release.Legacy(r.Host+"/"+path, kit.Digest())}
		if diff := cmp.Diff(digests(want), digests(got.Evidence)); diff != "" {
			t.Errorf("evidence (-want +got):\n%s", diff)
		}
		if n := asked(r, evil.Digest().Hex()); n > 0 || asked(r, "/manifests/v7") != 1 {
			t.Errorf("asked about another digest, or twice about the tag: %s", strings.Join(r.Requests(), ", "))
		}
		if again, err := ask(t.Context(), t, r); err != nil || again.Digest() != evil.Digest() {
			t.Errorf("the tag did not move: %s, %v", again.Digest(), err)
		}
	})
}
