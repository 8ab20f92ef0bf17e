package v1alpha1

import (
	"fmt"
	"strings"
	"testing"
)

// TestGateway: what the Gateway API would refuse, or what would give every model
// the same route, is an error of the platform.
func TestGateway(t *testing.T) {
	const platform = "apiVersion: modelfn.dev/v1alpha1\nkind: ModelPlatform\nmetadata: {name: prod}\nspec:\n  trust: [{match: [\"a/**\"], unsafeUnsigned: true}]\n  serving: {%s}\n"
	for serving, want := range map[string]string{
		"mode: Standard": "",
		"mode: Standard, gateway: {name: public}":                                                       "",
		"mode: Standard, gateway: {headers: {x-tenant: a}}":                                             `gateway: every model would have the same route`,
		`mode: Standard, gateway: {hostnames: ["{name}.example.com"]}`:                                  "",
		`mode: Standard, gateway: {hostnames: [models.example.com], pathPrefix: "/{namespace}/{name}"}`: "",
		`mode: Standard, gateway: {pathPrefix: "/{name}"}`:                                              "",
		"mode: Standard, gateway: {hostnames: [models.example.com]}":                                    "hostnames[0]: every model would have the same route",
		`mode: Standard, gateway: {hostnames: ["{name}.Example.com"]}`:                                  `hostnames[0]: "{name}.Example.com" is no host name`,
		`mode: Standard, gateway: {hostnames: ["{name}.{ns}.com"]}`:                                     `hostnames[0]: nothing fills in {ns}`,
		`mode: Standard, gateway: {hostnames: ["*.{name}.com"]}`:                                        "is no host name",
		`mode: Standard, gateway: {pathPrefix: "{name}"}`:                                               `pathPrefix: "{name}" is no path`,
		`mode: Standard, gateway: {pathPrefix: "/{name}/"}`:                                             "is no path",
		`mode: Standard, gateway: {pathPrefix: "/{name}/../x"}`:                                         "is no path",
		`mode: Standard, gateway: {pathPrefix: "/models"}`:                                              "every model would have the same route",
		`mode: Standard, gateway: {name: Public}`:                                                       `name: "Public" is no resource name`,
		`mode: Standard, gateway: {name: public, namespace: a.b}`:                                       `namespace: "a.b" is not a namespace name`,
		`mode: Standard, gateway: {pathPrefix: "/{name}", headers: {"x tenant": a}}`:                    `headers.x tenant: "x tenant" is no header name`,
		`mode: Standard, gateway: {pathPrefix: "/{name}", headers: {x-tenant: "a\tb"}}`:                 "is no header value",
		"gateway: {name: public}":                                                                       "",
		"gateway: {name: public, namespace: gateways}":                                                  "",
		`mode: Standard, gateway: {hostnames: [models.example.com], headers: {x-model: "{name}"}}`:      "",
		"gateway: {}":                                                                           "gateway.name: required",
		"gateway: {namespace: gateways}":                                                        "gateway.name: required",
		"mode: Standard, gateway: {namespace: gateways}":                                        "gateway.name: required",
		"mode: Standard, gateway: {}":                                                           "",
		`gateway: {name: public, hostnames: ["{name}.example.com"]}`:                            "gateway.hostnames: in Knative mode KServe makes the routes, and of a gateway only name and namespace hold, for large language models",
		`gateway: {name: public, pathPrefix: "/{name}"}`:                                        "gateway.pathPrefix: in Knative mode",
		`gateway: {name: public, headers: {x-tenant: a}}`:                                       "gateway.headers: in Knative mode",
		`mode: Standard, gateway: {pathPrefix: "/{names}"}`:                                     "pathPrefix: nothing fills in {names}",
		`mode: Standard, gateway: {headers: {x-model: "{name}"}}`:                               "",
		`mode: Standard, gateway: {headers: {x-model: "{namespace}"}}`:                          "spec.serving.gateway: every model would have the same route",
		`mode: Standard, gateway: {headers: {x-model: "{name}", x-team: "{team}"}}`:             "headers.x-team: nothing fills in {team}",
		`mode: Standard, gateway: {headers: {x-model: "{name}", x-json: '{"a": 1}'}}`:           "",
		`mode: Standard, gateway: {pathPrefix: "/{name}", headers: {x-tenant: a, X-Tenant: b}}`: "headers.x-tenant: X-Tenant and x-tenant are one header",
		`mode: Standard, gateway: {pathPrefix: "/./{name}"}`:                                    "is no path",
	} {
		errs := Decode(fmt.Appendf(nil, platform, serving), new(ModelPlatform))
		if want == "" && len(errs) > 0 || want != "" && (len(errs) == 0 || !strings.Contains(fmt.Sprint(errs), want)) {
			t.Errorf("%s: %v, want %q", serving, errs, want)
		}
	}
	const deployment = "apiVersion: modelfn.dev/v1alpha1\nkind: ModelDeployment\nmetadata: {name: fraud}\nspec: {model: \"oci://a/b:v1\", canary: {model: \"oci://a/b:v2\", match: {%s}}}\n"
	for match, want := range map[string]string{
		"x-canary: always":                              "",
		`"x canary": always`:                            `spec.canary.match.x canary: "x canary" is no header name`,
		"x-canary: a, X-Canary: b":                      "spec.canary.match.x-canary: X-Canary and x-canary are one header",
		`x-canary: ""`:                                  `spec.canary.match.x-canary: "" is no header value`,
		"x-canary: " + strings.Repeat("a", maxHeader+1): "is no header value",
		"x-a: v,x-b: v,x-c: v,x-d: v,x-e: v,x-f: v,x-g: v,x-h: v,x-i: v,x-j: v,x-k: v,x-l: v,x-m: v,x-n: v,x-o: v,x-p: v,x-q: v": "spec.canary.match: 17 headers, at most 16 are supported",
	} {
		errs := Decode(fmt.Appendf(nil, deployment, match), new(ModelDeployment))
		if want == "" && len(errs) > 0 || want != "" && !strings.Contains(fmt.Sprint(errs), want) {
			t.Errorf("%s: %v, want %q", match, errs, want)
		}
	}
}
