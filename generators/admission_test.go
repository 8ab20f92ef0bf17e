package generators

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/object"
)

// admissionTable is testdata/admission.yaml, which e2e reads, too.
type admissionTable struct {
	Platforms map[string]any
	Objects   map[string]struct {
		Platform string
		Object   map[string]any
	}
	Admitted, Refused []struct {
		Name, Of string
		Change   map[string]any
		Reasons  []string
		// Unseen: the API server drops what is refused before any policy sees it.
		Unseen bool
	}
	Updates []struct {
		Name, Of    string
		Was, Change map[string]any
		Reasons     []string
	}
}

func readTable(t testing.TB) (table admissionTable, servers map[string]*apiServer) {
	t.Helper()
	if err := yaml.UnmarshalStrict([]byte(contents(t, "testdata/admission.yaml")), &table); err != nil {
		t.Fatal(err)
	}
	s := newAPIServer(t)
	servers = map[string]*apiServer{}
	for name, p := range table.Platforms {
		raw, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		servers[name] = s.of(platformOf(t, string(raw)))
	}
	return table, servers
}

// patched is a copy with a JSON merge patch.
func patched(o, change map[string]any) map[string]any {
	out := maps.Clone(o)
	if out == nil {
		out = map[string]any{}
	}
	for key, value := range change {
		switch v := value.(type) {
		case nil:
			delete(out, key)
		case map[string]any:
			was, _ := out[key].(map[string]any)
			out[key] = patched(was, v)
		default:
			out[key] = v
		}
	}
	return out
}

// TestAdmissionTable: what is admitted, and what is refused for which reasons.
func TestAdmissionTable(t *testing.T) {
	table, servers := readTable(t)
	for name, o := range table.Objects {
		if messages, judged := servers[o.Platform].denials(t, o.Object, nil); !judged || len(messages) > 0 {
			t.Errorf("%s: %q, judged %t", name, messages, judged)
		}
	}
	for _, tt := range table.Admitted {
		t.Run(tt.Name, func(t *testing.T) {
			o := table.Objects[tt.Of]
			if messages, _ := servers[o.Platform].denials(t, patched(o.Object, tt.Change), nil); len(messages) > 0 {
				t.Errorf("refused: %q", messages)
			}
		})
	}
	for _, tt := range table.Refused {
		t.Run(tt.Name, func(t *testing.T) {
			o := table.Objects[tt.Of]
			messages, _ := servers[o.Platform].denials(t, patched(o.Object, tt.Change), nil)
			if !sameReasons(messages, tt.Reasons) {
				t.Errorf("%q, want %q", messages, tt.Reasons)
			}
		})
	}
}

// sameReasons: each message has its reason, and each reason its message.
func sameReasons(messages, reasons []string) bool {
	return len(messages) == len(reasons) && !slices.ContainsFunc(reasons, func(r string) bool {
		return !slices.ContainsFunc(messages, func(m string) bool { return strings.Contains(m, r) })
	})
}

// TestUpdates: what changes neither spec nor labels nor annotations is not judged,
// and anything else is; so is what KServe would execute besides.
func TestUpdates(t *testing.T) {
	table, servers := readTable(t)
	for _, tt := range table.Updates {
		t.Run(tt.Name, func(t *testing.T) {
			o := table.Objects[tt.Of]
			was := patched(o.Object, tt.Was)
			messages, judged := servers[o.Platform].denials(t, patched(was, tt.Change), was)
			if judged != (len(tt.Reasons) > 0) || !sameReasons(messages, tt.Reasons) {
				t.Errorf("judged: %t, %q", judged, messages)
			}
		})
	}
}

// TestEachRuleIsNeeded: without any one of the rules something is admitted that is
// refused with it.
func TestEachRuleIsNeeded(t *testing.T) {
	table, servers := readTable(t)
	alone := map[string]bool{}
	for _, tt := range table.Refused {
		o := table.Objects[tt.Of]
		if messages, _ := servers[o.Platform].denials(t, patched(o.Object, tt.Change), nil); len(messages) == 1 {
			alone[o.Object["kind"].(string)+": "+messages[0]] = true
		}
	}
	for _, s := range servers {
		for _, p := range s.policies {
			kinds := map[string][]string{
				"modelfn-models": {"InferenceService"}, "modelfn-llms": {"LLMInferenceService"},
				"modelfn-kinds": {"ServingRuntime", "ClusterStorageContainer"}, "modelfn-pods": {"Pod"},
			}[p.name]
			for _, v := range p.validations {
				message := v.(object.Map).Get("message").(string)
				if !slices.ContainsFunc(kinds, func(kind string) bool { return alone[kind+": "+message] }) {
					t.Errorf("nothing is refused by this alone, in %s: %s", p.name, message)
				}
			}
		}
	}
}

// TestNoAdmission: a platform that wants no policy gets none, and is told so.
func TestNoAdmission(t *testing.T) {
	p := platformOf(t, matrixPlatform("Knative"))
	p.Spec.Policy.Engine = v1alpha1.EngineNone
	objects, findings := admission{}.Baseline(p)
	if len(objects) > 0 || len(findings) != 1 || findings[0].Rule != "no-admission" || findings.Refused() {
		t.Errorf("%d objects, %v", len(objects), findings)
	}
}

// TestMessagesAreOneLine: the API server refuses a policy with any other.
func TestMessagesAreOneLine(t *testing.T) {
	_, servers := readTable(t)
	for _, s := range servers {
		for _, p := range s.policies {
			for _, v := range p.validations {
				if message := v.(object.Map).Get("message").(string); strings.ContainsAny(message, "\r\n") || len(message) > 500 {
					t.Errorf("%s: %q", p.name, message)
				}
			}
		}
	}
}

// TestBaselineAdmitsItself: the storage container that the baseline makes is one
// that it admits.
func TestBaselineAdmitsItself(t *testing.T) {
	table, servers := readTable(t)
	judged := 0
	for name, platform := range table.Platforms {
		raw, err := json.Marshal(platform)
		if err != nil {
			t.Fatal(err)
		}
		objects, _ := GenerateBaseline(platformOf(t, string(raw)))
		for _, o := range objects {
			for _, o := range objectsOf(t, string(o.YAML())) {
				messages, is := servers[name].denials(t, o, nil)
				if is {
					judged++
				}
				if len(messages) > 0 {
					t.Errorf("%s: %v", name, messages)
				}
			}
		}
	}
	if judged == 0 {
		t.Error("nothing was judged")
	}
}
