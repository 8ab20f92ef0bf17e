package validators

import (
	"fmt"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/model"
)

// scaled is the predictor, or a component, with what its number of copies follows.
type scaled struct {
	field    string
	replicas *v1alpha1.Replicas
	by       *v1alpha1.Autoscaling
}

// all are the predictor and the components.
func all(m *model.Model) []scaled {
	out := []scaled{{"spec", m.Replicas(), m.Deployment.Spec.Autoscaling}}
	for _, c := range m.Components {
		out = append(out, scaled{"spec." + c.Name, c.Replicas, c.Autoscaling})
	}
	return out
}

// autoscaling: what KServe would take and then not do, or refuse only in the
// cluster, by mode and class.
func autoscaling(m *model.Model) finding.List {
	if m.LLM() {
		return nil // the rule llm says
	}
	class := m.ScaleClass()
	var out finding.List
	for _, s := range all(m) {
		switch {
		case m.Platform.Spec.Serving.Mode == v1alpha1.ModeKnative:
			out = append(out, byKnative(m, s)...)
		case class == v1alpha1.ScaleKEDA:
			out = append(out, byKEDA(m, s)...)
		default:
			out = append(out, byPods(m, s, class)...)
		}
	}
	return out
}

// refuse names the platform where the number of copies is its default: the
// deployment says nothing of it.
func (s scaled) refuse(m *model.Model, rule, field, what, fix string) finding.Finding {
	if s.field == "spec" && strings.HasPrefix(field, ".replicas") {
		return refuseReplicas(m, rule, field, what, fix)
	}
	return refuse(m, rule, s.field+field, what, fix)
}

func refuseReplicas(m *model.Model, rule, field, what, fix string) finding.Finding {
	if d := m.Platform.Spec.Serving.Defaults; m.Deployment.Spec.Replicas == nil && d != nil && d.Replicas != nil {
		what = fmt.Sprintf("serving.defaults%s of platform %s: %s", field, m.Platform.Name, what)
		return refuse(m, rule, "spec.replicas", what, fmt.Sprintf("write spec.replicas, or have the platform change spec.serving.defaults%s: %s", field, fix))
	}
	return refuse(m, rule, "spec"+field, what, fix)
}

const (
	useResource = "use cpu or memory"
	useRequests = "use concurrency or rps"
)

// byKnative: Knative scales by requests, to zero, or by its
// HorizontalPodAutoscaler, not to zero; which of them is said once, for the
// InferenceService.
func byKnative(m *model.Model, s scaled) finding.List {
	var out finding.List
	add := func(field, what, fix string) { out = append(out, s.refuse(m, "mode", field, what, fix)) }
	if class := m.ScaleClass(); s.field == "spec" && class != "" && class != v1alpha1.ScaleHPA {
		add(".autoscaling.class", fmt.Sprintf("in Knative mode Knative scales, and KServe ignores the class %s", class), "remove it, or have the platform set spec.serving.mode to Standard")
		return out
	}
	if s.by != nil && s.by.Query != "" {
		add(".autoscaling.query", "in Knative mode nothing scales by a query", useRequests)
		return out
	}
	pods := m.KnativeHPA()
	switch {
	case s.by != nil && s.by.Metric != "" && pods && !s.by.OfPods():
		add(".autoscaling.metric", fmt.Sprintf("Knative scales the whole InferenceService by cpu or memory once spec.autoscaling does, and not by %s", s.by.Metric), useResource)
	case s.by != nil && !pods && s.by.OfPods():
		add(".autoscaling.metric", fmt.Sprintf("Knative scales a component by %s only where spec.autoscaling.metric is cpu or memory, too", s.by.Metric), useRequests)
	case pods && s.by != nil && s.by.Metric == "memory" && s.by.Target > 100:
		add(".autoscaling.target", fmt.Sprintf("Knative takes it for MiB of memory, and KServe takes no more than 100, not %d", s.by.Target),
			"use cpu, concurrency or rps, or have the platform set spec.serving.mode to Standard, where memory is in percent of what is requested")
	case pods && s.by != nil && s.by.Target > 100:
		add(".autoscaling.target", fmt.Sprintf("KServe takes 1 to 100 for %s, not %d", s.by.Metric, s.by.Target), "use 1 to 100")
	}
	if pods && fromZero(s.replicas) {
		add(".replicas.min", "by cpu or memory nothing scales from zero", "use 1 or more, or a metric of requests")
	}
	return out
}

// byKEDA: KEDA knows resources and, by a query, Prometheus.
func byKEDA(m *model.Model, s scaled) finding.List {
	var out finding.List
	add := func(field, what, fix string) {
		out = append(out, s.refuse(m, "autoscaling", field, what, fix))
	}
	if s.by == nil {
		add(".autoscaling", "the class keda holds for all that the InferenceService runs, and KEDA needs something to scale it by", "state a metric or a query here, too")
		return out
	}
	switch {
	case s.by.Query != "" && m.Platform.Spec.Serving.Prometheus == nil:
		add(".autoscaling.query", "the platform names no server that answers it", "have the platform set spec.serving.prometheus.serverAddress, or scale by cpu or memory")
	case s.by.Query == "" && !s.by.OfPods():
		add(".autoscaling.metric", fmt.Sprintf("KEDA does not scale by %s", s.by.Metric), useResource+", or a query")
	case s.by.OfPods() && s.by.Target > 100:
		add(".autoscaling.target", fmt.Sprintf("KServe takes 1 to 100 percent, not %d", s.by.Target), "use 1 to 100")
	}
	if fromZero(s.replicas) && s.by.Query == "" {
		add(".replicas.min", "by cpu or memory nothing scales from zero: no pod is there to be measured", "use 1 or more, or a query")
	}
	if fromZero(s.replicas) && s.replicas.Max == 0 {
		add(".replicas.max", "KServe would let KEDA scale to 0 copies at most", "say how many there may be")
	}
	return out
}

// byPods: a HorizontalPodAutoscaler, something else, or nothing counts pods.
func byPods(m *model.Model, s scaled, class string) finding.List {
	var out finding.List
	add := func(field, what, fix string) { out = append(out, s.refuse(m, "mode", field, what, fix)) }
	if s.by != nil && s.by.Class == "" || s.by != nil && s.by.Class == v1alpha1.ScaleHPA {
		switch {
		case class == v1alpha1.ScaleExternal || class == v1alpha1.ScaleNone:
			add(".autoscaling", fmt.Sprintf("with the class %s KServe scales by nothing", class), "remove it")
		case s.by.Query != "":
			add(".autoscaling.query", "only KEDA scales by a query", "set spec.autoscaling.class to keda, or use a metric")
		case !s.by.OfPods():
			add(".autoscaling.metric", fmt.Sprintf("in Standard mode pods are scaled by cpu or memory, not by %s", s.by.Metric), useResource)
		}
	}
	// What the platform's defaults say, KServe may ignore.
	own := s.field != "spec" || m.Deployment.Spec.Replicas != nil
	switch r := s.replicas; {
	case r == nil:
	case class == v1alpha1.ScaleExternal && own:
		add(".replicas", "with the class external KServe leaves the number of copies to others, and ignores this", "remove it, or use the class none")
	case class == v1alpha1.ScaleExternal:
	case class == v1alpha1.ScaleNone && own && r.Max != 0 && (r.Min == nil || *r.Min != r.Max):
		add(".replicas.max", "with the class none there are as many copies as replicas.min says", "remove it")
	case class != v1alpha1.ScaleNone && fromZero(r):
		add(".replicas.min", "in Standard mode nothing scales from zero, and KServe would make it 1", "use 1 or more, or the class keda with a query")
	}
	return out
}

func fromZero(r *v1alpha1.Replicas) bool { return r != nil && r.Min != nil && *r.Min == 0 }
