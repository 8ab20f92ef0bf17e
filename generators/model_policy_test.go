package generators

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

// modelTable is testdata/model_policy.yaml, by the case of testdata/each-rule-* that
// is rendered.
type modelTable map[string]struct {
	Base    map[string]any
	Refused []struct {
		Name, Reason string
		Change       map[string]any
		Unseen       bool
	}
	Updates []struct {
		Name, Reason string
		Was, Change  map[string]any
	}
}

// modelPolicy is a policy beside a model, as it was rendered.
type modelPolicy struct {
	Spec struct {
		MatchConstraints struct {
			NamespaceSelector, ObjectSelector struct{ MatchLabels map[string]string }
		}
		MatchConditions, Validations []expression
	}
}

type expression struct{ Name, Message, Expression string }

// signatures is what only Kyverno can judge: e2e asks it.
func (e expression) signatures() bool { return strings.Contains(e.Expression, "Signatures(") }

// besideModels are the policies that a case has for each engine, and the object of
// which the table's changes are.
func besideModels(t *testing.T, name string) (byEngine map[string]modelPolicy, served map[string]any) {
	t.Helper()
	byEngine = map[string]modelPolicy{}
	for engine, dir := range map[string]string{"Kyverno": name, "ValidatingAdmissionPolicy": name + "-admission"} {
		text := contents(t, "../testdata/each-rule-"+dir+"/expected.yaml")
		for _, o := range objectsOf(t, text) {
			switch o["kind"] {
			case kindImageValidatingPolicy, kindAdmissionPolicy:
				raw, err := yaml.Marshal(o)
				if err != nil {
					t.Fatal(err)
				}
				var p modelPolicy
				if err := yaml.Unmarshal(raw, &p); err != nil {
					t.Fatal(err)
				}
				byEngine[engine] = p
			case kindInferenceService, kindLLMInferenceService:
				served = o
			}
		}
	}
	if len(byEngine) != 2 || served == nil {
		t.Fatalf("%s: %d policies", name, len(byEngine))
	}
	return byEngine, served
}

// denials are the messages of what an object does not meet; judged tells whether
// the policy was about it.
func (p modelPolicy) denials(t *testing.T, s *apiServer, o, old map[string]any) (messages []string, judged bool) {
	t.Helper()
	vars := map[string]any{"object": o, "oldObject": nil}
	if old != nil {
		vars["oldObject"] = old
	}
	if !p.selects(o) && (old == nil || !p.selects(old)) {
		return nil, false
	}
	holds := func(e expression) bool {
		value, err := s.eval(t, e.Expression, vars)
		if err != nil {
			t.Fatalf("%s%s: %v", e.Name, e.Message, err)
		}
		return value == true
	}
	for _, c := range p.Spec.MatchConditions {
		if !holds(c) {
			return nil, false
		}
	}
	for _, v := range p.Spec.Validations {
		if !v.signatures() && !holds(v) {
			messages = append(messages, v.Message)
		}
	}
	return messages, true
}

// selects is what the selectors say, of which Kyverno's policies, being in a
// namespace, have one.
func (p modelPolicy) selects(o map[string]any) bool {
	metadata := o["metadata"].(map[string]any)
	labels, _ := metadata["labels"].(map[string]any)
	for key, value := range p.Spec.MatchConstraints.ObjectSelector.MatchLabels {
		if labels[key] != value {
			return false
		}
	}
	for key, value := range p.Spec.MatchConstraints.NamespaceSelector.MatchLabels {
		if key != "kubernetes.io/metadata.name" || metadata["namespace"] != value {
			return false
		}
	}
	return true
}

// attempt is an object that somebody creates or updates, and the one validation that
// refuses it; without one the policy is not about it.
type attempt struct {
	name, reason string
	object, old  map[string]any
}

// eachModelPolicy has a test look at each policy of each case, and at what the table
// attempts.
func eachModelPolicy(t *testing.T, test func(t *testing.T, s *apiServer, p modelPolicy, attempts []attempt)) {
	t.Helper()
	var table modelTable
	if err := yaml.UnmarshalStrict([]byte(contents(t, "testdata/model_policy.yaml")), &table); err != nil {
		t.Fatal(err)
	}
	s := newAPIServer(t)
	for name, rows := range table {
		byEngine, served := besideModels(t, name)
		base := patched(served, rows.Base)
		var attempts []attempt
		for _, r := range rows.Refused {
			attempts = append(attempts, attempt{r.Name, r.Reason, patched(base, r.Change), nil})
		}
		for _, u := range rows.Updates {
			was := patched(base, u.Was)
			attempts = append(attempts, attempt{u.Name, u.Reason, patched(was, u.Change), was})
		}
		for engine, p := range byEngine {
			t.Run(name+" "+engine, func(t *testing.T) {
				if messages, judged := p.denials(t, s, base, nil); !judged || len(messages) > 0 {
					t.Fatalf("as rendered: judged %t, %q", judged, messages)
				}
				test(t, s, p, attempts)
			})
		}
	}
}

// TestModelPolicies: each attempt is refused by one validation and no other, or is
// none of the policy's business.
func TestModelPolicies(t *testing.T) {
	eachModelPolicy(t, func(t *testing.T, s *apiServer, p modelPolicy, attempts []attempt) {
		for _, a := range attempts {
			var want []string
			if a.reason != "" {
				want = []string{a.reason}
			}
			messages, judged := p.denials(t, s, a.object, a.old)
			if judged != (a.reason != "") || !sameReasons(messages, want) {
				t.Errorf("%s: judged %t, %q, want %q", a.name, judged, messages, want)
			}
		}
	})
}

// TestEachModelRuleIsNeeded: without any one validation, and without any one thing
// that a validation demands, something is admitted that is refused with it. What asks
// for signatures is taken away in e2e.
func TestEachModelRuleIsNeeded(t *testing.T) {
	eachModelPolicy(t, func(t *testing.T, s *apiServer, p modelPolicy, attempts []attempt) {
		needed := func(what string, without ...expression) {
			t.Helper()
			weaker := p
			weaker.Spec.Validations = without
			if !slices.ContainsFunc(attempts, func(a attempt) bool {
				messages, judged := weaker.denials(t, s, a.object, a.old)
				return judged && len(messages) == 0 && a.reason != ""
			}) {
				t.Errorf("nothing is refused by this alone: %s", what)
			}
		}
		for i, v := range p.Spec.Validations {
			if v.signatures() {
				continue
			}
			needed(v.Message, slices.Delete(slices.Clone(p.Spec.Validations), i, i+1)...)
			parts := conjuncts(v.Expression)
			for n := range parts {
				if len(parts) > 1 {
					weaker := slices.Clone(p.Spec.Validations)
					weaker[i].Expression = strings.Join(slices.Delete(slices.Clone(parts), n, n+1), " && ")
					needed(parts[n], weaker...)
				}
			}
		}
	})
}

// conjuncts are what an expression demands at once, line by line. One with
// alternatives is left whole.
func conjuncts(expression string) (out []string) {
	if strings.Contains(expression, "\n|| ") {
		return nil
	}
	open := 0
	for line := range strings.SplitSeq(expression, "\n&& ") {
		if open > 0 {
			out[len(out)-1] += "\n&& " + line
		} else {
			out = append(out, line)
		}
		for _, pair := range []string{"()", "[]"} {
			open += strings.Count(line, pair[:1]) - strings.Count(line, pair[1:])
		}
	}
	return out
}

// otherwise are the comparisons of an object with what it was.
var otherwise = regexp.MustCompile(`object[.\w?(){}]* != oldObject[.\w?]*(\(\{\}\))?`)

// TestEachModelConditionIsNeeded: without any one of what selects objects, something
// is refused that is none of the policy's business; and without any one way to be
// changed, something is not judged that has to be.
func TestEachModelConditionIsNeeded(t *testing.T) {
	eachModelPolicy(t, func(t *testing.T, s *apiServer, p modelPolicy, attempts []attempt) {
		// differs tells whether the table would see the difference.
		differs := func(other modelPolicy, judgedNow bool) bool {
			return slices.ContainsFunc(attempts, func(a attempt) bool {
				messages, judged := other.denials(t, s, a.object, a.old)
				return judged == judgedNow && (a.reason == "") == judgedNow && (len(messages) > 0) == judgedNow
			})
		}
		for i, c := range p.Spec.MatchConditions {
			other := p
			other.Spec.MatchConditions = slices.Delete(slices.Clone(p.Spec.MatchConditions), i, i+1)
			if !differs(other, true) {
				t.Errorf("nothing is left alone by the condition %s", c.Name)
			}
			// instead is the policy with a part of the condition always or never so.
			instead := func(part, by string) modelPolicy {
				out := p
				out.Spec.MatchConditions = slices.Clone(p.Spec.MatchConditions)
				out.Spec.MatchConditions[i].Expression = strings.Replace(c.Expression, part, by, 1)
				return out
			}
			ways := otherwise.FindAllString(c.Expression, -1)
			if inert := strings.Index(c.Expression, "|| !(object.metadata"); inert > 0 {
				ways = append(ways, c.Expression[inert+len("|| "):])
			}
			for _, way := range ways {
				if !differs(instead(way, "false"), false) {
					t.Errorf("nothing is judged because of %q", way)
				}
			}
			const going = "!has(object.metadata.deletionTimestamp)"
			if c.Name == "changed" && !differs(instead(going, "true"), true) {
				t.Error("nothing is left alone because it is being deleted")
			}
		}
		for name, selector := range map[string]func(*modelPolicy) *map[string]string{
			"objects":    func(p *modelPolicy) *map[string]string { return &p.Spec.MatchConstraints.ObjectSelector.MatchLabels },
			"namespaces": func(p *modelPolicy) *map[string]string { return &p.Spec.MatchConstraints.NamespaceSelector.MatchLabels },
		} {
			other := p
			if labels := selector(&other); *labels != nil {
				*labels = nil
				if !differs(other, true) {
					t.Errorf("nothing is left alone by the selector of %s", name)
				}
			}
		}
	})
}

// TestEnginesDemandTheSame: but for signatures.
func TestEnginesDemandTheSame(t *testing.T) {
	for _, name := range []string{"knative", "standard", "llm"} {
		byEngine, _ := besideModels(t, name)
		theirs := slices.DeleteFunc(byEngine["Kyverno"].Spec.Validations, expression.signatures)
		if diff := cmp.Diff(theirs, byEngine["ValidatingAdmissionPolicy"].Spec.Validations); diff != "" {
			t.Errorf("%s: -Kyverno, +ValidatingAdmissionPolicy:\n%s", name, diff)
		}
	}
}
