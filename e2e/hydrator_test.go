package e2e_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// TestHydratorIsStored: the API server takes the example as it is written, by Argo
// CD's own definition, in which a hydrator's source may be a plugin.
func TestHydratorIsStored(t *testing.T) {
	c := bare.Get(t)
	c.Define(t, peer.ArgoCDFiles35, "manifests/crds/application-crd.yaml")
	for _, o := range parse(t, read(t, "../examples/argocd/hydrator.yaml")) {
		home(t, c, o)
		stored, err := c.DryRun(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(content(o), content(stored)); diff != "" {
			t.Errorf("-written, +stored:\n%s", diff)
		}
		if name := fieldOf[string](t, stored.Object, "spec", "sourceHydrator", "drySource", "plugin", "name"); name != "modelfn" {
			t.Errorf("plugin %q", name)
		}
	}
}
