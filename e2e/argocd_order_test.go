package e2e_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
	"github.com/modelfn/modelfn/e2e/internal/host"
)

// syncing is a sync by Argo CD's own code, in a cluster where nobody but the test says
// what is ready.
type syncing struct {
	cluster *cluster.Cluster
	judge   host.AppJudge
	state   string
	targets []*cluster.Object
}

func newSyncing(t *testing.T, namespace, golden string) *syncing {
	t.Helper()
	s := &syncing{cluster: bare.Get(t), state: filepath.Join(t.TempDir(), "state.json")}
	s.judge = controller(t, s.cluster)
	s.judge.Settings = filepath.Join(t.TempDir(), "argocd-cm.yaml")
	write(t, s.judge.Settings, toYAML(t, installed(t)["ConfigMap argocd-cm"].Object))
	for _, o := range parse(t, read(t, "../testdata/"+golden+"/expected.yaml")) {
		o.SetNamespace(namespace)
		home(t, s.cluster, o)
		s.targets = append(s.targets, o)
	}
	return s
}

// steps takes so many as the sync needs until it waits, or is complete.
func (s *syncing) steps(t *testing.T) host.Syncing {
	t.Helper()
	var before host.Syncing
	for range 10 {
		now := s.judge.Step(t, s.state, streamOf(t, s.targets))
		if now.Phase != "Running" || fmt.Sprint(now) == fmt.Sprint(before) {
			return now
		}
		before = now
	}
	t.Fatalf("it goes on for ever: %+v", before)
	return before
}

// lives tells which kinds of a list are in the cluster. What is only kept for a garbage
// collector, which does not run here, is not.
func (s *syncing) lives(t *testing.T, objects []*cluster.Object) string {
	t.Helper()
	var kinds []string
	for _, o := range objects {
		found, err := s.cluster.Get(t.Context(), o)
		if err != nil && !apierrors.IsNotFound(err) {
			t.Fatal(err)
		}
		if err == nil && found.GetDeletionTimestamp() == nil {
			kinds = append(kinds, o.GetKind())
		}
	}
	return strings.Join(kinds, " ")
}

// ready says so in the status of all objects of a kind, of the version that lives.
func (s *syncing) ready(t *testing.T, kind string) {
	t.Helper()
	for name, o := range ofKind(s.targets, kind) {
		current, err := s.cluster.Get(t.Context(), o)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		status := map[string]string{
			"NamespacedImageValidatingPolicy": `{"autogen":{},"conditionStatus":{"ready":true,"message":"","conditions":[` + observed("WebhookConfigured", current) + `]}}`,
			"InferenceService":                `{"modelStatus":{"transitionStatus":"UpToDate"},"conditions":[{"type":"Ready","status":"True"}]}`,
			"LLMInferenceService":             fmt.Sprintf(`{"observedGeneration":%d,"conditions":[{"type":"Ready","status":"True"}]}`, current.GetGeneration()),
			"HTTPRoute": `{"parents":[{"controllerName":"example.com/gateway","parentRef":{"name":"kserve-ingress-gateway","namespace":"kserve"},"conditions":[` +
				observed("Accepted", current) + "," + observed("ResolvedRefs", current) + `]}]}`,
		}[kind]
		if err := s.cluster.SetStatus(t.Context(), o, status); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

func observed(kind string, of *cluster.Object) string {
	return fmt.Sprintf(`{"type":%q,"status":"True","reason":"Succeeded","message":"","lastTransitionTime":"2026-01-01T00:00:00Z","observedGeneration":%d}`, kind, of.GetGeneration())
}

// waits wants the sync to wait, with these kinds in the cluster.
func (s *syncing) waits(t *testing.T, objects []*cluster.Object, want string) {
	t.Helper()
	if now, lives := s.steps(t), s.lives(t, objects); now.Phase != "Running" || lives != want {
		t.Errorf("it is %s (%s), with %s in the cluster; want it to wait with %s", now.Phase, now.Message, lives, want)
	}
}

// completes wants the sync to be done.
func (s *syncing) completes(t *testing.T, objects []*cluster.Object, want string) {
	t.Helper()
	if now, lives := s.steps(t), s.lives(t, objects); now.Phase != "Succeeded" || lives != want {
		t.Errorf("it is %s (%s), with %s in the cluster; want it done with %s", now.Phase, now.Message, lives, want)
	}
}

// TestArgoCDOrder: Argo CD applies versions once the policy is asked about them, and
// the route once they answer; a version that is gone from Git stays until the new
// route is in force. (For what comes last in a sync Argo CD itself does not wait.)
func TestArgoCDOrder(t *testing.T) {
	s := newSyncing(t, "argocd-order", "standard-canary")
	all := s.targets
	s.waits(t, all, "NamespacedImageValidatingPolicy")
	s.ready(t, "NamespacedImageValidatingPolicy")
	s.waits(t, all, "NamespacedImageValidatingPolicy InferenceService InferenceService ConfigMap")
	s.ready(t, "InferenceService")
	const everything = "HTTPRoute NamespacedImageValidatingPolicy InferenceService InferenceService ConfigMap Service"
	s.completes(t, all, everything)
	s.ready(t, "HTTPRoute")

	// The canary is promoted: all requests go to it, and the other version goes.
	s.targets = nil
	for _, o := range all {
		if o.GetKind() == "InferenceService" && o.GetName() == stableOf(t, all) {
			continue
		}
		s.targets = append(s.targets, o.DeepCopy())
	}
	route := ofKind(s.targets, "HTTPRoute")["fraud"]
	rules := fieldOf[[]any](t, route.Object, "spec", "rules")
	backends := rules[0].(map[string]any)["backendRefs"].([]any)
	rules[0].(map[string]any)["backendRefs"] = backends[1:]
	route.Object["spec"].(map[string]any)["rules"] = rules
	s.waits(t, all, everything)
	s.ready(t, "HTTPRoute")
	s.completes(t, all, strings.Replace(everything, "InferenceService InferenceService", "InferenceService", 1))
}

// stableOf is the version that the first backend of the route leads to.
func stableOf(t *testing.T, objects []*cluster.Object) string {
	t.Helper()
	return strings.TrimSuffix(backends(t, ofKind(objects, "HTTPRoute")["fraud"])[0].name, "-predictor")
}

// TestArgoCDOrderInKnativeMode: the service comes after its policy, and is the last.
func TestArgoCDOrderInKnativeMode(t *testing.T) {
	s := newSyncing(t, "argocd-order-knative", "canary-legacy-bundle")
	s.waits(t, s.targets, "NamespacedImageValidatingPolicy")
	s.ready(t, "NamespacedImageValidatingPolicy")
	s.completes(t, s.targets, "NamespacedImageValidatingPolicy InferenceService ConfigMap")
}

// TestArgoCDOrderOfLLMs: a version that was replaced goes once the new one answers; and
// at once where Argo CD knows no health of the kind, which is why the examples bring it.
func TestArgoCDOrderOfLLMs(t *testing.T) {
	const both, one = "LLMInferenceService LLMInferenceService ConfigMap", "LLMInferenceService ConfigMap"
	for name, customized := range map[string]bool{"with the customization": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			s := newSyncing(t, fmt.Sprintf("argocd-order-llm-%t", customized), "llm-canary")
			if !customized {
				s.judge.Settings = ""
			}
			all := s.targets
			s.completes(t, all, both)
			s.ready(t, "LLMInferenceService")
			s.targets = []*cluster.Object{all[1].DeepCopy(), all[2]}
			s.targets[0].Object["spec"].(map[string]any)["replicas"] = int64(7)
			if customized {
				s.waits(t, all, both)
				s.ready(t, "LLMInferenceService")
			}
			s.completes(t, all, one)
		})
	}
}
