package e2e_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"

	"github.com/modelfn/modelfn/e2e/internal/publish"
	"github.com/modelfn/modelfn/e2e/internal/registry"
)

// attesting is one of the ways in which cosign attests, with the signature that
// the same cosign makes.
type attesting struct {
	name, tag string
	attest    func(*publish.Publisher, context.Context, publish.Key, name.Digest, string, any) error
	signing   signing
	requests  int // of lock about a model with a signature and all four attestations
}

// place is the tag under which it stores what is said about a digest, where a
// registry has no referrers API.
func (a attesting) place(about name.Digest) string {
	tag := strings.Replace(about.DigestStr(), ":", "-", 1)
	if a.signing.name == legacy.name {
		tag += ".att"
	}
	return tag
}

var (
	// Manifest, config, referrers; then of a bundle its manifest and itself, and
	// of legacy evidence two manifests and each envelope: what is signed in a
	// payload is known.
	attestLegacy = attesting{"cosign v2, legacy", "legacy", (*publish.Publisher).AttestLegacy, legacy, 5 + 4}
	attest2      = attesting{"cosign v2, bundles", "bundle2", (*publish.Publisher).AttestBundle2, bundle, 3 + 2*5}
	attest3      = attesting{"cosign v3, bundles", "bundle3", (*publish.Publisher).Attest, bundle, 3 + 2*5}
	attestings   = []attesting{attestLegacy, attest2, attest3}
)

const (
	evaluationType = "https://example.com/evaluation/v1"
	buildType      = "https://slsa.dev/provenance/v1"
	scanType       = "https://cosign.sigstore.dev/attestation/vuln/v1"
	reviewType     = "https://cosign.sigstore.dev/attestation/v1"

	goodEnough = "predicate.metrics.auc >= 0.92"
	// cosign v2 writes invocationID where SLSA, and cosign v3, say invocationId.
	invocation = `predicate.runDetails.metadata.?invocationId.or(predicate.runDetails.metadata.?invocationID).orValue("")`
)

// said is one thing that is attested: by whom, under which of cosign's words or
// URIs, and what a platform wants of it.
type said struct {
	by, word, predicateType string
	predicate               any
	rule                    string
}

// sayings are what a model of this team comes with.
var sayings = []said{
	{"evaluator", evaluationType, evaluationType, scored(0.95), goodEnough},
	{
		"builder", "slsaprovenance1", buildType, map[string]any{
			"buildDefinition": map[string]any{"buildType": "https://example.com/train/v1", "externalParameters": map[string]any{"seed": 7}},
			"runDetails": map[string]any{
				"builder":  map[string]any{"id": "https://ci.example.com/train"},
				"metadata": map[string]any{"invocationId": "8f2c"},
			},
		},
		`predicate.runDetails.builder.id == "https://ci.example.com/train"`,
	},
	{
		"scanner", "vuln", scanType, map[string]any{
			"invocation": map[string]any{"uri": "https://ci.example.com/scan"},
			"scanner":    map[string]any{"uri": "https://example.com/scanner", "version": "1.2.3", "result": map[string]any{"critical": 0}},
			"metadata":   map[string]any{"scanStartedOn": "2026-01-02T03:04:05Z", "scanFinishedOn": "2026-01-02T03:05:05Z"},
		},
		"predicate.scanner.result.critical == 0 && timestamp(predicate.metadata.scanFinishedOn) > timestamp('2026-01-01T00:00:00Z')",
	},
	{"reviewer", "custom", reviewType, map[string]any{"approved": true}, "json.unmarshal(predicate.Data).approved"},
}

// scored is an evaluation result.
func scored(auc float64) any {
	return map[string]any{"metrics": map[string]any{"auc": auc}, "dataset": "holdout"}
}

// team is a world with a key for each who attests.
type team struct {
	world
	keys map[string]publish.Key
}

func newTeam(t *testing.T, server *registry.Server, err error) team {
	t.Helper()
	w := team{newWorld(t, server, err), map[string]publish.Key{}}
	for _, label := range []string{"evaluator", "builder", "scanner", "reviewer", "stranger"} {
		if w.keys[label], err = w.publisher.NewKey(t.Context(), label); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

func (w team) attest(t *testing.T, how attesting, by string, about name.Digest, word string, predicate any) {
	t.Helper()
	if err := how.attest(w.publisher, t.Context(), w.keys[by], about, word, predicate); err != nil {
		t.Fatal(err)
	}
}

// demands is a platform that wants models to be signed by release, and of these
// sayings each to be attested by its own authority.
func (w team) demands(t *testing.T, wanted ...said) object {
	t.Helper()
	rule := w.trusts(t, w.server.Host()+"/models/**")
	var attestations []any
	for _, s := range wanted {
		pem, err := w.keys[s.by].PublicPEM()
		if err != nil {
			t.Fatal(err)
		}
		rule["authorities"] = append(rule["authorities"].([]any), map[string]any{
			"name": s.by, "key": map[string]any{"pem": pem}, "attestationsOnly": true,
		})
		a := map[string]any{"predicateType": s.predicateType, "authorities": []any{s.by}, "rules": []any{s.rule}}
		if s.by == "builder" {
			a["provenance"] = map[string]any{"training-run-id": invocation}
		}
		attestations = append(attestations, a)
	}
	rule["attestations"] = attestations
	platform := w.platform(t, rule)
	platform["spec"].(map[string]any)["policy"] = map[string]any{"engine": "None"}
	return platform
}

// answer is one of the answers of `verify -o json`, as it is documented.
type answer struct {
	Verdict, Digest string
	Authorities     []string
	Attestations    []attestedAnswer
	Findings        []struct{ Rule, Field, Message, Fix string }
}

type attestedAnswer struct {
	PredicateType, Authority, Reason string
	Holds                            bool
}

func parseAnswers(t *testing.T, text string) []answer {
	t.Helper()
	var all []answer
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatalf("%v in:\n%s", err, text)
	}
	return all
}

// TestAttestations has real cosigns attest four things about a model, in all of
// their formats and on registries of all kinds: it is locked with what was
// attested, and rendered and verified from the lock alone.
func TestAttestations(t *testing.T) {
	for _, place := range places {
		t.Run(place.name, func(t *testing.T) {
			t.Parallel()
			server, err := place.start(t)
			w := newTeam(t, server, err)
			for _, how := range attestings {
				t.Run(how.name, func(t *testing.T) { testAttestations(t, w, how) })
			}
		})
	}
}

func testAttestations(t *testing.T, w team, how attesting) {
	tag := how.tag
	kit := w.kit(t, tag)
	w.sign(t, how.signing, kit)
	for _, s := range sayings {
		w.attest(t, how, s.by, kit, s.word, s.predicate)
	}
	app := directory(t, w.demands(t, sayings...), map[string]spec{"fraud": {
		"model": w.uri("kit://", "models/fraud:"+tag), "provenance": map[string]any{"training-run-id": "8f2c"},
	}})
	asked := len(w.server.Requests())
	stdout(t, w.aloof(t, app, "lock"))
	wantRequestsAbout(t, w.server.Requests()[asked:], how.requests)
	entry := readLock(t, app)[w.uri("kit://", "models/fraud:"+tag)]
	for _, e := range entry.Evidence {
		if e.MediaType != how.signing.mediaType {
			t.Errorf("evidence of type %s, want %s", e.MediaType, how.signing.mediaType)
		}
	}
	if got, want := len(entry.Evidence), 1+len(sayings); got != want {
		t.Errorf("%d pieces of evidence are locked, want %d: the signature and each attestation", got, want)
	}

	asked = len(w.server.Requests())
	rendered := parseObjects(t, stdout(t, w.aloof(t, app, "build")))
	wantAnnotations(t, toYAML(t, rendered["InferenceService ml-serving/fraud"]), map[string]any{"training-run-id": "8f2c"})
	wantAnnotations(t, toYAML(t, rendered["ConfigMap ml-serving/modelfn-fraud"]), map[string]any{"authorities": "release", "unsigned-provenance": nil})
	answers := parseAnswers(t, stdout(t, w.aloof(t, app, "verify", "-o", "json")))
	if more := w.server.Requests()[asked:]; len(more) > 0 {
		t.Errorf("what is locked was asked for: %q", more)
	}
	var attested []attestedAnswer
	for _, s := range sayings {
		attested = append(attested, attestedAnswer{PredicateType: s.predicateType, Authority: s.by, Holds: true})
	}
	want := []answer{{Verdict: "trusted", Digest: kit.DigestStr(), Authorities: []string{"release"}, Attestations: attested}}
	want[0].Findings = answers[0].Findings[:0] // empty, not missing
	if diff := cmp.Diff(want, answers); diff != "" {
		t.Errorf("verify (-want +got):\n%s", diff)
	}
}

// wantRequestsAbout counts what was asked about one model, beside what is asked
// once for the registry: whether it wants a password, and whether it has the
// referrers API.
func wantRequestsAbout(t *testing.T, requests []string, want int) {
	t.Helper()
	lacksAPI := slices.ContainsFunc(requests, fallback.MatchString)
	about := slices.DeleteFunc(slices.Clone(requests), func(r string) bool {
		return r == "GET /v2/" || lacksAPI && strings.Contains(r, "/referrers/")
	})
	if len(about) != want {
		t.Errorf("%d requests, want %d:\n%s", len(about), want, strings.Join(about, "\n"))
	}
}

// fallback is the index under which clients keep what refers to a digest where a
// registry has no API for that.
var fallback = regexp.MustCompile(`/manifests/sha256-[0-9a-f]{64}$`)

// TestAttestationsRefused: what is attested wrongly, by real cosigns, is no reason
// to trust a model that is signed as it should be.
func TestAttestationsRefused(t *testing.T) {
	w := newTeam(t, registry.Real(t, registry.Debian), nil)
	evaluation := sayings[0]
	for name, test := range map[string]struct {
		reason string
		attest func(t *testing.T, how attesting, kit name.Digest)
		want   []string
	}{
		"none": {
			"a signature is no evaluation",
			func(*testing.T, attesting, name.Digest) {},
			[]string{"there is no attestation of type " + evaluationType + " by evaluator"},
		},
		"worse": {
			"the rule, the value and whose words they are",
			func(t *testing.T, how attesting, kit name.Digest) {
				w.attest(t, how, "evaluator", kit, evaluationType, scored(0.87))
			},
			[]string{`rule "` + goodEnough + `" is false: predicate.metrics.auc is 0.87 (attested by evaluator, in evidence sha256:`},
		},
		"stranger": {
			"who is no authority can say what he likes",
			func(t *testing.T, how attesting, kit name.Digest) {
				w.attest(t, how, "stranger", kit, evaluationType, scored(1))
			},
			[]string{"no attestation of type " + evaluationType + " by evaluator counts: no authority verifies it"},
		},
		"moved": {
			"a good result of another model, under this one's tag",
			func(t *testing.T, how attesting, kit name.Digest) {
				other := w.kit(t, "other-"+how.tag)
				w.attest(t, how, "evaluator", other, evaluationType, scored(1))
				if err := w.publisher.Copy(t.Context(), "models/fraud:"+how.place(other), "models/fraud:"+how.place(kit)); err != nil {
					t.Fatal(err)
				}
			},
			[]string{"by evaluator counts: no authority verifies it", "provided artifact digest does not match any digest in statement"},
		},
		"draft": {
			"a type that begins with the one that is asked for",
			func(t *testing.T, how attesting, kit name.Digest) {
				w.attest(t, how, "evaluator", kit, evaluationType+"/draft", scored(1))
			},
			[]string{"there is no attestation of type " + evaluationType + " by evaluator"},
		},
	} {
		for _, how := range []attesting{attestLegacy, attest3} {
			t.Run(name+", "+how.name, func(t *testing.T) {
				tag := name + "-" + how.tag
				kit := w.kit(t, tag)
				test.attest(t, how, kit)
				w.sign(t, how.signing, kit)
				app := directory(t, w.demands(t, evaluation), map[string]spec{"fraud": {"model": w.uri("kit://", "models/fraud:"+tag)}})
				t.Log(test.reason)
				wantRefusal(t, w.aloof(t, app, "lock"), 1, append(test.want,
					"untrusted-model: ModelDeployment ml-serving/fraud (fraud.yaml) spec.model",
					"fix: have it attested by an authority that the rule names for it (cosign attest)")...)
				wantNoLock(t, app)
			})
		}
	}
}

// TestStricterRule: before a stricter platform is merged, verify says from the
// lock what it would refuse, and why.
func TestStricterRule(t *testing.T) {
	const stricter = `predicate.metrics.auc >= 0.97 && predicate.dataset == "holdout"`
	server, err := registry.Start(registry.WithoutReferrers())
	w := newTeam(t, server, err)
	for _, test := range []struct {
		how      attesting
		requests int // of lock about a model with a signature and one attestation
	}{{attestLegacy, 5 + 1}, {attest3, 3 + 2*2}} {
		t.Run(test.how.name, func(t *testing.T) {
			path := "models/fraud:" + test.how.tag
			kit := w.kit(t, test.how.tag)
			w.sign(t, test.how.signing, kit)
			evaluation := sayings[0]
			w.attest(t, test.how, "evaluator", kit, evaluation.word, evaluation.predicate)
			app := directory(t, w.demands(t, evaluation), map[string]spec{"fraud": {"model": w.uri("kit://", path)}})
			asked := len(w.server.Requests())
			w.lock(t, app)
			wantRequestsAbout(t, w.server.Requests()[asked:], test.requests)

			evaluation.rule = stricter
			platform := filepath.Join(t.TempDir(), "platform.yaml")
			write(t, platform, toYAML(t, w.demands(t, evaluation)))
			asked = len(w.server.Requests())
			result := w.run(t, app, "verify", "--platform", platform, "-o", "json")
			if result.ExitCode != 1 || len(w.server.Requests()) != asked {
				t.Errorf("exit %d, want 1 without a request\n%s", result.ExitCode, result.Stderr)
			}
			got := parseAnswers(t, result.Stdout)[0]
			if got.Verdict != "refused" || len(got.Findings) != 1 || got.Findings[0].Rule != "untrusted-model" {
				t.Fatalf("got %+v, want it refused as untrusted-model", got)
			}
			want := []attestedAnswer{{
				PredicateType: evaluationType,
				Reason: "no attestation of type " + evaluationType + " by evaluator counts: rule " + strconv.Quote(stricter) +
					` is false: predicate.metrics.auc is 0.95, predicate.dataset is "holdout" (attested by evaluator, in evidence ` +
					evaluationOf(t, readLock(t, app)) + ")",
			}}
			if diff := cmp.Diff(want, got.Attestations); diff != "" {
				t.Errorf("attestations (-want +got):\n%s", diff)
			}
			for _, text := range []string{got.Findings[0].Message, result.Stderr} {
				if !strings.Contains(text, want[0].Reason) {
					t.Errorf("%q is not in:\n%s", want[0].Reason, text)
				}
			}
		})
	}
}

// evaluationOf is the digest under which the registry stores the only attestation
// in a lock: a bundle, or of legacy evidence the envelope.
func evaluationOf(t *testing.T, entries map[string]lockedModel) string {
	t.Helper()
	for _, entry := range entries {
		for _, e := range entry.Evidence {
			unpacked, err := gzip.NewReader(bytes.NewReader(e.Data))
			if err != nil {
				t.Fatal(err)
			}
			raw, err := io.ReadAll(unpacked)
			if err != nil {
				t.Fatal(err)
			}
			var held struct {
				MediaType, Digest string // of a legacy layer
				DsseEnvelope      struct{ Payload []byte }
			}
			if err := json.Unmarshal(raw, &held); err != nil {
				t.Fatal(err)
			}
			switch {
			case held.MediaType == "application/vnd.dsse.envelope.v1+json":
				return held.Digest
			case strings.Contains(string(held.DsseEnvelope.Payload), evaluationType):
				return fmt.Sprintf("sha256:%x", sha256.Sum256(raw))
			}
		}
	}
	t.Fatal("no evaluation is locked")
	return ""
}
