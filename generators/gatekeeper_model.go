package generators

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
)

// gatekeeper makes a constraint for a model, of the kind that the baseline brings:
// exactly the versions that were verified, and no signatures, which it cannot check.
type gatekeeper struct{}

var _ Generator = gatekeeper{}

func (gatekeeper) Generate(m *model.Model) []object.Object {
	kind := kindInferenceService
	if m.LLM() {
		kind = kindLLMInferenceService
	}
	g := admissionPolicy{kinds: []guarded{{"serving.kserve.io", []string{kind}, scopeAny}}}
	return []object.Object{{
		APIVersion: constraintAPI, Kind: kindDeployment, Name: constraintName(m),
		Labels: labels(m), Annotations: policyAnnotations(m),
		Body: object.Map{{Key: "spec", Value: object.Map{
			{Key: "enforcementAction", Value: enforcement(m.Platform)},
			{Key: "match", Value: object.Map{
				{Key: "kinds", Value: g.matched()},
				{Key: "namespaces", Value: object.List{m.Deployment.Metadata.Namespace}},
				{Key: "labelSelector", Value: object.Map{{Key: "matchLabels", Value: object.Map{
					{Key: DeploymentLabel, Value: m.Deployment.Metadata.Name},
				}}}},
			}},
			{Key: "parameters", Value: parameters(m)},
		}}},
	}}
}

// kindDeployment is the kind of deploymentTemplate's constraints.
var kindDeployment = constraintKind(deploymentGuard)

// constraintName is as long as Gatekeeper lets it be; a longer one ends with a hash
// of the whole.
func constraintName(m *model.Model) string {
	const limit, hashed = 63, 16
	name := admissionName(m)
	if len(name) <= limit {
		return name
	}
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(name)))[:hashed]
	return strings.TrimRight(name[:limit-hashed-1], "-.") + "-" + sum
}

// parameters are what the template compares with the object.
func parameters(m *model.Model) object.Map {
	var versions object.List
	for _, v := range m.Versions() {
		versions = append(versions, versionParameters(m, v))
	}
	out := object.Map{{Key: "deployment", Value: m.Deployment.Metadata.Name}}
	if m.LLM() {
		route, _ := llmRouter(m, &m.Stable).Get("route").(object.Map)
		if group, _ := route.Get("group").(string); group != "" {
			out.Set("group", group)
		}
	}
	out.Set("versions", versions)
	for _, c := range m.Components {
		out.Set(c.Name, namedImages(c.Images))
	}
	if !m.LLM() && !ownObjects(m) && m.Canary != nil {
		out.Set("canary", object.Map{
			{Key: "stable", Value: m.Stable.Artifact.StorageURI()},
			{Key: "next", Value: m.Canary.Artifact.StorageURI()},
		})
	}
	return out
}

// versionParameters are a version as serves reads it from the object that serves it.
func versionParameters(m *model.Model, v *model.Version) object.Map {
	out := object.Map{{Key: "uri", Value: v.Artifact.StorageURI()}}
	if !m.LLM() {
		out.Set("runtime", namedRuntime(m, v))
		out.Set("containers", namedImages(v.Images))
		return append(out, told(m, v)...)
	}
	out.Set("name", m.LLMName(v))
	var adapters object.List
	for i, a := range v.Adapters {
		adapters = append(adapters, v.Spec.LLM.LoRA.Adapters[i].Name+" "+a.Artifact.StorageURI())
	}
	out.Set("adapters", adapters)
	out.Set("configs", values(v.Spec.LLM.BaseRefs))
	return append(out, llmTold(v)...)
}

func namedImages(images []*model.Image) object.List {
	var out object.List
	for _, i := range images {
		out = append(out, i.Spec.Name+" "+i.Artifact.Identity())
	}
	return out
}
