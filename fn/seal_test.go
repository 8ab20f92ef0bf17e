package fn_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/testsign"
)

// choose decides between these sources and the ModelPlatforms of a repository.
func choose(t *testing.T, s fn.Sources, repository ...string) (*model.Platform, finding.List) {
	t.Helper()
	p, findings := fn.Read(nil, parse(t, list("", repository...)).Items)
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	return s.Choose(p.Platforms)
}

func named(name string, spec ...string) string {
	return strings.Replace(platform(spec...), "name: prod", "name: "+name, 1)
}

// TestPrecedence: baked, --platform, MODELFN_PLATFORM, the repository; the
// first two seal.
func TestPrecedence(t *testing.T) {
	baked, flag, env, repo := named("baked"), named("flag"), named("env"), named("repo")
	none := filepath.Join(t.TempDir(), "none.yaml")
	for name, test := range map[string]struct {
		sources    fn.Sources
		repository []string
		want       string
		sealed     bool
	}{
		"repository":          {fn.Sources{}, []string{repo}, "repo", false},
		"repository, twice":   {fn.Sources{}, []string{repo, repo}, "repo", false},
		"no baked file":       {fn.Sources{Baked: none}, []string{repo}, "repo", false},
		"env":                 {fn.Sources{Env: file(t, env)}, nil, "env", false},
		"env over repository": {fn.Sources{Env: file(t, env)}, []string{repo}, "env", false},
		"flag":                {fn.Sources{Flag: file(t, flag), Env: file(t, env)}, []string{repo}, "flag", true},
		"baked":               {fn.Sources{Baked: file(t, baked), Env: file(t, env)}, []string{repo}, "baked", true},
		"baked over flag":     {fn.Sources{Baked: file(t, baked), Flag: file(t, flag)}, []string{repo}, "baked", true},
		"required, baked":     {fn.Sources{Baked: file(t, baked), RequireSealed: true}, []string{repo}, "baked", true},
		"required, flag":      {fn.Sources{Baked: none, Flag: file(t, flag), RequireSealed: true}, nil, "flag", true},
	} {
		t.Run(name, func(t *testing.T) {
			got, findings := choose(t, test.sources, test.repository...)
			if got == nil || findings.Refused() {
				t.Fatalf("refused: %v", findings)
			}
			if got.Name != test.want || got.Sealed != test.sealed {
				t.Errorf("chose %q, sealed %t", got.Name, got.Sealed)
			}
		})
	}
}

func TestNoPlatformIsChosen(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none.yaml")
	lax := trusting(mallory)
	for name, test := range map[string]struct {
		sources    fn.Sources
		repository []string
		rule, want string
	}{
		"none":                  {fn.Sources{}, nil, "no-platform", "nothing says whom to trust"},
		"two":                   {fn.Sources{}, []string{platform(), lax}, "two-platforms", "there are 2 ModelPlatforms"},
		"two, sealed":           {fn.Sources{Flag: file(t, platform())}, []string{platform(), lax}, "two-platforms", "there are 2 ModelPlatforms"},
		"required, none":        {fn.Sources{Baked: none, RequireSealed: true}, []string{platform()}, "not-sealed", "a sealed platform is required and there is none at " + none},
		"required, env":         {fn.Sources{Env: file(t, platform()), RequireSealed: true}, nil, "not-sealed", "MODELFN_PLATFORM does not seal"},
		"flag is not there":     {fn.Sources{Flag: none}, []string{platform()}, "platform-unreadable", "no such file"},
		"env is not there":      {fn.Sources{Env: none}, []string{platform()}, "platform-unreadable", "no such file"},
		"baked is a directory":  {fn.Sources{Baked: t.TempDir()}, []string{platform()}, "platform-unreadable", "is no regular file"},
		"baked is broken":       {fn.Sources{Baked: file(t, "{")}, []string{platform()}, "invalid-field", "yaml"},
		"baked is too long":     {fn.Sources{Baked: file(t, strings.Repeat("#", 1<<20+1))}, []string{platform()}, "platform-unreadable", "at most 1048576"},
		"baked is a deployment": {fn.Sources{Baked: file(t, deployment("v7"))}, nil, "unknown-field", `unknown field "model"`},
		"flag against baked":    {fn.Sources{Baked: file(t, platform()), Flag: file(t, lax)}, nil, "platform-sealed", "--platform differs from the platform baked in"},
		"two documents":         {fn.Sources{Flag: file(t, platform()+"---\n"+lax)}, nil, "invalid-field", "more than one YAML document"},
	} {
		t.Run(name, func(t *testing.T) {
			got, findings := choose(t, test.sources, test.repository...)
			if got != nil {
				t.Errorf("chose %q", got.Name)
			}
			wantRule(t, findings, test.rule, test.want)
		})
	}
}

// TestSealedPlatformAgainstTheRepository: a repository's own ModelPlatform may
// repeat the sealed one, or set what that delegates; nothing else.
func TestSealedPlatformAgainstTheRepository(t *testing.T) {
	delegating := "delegate: [serving.defaults.resources]"
	limits := "serving: {defaults: {resources: {limits: {cpu: '2'}}}}"
	for name, test := range map[string]struct {
		sealed, repository string
		want               string // the field that is refused
	}{
		"identical":           {platform(), platform(), ""},
		"identical, renamed":  {platform(), named("other"), ""},
		"spells out defaults": {platform(), platform("resolution: Locked", "serving: {mode: Knative}"), ""},
		"another spelling":    {platform("serving: {defaults: {resources: {limits: {cpu: '1'}}}}"), platform("serving: {defaults: {resources: {limits: {cpu: 1000m}}}}"), ""},
		"delegated":           {platform(delegating), platform(delegating, limits), ""},
		"delegated, sparse":   {platform(delegating), "apiVersion: modelfn.dev/v1alpha1\nkind: ModelPlatform\nmetadata: {name: x}\nspec:\n" + indented(2, limits), ""},
		"not delegated":       {platform(), platform(limits), "spec.serving.defaults.resources.limits.cpu"},
		"beside delegated":    {platform(delegating), platform(delegating, "serving: {defaults: {runtime: mine}}"), "spec.serving.defaults.runtime"},
		"another key":         {platform(delegating), trusting(mallory, delegating), "spec.trust"},
		"delegates more":      {platform(delegating), platform("delegate: [serving.defaults]"), "spec.delegate"},
		"what servers take":   {platform(delegating), platform(delegating, "serving: {runtimes: [{name: a, servedName: {flag: --model_dir=}}]}"), "spec.serving.runtimes"},
		"policy":              {platform(delegating), platform(delegating, "policy: {engine: None}"), "spec.policy.engine"},
		"resolution":          {platform(), platform("resolution: Online"), "spec.resolution"},
		"removes by null":     {platform("provenance: {required: [x]}"), platform("provenance: null"), "spec.provenance"},
	} {
		t.Run(name, func(t *testing.T) {
			got, findings := choose(t, fn.Sources{Flag: file(t, test.sealed)}, test.repository)
			if test.want == "" {
				if got == nil || findings.Refused() || !got.Sealed || got.Name != "prod" {
					t.Fatalf("%v, %v", got, findings)
				}
				if key := got.Trust.Rule(fraud).Authorities[0].PEM(); key != release.PEM() {
					t.Errorf("the key is\n%s", key)
				}
				return
			}
			wantRule(t, findings, "platform-sealed", "does not delegate this field")
			if got != nil || findings[0].Field != test.want {
				t.Errorf("field %s, want %s", findings[0].Field, test.want)
			}
		})
	}
}

// TestDelegatedValueCounts: the digest of the platform in effect tells that a
// repository set something.
func TestDelegatedValueCounts(t *testing.T) {
	sealed := platform("delegate: [serving.defaults]")
	alone, _ := choose(t, fn.Sources{Flag: file(t, sealed)})
	with, findings := choose(t, fn.Sources{Flag: file(t, sealed)}, platform("delegate: [serving.defaults]", "serving: {defaults: {runtime: mine}}"))
	if findings.Refused() || with.Spec.Serving.Defaults.Runtime != "mine" {
		t.Fatalf("%v", findings)
	}
	if alone.Digest == with.Digest {
		t.Error("two platforms in effect have one digest")
	}
}

// TestSealedIsAnnotated: an unsealed render says so in the cluster.
func TestSealedIsAnnotated(t *testing.T) {
	d := deployment("v7")
	const mark = `modelfn.dev/platform-sealed: "false"`
	unsealed := generated(run(t, list("", d, platform(), lockFor(t, d)), fn.Config{}).Items)
	sealed := generated(run(t, list("", d, lockFor(t, d)), fn.Config{Sources: fn.Sources{Flag: file(t, platform())}}).Items)
	if !strings.Contains(unsealed, mark) || strings.Contains(sealed, "platform-sealed") {
		t.Errorf("unsealed:\n%s\nsealed:\n%s", unsealed, sealed)
	}
}

// TestRepositoryCannotUnseal: the same items under a sealed platform that
// trusts another key are refused, whatever the repository's platform says.
func TestRepositoryCannotUnseal(t *testing.T) {
	d := deployment("v7")
	_, _, findings := fn.Run(t.Context(), list("", d, lockFor(t, d)), fn.Config{Sources: fn.Sources{Flag: file(t, trusting(ci))}})
	wantRule(t, findings, "untrusted-model", "made by no authority")
}

// TestOverriddenPlatformIsSaid: MODELFN_PLATFORM wins, and nobody should wonder
// why the file beside the model does nothing.
func TestOverriddenPlatformIsSaid(t *testing.T) {
	_, findings := choose(t, fn.Sources{Env: file(t, trusting(ci))}, platform())
	if len(findings) != 1 || findings[0].Rule != "platform-overridden" || findings[0].Severity != finding.Warning {
		t.Errorf("findings %v, want a warning", findings)
	}
	if _, findings := choose(t, fn.Sources{Env: file(t, platform())}, platform()); len(findings) > 0 {
		t.Errorf("findings %v for an identical platform", findings)
	}
}

// TestPluginIsNotTheRepositorysToUse: in an Argo CD plugin only a sealed
// platform may contact registries.
func TestPluginIsNotTheRepositorysToUse(t *testing.T) {
	source := &testsign.Source{Published: world()}
	cfg := online(source)
	cfg.Sources = fn.Sources{InPlugin: true}
	_, _, findings := fn.Run(t.Context(), list("", deployment("v7"), platform("resolution: Online")), cfg)
	wantRule(t, findings, "online-unsealed", "a repository's own platform asks an Argo CD plugin to contact registries")
	cfg.Sources.Flag = file(t, platform("resolution: Online"))
	run(t, list("", deployment("v7")), cfg)
	if asked := source.Asked(); len(asked) != 1 {
		t.Errorf("asked for %v, want the sealed run only", asked)
	}
}

// TestAnnotationDoesNotChoose: a repository that writes args, envs or mounts into
// its function annotation cannot make its own file the sealed platform.
func TestAnnotationDoesNotChoose(t *testing.T) {
	d := deployment("v7")
	outside := fn.Config{Sources: fn.Sources{Flag: file(t, platform())}}
	for name, test := range map[string]struct {
		annotation string
		cfg        fn.Config
		refused    bool
	}{
		"args":                {"exec: {path: modelfn, args: [fn, --platform, mine.yaml]}", outside, true},
		"envs":                {"container: {image: ghcr.io/modelfn/modelfn, envs: [MODELFN_PLATFORM=mine.yaml]}", outside, true},
		"mounts":              {"container: {image: ghcr.io/modelfn/modelfn, mounts: [{type: bind, src: etc, dst: /etc/modelfn}]}", outside, true},
		"none":                {"exec: {path: modelfn}", outside, false},
		"the items' platform": {"exec: {path: modelfn, args: [fn]}", fn.Config{}, false},
	} {
		config := strings.Replace(platform(), "  name: prod\n", "  name: prod\n  annotations: {config.kubernetes.io/function: \""+test.annotation+"\"}\n", 1)
		out, _, findings := fn.Run(t.Context(), list(config, d, lockFor(t, d)), test.cfg)
		if !test.refused {
			if findings.Refused() {
				t.Errorf("%s: %v", name, findings)
			}
			continue
		}
		if len(out) > 0 {
			t.Errorf("%s: output", name)
		}
		wantRule(t, findings, "function-annotation", "may not choose the platform")
	}
}

// TestRequireSealedWithoutDeployments: a lost mount is seen also where there is
// nothing to render yet.
func TestRequireSealedWithoutDeployments(t *testing.T) {
	in := list("", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n")
	_, _, findings := fn.Run(t.Context(), in, fn.Config{Sources: fn.Sources{RequireSealed: true}})
	wantRule(t, findings, "not-sealed", "a sealed platform is required")
	if _, _, findings := fn.Run(t.Context(), in, fn.Config{Sources: fn.Sources{RequireSealed: true, Flag: file(t, platform())}}); findings.Refused() {
		t.Error(findings)
	}
}

// TestPlatformDigestIsAnnotated: what a changed platform has not rendered yet can be
// told in the cluster from what it has, by the digest of its spec.
func TestPlatformDigestIsAnnotated(t *testing.T) {
	d := deployment("v7")
	digest := func(platform string) string {
		t.Helper()
		rendered := generated(run(t, list("", d, lockFor(t, d)), fn.Config{Sources: fn.Sources{Flag: file(t, platform)}}).Items)
		_, after, found := strings.Cut(rendered, "modelfn.dev/platform-digest: ")
		value, _, _ := strings.Cut(after, "\n")
		if !found || !strings.Contains(value, "sha256:") {
			t.Fatalf("no digest:\n%s", rendered)
		}
		return value
	}
	before := digest(platform())
	if again := digest("# a comment\n" + platform()); again != before {
		t.Errorf("the same platform: %s, then %s", before, again)
	}
	revoking := strings.Replace(platform(), "    - name: release\n", "    - name: release\n      revoked: [\"sha256:"+strings.Repeat("0", 64)+"\"]\n", 1)
	if after := digest(revoking); after == before {
		t.Errorf("the platform revokes a digest, and is %s still", after)
	}
}
