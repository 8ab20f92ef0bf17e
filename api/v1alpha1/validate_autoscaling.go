package v1alpha1

import "github.com/modelfn/modelfn/internal/pattern"

// promQL is a query's text: one line, without what a template takes for its own.
var promQL = pattern.New(`^[ -~]+$`)

const maxQuery = 2048

// autoscaling checks what the number of copies follows, by itself; what a
// deployment mode can do is checked where it meets the platform.
func (e *fieldErrors) autoscaling(path string, a *Autoscaling, component bool) {
	if a == nil {
		return
	}
	switch {
	case component && a.Class != "":
		e.add(path+".class", "set spec.autoscaling.class", "KServe has one class for the whole InferenceService")
	case a.Class != "":
		e.oneOf(path+".class", a.Class, ScaleHPA, ScaleKEDA, ScaleExternal, ScaleNone)
	}
	if a.Class == ScaleExternal || a.Class == ScaleNone {
		if a.Metric != "" || a.Query != "" || a.Target != 0 {
			e.add(path, "remove metric, query and target", "with the class %s KServe scales by nothing", a.Class)
		}
		return
	}
	switch {
	case a.Query != "" && a.Metric != "":
		e.add(path+".query", "keep one of them", "metric and query exclude each other")
	case a.Query != "" && a.Class != ScaleKEDA && !component:
		e.add(path+".query", "set class: keda, or use a metric", "only KEDA scales by a query")
	case a.Query != "" && (!promQL.MatchString(a.Query) || len(a.Query) > maxQuery):
		e.add(path+".query", "write PromQL on one line", "%.100q is no query", a.Query)
	case unknownInQuery(a.Query) != "":
		e.add(path+".query", "use {name} and {namespace}, which are the InferenceService's", "nothing fills in %.100s", unknownInQuery(a.Query))
	case a.Query == "" && a.Metric == "" && a.Class == ScaleKEDA:
		e.add(path+".metric", "write metric: cpu or memory, or a query", "required")
	case a.Query == "":
		e.oneOf(path+".metric", a.Metric, "concurrency", "rps", "cpu", "memory")
	}
	if a.Target == 0 {
		e.add(path+".target", "use a whole number from 1", "required")
	} else if a.Target < 0 {
		e.add(path+".target", "use a whole number from 1", "%d is no target", a.Target)
	}
}
