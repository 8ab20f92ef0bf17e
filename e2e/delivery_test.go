package e2e_test

import (
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
)

// delivery is a directory of manifests in Standard mode, and the cluster that
// they are applied to.
type delivery struct {
	world
	cluster *cluster.Cluster
	// namespace is the delivery's own.
	namespace string
	app       string
	// applied is what was rendered last, by kind and name.
	applied map[string]*cluster.Object
}

func newDelivery(t *testing.T, namespace string) *delivery {
	t.Helper()
	d := &delivery{world: named(t), cluster: kserve.Get(t), namespace: namespace}
	d.app = directory(t, inStandardMode(d.platform(t)), nil)
	prepare(t, d.cluster)
	return d
}

// step locks, renders and applies, and then prunes, as Argo CD does. What was
// rendered leads to what exists before and after.
func (d *delivery) step(t *testing.T, lockFlags ...string) {
	t.Helper()
	d.lock(t, d.app, lockFlags...)
	rendered := map[string]*cluster.Object{}
	for _, o := range parse(t, stdout(t, d.run(t, d.app, "build"))) {
		o.SetNamespace(d.namespace)
		home(t, d.cluster, o)
		if _, err := d.cluster.Apply(t.Context(), o); err != nil {
			t.Fatalf("%s: %v", id(o), err)
		}
		rendered[o.GetKind()+" "+o.GetName()] = o
	}
	routed(t, d.cluster, rendered["HTTPRoute fraud"])
	for name, o := range d.applied {
		if rendered[name] == nil {
			d.prune(t, o)
		}
	}
	d.applied = rendered
	routed(t, d.cluster, rendered["HTTPRoute fraud"])
}

func (d *delivery) prune(t *testing.T, o *cluster.Object) {
	t.Helper()
	if err := d.cluster.Delete(t.Context(), o); err != nil {
		t.Fatalf("%s: %v", id(o), err)
	}
	if err := d.cluster.AwaitGone(t.Context(), o); err != nil {
		t.Fatalf("%s: %v", id(o), err)
	}
}

// live is an applied object as the cluster has it.
func (d *delivery) live(t *testing.T, name string) *cluster.Object {
	t.Helper()
	o := d.applied[name]
	if o == nil {
		t.Fatalf("%s is not rendered", name)
	}
	got, err := d.cluster.Get(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// versions are the names of the InferenceServices that are rendered.
func (d *delivery) versions() map[string]bool {
	out := map[string]bool{}
	for _, o := range d.applied {
		if o.GetKind() == "InferenceService" {
			out[o.GetName()] = true
		}
	}
	return out
}
