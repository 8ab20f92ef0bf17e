package v1alpha1

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestValidateRuntimes(t *testing.T) {
	const (
		at      = "spec.serving.runtimes[0]"
		oneFix  = `write one of flag: "--model_name=", env: MODEL_NAME, fixed: true`
		flagFix = "write a flag with its '=', such as --model_name="
		envFix  = "use letters, digits and '_'"
	)
	for name, tt := range map[string]struct {
		runtimes string
		want     []FieldError
	}{
		"by a flag":       {`{name: acme, servedName: {flag: "--model_name="}}`, nil},
		"by a short one":  {`{name: acme, servedName: {flag: "-n="}}`, nil},
		"by a variable":   {`{name: acme, servedName: {env: MODEL_NAME}, grpcPort: 9000}`, nil},
		"shipped, fixed":  {`{name: kserve-torchserve, servedName: {fixed: true}, grpcPort: 7070}`, nil},
		"no name":         {`{servedName: {fixed: true}}`, invalid(at+".name", "required", "use the name of a ServingRuntime")},
		"no such name":    {`{name: A, servedName: {fixed: true}}`, invalid(at+".name", `"A" is no resource name`, "use the name of a ServingRuntime")},
		"twice":           {`{name: a, servedName: {fixed: true}}, {name: a, servedName: {env: A}}`, invalid("spec.serving.runtimes[1].name", `"a" is listed twice`, "merge the two entries")},
		"by nothing":      {`{name: a}`, invalid(at+".servedName", "0 ways to tell a server the name", oneFix)},
		"by two":          {`{name: a, servedName: {env: A, fixed: true}}`, invalid(at+".servedName", "2 ways to tell a server the name", oneFix)},
		"no =":            {`{name: a, servedName: {flag: --model_name}}`, invalid(at+".servedName.flag", `"--model_name" is no flag`, flagFix)},
		"a value":         {`{name: a, servedName: {flag: "--a=b="}}`, invalid(at+".servedName.flag", `"--a=b=" is no flag`, flagFix)},
		"no dash":         {`{name: a, servedName: {flag: "sh="}}`, invalid(at+".servedName.flag", `"sh=" is no flag`, flagFix)},
		"a template":      {`{name: a, servedName: {flag: "--a{{.Name}}="}}`, invalid(at+".servedName.flag", `"--a{{.Name}}=" is no flag`, flagFix)},
		"Kubernetes'":     {`{name: a, servedName: {flag: "--a$(B)="}}`, invalid(at+".servedName.flag", `"--a$(B)=" is no flag`, flagFix)},
		"two flags":       {`{name: a, servedName: {flag: "--a --b="}}`, invalid(at+".servedName.flag", `"--a --b=" is no flag`, flagFix)},
		"no variable":     {`{name: a, servedName: {env: A-B}}`, invalid(at+".servedName.env", `"A-B" is no environment variable`, envFix)},
		"another's name":  {`{name: a, servedName: {env: "A=B"}}`, invalid(at+".servedName.env", `"A=B" is no environment variable`, envFix)},
		"no port":         {`{name: a, servedName: {fixed: true}, grpcPort: 70000}`, invalid(at+".grpcPort", "70000 is no port", "use a port from 1 to 65535")},
		"by HTTP":         {`{name: a, servedName: {fixed: true}, httpPort: 9000}`, nil},
		"no HTTP port":    {`{name: a, servedName: {fixed: true}, httpPort: 65536}`, invalid(at+".httpPort", "65536 is no port", "use a port from 1 to 65535")},
		"a negative port": {`{name: a, servedName: {fixed: true}, grpcPort: -1}`, invalid(at+".grpcPort", "-1 is no port", "use a port from 1 to 65535")},
	} {
		t.Run(name, func(t *testing.T) {
			text := platform("serving: {mode: Standard, runtimes: [" + tt.runtimes + "]}")
			if diff := cmp.Diff(tt.want, Decode([]byte(text), new(ModelPlatform))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
