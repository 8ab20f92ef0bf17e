package e2e_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
	"github.com/modelfn/modelfn/e2e/internal/registry"
)

// court is where all stand that judge models, with what is there of one platform.
type court struct {
	world
	cluster *cluster.Cluster
	// apps are the directories, and rendered what became of those that are trusted,
	// by dispute.
	apps     map[string]string
	rendered map[string]rendering
	held     []*cluster.Object
	// trust are the policies of the trust rules at scope Platform.
	trust string
	// anybodys is an object that the baseline refuses as long as it is there.
	anybodys *cluster.Object
}

// rendering is a model's object, and what each engine has beside it.
type rendering struct {
	service *cluster.Object
	beside  map[string][]*cluster.Object
}

// engines are those whose policies are rendered, and what these are.
var engines = map[string][]string{
	"Kyverno":                   {"NamespacedImageValidatingPolicy"},
	"ValidatingAdmissionPolicy": {"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"},
}

// guardedNamespace is held to the baseline.
const guardedNamespace = "judged-by-baseline"

// convene publishes what is in dispute, renders what may be rendered, and has the
// cluster hold the policies of that.
func convene(t *testing.T) (court, []dispute) {
	t.Helper()
	server, err := registry.Start(registry.WithoutReferrers())
	c := court{world: newWorld(t, server, err), cluster: bare.Get(t), apps: map[string]string{}, rendered: map[string]rendering{}}
	disputes := c.disputes(t)
	for i, d := range disputes {
		c.apps[d.name] = c.appOf(t, i, d, "Kyverno")
		if d.of == d.name {
			c.rendered[d.name] = c.render(t, i, d)
		}
	}
	for _, d := range disputes {
		if d.afterwards != nil {
			d.afterwards()
		}
	}
	c.hold(t)
	platform := c.tribunal(t, "Kyverno")
	platform["spec"].(map[string]any)["policy"] = map[string]any{"scope": "Platform"}
	c.trust = c.rules(t, platform)
	return c, disputes
}

// tribunal is the platform of them all.
func (c court) tribunal(t *testing.T, engine string) object {
	t.Helper()
	platform := c.platform(t)
	spec := platform["spec"].(map[string]any)
	spec["provenance"] = map[string]any{"required": []any{"training-run-id"}}
	// That signatures cannot be demanded by the API server is no reason to refuse.
	spec["policy"] = map[string]any{"engine": engine, "onGap": "Warn"}
	return platform
}

// appOf is the directory of a dispute's deployment. What is refused is not locked:
// it is resolved when it is rendered, so that it is judged all the same.
func (c court) appOf(t *testing.T, i int, d dispute, engine string) string {
	t.Helper()
	platform := c.tribunal(t, engine)
	if !d.locked {
		platform["spec"].(map[string]any)["resolution"] = "Online"
	}
	says := spec{"format": map[string]any{"name": "sklearn"}, "provenance": map[string]any{"training-run-id": "8f2c"}}
	for field, value := range d.says {
		says[field] = value
	}
	dir := directory(t, platform, nil)
	deploy(t, dir, fmt.Sprintf("fraud-%d", i), says)
	if d.locked {
		c.lock(t, dir)
	}
	return dir
}

// render has each engine guard the same model.
func (c court) render(t *testing.T, i int, d dispute) rendering {
	t.Helper()
	out := rendering{beside: map[string][]*cluster.Object{}}
	for engine, kinds := range engines {
		objects := parse(t, stdout(t, c.run(t, c.appOf(t, i, d, engine), "build")))
		for _, o := range objects {
			switch {
			case o.GetKind() == "InferenceService":
				out.service = o
			case slices.Contains(kinds, o.GetKind()):
				out.beside[engine] = append(out.beside[engine], o)
			}
		}
		if out.service == nil || len(out.beside[engine]) != len(kinds) {
			t.Fatalf("%s by %s: %d objects guard it", d.name, engine, len(out.beside[engine]))
		}
	}
	return out
}

// object is what somebody would have the cluster admit. Nothing is created as a
// canary: it comes to the version that serves already.
func (c court) object(t *testing.T, d dispute) *cluster.Object {
	t.Helper()
	o := c.rendered[d.of].service.DeepCopy()
	unstructured.RemoveNestedField(o.Object, "spec", "predictor", "canaryTrafficPercent")
	if d.change != nil {
		if err := d.change(o); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

// hold has the cluster hold each model's policy, and elsewhere the baseline.
func (c *court) hold(t *testing.T) {
	t.Helper()
	for name, label := range map[string]string{"ml-serving": "Exempt", guardedNamespace: "Enforced"} {
		var o cluster.Object
		o.SetAPIVersion("v1")
		o.SetKind("Namespace")
		o.SetName(name)
		o.SetLabels(map[string]string{"modelfn.dev/baseline": label})
		if _, err := c.cluster.Apply(t.Context(), &o); err != nil {
			t.Fatal(err)
		}
	}
	probes := map[string]*cluster.Object{}
	for _, r := range c.rendered {
		for _, o := range r.beside["ValidatingAdmissionPolicy"] {
			if _, err := c.cluster.Apply(t.Context(), o); err != nil {
				t.Fatalf("%s: %v", id(o), err)
			}
			c.held = append(c.held, o)
		}
		probe := r.service.DeepCopy()
		probe.SetAnnotations(map[string]string{"internal.serving.kserve.io/localmodel": "x"})
		probes[ownPolicy(r)] = probe
		c.anybodys = probe.DeepCopy()
	}
	c.held = append(c.held, hold(t, c.cluster, c.tribunal(t, "Kyverno"))...)
	c.anybodys.SetLabels(nil)
	c.anybodys.SetNamespace(guardedNamespace)
	probes["modelfn-models"] = c.anybodys
	for policy, probe := range probes {
		if err := cluster.Until(t.Context(), func() error {
			if _, err := c.cluster.CreateDry(t.Context(), probe); err == nil || !strings.Contains(err.Error(), "'"+policy+"'") {
				return fmt.Errorf("%s does not refuse yet: %w", policy, err)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// ownPolicy is the name of the API server's policy beside a model.
func ownPolicy(r rendering) string { return "modelfn.ml-serving." + r.service.GetName() }

// close leaves the cluster as it was, to other tests.
func (c court) close(t *testing.T) {
	t.Helper()
	for _, o := range c.held {
		if err := c.cluster.Delete(t.Context(), o); err != nil {
			t.Error(err)
		}
	}
	if err := cluster.Until(t.Context(), func() error {
		_, err := c.cluster.CreateDry(t.Context(), c.anybodys)
		return err
	}); err != nil {
		t.Error(err)
	}
}

// deploymentFile is the file of a dispute's one deployment.
func deploymentFile(t *testing.T, app string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(app, "fraud-*.yaml"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%q, %v", files, err)
	}
	return filepath.Base(files[0])
}
