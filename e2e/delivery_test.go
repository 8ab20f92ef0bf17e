package e2e_test

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
)

// delivery is a directory of manifests, and the cluster that they are applied to.
type delivery struct {
	world
	cluster *cluster.Cluster
	// managed tells whether KServe's manager runs there.
	managed bool
	// namespace is the delivery's own.
	namespace string
	app       string
	// applied is what was rendered last, by kind and name.
	applied map[string]*cluster.Object
}

// newDelivery is one in Standard mode, to a cluster where KServe's manager runs.
func newDelivery(t *testing.T, namespace string) *delivery {
	t.Helper()
	d := &delivery{world: named(t), cluster: kserve.Get(t), managed: true, namespace: namespace}
	d.app = directory(t, inStandardMode(d.platform(t)), nil)
	prepare(t, d.cluster)
	return d
}

// newKnativeDelivery is one in Knative mode, to a cluster that stores it.
func newKnativeDelivery(t *testing.T, namespace string) *delivery {
	t.Helper()
	d := &delivery{world: named(t), cluster: bare.Get(t), namespace: namespace}
	d.app = directory(t, d.platform(t), nil)
	return d
}

// step locks, renders and applies, and then prunes, as Argo CD does: wave by wave,
// each when what the one before made is there.
func (d *delivery) step(t *testing.T, lockFlags ...string) {
	t.Helper()
	d.lock(t, d.app, lockFlags...)
	objects := parse(t, stdout(t, d.run(t, d.app, "build")))
	rendered := map[string]*cluster.Object{}
	for _, o := range objects {
		o.SetNamespace(d.namespace)
		rendered[o.GetKind()+" "+o.GetName()] = o
	}
	for _, wave := range waves(t, objects) {
		for _, o := range wave {
			home(t, d.cluster, o)
			if o.GetKind() == "HTTPRoute" {
				routed(t, d.cluster, o) // before it is there, what it leads to is
			}
			if _, err := d.cluster.Apply(t.Context(), o); err != nil {
				t.Fatalf("%s: %v", id(o), err)
			}
		}
		for _, service := range ofKind(wave, "InferenceService") {
			if d.managed {
				made(t, d.cluster, service, "v1", "Service", "-predictor")
			}
		}
	}
	before := d.applied
	d.applied = rendered
	d.prune(t, before)
	for _, route := range ofKind(objects, "HTTPRoute") {
		routed(t, d.cluster, route)
	}
}

// waves are the objects in the order of Argo CD's sync waves.
func waves(t *testing.T, objects []*cluster.Object) [][]*cluster.Object {
	t.Helper()
	byWave := map[int][]*cluster.Object{}
	for _, o := range objects {
		wave, err := strconv.Atoi(cmp.Or(o.GetAnnotations()["argocd.argoproj.io/sync-wave"], "0"))
		if err != nil {
			t.Fatalf("%s: %v", id(o), err)
		}
		byWave[wave] = append(byWave[wave], o)
	}
	var out [][]*cluster.Object
	for _, wave := range slices.Sorted(maps.Keys(byWave)) {
		out = append(out, byWave[wave])
	}
	return out
}

// prune deletes what is no longer rendered: at the very end what says so, which a
// version must, so that no request is led to what is going away.
func (d *delivery) prune(t *testing.T, before map[string]*cluster.Object) {
	t.Helper()
	var last []*cluster.Object
	for _, name := range slices.Sorted(maps.Keys(before)) {
		o := before[name]
		switch {
		case d.applied[name] != nil:
		case strings.Contains(o.GetAnnotations()["argocd.argoproj.io/sync-options"], "PruneLast=true"):
			last = append(last, o)
		case o.GetKind() == "InferenceService":
			t.Errorf("%s is not pruned last", id(o))
		default:
			d.remove(t, o)
		}
	}
	for _, o := range last {
		d.abandoned(t, o)
		d.remove(t, o)
	}
}

// abandoned: nothing in the cluster leads to a version any more.
func (d *delivery) abandoned(t *testing.T, version *cluster.Object) {
	t.Helper()
	front := version.GetName() + "-predictor"
	for _, to := range backends(t, d.live(t, "HTTPRoute fraud")) {
		if to.name == front {
			t.Errorf("%s is pruned, and the route leads to it", id(version))
		}
	}
	if app := fieldOf[string](t, d.live(t, "Service fraud").Object, "spec", "selector", "app"); app == "isvc."+front {
		t.Errorf("%s is pruned, and the Service selects its pods", id(version))
	}
}

func (d *delivery) remove(t *testing.T, o *cluster.Object) {
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
