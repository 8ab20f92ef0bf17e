package generators

import (
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

// component is a transformer or an explainer; its first container answers.
func component(m *model.Model, c model.Component, service string) object.Map {
	var out object.Map
	bounds(&out, m, c.Replicas)
	scale(&out, m, service, c.Autoscaling)
	list := containers(c.Images)
	first := list[0].(object.Map)
	first.Set("args", componentArgs(m))
	if len(list) > 1 {
		first.Set("ports", ports())
	}
	list[0] = first
	out.Set("containers", list)
	return out
}

// containers are the containers of a pod, each with its image by digest.
func containers(images []*model.Image) object.List {
	var out object.List
	for _, i := range images {
		c := object.Map{{Key: "name", Value: i.Spec.Name}, {Key: "image", Value: i.Artifact.Identity()}}
		c.Set("resources", resources(i.Spec.Resources))
		out = append(out, c)
	}
	return out
}
