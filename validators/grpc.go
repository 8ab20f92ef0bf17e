package validators

import (
	"fmt"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/kserve"
	"github.com/modelfn/modelfn/internal/model"
)

// grpc: what is asked by gRPC needs a port that speaks it, and a way there.
func grpc(m *model.Model) finding.List {
	if m.LLM() {
		return nil // it speaks HTTP only
	}
	if m.Platform.Spec.Serving.Mode == v1alpha1.ModeStandard {
		return standardGRPC(m)
	}
	var out finding.List
	for _, v := range m.Versions() {
		if _, shipped := m.Platform.KServe().Find(v.Runtime()); shipped && kserve.IsGRPC(v.Protocol()) {
			out = append(out, warn(m, "grpc", v.Field+".protocolVersion",
				fmt.Sprintf("KServe's runtime %s names no port h2c, so Knative would ask it by HTTP", v.Runtime()),
				"name a runtime of your own that has the port, ask the model by HTTP (v1 or v2), or use Standard mode"))
		}
	}
	return out
}

// standardGRPC: a GRPCRoute leads by the method, which is the whole path.
func standardGRPC(m *model.Model) finding.List {
	var out finding.List
	asked, versions := 0, m.Versions()
	for _, v := range versions {
		if !kserve.IsGRPC(v.Protocol()) {
			continue
		}
		asked++
		if v.Artifact.Resolved() && m.Naming(v).Known() && m.GRPCPort(v) == 0 {
			out = append(out, refuse(m, "grpc", v.Field+".protocolVersion",
				fmt.Sprintf("nothing says at which port the runtime %s answers gRPC", v.Runtime()),
				"have the platform say it (spec.serving.runtimes, grpcPort), or ask the model by HTTP: v1 or v2"))
		}
	}
	if asked == 0 {
		return nil
	}
	if asked < len(versions) {
		out = append(out, refuse(m, "grpc", m.Canary.Field+".protocolVersion",
			"one version is asked by gRPC and the other by HTTP, and no route leads to both", "give both the same protocolVersion"))
	}
	if m.Platform.Spec.Serving.Gateway.PathPrefix != "" {
		out = append(out, refuse(m, "grpc", "spec.protocolVersion",
			fmt.Sprintf("the path of a gRPC request is its method, so that the platform's path prefix %q cannot stand before it", m.Platform.Spec.Serving.Gateway.PathPrefix),
			"ask the model by HTTP (v1 or v2), or have the platform tell models apart by hostnames with {name} instead of spec.serving.gateway.pathPrefix"))
	}
	for _, c := range m.Components {
		out = append(out, refuse(m, "grpc", "spec."+c.Name,
			"the "+c.Name+" is asked by HTTP, and asks the model by HTTP, where it speaks gRPC", "ask the model by HTTP: v1 or v2"))
	}
	return out
}
