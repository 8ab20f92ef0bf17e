package lock_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/lock"
	"github.com/modelfn/modelfn/internal/testsign"
)

const (
	v7 = "kit://registry.example.com/models/fraud:v7"
	v8 = "kit://registry.example.com/models/fraud:v8"
)

var (
	key   = testsign.ECDSA("release")
	seven = entry(v7, "7.0.0")
	eight = entry(v8, "8.0.0")
	// moved is v7 locked to another model.
	moved = entry(v7, "8.0.0")
)

func entry(uri, version string) v1alpha1.LockedModel {
	m := testsign.Kit("fraud", version)
	return m.Entry(uri, key.Bundle(m.Digest()))
}

func deployment(name string, canary string) *v1alpha1.ModelDeployment {
	d := &v1alpha1.ModelDeployment{Metadata: v1alpha1.ObjectMeta{Name: name, Namespace: "ml-serving"}}
	d.Spec.Model = v7
	if canary != "" {
		d.Spec.Canary = &v1alpha1.Canary{Version: v1alpha1.Version{Model: canary}}
	}
	return d
}

// TestName: a base's lock and an overlay's never collide, since the overlay
// locks other URIs.
func TestName(t *testing.T) {
	base, overlay := lock.Name("fraud", []string{v7}), lock.Name("fraud", []string{v7, v8})
	if base == overlay || !strings.HasPrefix(base, "fraud-") {
		t.Errorf("%s and %s", base, overlay)
	}
	if lock.Name("fraud", []string{v8, v7}) != overlay {
		t.Error("the order of URIs changes the name")
	}
}

func TestURIs(t *testing.T) {
	for want, d := range map[string]*v1alpha1.ModelDeployment{
		v7: deployment("x", ""), v7 + " " + v8: deployment("x", v8),
	} {
		if got := strings.Join(lock.URIs(d), " "); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	same := deployment("x", v7)
	same.Spec.Shadow = &v1alpha1.Canary{}
	if got := lock.URIs(same); len(got) != 1 {
		t.Errorf("%v, want each once", got)
	}
}

// TestURIsOfImages: what runs beside and around the model is locked with it, the
// stable version's too while a canary runs others.
func TestURIsOfImages(t *testing.T) {
	beside := func(image string) v1alpha1.Predictor {
		return v1alpha1.Predictor{"timeout": 1, "containers": []any{map[string]any{"name": "a", "image": image}}}
	}
	around := func(image string) *v1alpha1.Component {
		return &v1alpha1.Component{Containers: []v1alpha1.Container{{Image: "a.example/same:v1"}, {Image: image}}}
	}
	d := deployment("x", v8)
	d.Spec.Predictor, d.Spec.Canary.Predictor = beside("a.example/stable:v1"), beside("a.example/canary:v1")
	d.Spec.Transformer, d.Spec.Explainer = around("a.example/transformer:v1"), around("a.example/explainer:v1")
	want := []string{
		"a.example/canary:v1", "a.example/explainer:v1", "a.example/same:v1", "a.example/stable:v1", "a.example/transformer:v1", v7, v8,
	}
	if diff := cmp.Diff(want, lock.URIs(d)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestURIsOfAdapters: the adapters of both versions are locked, also of a canary
// that has others, and the deployment stays as it was.
func TestURIsOfAdapters(t *testing.T) {
	with := func(names ...string) *v1alpha1.LLM {
		lora := &v1alpha1.LoRA{Adapters: make([]v1alpha1.Adapter, 0, 9)}
		for _, name := range names {
			lora.Adapters = append(lora.Adapters, v1alpha1.Adapter{Name: name, Model: "a.example/" + name + ":v1"})
		}
		return &v1alpha1.LLM{LoRA: lora}
	}
	d := deployment("x", v8)
	d.Spec.LLM, d.Spec.Canary.LLM = with("sql", "chat"), with("sql", "code")
	want := []string{"a.example/chat:v1", "a.example/code:v1", "a.example/sql:v1", v7, v8}
	for range 2 {
		if diff := cmp.Diff(want, lock.URIs(d)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
	if got := d.Spec.LLM.LoRA.Adapters[:3][2]; got != (v1alpha1.Adapter{}) {
		t.Errorf("it wrote %v behind the deployment's own adapters", got)
	}
}

// found are the entries that an index has for a deployment's URIs.
func found(d *v1alpha1.ModelDeployment, locks ...*v1alpha1.ModelLock) (out []v1alpha1.LockedModel, err error) {
	lookup := lock.NewIndex(locks).For(d)
	for _, uri := range lock.URIs(d) {
		e, err := lookup(uri)
		if err != nil {
			return nil, err
		}
		if e != nil {
			out = append(out, *e)
		}
	}
	return out, nil
}

func TestIndex(t *testing.T) {
	own := lock.New(deployment("fraud", ""), []v1alpha1.LockedModel{seven})
	foreign := lock.New(deployment("other", ""), []v1alpha1.LockedModel{moved})
	second := lock.New(deployment("third", v8), []v1alpha1.LockedModel{seven, eight})
	inline := deployment("fraud", "")
	inline.Spec.Lock = &v1alpha1.ModelLockSpec{Models: []v1alpha1.LockedModel{moved}}
	for name, test := range map[string]struct {
		reason string
		d      *v1alpha1.ModelDeployment
		locks  []*v1alpha1.ModelLock
		want   []v1alpha1.LockedModel
	}{
		"own":        {"the lock made for it", deployment("fraud", ""), []*v1alpha1.ModelLock{foreign, own}, []v1alpha1.LockedModel{seven}},
		"inline":     {"what stands in the deployment itself", inline, []*v1alpha1.ModelLock{foreign}, []v1alpha1.LockedModel{moved}},
		"renamed":    {"kustomize's namePrefix renames the deployment after it was locked", deployment("eu-fraud", ""), []*v1alpha1.ModelLock{own}, []v1alpha1.LockedModel{seven}},
		"agreeing":   {"two locks that say the same are no conflict", deployment("eu-fraud", ""), []*v1alpha1.ModelLock{own, second}, []v1alpha1.LockedModel{seven}},
		"from two":   {"stable from a base, the canary from elsewhere", deployment("eu-fraud", v8), []*v1alpha1.ModelLock{own, second}, []v1alpha1.LockedModel{seven, eight}},
		"incomplete": {"what nobody locked is not there", deployment("fraud", v8), []*v1alpha1.ModelLock{own}, []v1alpha1.LockedModel{seven}},
		"none":       {"no lock", deployment("fraud", ""), nil, nil},
	} {
		got, err := found(test.d, test.locks...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s, %s (-want +got):\n%s", name, test.reason, diff)
		}
	}
	// Two namespaces with a deployment of one name, locked to different digests.
	other := lock.New(deployment("fraud", ""), []v1alpha1.LockedModel{moved})
	other.Metadata.Namespace = "eu"
	for namespace, want := range map[string]string{"ml-serving": seven.Digest, "eu": moved.Digest} {
		d := deployment("fraud", "")
		d.Metadata.Namespace = namespace
		if got, err := found(d, other, own); err != nil || len(got) != 1 || got[0].Digest != want {
			t.Errorf("%s: %v, %v; want %s", namespace, got, err, want)
		}
	}
	third := deployment("fraud", "")
	third.Metadata.Namespace = "us"
	if _, err := found(third, other, own); !errors.Is(err, lock.ErrAmbiguous) {
		t.Errorf("%v, want ErrAmbiguous: neither is of its namespace", err)
	}
	_, err := found(deployment("eu-fraud", ""), own, foreign)
	if want := v7 + " is locked to " + seven.Digest + " by " + own.Metadata.Name + " and to " + moved.Digest; !errors.Is(err, lock.ErrAmbiguous) || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
	_, err = found(inline, own)
	if want := v7 + " is locked to " + moved.Digest + " by spec.lock and to " + seven.Digest; !errors.Is(err, lock.ErrAmbiguous) || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
}

// TestDigest is over the entries, each under its URI.
func TestDigest(t *testing.T) {
	want := lock.Digest(map[string]string{v7: seven.Digest, v8: eight.Digest})
	if !strings.HasPrefix(want, "sha256:") {
		t.Error(want)
	}
	for name, other := range map[string]map[string]string{
		"another entry": {v7: seven.Digest, v8: seven.Digest},
		"swapped":       {v7: eight.Digest, v8: seven.Digest},
		"one less":      {v7: seven.Digest},
	} {
		if lock.Digest(other) == want {
			t.Errorf("%s: the same digest", name)
		}
	}
}
