package v1alpha1

import (
	"fmt"
	"net/url"

	"github.com/modelfn/modelfn/internal/passthrough"
	"github.com/modelfn/modelfn/internal/pattern"
)

var (
	probePath   = pattern.New(`^/[A-Za-z0-9/._~?=&%+:,-]{0,255}$`)
	grpcService = pattern.New(`^[A-Za-z0-9._/-]{0,255}$`)
)

const (
	maxPort = 65535
	// maxTold bounds what one server is told: each piece may be a finding.
	maxTold = 100
)

// predictor checks the fields that have a type. Which of them a version may set,
// and to what, is checked where it meets the platform.
func (e *fieldErrors) predictor(path string, p Predictor) {
	if list := p.Containers(); p[containersField] != nil && len(list) == 0 {
		e.add(path+"."+containersField, "remove it, or list a container with its image", "an empty list")
	}
	f := p.Fields()
	e.containers(path+"."+containersField, f.Containers, false)
	e.atMost(path+".args", len(f.Args))
	e.atMost(path+".env", len(f.Env))
	e.atLeast(path+".containerConcurrency", f.ContainerConcurrency, 0)
	e.atLeast(path+".timeout", f.Timeout, 1)
	e.atLeast(path+".terminationGracePeriodSeconds", f.TerminationGracePeriodSeconds, 0)
	for i, r := range f.ImagePullSecrets {
		if !subdomain.MatchString(r.Name) || len(r.Name) > maxSubdomain {
			e.add(fmt.Sprintf("%s.imagePullSecrets[%d].name", path, i), "use the name of a Secret", "%q is no resource name", r.Name)
		}
	}
	e.probe(path+".livenessProbe", f.LivenessProbe, true)
	e.probe(path+".readinessProbe", f.ReadinessProbe, false)
	e.probe(path+".startupProbe", f.StartupProbe, true)
}

func (e *fieldErrors) atLeast(path string, n *int64, least int64) {
	if n != nil && *n < least {
		e.add(path, fmt.Sprintf("use %d or more", least), "%d is too small", *n)
	}
}

func (e *fieldErrors) atMost(path string, n int) {
	if n > maxTold {
		e.add(path, "say less", "%d of them, at most %d are supported", n, maxTold)
	}
}

// probe checks what the API server would check of the pods only, long after the
// InferenceService was let in. A probe that restarts has to succeed once.
func (e *fieldErrors) probe(path string, p *Probe, restarts bool) {
	if p == nil {
		return
	}
	ways := p.Ways()
	for _, way := range ways {
		if port := p.port(way); port < 1 || port > maxPort {
			e.add(path+"."+way+".port", "use a number from 1 to 65535", "%d is no port", port)
		}
	}
	if len(ways) != 1 {
		e.add(path, "set exactly one of httpGet, tcpSocket and grpc", "%d ways to ask", len(ways))
	}
	if h := p.HTTPGet; h != nil {
		if h.Path != "" && !probePath.MatchString(h.Path) {
			e.add(path+".httpGet.path", "write a path such as /v2/health/ready", "%.100q is no path", h.Path)
		}
		if h.Scheme != "" {
			e.oneOf(path+".httpGet.scheme", h.Scheme, "HTTP", "HTTPS")
		}
	}
	if p.GRPC != nil && !grpcService.MatchString(p.GRPC.Service) {
		e.add(path+".grpc.service", "use letters, digits, '.', '_', '-' and '/'", "%.100q is no service", p.GRPC.Service)
	}
	for _, n := range []struct {
		name  string
		value int32
	}{
		{"initialDelaySeconds", p.InitialDelaySeconds}, {"timeoutSeconds", p.TimeoutSeconds}, {"periodSeconds", p.PeriodSeconds},
		{"successThreshold", p.SuccessThreshold}, {"failureThreshold", p.FailureThreshold},
	} {
		if n.value < 0 {
			e.add(path+"."+n.name, "use 0 (the default of Kubernetes) or more", "%d is too small", n.value)
		}
	}
	if restarts && p.SuccessThreshold > 1 {
		e.add(path+".successThreshold", "use 1, or remove it", "%d: a probe that restarts has to succeed once", p.SuccessThreshold)
	}
	e.atLeast(path+".terminationGracePeriodSeconds", p.TerminationGracePeriodSeconds, 1)
	if !restarts && p.TerminationGracePeriodSeconds != nil {
		e.add(path+".terminationGracePeriodSeconds", "remove it", "a readiness probe ends no container")
	}
}

// widened checks what a platform adds to the allow-list.
func (e *fieldErrors) widened(path string, names []string) {
	for i, name := range names {
		if why, fix := passthrough.Refused(name); why != "" {
			e.add(fmt.Sprintf("%s[%d]", path, i), fix, "%.100q cannot be allowed: %s", name, why)
		}
	}
}

// prometheus checks the address that KEDA is given.
func (e *fieldErrors) prometheus(path string, p *Prometheus) {
	if p == nil {
		return
	}
	u, err := url.Parse(p.ServerAddress)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		e.add(path+".serverAddress", "write a URL such as http://prometheus.monitoring:9090", "%.100q is no address of a server", p.ServerAddress)
	}
}
