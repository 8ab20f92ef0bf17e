package e2e_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
	"github.com/modelfn/modelfn/e2e/internal/host"
)

// constraintKinds gives a cluster the kinds of constraints, as Gatekeeper makes
// them of the baseline's templates.
func constraintKinds(t *testing.T, c *cluster.Cluster) {
	t.Helper()
	baseline := gatekeeperBaseline(t, readAdmission(t).Platforms["knative"], "Deny")
	var kinds []*cluster.Object
	for _, o := range parse(t, host.GatekeeperMakes(t, baseline)) {
		if o.GetKind() != "CustomResourceDefinition" {
			continue
		}
		if _, err := c.Apply(t.Context(), o); err != nil {
			t.Fatalf("%s: %v", id(o), err)
		}
		kinds = append(kinds, o)
	}
	if err := c.AwaitKinds(t.Context(), kinds); err != nil {
		t.Fatal(err)
	}
}

// TestAPIServerTakesGatekeeper: it stores the baseline for Gatekeeper as it was
// printed, of either platform and either action.
func TestAPIServerTakesGatekeeper(t *testing.T) {
	c := bare.Get(t)
	constraintKinds(t, c)
	for name, platform := range readAdmission(t).Platforms {
		for _, action := range []string{"Deny", "Audit"} {
			t.Run(name+" "+action, func(t *testing.T) {
				kinds := map[string]int{}
				for _, o := range parse(t, gatekeeperBaseline(t, platform, action)) {
					takes(t, c, o)
					kinds[o.GroupVersionKind().Group]++
				}
				if kinds["templates.gatekeeper.sh"] != 5 || kinds["constraints.gatekeeper.sh"] != 4 {
					t.Errorf("%v", kinds)
				}
			})
		}
	}
}

// TestAPIServerHoldsToGatekeepers: the policies that Gatekeeper makes for the API
// server hold what its own webhook does, which may be down.
func TestAPIServerHoldsToGatekeepers(t *testing.T) {
	c, table := bare.Get(t), readAdmission(t)
	constraintKinds(t, c)
	for _, name := range []string{"ml-serving", "graphs", "default"} {
		var o cluster.Object
		o.SetNamespace(name)
		home(t, c, &o)
	}
	service, runtime := table.Objects["service"].Object, table.Objects["runtime"].Object
	nobodys := map[string]any{"metadata": map[string]any{"name": "nobodys", "labels": nil}}
	baseline := gatekeeperBaseline(t, table.Platforms["knative"], "Deny")
	defer inForce(t, c, baseline)(changed(service, nobodys), changed(runtime, nobodys))
	refuses(t, c, changed(service, nobodys), "gatekeeper-modelfnmodels")
	refuses(t, c, changed(runtime, nobodys), "gatekeeper-modelfnkinds")

	judged := 0
	for _, tt := range table.Refused {
		if table.Objects[tt.Of].Platform != "knative" {
			continue
		}
		judged++
		t.Run(tt.Name, func(t *testing.T) {
			_, err := c.CreateDry(t.Context(), changed(table.Objects[tt.Of].Object, tt.Change))
			deniedBy(t, err, tt.Reasons...)
		})
	}
	if judged < 30 {
		t.Errorf("only %d rows", judged)
	}
	for of, o := range map[string]*cluster.Object{
		"what is admitted": changed(service, nil),
		"what is allowed":  changed(runtime, nil),
		// A matter of roles: Gatekeeper's policy has no scope.
		"the cluster's own": changed(runtime, map[string]any{"kind": "ClusterServingRuntime", "metadata": map[string]any{"name": "shared", "namespace": nil},
			"spec": map[string]any{"supportedModelFormats": []any{map[string]any{"name": "x"}}}}),
		"any other kind": changed(runtime, map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "spec": nil}),
	} {
		if _, err := c.CreateDry(t.Context(), o); err != nil {
			t.Errorf("%s: %v", of, err)
		}
	}
}

// TestAPIServerHoldsToModelsOfGatekeeper: so does the policy beside a model.
func TestAPIServerHoldsToModelsOfGatekeeper(t *testing.T) {
	c := bare.Get(t)
	constraintKinds(t, c)
	objects := parse(t, read(t, "../testdata/gatekeeper/expected.yaml"))
	served := ofKind(objects, "InferenceService")["fraud"]
	home(t, c, served)
	tagged := changed(served.Object, map[string]any{"spec": map[string]any{"predictor": map[string]any{"model": map[string]any{"storageUri": "kit://registry.example.com/models/fraud:v7"}}}})
	var stream string
	for _, o := range parse(t, printedBaseline(t, "../testdata/gatekeeper/platform.yaml")) {
		if o.GetName() == "modelfndeployment" {
			stream = toYAML(t, o.Object) + "---\n" + toYAML(t, ofKind(objects, "ModelfnDeployment")["modelfn.ml-serving.fraud"].Object)
		}
	}
	defer inForce(t, c, stream)(tagged)
	refuses(t, c, tagged, "gatekeeper-modelfndeployment")
	if _, err := c.CreateDry(t.Context(), served); err != nil {
		t.Errorf("as rendered: %v", err)
	}
	others := changed(tagged.Object, map[string]any{"metadata": map[string]any{"labels": map[string]any{"modelfn.dev/deployment": "other"}}})
	if _, err := c.CreateDry(t.Context(), others); err != nil {
		t.Errorf("another model: %v", err)
	}
}

// inForce applies constraints and what Gatekeeper makes of them and their
// templates. What it returns takes them away again, until the objects are let in.
func inForce(t *testing.T, c *cluster.Cluster, stream string) func(...*cluster.Object) {
	t.Helper()
	var applied []*cluster.Object
	for _, o := range append(parse(t, stream), parse(t, host.GatekeeperMakes(t, stream))...) {
		if g := o.GroupVersionKind().Group; g == "templates.gatekeeper.sh" || g == "apiextensions.k8s.io" {
			continue
		}
		if _, err := c.Apply(t.Context(), o); err != nil {
			t.Fatalf("%s: %v", id(o), err)
		}
		applied = append(applied, o)
	}
	return func(refused ...*cluster.Object) {
		slices.Reverse(applied)
		for _, o := range applied {
			if err := c.Delete(t.Context(), o); err != nil {
				t.Error(err)
			}
		}
		for _, o := range refused {
			if err := cluster.Until(t.Context(), func() error { _, err := c.CreateDry(t.Context(), o); return err }); err != nil {
				t.Error(err)
			}
		}
	}
}

// refuses awaits that the API server judges by a policy.
func refuses(t *testing.T, c *cluster.Cluster, o *cluster.Object, policy string) {
	t.Helper()
	if err := cluster.Until(t.Context(), func() error {
		switch _, err := c.CreateDry(t.Context(), o); {
		case err == nil:
			return fmt.Errorf("%s is still admitted", id(o))
		case !strings.Contains(err.Error(), "'"+policy+"'"):
			return err
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
