package generators

import (
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

// addressPort leads to where the stable version answers.
func addressPort(m *model.Model) object.Map {
	name, target, speaks := "http", servingPort, ""
	if m.GRPC() {
		name, target, speaks = h2c, m.GRPCPort(&m.Stable), "kubernetes.io/h2c"
	}
	out := object.Map{{Key: "name", Value: name}, {Key: "protocol", Value: "TCP"}}
	out.Set("appProtocol", speaks)
	return append(out, object.Field{Key: "port", Value: 80}, object.Field{Key: "targetPort", Value: target})
}
