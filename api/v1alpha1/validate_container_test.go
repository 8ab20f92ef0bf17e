package v1alpha1

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestValidateContainers(t *testing.T) {
	const (
		image    = "image: a.example/b:v1"
		nameFix  = "use lower-case letters, digits and '-', at most 63"
		otherFix = "use another name"
		imageFix = "write registry/repository:tag"
	)
	unknown := func(path, message string) []FieldError {
		return []FieldError{{RuleUnknownField, path, message, "remove it; known here: image, name, resources"}}
	}
	many := strings.Repeat("{name: a, "+image+"}, ", maxContainers+1)
	for name, tt := range map[string]struct {
		spec string
		want []FieldError
	}{
		"beside the model":    {"predictor: {containers: [{name: guard, " + image + "}, {name: b, image: oci://a.example/b@sha256:x}]}", nil},
		"component":           {"transformer: {containers: [{" + image + "}, {name: b, " + image + "}]}", nil},
		"main container":      {"explainer: {containers: [{name: kserve-container, " + image + "}]}", nil},
		"other fields":        {"predictor: {timeout: 1, tolerations: [{key: a}]}", nil},
		"null":                {"predictor: {containers: null}", nil},
		"empty":               {"predictor: {containers: []}", invalid("spec.predictor.containers", "an empty list", "remove it, or list a container with its image")},
		"empty container":     {"predictor: {containers: [null]}", append(invalid("spec.predictor.containers[0].name", `"" is no container name`, nameFix), invalid("spec.predictor.containers[0].image", "required", "name the image: registry/repository:tag")...)},
		"empty component":     {"transformer: {}", invalid("spec.transformer.containers", "required", "list a container with its image")},
		"no list":             {"predictor: {containers: {name: a}}", invalid("spec.predictor.containers", "want a list, found a map", "write a value of that type")},
		"resources":           {"predictor: {containers: [{name: a, " + image + ", resources: {limits: {cpu: lots}}}]}", invalid("spec.predictor.containers[0].resources.limits.cpu", `"lots" is not a quantity such as 500m, 2 or 4Gi`, "correct the value")},
		"resources below 0":   {"explainer: {containers: [{" + image + ", resources: {requests: {cpu: -1}}}]}", invalid("spec.explainer.containers[0].resources.requests.cpu", `"-1" is below zero`, "use 0 or more")},
		"replicas":            {"explainer: {containers: [{" + image + "}], replicas: {min: 2, max: 1}}", invalid("spec.explainer.replicas.max", "1 is below the minimum", "use a number that is at least min")},
		"too many":            {"predictor: {containers: [" + many + "]}", invalid("spec.predictor.containers", "11 containers, at most 10 are supported", "run fewer containers in one pod")},
		"upper case":          {"predictor: {containers: [{name: A, " + image + "}]}", invalid("spec.predictor.containers[0].name", `"A" is no container name`, nameFix)},
		"twice":               {"predictor: {containers: [{name: a, " + image + "}, {name: a, " + image + "}]}", invalid("spec.predictor.containers[1].name", `"a" is listed twice`, "give each container its own name")},
		"the model's":         {"canary: {weight: 1, predictor: {containers: [{name: kserve-container, " + image + "}]}}", invalid("spec.canary.predictor.containers[0].name", `KServe uses the name "kserve-container" for a container of its own`, otherFix)},
		"the initializer's":   {"predictor: {containers: [{name: storage-initializer, " + image + "}]}", invalid("spec.predictor.containers[0].name", `KServe uses the name "storage-initializer" for a container of its own`, otherFix)},
		"collocated":          {"predictor: {containers: [{name: transformer-container, " + image + "}]}", invalid("spec.predictor.containers[0].name", `KServe uses the name "transformer-container" for a container of its own`, otherFix)},
		"second main":         {"transformer: {containers: [{" + image + "}, {name: kserve-container, " + image + "}]}", invalid("spec.transformer.containers[1].name", `"kserve-container" is listed twice`, "give each container its own name")},
		"other main":          {"transformer: {containers: [{name: a, " + image + "}]}", invalid("spec.transformer.containers[0].name", `"a": KServe calls the first container of a transformer kserve-container`, "leave the name out, or write kserve-container")},
		"kit":                 {"predictor: {containers: [{name: a, image: \"kit://a.example/b:v1\"}]}", invalid("spec.predictor.containers[0].image", `"kit://a.example/b:v1" is no container image`, imageFix)},
		"bucket":              {"transformer: {containers: [{image: \"s3://b/c\"}]}", invalid("spec.transformer.containers[0].image", `"s3://b/c" is no container image`, imageFix)},
		"arguments":           {"predictor: {containers: [{name: a, " + image + ", args: [x]}]}", unknown("spec.predictor.containers[0].args", `"args" is not allowed: it could make something else answer than the verified model`)},
		"typo":                {"transformer: {containers: [{imag: x}]}", []FieldError{{RuleUnknownField, "spec.transformer.containers[0].imag", `unknown field "imag"`, `did you mean "image"?`}}},
		"init, not a typo":    {"transformer: {initContainers: [{name: a, " + image + "}]}", []FieldError{{RuleUnknownField, "spec.transformer.initContainers", `"initContainers" is not allowed: it could make something else answer than the verified model`, "remove it; known here: autoscaling, containers, replicas"}}},
		"beside the shadow":   {"shadow: {predictor: {containers: [{name: a, " + image + ", env: []}]}}", unknown("spec.shadow.predictor.containers[0].env", `"env" is not allowed: it could make something else answer than the verified model`)},
		"case of field names": {"predictor: {containers: [{name: a, Image: x}]}", []FieldError{{RuleUnknownField, "spec.predictor.containers[0].Image", `unknown field "Image"`, `did you mean "image"?`}}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Decode([]byte(deployment(tt.spec)), new(ModelDeployment))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestClosedFields: no field that could change what answers comes into a
// container unnoticed.
func TestClosedFields(t *testing.T) {
	for _, field := range []string{"command", "args", "env", "envFrom", "ports", "volumeMounts", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle", "securityContext", "workingDir", "imagePullPolicy"} {
		document := deployment("predictor: {containers: [{name: a, image: a.example/b:v1, " + field + ": x}]}")
		errs := Decode([]byte(document), new(ModelDeployment))
		if len(errs) != 1 || errs[0].Path != "spec.predictor.containers[0]."+field || !strings.Contains(errs[0].Message, "is not allowed: it could make something else answer") {
			t.Errorf("%s: %v", field, errs)
		}
	}
}

// TestContainers are read with canonical quantities, and apart from the other
// fields.
func TestContainers(t *testing.T) {
	d := new(ModelDeployment)
	document := deployment("predictor: {timeout: 60, containers: [{name: a, image: a.example/b:v1, resources: {limits: {cpu: 1000m, memory: 0.5}}}]}\ntransformer: {containers: [{image: a.example/b:v1}]}")
	if errs := Decode([]byte(document), d); len(errs) > 0 {
		t.Fatal(errs)
	}
	want := []Container{{Name: "a", Image: "a.example/b:v1", Resources: &Resources{Limits: map[string]Quantity{"cpu": "1", "memory": "500m"}}}}
	if diff := cmp.Diff(want, d.Spec.Predictor.Containers()); diff != "" {
		t.Errorf("containers (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any{"timeout": 60.0}, d.Spec.Predictor.Others()); diff != "" {
		t.Errorf("others (-want +got):\n%s", diff)
	}
	if got := d.Spec.Transformer.Containers[0].Name; got != MainContainer {
		t.Errorf("the first container of a transformer is called %q", got)
	}
	if got := (Predictor{"containers": "x"}).Containers(); got != nil {
		t.Errorf("%v of what is no list", got)
	}
}

func TestValidateImageRule(t *testing.T) {
	for name, tt := range map[string]struct {
		rule string
		want []FieldError
	}{
		"verified":    {"match: [a.example/**]", nil},
		"no match":    {"verify: false", invalid("spec.images[0].match", "required", "list globs such as registry.example.com/images/**")},
		"scheme":      {"match: [a.example/b, \"oci://a.example/**\"]", invalid("spec.images[0].match[1]", `"oci://a.example/**": globs over images have no scheme`, "write registry.example.com/images/**")},
		"other value": {"match: [a.example/**], verify: \"no\"", invalid("spec.images[0].verify", "want true or false, found text", "write a value of that type")},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Decode([]byte(platform("images: [{"+tt.rule+"}]")), new(ModelPlatform))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestImagesAreVerifiedByDefault: leaving verify out never means no signature.
func TestImagesAreVerifiedByDefault(t *testing.T) {
	p := new(ModelPlatform)
	if errs := Decode([]byte(platform("images: [{match: [a/**]}, {match: [b/**], verify: false}, {match: [c/**], verify: null}]")), p); len(errs) > 0 {
		t.Fatal(errs)
	}
	var got []string
	for _, r := range p.Spec.Images {
		got = append(got, fmt.Sprint(*r.Verify))
	}
	if want := "true false true"; strings.Join(got, " ") != want {
		t.Errorf("%v, want %s", got, want)
	}
}
