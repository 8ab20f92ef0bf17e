package generators

import (
	"cmp"

	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

const kindService = "Service"

// address is a Service under the deployment's own name: inside the cluster the
// stable version answers there, whichever it is.
type address struct{}

var _ Generator = address{}

func (address) Generate(m *model.Model) []object.Object {
	return []object.Object{{
		APIVersion: "v1", Kind: kindService,
		Namespace: m.Deployment.Metadata.Namespace, Name: m.Deployment.Metadata.Name,
		Labels: labels(m), Annotations: waved(recordAnnotations(m), afterVersions),
		Body: object.Map{{Key: "spec", Value: object.Map{
			{Key: "type", Value: "ClusterIP"},
			{Key: "internalTrafficPolicy", Value: "Cluster"}, {Key: "sessionAffinity", Value: "None"},
			// KServe labels its pods so.
			{Key: "selector", Value: object.Map{{Key: "app", Value: "isvc." + m.VersionName(&m.Stable) + "-" + front(m)}}},
			{Key: "ports", Value: object.List{addressPort(m)}},
		}}},
	}}
}

// agentPort is where KServe's agent answers, which stands before a server whose
// requests are logged or batched.
const agentPort = 9081

// addressPort leads to where the stable version answers, which is where KServe's own
// Service leads to.
func addressPort(m *model.Model) object.Map {
	name, target, speaks := "http", servingPort, ""
	switch {
	case m.GRPC():
		name, target, speaks = h2c, m.GRPCPort(&m.Stable), "kubernetes.io/h2c"
	case front(m) == predictorName:
		target = cmp.Or(m.HTTPPort(&m.Stable), servingPort)
	}
	if front(m) == predictorName && agent(&m.Stable) {
		target = agentPort
	}
	out := object.Map{{Key: "name", Value: name}, {Key: "protocol", Value: "TCP"}}
	out.Set("appProtocol", speaks)
	return append(out, object.Field{Key: "port", Value: 80}, object.Field{Key: "targetPort", Value: target})
}

// agent tells whether KServe puts its agent before a version's server, as the
// platform has allowed.
func agent(v *model.Version) bool {
	var asked object.Map
	for _, field := range []string{"batcher", "logger"} {
		asked.Set(field, object.FromAny(v.Spec.Predictor[field]))
	}
	return len(asked) > 0
}
