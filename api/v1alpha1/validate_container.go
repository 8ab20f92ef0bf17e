package v1alpha1

import (
	"fmt"
	"slices"
	"strings"
)

// maxContainers bounds one component: each image is a lookup and a
// verification.
const maxContainers = 10

// TakenNames are the containers that KServe, Knative and the mesh put into a
// pod, or that KServe treats as its own.
func TakenNames() []string {
	return []string{
		"agent", "batcher", "istio-init", "istio-proxy", "istio-validation", MainContainer, "modelcar", "modelcar-init",
		"queue-proxy", "storage-initializer", "transformer-container", "worker-container",
	}
}

// components checks what runs beside and around the model.
func (e *fieldErrors) components(s *ModelDeploymentSpec) {
	for _, c := range []struct {
		name string
		*Component
	}{{"transformer", s.Transformer}, {"explainer", s.Explainer}} {
		if c.Component == nil {
			continue
		}
		path := "spec." + c.name
		if len(c.Containers) == 0 {
			e.add(path+".containers", "list a container with its image", "required")
		} else if first := c.Containers[0].Name; first != MainContainer {
			e.add(path+".containers[0].name", "leave the name out, or write "+MainContainer, "%q: KServe calls the first container of a %s %s", first, c.name, MainContainer)
		}
		e.containers(path+".containers", c.Containers, true)
		e.replicas(path+".replicas", c.Replicas)
		e.autoscaling(path+".autoscaling", c.Autoscaling, true)
	}
}

// containers checks those of one pod. In a component of its own the first has a
// name of KServe's.
func (e *fieldErrors) containers(path string, list []Container, component bool) {
	if len(list) > maxContainers {
		e.add(path, "run fewer containers in one pod", "%d containers, at most %d are supported", len(list), maxContainers)
		return
	}
	seen := map[string]bool{}
	for i, c := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		switch {
		case !dns1123.MatchString(c.Name) || len(c.Name) > maxLabel:
			e.add(at+".name", "use lower-case letters, digits and '-', at most 63", "%q is no container name", c.Name)
		case seen[c.Name]:
			e.add(at+".name", "give each container its own name", "%q is listed twice", c.Name)
		case slices.Contains(TakenNames(), c.Name) && (!component || i > 0):
			e.add(at+".name", "use another name", "KServe uses the name %q for a container of its own", c.Name)
		}
		seen[c.Name] = true
		e.image(at+".image", c.Image)
		e.resources(at+".resources", c.Resources)
	}
}

// image checks the scheme; the rest of a reference is parsed where it is pinned.
func (e *fieldErrors) image(path, image string) {
	scheme, _, schemed := strings.Cut(image, "://")
	switch {
	case image == "":
		e.add(path, "name the image: registry/repository:tag", "required")
	case schemed && scheme != "oci":
		e.add(path, "write registry/repository:tag", "%q is no container image", image)
	}
}

// imageRule checks one rule of a platform about images.
func (e *fieldErrors) imageRule(path string, r ImageRule) {
	if len(r.Match) == 0 {
		e.add(path+".match", "list globs such as registry.example.com/images/**", "required")
	}
	for i, m := range r.Match {
		if strings.Contains(m, "://") {
			e.add(fmt.Sprintf("%s.match[%d]", path, i), "write registry.example.com/images/**", "%q: globs over images have no scheme", m)
		}
	}
}
