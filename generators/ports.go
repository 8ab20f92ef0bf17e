package generators

import (
	"fmt"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/internal/kserve"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

// servingPort is where KServe's servers answer unless told otherwise.
const servingPort = 8080

// h2c is the name of a port by which KServe, Knative and gateways know that gRPC
// is spoken there.
const h2c = "h2c"

// ports says which container of several answers requests: Knative refuses a pod
// of more than one container unless exactly one has a port. KServe's own runtimes
// name none.
func ports() object.List {
	return object.List{object.Map{{Key: "containerPort", Value: servingPort}, {Key: "protocol", Value: "TCP"}}}
}

// modelPorts are the ports of the container that loads a version, where they are
// named. In Standard mode a model that is asked by gRPC has to name the port:
// KServe's Service leads to the first one, and else to servingPort.
func modelPorts(m *model.Model, v *model.Version) object.List {
	switch {
	case ownObjects(m) && kserve.IsGRPC(v.Protocol()):
		return object.List{object.Map{
			{Key: "containerPort", Value: m.GRPCPort(v)}, {Key: "name", Value: h2c}, {Key: "protocol", Value: "TCP"},
		}}
	case !ownObjects(m) && needsPort(*v):
		return ports()
	}
	return nil
}

// needsPort tells whether the model's container is to be given a port: when it is
// not alone. A runtime for gRPC names its own, since it could not be reached
// otherwise.
func needsPort(v model.Version) bool {
	return len(v.Images) > 0 && !kserve.IsGRPC(v.Spec.ProtocolVersion)
}

// ported tells whether the model's container is given a port.
func ported(m *model.Model) bool {
	return slices.ContainsFunc(m.Versions(), func(v *model.Version) bool { return len(modelPorts(m, v)) > 0 })
}

// portShape demands that the model's container has the ports that were rendered
// for one of the versions: at any other something else could answer.
func portShape(m *model.Model) object.List {
	if !ported(m) {
		return nil // modelKeys has no ports
	}
	var variants []string
	for _, v := range m.Versions() {
		var each []string
		for _, p := range modelPorts(m, v) {
			port := p.(object.Map)
			name, _ := port.Get("name").(string)
			each = append(each, fmt.Sprintf("%s %d %s", name, port.Get("containerPort"), port.Get("protocol")))
		}
		if text := celList(each); !slices.Contains(variants, text) {
			variants = append(variants, text)
		}
	}
	const list = "object.spec.predictor.?model.ports.orValue([])"
	return object.List{validation("the model must answer at the port that was rendered", lines(
		// As texts: Kyverno takes no mapping with values of two types.
		list+".map(p, p.?name.orValue('') + ' ' + string(p.containerPort) + ' ' + p.?protocol.orValue('')) in [\n"+strings.Join(variants, ",\n")+"]",
		"&& "+list+".all(p, "+onlyKeys("p", "containerPort", "name", "protocol")+")"))}
}
