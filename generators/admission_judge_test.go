package generators

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/cel-go/cel"
	"sigs.k8s.io/yaml"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/object"
	"github.com/modelfn/modelfn/trust"
)

// platformOf is the platform of a file, in effect.
func platformOf(t testing.TB, text string) *model.Platform {
	t.Helper()
	var p v1alpha1.ModelPlatform
	if errs := v1alpha1.Decode([]byte(text), &p); len(errs) > 0 {
		t.Fatal(errs)
	}
	policy, errs := trust.Compile(p.Spec)
	images, more := model.CompileImages(p.Spec)
	if errs = append(errs, more...); len(errs) > 0 {
		t.Fatal(errs)
	}
	return &model.Platform{Name: p.Metadata.Name, Spec: p.Spec, Trust: policy, Images: images, Sealed: true}
}

// apiServer judges as the API server does, by expressions alone: without its
// defaults, its costs and its selectors. e2e asks the real one.
type apiServer struct {
	env      *cel.Env
	policies []admissionPolicy
	// programs by expression: platforms have most of them in common.
	programs map[string]cel.Program
	// params are what a policy finds as its parameters.
	params []map[string]any
}

func newAPIServer(t testing.TB) *apiServer {
	t.Helper()
	env, err := cel.NewEnv(cel.OptionalTypes(), cel.HomogeneousAggregateLiterals(),
		cel.Variable("object", cel.DynType), cel.Variable("oldObject", cel.DynType), cel.Variable("params", cel.DynType), cel.Variable("variables", cel.MapType(cel.StringType, cel.DynType)))
	if err != nil {
		t.Fatal(err)
	}
	return &apiServer{env: env, programs: map[string]cel.Program{}}
}

// of is the same server with a platform's baseline.
func (s *apiServer) of(p *model.Platform) *apiServer {
	return &apiServer{env: s.env, policies: guards(p), programs: s.programs}
}

// recording is the same server with the policy of records alone, and these.
func (s *apiServer) recording(p *model.Platform, records ...map[string]any) *apiServer {
	return &apiServer{env: s.env, policies: []admissionPolicy{recordGuard(p)}, programs: s.programs, params: records}
}

func (s *apiServer) eval(t testing.TB, expression string, vars map[string]any) (any, error) {
	t.Helper()
	program, compiled := s.programs[expression]
	if !compiled {
		ast, issues := s.env.Compile(expression)
		if issues.Err() != nil {
			t.Fatalf("%v:\n%s", issues.Err(), expression)
		}
		var err error
		if program, err = s.env.Program(ast, cel.EvalOptions(cel.OptOptimize)); err != nil {
			t.Fatal(err)
		}
		s.programs[expression] = program
	}
	value, _, err := program.Eval(vars)
	if err != nil {
		return nil, err
	}
	return value.Value(), nil
}

// denials are the messages of what an object does not meet; judged tells whether
// any policy was about it.
func (s *apiServer) denials(t testing.TB, o, old map[string]any) (messages []string, judged bool) {
	t.Helper()
	for _, p := range s.policies {
		if !about(p, o["apiVersion"].(string), o["kind"].(string)) {
			continue
		}
		vars := map[string]any{"object": o, "oldObject": nil, "variables": map[string]any{}}
		if old != nil {
			vars["oldObject"] = old
		}
		if !s.matches(t, p, vars) {
			continue
		}
		judged = true
		if p.params == nil {
			messages = append(messages, s.against(t, p, vars)...)
		}
		for _, param := range s.params { // all of them have to hold
			vars["params"] = param
			messages = append(messages, s.against(t, p, vars)...)
		}
	}
	return messages, judged
}

// against are the messages of one policy, with the parameter that vars has.
func (s *apiServer) against(t testing.TB, p admissionPolicy, vars map[string]any) (messages []string) {
	t.Helper()
	for _, v := range p.variables {
		name, expression := v.(object.Map).Get("name").(string), v.(object.Map).Get("expression").(string)
		value, err := s.eval(t, expression, vars)
		if err != nil {
			t.Fatalf("variable %s: %v", name, err)
		}
		vars["variables"].(map[string]any)[name] = value
	}
	for _, v := range p.validations {
		expression := v.(object.Map).Get("expression").(string)
		switch holds, err := s.eval(t, expression, vars); {
		case err != nil:
			messages = append(messages, fmt.Sprintf("error: %v", err))
		case holds != true:
			messages = append(messages, v.(object.Map).Get("message").(string))
		}
	}
	return messages
}

func (s *apiServer) matches(t testing.TB, p admissionPolicy, vars map[string]any) bool {
	t.Helper()
	conditions := p.matchConditions()
	return !slices.ContainsFunc(conditions, func(c any) bool {
		holds, err := s.eval(t, c.(object.Map).Get("expression").(string), vars)
		if err != nil {
			t.Fatal(err)
		}
		return holds != true
	})
}

// about tells whether a policy is about a kind.
func about(p admissionPolicy, apiVersion, kind string) bool {
	group, _, named := strings.Cut(apiVersion, "/")
	if !named {
		group = "" // the core group's
	}
	return slices.ContainsFunc(p.kinds, func(g guarded) bool {
		return g.group == group && (slices.Contains(g.kinds, "*") || slices.Contains(g.kinds, kind))
	})
}

func objectsOf(t testing.TB, text string) []map[string]any {
	t.Helper()
	var out []map[string]any
	for _, document := range strings.Split("\n"+text, "\n---\n") {
		var o map[string]any
		if err := yaml.Unmarshal([]byte(document), &o); err != nil {
			t.Fatal(err)
		}
		if o != nil {
			out = append(out, o)
		}
	}
	return out
}

func contents(t testing.TB, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestAdmitsWhatIsRendered: every model that is rendered by a platform is admitted
// by that platform's baseline.
func TestAdmitsWhatIsRendered(t *testing.T) {
	files, err := filepath.Glob("../testdata/*/expected.yaml")
	if err != nil {
		t.Fatal(err)
	}
	server, admitted := newAPIServer(t), map[string]int{}
	admits := func(name, platform, rendered string) {
		t.Run(name, func(t *testing.T) {
			s := server.of(platformOf(t, platform))
			for _, o := range objectsOf(t, rendered) {
				messages, judged := s.denials(t, o, nil)
				if judged {
					admitted[o["kind"].(string)]++
				}
				if len(messages) > 0 {
					t.Errorf("%s: %s", o["kind"], strings.Join(messages, "\n"))
				}
			}
		})
	}
	for _, file := range files {
		dir := filepath.Dir(file)
		if raw, err := os.ReadFile(filepath.Join(dir, "platform.yaml")); err == nil {
			admits(filepath.Base(dir), string(raw), contents(t, file))
		}
	}
	for _, mode := range []string{"Knative", "Standard"} {
		files, err := filepath.Glob("../testdata/matrix/" + strings.ToLower(mode) + "/*/*.yaml")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			admits("matrix/"+strings.TrimPrefix(file, "../testdata/matrix/"), matrixPlatform(mode), contents(t, file))
		}
	}
	if admitted[kindInferenceService] < 100 || admitted[kindLLMInferenceService] < 20 {
		t.Errorf("only %v were judged", admitted)
	}
}

func matrixPlatform(mode string) string {
	return `
apiVersion: modelfn.dev/v1alpha1
kind: ModelPlatform
metadata: {name: prod}
spec:
  trust:
  - {match: [registry.example.com/**, "hf://acme/**", "s3://models/**", "gs://models/**", "https://models.example.com/**", "pvc://models/**"], unsafeUnsigned: true}
  serving: {mode: ` + mode + `}
`
}
