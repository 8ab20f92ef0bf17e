package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
)

// modelTable is what the generators' own tests judge by the expressions alone.
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

// TestAPIServerHoldsToModelPolicies: the API server refuses what the expressions
// alone do, and for the same reasons, and leaves alone what is none of the policy's
// business.
func TestAPIServerHoldsToModelPolicies(t *testing.T) {
	var table modelTable
	if err := yaml.UnmarshalStrict([]byte(read(t, "../generators/testdata/model_policy.yaml")), &table); err != nil {
		t.Fatal(err)
	}
	c := bare.Get(t)
	for name, rows := range table {
		t.Run(name, func(t *testing.T) {
			namespace := "each-rule-" + name
			text := strings.NewReplacer("ml-serving", namespace, ": llm\n", ": "+namespace+"\n", ".llm.", "."+namespace+".").
				Replace(read(t, "../testdata/"+namespace+"-admission/expected.yaml"))
			var served *cluster.Object
			var policies []*cluster.Object
			for _, o := range parse(t, text) {
				switch o.GetKind() {
				case "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding":
					policies = append(policies, o)
				case "InferenceService", "LLMInferenceService":
					served = changed(o.Object, rows.Base)
				}
			}
			home(t, c, served)
			stored := map[string]*cluster.Object{}
			for i, u := range rows.Updates {
				was := changed(served.Object, u.Was)
				was.SetName(fmt.Sprintf("%s-%d", name, i))
				home(t, c, was)
				if _, err := c.Create(t.Context(), was); err != nil {
					t.Fatalf("%s: %v", u.Name, err)
				}
				stored[u.Name] = going(t, c, was)
			}
			for _, o := range policies {
				if _, err := c.Apply(t.Context(), o); err != nil {
					t.Fatal(err)
				}
				defer func() {
					if err := c.Delete(t.Context(), o); err != nil {
						t.Error(err)
					}
				}()
			}
			refusedSoon(t, c, served)
			if _, err := c.CreateDry(t.Context(), served); err != nil {
				t.Errorf("as rendered: %v", err)
			}
			for _, r := range rows.Refused {
				t.Run(r.Name, func(t *testing.T) {
					_, err := c.CreateDry(t.Context(), changed(served.Object, r.Change))
					if !r.Unseen {
						deniedBy(t, err, r.Reason)
					} else if err != nil && strings.Contains(err.Error(), "denied request") {
						t.Errorf("a policy saw it: %v", err)
					}
				})
			}
			for _, u := range rows.Updates {
				t.Run(u.Name, func(t *testing.T) {
					_, err := c.Update(t.Context(), changed(stored[u.Name].Object, u.Change))
					switch {
					case u.Reason != "":
						deniedBy(t, err, u.Reason)
					case err != nil:
						t.Errorf("it was judged: %v", err)
					}
				})
			}
		})
	}
}
