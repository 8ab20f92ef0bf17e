package generators

import (
	"fmt"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

// containerShape demands that the containers are exactly those that were
// rendered: a version's beside the model, and those of each component, in their
// order, with nothing that could make them do something else.
func containerShape(m *model.Model) object.List {
	var out object.List
	if sidecars(m) {
		list := containersOf("predictor")
		var allowed [][]*model.Image
		for _, v := range m.Versions() {
			allowed = append(allowed, v.Images)
		}
		expression := lines(
			exactly(list, allowed...),
			"&& "+list+".all(c, "+onlyKeys("c", "image", "name", "resources")+")")
		out = append(out, containerValidation("predictor", expression, allowed...))
	}
	for _, c := range m.Components {
		out = append(out, containerValidation(c.Name, componentShape(m, c), c.Images))
	}
	return out
}

func componentShape(m *model.Model, c model.Component) string {
	list := containersOf(c.Name)
	fields := []string{"image", "name", "resources"}
	told := ""
	if args := componentArgs(m); args != nil {
		fields = append([]string{"args"}, fields...)
		each := make(object.List, len(c.Images))
		for i := range each {
			each[i] = object.List{}
		}
		each[0] = args
		told = "\n&& " + list + ".map(c, c.?args.orValue([])) == " + celValue(each)
	}
	keys := onlyKeys("c", fields...)
	if len(c.Images) > 1 {
		keys = "c.name == " + celString(v1alpha1.MainContainer) + " && " + onlyKeys("c", slices.Sorted(slices.Values(append(fields, "ports")))...) +
			" && " + servingOnly("c.?ports.orValue([])") + "\n|| " + keys
	}
	return lines(
		exactly(list, c.Images),
		"&& "+list+".all(c, "+keys+")"+told,
		"&& "+onlyKeys("object.spec."+c.Name, slices.Sorted(slices.Values(append(scalingKeys(m, c.Autoscaling), "containers", "maxReplicas", "minReplicas")))...))
}

// containersOf are the containers of a component; where there are none, an empty
// list.
func containersOf(component string) string {
	return "object.spec.?" + component + ".containers.orValue([])"
}

// servingOnly: no port but the one that we emit.
func servingOnly(list string) string {
	return fmt.Sprintf("%s.all(p, %s && p.containerPort == %d)", list, onlyKeys("p", "containerPort", "protocol"), servingPort)
}

// onlyKeys: the mapping has no other keys.
func onlyKeys(mapping string, keys ...string) string {
	return mapping + ".all(k, k in " + celList(keys) + ")"
}

// exactly: the containers are one of these lists, by name and image.
func exactly(list string, allowed ...[]*model.Image) string {
	var variants []string
	for _, images := range allowed {
		names := make([]string, len(images))
		for i, image := range images {
			names[i] = image.Spec.Name + " " + image.Artifact.Identity()
		}
		if v := celList(names); !slices.Contains(variants, v) {
			variants = append(variants, v)
		}
	}
	return list + ".map(c, c.?name.orValue('') + ' ' + c.?image.orValue('')) in [\n" + strings.Join(variants, ",\n") + "]"
}

func containerValidation(component, expression string, allowed ...[]*model.Image) object.Map {
	var names []string
	for _, images := range allowed {
		for _, i := range images {
			names = append(names, i.Artifact.Identity())
		}
	}
	slices.Sort(names)
	return validation("the containers of spec."+component+" must be those that were rendered: "+strings.Join(slices.Compact(names), ", "), expression)
}

// containerImages are the images of all containers in the InferenceService.
func containerImages(m *model.Model) string {
	var lists []string
	if sidecars(m) {
		lists = append(lists, containersOf("predictor"))
	}
	for _, c := range m.Components {
		lists = append(lists, containersOf(c.Name))
	}
	return "(" + strings.Join(lists, "\n+ ") + ").map(c, c.?image.orValue(''))"
}
