package generators

import (
	"reflect"
	"testing"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/ext"

	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
	"github.com/modelfn/modelfn/trust"
)

// asKyverno evaluates expressions with functions that only Kyverno has.
func asKyverno(t testing.TB) *apiServer {
	t.Helper()
	s := newAPIServer(t)
	env, err := s.env.Extend(ext.Lists(ext.ListsVersion(3)), ext.Strings(ext.StringsVersion(2)))
	if err != nil {
		t.Fatal(err)
	}
	return &apiServer{env: env, programs: map[string]cel.Program{}}
}

// decides are the indices of the rules whose policies are about a URI of the model.
func decides(t testing.TB, s *apiServer, p *model.Platform, o map[string]any) (by []int) {
	t.Helper()
	for n := range p.Trust.Rules() {
		list, err := s.eval(t, decidedBy(p, n)+".size()", map[string]any{"object": o})
		if err != nil {
			t.Fatal(err)
		}
		if list.(int64) > 0 {
			by = append(by, n)
		}
	}
	return by
}

// TestDecidedByOne: of each pinned artifact the policy of one rule demands signatures,
// the one that decides at render; of anything else none does.
func TestDecidedByOne(t *testing.T) {
	s, server, decided, left := asKyverno(t), newAPIServer(t), 0, 0
	pinned := pinnedURIs(t, s) // the baseline refuses others
	for _, globs := range [][]string{
		{"registry.example.com/a/*", "**"}, {"**"}, {"*/a/**", "localhost/**", "**"}, {"registry.example.com/**/b", "registry.example.com/**"},
		{"registry.example.com/a*b", "127.0.0.1:5000/*", "*/*"}, {"s3://**", "hf://*/a"},
	} {
		p := platformOf(t, orderedPlatform(globs))
		for _, uri := range pinned {
			var want []int
			ref, err := artifact.ParseReference(uri)
			if err != nil {
				t.Fatal(err)
			}
			if rule := p.Trust.Rule(ref.Location()); rule != nil && ref.Repository() != "" {
				for n, r := range p.Trust.Rules() {
					if r == rule {
						want = []int{n}
					}
				}
			}
			o := map[string]any{"spec": map[string]any{"predictor": map[string]any{"model": map[string]any{"storageUri": uri}}}}
			if got := decides(t, s, p, o); !reflect.DeepEqual(got, want) {
				t.Errorf("%q by %q: %v, want %v", uri, globs, got, want)
			}
			for _, n := range want {
				// By what every API server knows, which has to call Kyverno.
				if called, err := server.eval(t, concerned(p, p.Trust.Rules()[n]), map[string]any{"object": o}); err != nil || called != true {
					t.Errorf("%q by %q: nobody asks rule %d, %v", uri, globs, n, err)
				}
			}
			if want == nil {
				left++
			} else {
				decided++
			}
		}
	}
	if decided < 100 || left < 100 {
		t.Errorf("%d decided, %d left", decided, left)
	}
}

// TestNotConcerned: what a rule's patterns do not match never gets to Kyverno.
func TestNotConcerned(t *testing.T) {
	p := platformOf(t, orderedPlatform([]string{"registry.example.com/a/*"}))
	for _, uri := range []string{"", "s3://registry.example.com/a/b", "oci://registry.example.com/b/c@" + aDigest, "oci://registry.example.com/a/b:v1"} {
		o := m{"spec": m{"predictor": m{"model": m{"storageUri": uri}}}}
		if called, err := newAPIServer(t).eval(t, concerned(p, p.Trust.Rules()[0]), map[string]any{"object": o}); err != nil || called != false {
			t.Errorf("%q: %v, %v", uri, called, err)
		}
	}
}

// TestDecidedArtifacts: a policy is about everything that an object loads, each once,
// and about images that the platform wants to be trusted.
func TestDecidedArtifacts(t *testing.T) {
	p := platformOf(t, `
apiVersion: modelfn.dev/v1alpha1
kind: ModelPlatform
metadata: {name: prod}
spec:
  trust: [{match: ["**"], authorities: [{name: ci, keyless: {issuer: https://issuer.example.com, subject: https://example.com/ci}}]}]
  images:
  - {match: [a.example/tools/*], verify: false}
  - {match: ["**"]}
`)
	at := func(path string) string { return "a.example/" + path + "@" + aDigest }
	containers := func(images ...string) map[string]any {
		var out []any
		for _, i := range images {
			out = append(out, map[string]any{"image": i})
		}
		return map[string]any{"containers": out}
	}
	for name, tt := range map[string]struct {
		object map[string]any
		want   []string
	}{
		"a service": {m{"spec": m{
			"predictor":   m{"model": m{"storageUri": "kit://" + at("model")}, "containers": containers(at("guard"), at("tools/x"))["containers"]},
			"transformer": containers(at("shape"), at("guard")), "explainer": containers(at("why")),
		}}, []string{at("model"), at("guard"), at("shape"), at("why")}},
		"a language model": {m{"spec": m{"model": m{"uri": "oci://" + at("model"), "lora": m{"adapters": []any{m{"uri": "kit://" + at("adapter")}, m{"uri": "kit://" + at("model")}}}}}},
			[]string{at("model"), at("adapter")}},
		"nothing": {m{"spec": m{}}, []string{}},
		"storage": {m{"spec": m{"predictor": m{"model": m{"storageUri": "s3://a/b"}}}}, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			s := asKyverno(t)
			ast, issues := s.env.Compile(decidedBy(p, 0))
			if issues.Err() != nil {
				t.Fatal(issues.Err())
			}
			program, err := s.env.Program(ast)
			if err != nil {
				t.Fatal(err)
			}
			value, _, err := program.Eval(map[string]any{"object": tt.object})
			if err != nil {
				t.Fatal(err)
			}
			got, err := value.ConvertToNative(reflect.TypeFor[[]string]())
			if err != nil || value.Type() != types.ListType || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

// TestRulePolicies: each rule that wants signatures has a policy, which asks for no
// more keys and types than it uses.
func TestRulePolicies(t *testing.T) {
	p := platformOf(t, contents(t, "../testdata/refused-scope-platform-attested-legacy/platform.yaml"))
	objects, findings := signatures{}.Baseline(p)
	if len(objects) != 1 || len(findings) > 0 {
		t.Fatalf("%d policies, %v", len(objects), findings)
	}
	spec := objects[0].Body.Get("spec").(object.Map)
	if got := len(spec.Get("attestors").(object.List)); got != 2 {
		t.Errorf("%d attestors, want the release's key and the evaluation's", got)
	}
	if got := len(spec.Get("attestations").(object.List)); got != 2 {
		t.Errorf("%d attestations, want the signature and the evaluation", got)
	}
	for _, set := range []func(*model.Platform){
		func(p *model.Platform) { p.Spec.Policy.Scope = "Model" },
		func(p *model.Platform) { p.Spec.Policy.Engine = "ValidatingAdmissionPolicy" },
		func(p *model.Platform) { p.Trust = trust.Policy{} },
	} {
		other := *p
		set(&other)
		if objects, _ := (signatures{}).Baseline(&other); len(objects) > 0 {
			t.Errorf("%d policies", len(objects))
		}
	}
}
