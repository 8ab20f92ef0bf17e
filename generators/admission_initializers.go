package generators

import (
	"github.com/modelfn/modelfn/internal/kserve"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

// isInitializer is the condition that an image is one that may fetch models. Where
// the platform lists none, it is KServe's own, of any patch of the version.
func isInitializer(p *model.Platform, image string) string {
	list := p.Spec.Serving.Initializers
	conditions := []string{"false"}
	if len(list) == 0 {
		conditions = []string{celMatches(image, "^"+literally(kserve.Initializer)+":v"+literally(p.KServe().Name)+"[.][0-9]+$")}
	} else {
		conditions = append(conditions, image+" in "+celList(list))
	}
	if kit := p.Spec.Serving.Kit; kit != nil {
		conditions = append(conditions, image+" == "+celString(kit.Image))
	}
	return oneOf(conditions...)
}

const kindStorageContainer = "ClusterStorageContainer"

// isStorageContainer is the condition that a ClusterStorageContainer is the one that
// the baseline makes, or has KServe fetch by an initializer that may be, and tells
// it nothing: by a variable, all of s3:// could come from another server. KServe
// takes over the name too, by which Pods are judged.
func isStorageContainer(p *model.Platform) string {
	const container = "object.spec.container"
	told := container + ".?env.orValue([]).size() == 0"
	if kit := p.Spec.Serving.Kit; kit != nil {
		told = "(" + container + ".?image.orValue('') == " + celString(kit.Image) + " ? " + container + ".?env.orValue([]) == " + celValue(initializerEnv(kit)) + " : " + told + ")"
	}
	return lines("("+onlyKeys("object.spec.?container.orValue({})", "env", "image", "imagePullPolicy", "name", "resources"),
		"&& "+container+".?name.orValue('') == "+celString(initializerName),
		"&& "+isInitializer(p, container+".?image.orValue('')"),
		"&& "+told+")")
}

// storageContainers is the rule about them, among the other kinds.
func storageContainers(p *model.Platform, allowed string) object.Map {
	return validation("a ClusterStorageContainer decides what fetches models: it may name an initializer that the platform knows (spec.serving.initializers, spec.serving.kit) and nothing besides its resources, or takes the platform's leave (spec.allowForeign)",
		lines("object.kind != "+celString(kindStorageContainer), "|| "+allowed, "|| "+isStorageContainer(p)))
}
