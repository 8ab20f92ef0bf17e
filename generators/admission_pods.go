package generators

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

// The names that KServe 0.17 and 0.20 give to what loads models, and adds as late as
// a Pod is created (pkg/utils/storage.go, pkg/webhook/admission/pod).
const (
	celModelcar     = `^modelcar(-init)?(-[0-9]+)?$`
	initializerName = "storage-initializer"
	claimVolume     = "kserve-pvc-source"
	imageSubPath    = "models" // of an image volume, by which oci+native:// is mounted
	pullerName      = "agent"
	pullerFlag      = "--enable-puller"
)

// podGuard holds Pods to models that the platform admits: behind an InferenceService
// stand Deployments and Knative Services, and whoever may write their annotations
// names a model to KServe's webhook. It is about shapes only. A signature that is
// looked up for each Pod would turn a registry's outage into Pods that do not start.
func podGuard(p *model.Platform) admissionPolicy {
	g := admissionPolicy{
		name:       "modelfn-pods",
		kinds:      []guarded{{"", []string{"Pod"}, scopeNamespaced}},
		conditions: object.List{named("loads", podLoads)},
		variables: object.List{
			named("containers", podContainers),
			named("volumes", podVolumes),
			named("modelcars", "variables.containers.filter(c, "+celMatches("c.name", celModelcar)+")"),
			named("initializers", "variables.containers.filter(c, c.name == "+celString(initializerName)+")"),
			named("claim", "variables.volumes.filter(v, v.name == "+celString(claimVolume)+")[?0].?persistentVolumeClaim.?claimName.orValue('')"),
			named("loaded", podLoaded(p)),
		},
		validations: append(podShape(p), object.List{
			validation("a Pod may load, by KServe's means, only what is named by digest, by commit, or as storage that a trust rule lets in unsigned: no tag, no branch",
				"variables.loaded.all(l, l.all(u, "+isPinned("u")+"))"),
			validation("no trust rule of platform "+p.Name+" admits what the Pod loads from where it is; the first that matches decides. Whether it is signed is not judged here",
				"variables.loaded.all(l, l.all(u, "+isAdmitted(p, "u")+"))"),
		}...),
	}
	if allowed := podsOfForeign(p); allowed != "false" {
		g.conditions = append(g.conditions, named("not-foreign", lines(labelledOurs, "|| !"+allowed)))
	}
	return g
}

// The containers are all but ephemeral ones, which nobody's template has.
const (
	podContainers = "(object.spec.?containers.orValue([]) + object.spec.?initContainers.orValue([]))"
	podVolumes    = "object.spec.?volumes.orValue([])"
)

// podLoads leaves all other Pods of the cluster alone. Conditions know no variables.
var podLoads = lines(
	podContainers+".exists(c, "+celMatches("c.name", celModelcar)+" || c.name == "+celString(initializerName)+" || "+pulls+")",
	"|| "+podVolumes+".exists(v, v.name == "+celString(claimVolume)+" || has(v.image) && ("+madeByKServe+" || "+mountedAsModel(podContainers)+"))")

// pulls is the condition that a container c is KServe's agent, told to load models.
var pulls = "c.name == " + celString(pullerName) + " && c.?args.orValue([]).exists(a, a.contains(" + celString(pullerFlag) + "))"

// madeByKServe: KServe labels its Pods, and its webhook is asked about no others.
var madeByKServe = "object.metadata.?labels.orValue({}).exists(k, " + celMatches("k", celKServe) + ")"

// mountedAsModel is the condition that a volume v is mounted as KServe mounts models.
func mountedAsModel(containers string) string {
	return containers + ".exists(c, c.?volumeMounts.orValue([]).exists(m, m.name == v.name && m.?subPath.orValue('') == " + celString(imageSubPath) + "))"
}

// podLoaded are the URIs of what the Pod loads, in lists. An image volume that is not
// mounted as a model is an ordinary thing in any other Pod than KServe's; there it
// may be what could run beside the model by its digest alone (spec.images).
func podLoaded(p *model.Platform) string {
	return lines(
		"[variables.modelcars.map(c, 'oci://' + c.?image.orValue(''))]",
		"+ [variables.volumes.filter(v, has(v.image) && ("+mountedAsModel("variables.containers"),
		"|| "+madeByKServe+" && ![v.image.?reference.orValue('')].all(i, "+isImage("i")+" && "+isAllowedImage(p, "i")+" && !"+isVerified(p, "i")+")))",
		".map(v, 'oci://' + v.image.?reference.orValue(''))]",
		"+ variables.initializers.map(c, "+uriPlaces+".map(i, c.args[i]))",
		// No path is known of what is mounted by an expression: ? is in no URI.
		"+ variables.containers.map(c, c.?volumeMounts.orValue([]).filter(m, m.name == "+celString(claimVolume)+")",
		".map(m, 'pvc://' + variables.claim + ('subPathExpr' in m ? '/?' : m.?subPath.orValue('') == '' ? '' : '/' + m.subPath)))")
}

// maxPairs bounds what one initializer loads: CEL counts no steps, so the places are
// spelled out.
const maxPairs = 64

// uriPlaces are the places of the URIs among a container's arguments.
var uriPlaces = func() string {
	places := make([]string, maxPairs)
	for i := range places {
		places[i] = strconv.Itoa(2 * i)
	}
	return "[" + strings.Join(places, ", ") + "].filter(i, i < c.?args.orValue([]).size())"
}()

// loaderKeys are the fields that KServe, the API server and what gives Pods
// credentials set in containers that load models.
var loaderKeys = []string{
	"args", "env", "image", "imagePullPolicy", "name", "resources", "securityContext",
	"terminationMessagePath", "terminationMessagePolicy", "volumeMounts",
}

// What KServe's modelcars do: the one shows its /models to the server, and the other
// looks whether there are any. Dollars are doubled as Kubernetes wants it.
const (
	celFile          = `(/[A-Za-z0-9/._-]*|'/[^']*')`
	celShowsModel    = `^(mkdir -p ` + celFile + ` && )?ln -sf /proc/[$]{4}/root/models ` + celFile + ` && sleep infinity$`
	looksBeforeImage = `echo 'Pre-fetching modelcar `
	looksAfterImage  = `: ' && [ -d /models ] && [ "$$(ls -A /models)" ] && echo 'OK ... Prefetched and valid (/models exists)' || (echo 'NOK ... Prefetched but modelcar is invalid (/models does not exist or is empty)' && exit 1)`
)

// podShape: what has a name of KServe's must be what KServe makes, or its image and
// its arguments would say nothing about what is loaded.
func podShape(p *model.Platform) object.List {
	return object.List{
		validation("models may be fetched only by KServe's own initializer of the platform's version, spec.serving.kit.image, or one of spec.serving.initializers",
			"variables.initializers.all(c, "+isInitializer(p, "c.?image.orValue('')")+")"),
		validation("a storage-initializer may be told pairs of a URI and a path only, and have no command of its own",
			lines("variables.initializers.all(c, "+onlyKeys("c", loaderKeys...),
				fmt.Sprintf("&& c.?args.orValue([]).size() >= 2 && c.args.size() <= %d && c.args.size() %% 2 == 0", 2*maxPairs),
				"&& "+uriPlaces+".all(i, c.args[i + 1].startsWith('/')))")),
		validation("a storage-initializer may be told no other place of its storage (STORAGE_CONFIG, STORAGE_OVERRIDE_CONFIG): annotations of the Pod name it to KServe",
			"variables.initializers.all(c, c.?env.orValue([]).all(e, !(e.name in "+celList([]string{"STORAGE_CONFIG", "STORAGE_OVERRIDE_CONFIG"})+")))"),
		validation("a modelcar may do only what KServe has it do: show the model to the server, or look whether it is there",
			lines("variables.modelcars.all(c, "+onlyKeys("c", loaderKeys...),
				"&& c.?args.orValue([]).size() == 3 && c.args[0] == 'sh' && c.args[1] == '-c'",
				"&& (c.name.startsWith('modelcar-init') ? c.args[2] == "+celString(looksBeforeImage)+" + c.image + "+celString(looksAfterImage),
				": "+celMatches("c.args[2]", celShowsModel)+"))")),
		validation("KServe's agent may not pull models: a TrainedModel names them, and they are in no Pod's spec",
			"!variables.containers.exists(c, "+pulls+")"),
	}
}
