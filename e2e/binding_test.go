package e2e_test

import (
	"context"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/modelfn/modelfn/e2e/internal/publish"
	"github.com/modelfn/modelfn/e2e/internal/registry"
)

// claiming is one of cosign's ways to sign what a signature is for, and how an
// artifact is copied with such signatures.
type claiming struct {
	name string
	sign func(*publish.Publisher, context.Context, publish.Key, name.Digest, ...string) error
	copy func(p *publish.Publisher, ctx context.Context, from, to string) error
}

var claimings = []claiming{
	{"legacy", (*publish.Publisher).SignLegacyFor, (*publish.Publisher).CopyLegacy},
	{"bundle", (*publish.Publisher).SignBundleFor, (*publish.Publisher).CopyReferrers},
}

// bound is a platform whose rule has these fields beside the world's key.
func (w world) bound(t *testing.T, fields map[string]any) object {
	t.Helper()
	rule := w.trusts(t, w.server.Host()+"/models/**")
	for field, value := range fields {
		rule[field] = value
	}
	platform := w.platform(t, rule)
	platform["spec"].(map[string]any)["policy"] = map[string]any{"engine": "None"}
	return platform
}

// claimed publishes a kit, signed for a repository and a ModelDeployment.
func (w world) claimed(t *testing.T, by claiming, path string, claims ...string) {
	t.Helper()
	digest := w.base(t, path, path)
	if err := by.sign(w.publisher, t.Context(), w.key, digest, claims...); err != nil {
		t.Fatal(err)
	}
}

// wantBound locks a model under a platform, as a ModelDeployment of that name.
func (w world) wantBound(t *testing.T, platform object, deployment, path, refusal string) {
	t.Helper()
	app := directory(t, platform, map[string]spec{deployment: {"model": w.uri("kit://", path)}})
	result := w.aloof(t, app, "lock")
	if refusal == "" {
		stdout(t, result)
		stdout(t, w.aloof(t, app, "build"))
		return
	}
	wantRefusal(t, result, 1, "untrusted-model: ModelDeployment ml-serving/"+deployment, refusal)
	wantNoLock(t, app)
}

// TestBinding: what `cosign sign -a` writes is what binding asks for, in both
// formats.
func TestBinding(t *testing.T) {
	w := newWorld(t, registry.Real(t, registry.Debian), nil)
	const noRepository, noName = "it does not say that it is for the repository ", "it does not say that it is for the model "
	for _, by := range claimings {
		claimed, plain := "models/fraud:claimed-"+by.name, "models/fraud:plain-"+by.name
		w.claimed(t, by, claimed, "modelfn.dev/repository="+w.server.Host()+"/models/fraud", "modelfn.dev/model=staging-fraud+fraud")
		w.claimed(t, by, plain)
		for name, test := range map[string]struct {
			reason, binding, path, deployment string
			refusal                           string
		}{
			"repository":         {"it says so", "Repository", claimed, "fraud", ""},
			"name":               {"one of the names that it says", "Name", claimed, "fraud", ""},
			"another name":       {"signed for fraud, named by toy", "Name", claimed, "toy", noName + `"toy"`},
			"no claim, name":     {"it says nothing", "Name", plain, "fraud", noName + `"fraud"`},
			"no claim":           {"without binding nothing has to be said", "", plain, "fraud", ""},
			"no repository said": {"a legacy payload names it all the same", "Repository", plain, "fraud", map[string]string{"legacy": "", "bundle": noRepository}[by.name]},
		} {
			t.Run(by.name+", "+name, func(t *testing.T) {
				fields := map[string]any{}
				if test.binding != "" {
					fields["binding"] = test.binding
				}
				t.Log(test.reason)
				w.wantBound(t, w.bound(t, fields), test.deployment, test.path, test.refusal)
			})
		}
	}
}

// TestCopied is the attack that binding ends: whoever can push copies a toy, with
// the signature that it has, to where fraud is served from.
func TestCopied(t *testing.T) {
	server, err := registry.Start()
	for place, w := range map[string]world{
		"debian":        newWorld(t, registry.Real(t, registry.Debian), nil),
		"referrers API": newWorld(t, server, err),
	} {
		for _, by := range claimings {
			t.Run(place+", "+by.name, func(t *testing.T) {
				toy, fraud := "models/toy:"+by.name, "models/fraud:"+by.name
				w.claimed(t, by, toy, "modelfn.dev/repository="+w.server.Host()+"/models/toy", "modelfn.dev/model=toy")
				if err := by.copy(w.publisher, t.Context(), toy, fraud); err != nil {
					t.Fatal(err)
				}
				const another = "it is about another repository, "
				w.wantBound(t, w.bound(t, nil), "fraud", fraud, map[string]string{"legacy": another, "bundle": ""}[by.name])
				w.wantBound(t, w.bound(t, map[string]any{"repositoryBinding": "Ignored"}), "fraud", fraud, "")
				w.wantBound(t, w.bound(t, map[string]any{"binding": "Repository"}), "fraud", fraud,
					map[string]string{"legacy": another, "bundle": "it does not say that it is for the repository " + w.server.Host() + "/models/fraud"}[by.name])
				w.wantBound(t, w.bound(t, map[string]any{"binding": "Name", "repositoryBinding": "Ignored"}), "fraud", fraud, `it does not say that it is for the model "fraud"`)
			})
		}
	}
}
