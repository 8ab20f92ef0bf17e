package v1alpha1

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/modelfn/modelfn/internal/kserve"
	"github.com/modelfn/modelfn/internal/pattern"
)

var (
	// KServe derives Service names from the InferenceService's: a DNS-1035
	// label with room for "-predictor".
	dns1035   = pattern.New(`^[a-z]([-a-z0-9]*[a-z0-9])?$`)
	dns1123   = pattern.New(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)
	subdomain = pattern.New(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)
	word      = pattern.New(`^[a-z0-9A-Z]([-._a-z0-9A-Z]*[a-z0-9A-Z])?$`)
	// registryHost is the host of a model reference.
	registryHost = pattern.New(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*(:[1-9][0-9]{0,4})?$`)

	// printable is text without spaces; digest that of a locked model.
	printable = pattern.New(`^[!-~]+$`)
	digest    = pattern.New(`^sha256:[a-f0-9]{64}$`)

	// qualified is Kubernetes' rule for the names of labels, annotations and resources.
	qualified = pattern.New(`^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$`)

	authorityName = pattern.New(`^[a-z]([a-z0-9]*)(-[a-z0-9]+)*$`)
)

const (
	maxDeploymentName = 63 - len("-predictor")
	maxLabel          = 63
	maxSubdomain      = 253
)

// fieldErrors collects, so that a user sees every mistake at once.
type fieldErrors []FieldError

func (e *fieldErrors) add(path, fix, format string, args ...any) {
	*e = append(*e, FieldError{RuleInvalidField, path, fmt.Sprintf(format, args...), fix})
}

func (e *fieldErrors) oneOf(path, value string, allowed ...string) {
	switch {
	case slices.Contains(allowed, value):
	case value == "":
		e.add(path, "use one of "+strings.Join(allowed, ", "), "required")
	default:
		e.add(path, "use one of "+strings.Join(allowed, ", "), "%q is not known", value)
	}
}

func (e *fieldErrors) meta(t TypeMeta, kind string, m ObjectMeta) {
	if t.APIVersion != APIVersion {
		e.add("apiVersion", "write "+APIVersion, "%q is not a version modelfn knows", t.APIVersion)
	}
	if t.Kind != kind {
		e.add("kind", "write "+kind, "%q where a %s was expected", t.Kind, kind)
	}
	// A ModelDeployment's name has rules of its own.
	if kind != KindModelDeployment && m.Name == "" {
		e.add("metadata.name", "name it", "required")
	}
	if m.Namespace != "" && !IsNamespace(m.Namespace) {
		e.add("metadata.namespace", "use lower-case letters, digits and '-', at most 63", "%q is not a namespace name", m.Namespace)
	}
}

// IsNamespace tells whether a namespace can have the name.
func IsNamespace(name string) bool { return dns1123.MatchString(name) && len(name) <= maxLabel }

// Validate checks the deployment by itself; what needs the platform or the
// artifact is checked by package validators.
func (d *ModelDeployment) Validate() []FieldError {
	var e fieldErrors
	e.meta(d.TypeMeta, KindModelDeployment, d.Metadata)
	if !dns1035.MatchString(d.Metadata.Name) || len(d.Metadata.Name) > maxDeploymentName {
		e.add("metadata.name", fmt.Sprintf("use lower-case letters, digits and '-', starting with a letter, at most %d", maxDeploymentName),
			"%q cannot name an InferenceService", d.Metadata.Name)
	}
	s := &d.Spec
	if s.Model == "" {
		e.add("spec.model", "name the model: oci://registry/repository:tag or kit://registry/repository:tag", "required")
	}
	e.version("spec", s.Version)
	e.replicas("spec.replicas", s.Replicas)
	e.components(s)
	if s.LLM != nil {
		e.llmAutoscaling("spec.autoscaling", s.Autoscaling)
	} else {
		e.autoscaling("spec.autoscaling", s.Autoscaling, false)
	}
	e.second("spec.canary", s.Canary, true)
	e.second("spec.shadow", s.Shadow, false)
	if s.Canary != nil && s.Shadow != nil {
		e.add("spec.shadow", "keep one of them", "canary and shadow exclude each other")
	}
	e.rollout(s.Rollout)
	if s.Lock != nil {
		e.locked("spec.lock", *s.Lock)
	}
	return e
}

// provenanceKey: a key becomes an annotation.
func (e *fieldErrors) provenanceKey(path, key string) {
	if !word.MatchString(key) || len(key) > maxLabel {
		e.add(path, "use letters, digits, '-', '_' and '.', at most 63", "%q cannot become an annotation", key)
	}
	if slices.Contains(ReservedAnnotations(), key) {
		e.add(path, "use another key", "modelfn writes the annotation modelfn.dev/%s itself", key)
	}
}

func (e *fieldErrors) version(path string, v Version) {
	if v.Format != nil && (!word.MatchString(v.Format.Name) || len(v.Format.Name) > maxLabel) {
		e.add(path+".format.name", "use KServe's name of the format, such as sklearn or onnx", "%q is no format name", v.Format.Name)
	}
	e.runtime(path+".runtime", v.Runtime)
	e.resources(path+".resources", v.Resources)
	e.predictor(path+".predictor", v.Predictor)
	for _, k := range sortedKeys(v.Provenance) {
		at := path + ".provenance." + k
		e.provenanceKey(at, k)
		if v.Provenance[k] == "" {
			e.add(at, "state the value or remove the key", "empty")
		}
	}
	e.llm(path+".llm", v.LLM)
	if v.ProtocolVersion != "" {
		e.oneOf(path+".protocolVersion", v.ProtocolVersion, "v1", "v2", "grpc-v1", "grpc-v2")
	}
}

func (e *fieldErrors) runtime(path, name string) {
	if name != "" && (!subdomain.MatchString(name) || len(name) > maxSubdomain) {
		e.add(path, "use the name of a ServingRuntime", "%q is no resource name", name)
	}
}

func (e *fieldErrors) resources(path string, r *Resources) {
	if r == nil {
		return
	}
	for _, list := range []struct {
		name       string
		quantities map[string]Quantity
	}{{"limits", r.Limits}, {"requests", r.Requests}} {
		for _, resource := range sortedKeys(list.quantities) {
			// KServe executes the container as a template, these names with it, and the
			// API server looks at them only in pods.
			if !qualified.MatchString(resource) || len(resource) > maxSubdomain+1+maxLabel {
				e.add(path+"."+list.name, "use a name such as cpu, memory or nvidia.com/gpu", "%.100q is no resource name", resource)
			}
			if q := list.quantities[resource]; strings.HasPrefix(string(q), "-") {
				e.add(path+"."+list.name+"."+resource, "use 0 or more", "%q is below zero", q)
			}
		}
	}
}

func (e *fieldErrors) replicas(path string, r *Replicas) {
	if r == nil {
		return
	}
	if r.Min != nil && *r.Min < 0 {
		e.add(path+".min", "use 0 or more", "%d replicas", *r.Min)
	}
	if r.Max < 0 || r.Min != nil && r.Max != 0 && r.Max < *r.Min {
		e.add(path+".max", "use a number that is at least min", "%d is below the minimum", r.Max)
	}
}

func (e *fieldErrors) second(path string, c *Canary, weighted bool) {
	if c == nil {
		return
	}
	e.version(path, c.Version)
	e.headers(path+".match", c.Match)
	switch {
	case c.Match != nil && !weighted:
		e.add(path+".match", "remove it: a shadow gets a copy of the traffic", "a shadow has no match")
	case c.Match != nil && len(c.Match) == 0:
		e.add(path+".match", "name a header and its value, or remove match and say weight", "it names no header")
	case c.Weight == nil && weighted && len(c.Match) == 0:
		e.add(path+".weight", "say how many percent of the traffic it gets, 0 to 100; or, in Standard mode, which headers its requests have (match)", "weight or match is required")
	}
	switch {
	case c.Weight != nil && !weighted:
		e.add(path+".weight", "remove it: a shadow gets a copy of the traffic", "a shadow has no weight")
	case c.Weight != nil && (*c.Weight < 0 || *c.Weight > 100):
		e.add(path+".weight", "use a whole number from 0 to 100", "%d is not a percentage", *c.Weight)
	}
}

func (e *fieldErrors) rollout(r *Rollout) {
	if r == nil {
		return
	}
	last := 0
	for i, step := range r.Steps {
		if step <= last || step > 100 {
			e.add(fmt.Sprintf("spec.rollout.steps[%d]", i), "list ascending percentages up to 100", "%d does not follow %d", step, last)
		}
		last = step
	}
	if n := len(r.Steps); n > 0 && last != 100 {
		e.add(fmt.Sprintf("spec.rollout.steps[%d]", n-1), "end with 100", "the canary ends at %d percent", last)
	}
	if r.Interval != "" {
		if d, err := time.ParseDuration(r.Interval); err != nil || d <= 0 {
			e.add("spec.rollout.interval", "write a duration such as 1h or 30m", "%q is no duration", r.Interval)
		}
	}
}

// Validate checks the platform by itself. Keys, globs and references are
// parsed where they are compiled, in package trust.
func (p *ModelPlatform) Validate() []FieldError {
	var e fieldErrors
	e.meta(p.TypeMeta, KindModelPlatform, p.Metadata)
	s := &p.Spec
	e.oneOf("spec.resolution", s.Resolution, ResolutionLocked, ResolutionOnline)
	hosts := map[string]bool{}
	for i, r := range s.Registries {
		path := fmt.Sprintf("spec.registries[%d]", i)
		// As strict as references are: under another spelling of the host the
		// exception would never hold.
		if !registryHost.MatchString(r.Host) || strings.HasSuffix(r.Host, ":443") {
			e.add(path+".host", "write the host as references do, such as 127.0.0.1:5000", "%q is no registry host", r.Host)
		}
		if hosts[r.Host] {
			e.add(path+".host", "merge the two entries", "%q is listed twice", r.Host)
		}
		hosts[r.Host] = true
	}
	e.trust(s.Trust)
	for i, r := range s.Images {
		e.imageRule(fmt.Sprintf("spec.images[%d]", i), r)
	}
	e.oneOf("spec.serving.mode", s.Serving.Mode, ModeKnative, ModeStandard)
	e.oneOf("spec.serving.kserve", s.Serving.KServe, kserve.Names(func(kserve.Version) bool { return true })...)
	if d := s.Serving.Defaults; d != nil {
		e.replicas("spec.serving.defaults.replicas", d.Replicas)
		e.resources("spec.serving.defaults.resources", d.Resources)
		e.runtime("spec.serving.defaults.runtime", d.Runtime)
	}
	e.gateway("spec.serving.gateway", s.Serving.Mode, s.Serving.Gateway)
	for i, name := range s.Serving.LLMConfigs {
		if !subdomain.MatchString(name) || len(name) > maxSubdomain {
			e.add(fmt.Sprintf("spec.serving.llmConfigs[%d]", i), "use the name of an LLMInferenceServiceConfig", "%q is no resource name", name)
		}
	}
	e.kit("spec.serving.kit", s.Serving.Kit)
	e.initializers("spec.serving.initializers", s.Serving.Initializers)
	e.widened("spec.serving.allowPredictorFields", s.Serving.AllowPredictorFields)
	e.prometheus("spec.serving.prometheus", s.Serving.Prometheus)
	e.runtimes("spec.serving.runtimes", s.Serving.Runtimes)
	e.carriers("spec.serving.allowPredictorFields", s.Serving.AllowPredictorFields, s.Serving.Runtimes)
	e.oneOf("spec.policy.engine", s.Policy.Engine, EngineKyverno, EngineKyvernoClusterPolicy, EngineVAP, EngineGatekeeper, EngineNone)
	e.oneOf("spec.policy.action", s.Policy.Action, ActionDeny, ActionAudit)
	e.oneOf("spec.policy.scope", s.Policy.Scope, ScopeModel, ScopePlatform)
	if s.Policy.Scope == ScopePlatform && s.Policy.Engine != EngineKyverno && s.Policy.Engine != EngineVAP {
		e.add("spec.policy.scope", "use scope: Model, or engine: "+EngineKyverno+" or "+EngineVAP, "the engine %s has no policies for a platform as a whole", s.Policy.Engine)
	}
	e.oneOf("spec.policy.onGap", s.Policy.OnGap, OnGapRefuse, OnGapWarn)
	for i, f := range s.AllowForeign {
		if f.Kind == "" {
			e.add(fmt.Sprintf("spec.allowForeign[%d].kind", i), "name the kind to let through", "required")
		}
	}
	e.patches("spec.allowPatches", s.AllowPatches)
	for i, path := range s.Delegate {
		// Delegating trust, registries or policy would unseal the platform, and
		// so would what a pod may load and whom KEDA asks.
		if !delegable(path) {
			e.add(fmt.Sprintf("spec.delegate[%d]", i), "delegate "+strings.Join(delegables(), ", ")+", or fields below them", "%q cannot be left to a repository", path)
		}
	}
	return e
}

// sealedServing are the fields of serving that are never left to a repository.
var sealedServing = []string{"allowPredictorFields", "initializers", "kit", "llmConfigs", "prometheus", "runtimes"}

func delegable(path string) bool {
	name, below := strings.CutPrefix(path, "serving.")
	field, _, _ := strings.Cut(name, ".")
	return below && !slices.Contains(sealedServing, field) && known(name, reflect.TypeFor[Serving]())
}

// delegables are the fields of serving that a platform may leave to a repository.
func delegables() []string {
	var out []string
	for _, name := range sortedKeys(jsonFields(reflect.TypeFor[Serving]())) {
		if delegable("serving." + name) {
			out = append(out, "serving."+name)
		}
	}
	return out
}

// known tells whether a dotted path names a field below the type.
func known(path string, t reflect.Type) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name, rest, nested := strings.Cut(path, ".")
	switch t.Kind() {
	case reflect.Struct:
		f, ok := jsonFields(t)[name]
		return ok && (!nested || known(rest, f))
	case reflect.Map:
		return name != "" && (!nested || known(rest, t.Elem()))
	default:
		return false
	}
}

// Validate checks the lock's form; what it says is checked by package artifact
// against the bytes it holds.
func (l *ModelLock) Validate() []FieldError {
	var e fieldErrors
	e.meta(l.TypeMeta, KindModelLock, l.Metadata)
	if l.Metadata.Name != "" && !subdomain.MatchString(l.Metadata.Name) || len(l.Metadata.Name) > maxSubdomain {
		e.add("metadata.name", "run `modelfn lock` again", "%.100q is no resource name", l.Metadata.Name)
	}
	e.locked("spec", l.Spec)
	return e
}

func (e *fieldErrors) locked(path string, s ModelLockSpec) {
	const fix = "run `modelfn lock` again"
	seen := map[string]bool{}
	for i, m := range s.Models {
		at := fmt.Sprintf("%s.models[%d]", path, i)
		switch {
		case m.URI == "" || m.Digest == "" || len(m.Manifest) == 0:
			e.add(at, fix, "uri, digest and manifest are required")
		case !printable.MatchString(m.URI) || !digest.MatchString(m.Digest):
			// They are printed, and a reader must not take them for more.
			e.add(at, fix, "%.100q at %.100q is no URI and digest", m.URI, m.Digest)
		}
		if seen[m.URI] {
			e.add(at+".uri", fix, "%q is locked twice", m.URI)
		}
		seen[m.URI] = true
	}
}

// ReservedAnnotations are the modelfn.dev/ annotations that generators write
// and provenance therefore must not.
func ReservedAnnotations() []string {
	out := []string{
		"bound-name", "deployment", "lock-digest",
		"model-architecture", "model-license", "model-name", "model-parameters", "model-version",
		"platform", "platform-digest", "platform-sealed",
	}
	for _, role := range []string{"", "canary-", "shadow-"} {
		for _, what := range []string{"authorities", "digest", "revision", "source", "unsigned", "unsigned-provenance"} {
			out = append(out, role+what)
		}
	}
	return out
}
