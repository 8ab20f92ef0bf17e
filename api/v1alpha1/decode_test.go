package v1alpha1

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/internal/object"
)

// deployment is a valid ModelDeployment with more lines in its spec.
func deployment(spec string) string {
	return "apiVersion: modelfn.dev/v1alpha1\nkind: ModelDeployment\nmetadata: {name: fraud}\n" +
		"spec:\n  model: oci://registry.example.com/fraud:v1\n" + indent(spec)
}

// platform is a ModelPlatform with these lines in its spec.
func platform(spec string) string {
	return "apiVersion: modelfn.dev/v1alpha1\nkind: ModelPlatform\nmetadata: {name: prod}\nspec:\n" + indent(spec)
}

func lockOf(spec string) string {
	return "apiVersion: modelfn.dev/v1alpha1\nkind: ModelLock\nmetadata: {name: fraud-0a1b2c3d}\nspec:\n" + indent(spec)
}

func indent(text string) string {
	if text == "" {
		return ""
	}
	return "  " + strings.ReplaceAll(text, "\n", "\n  ") + "\n"
}

// objectOf is a new object of the kind that the document names.
func objectOf(document string) Object {
	switch {
	case strings.Contains(document, "kind: ModelPlatform"):
		return new(ModelPlatform)
	case strings.Contains(document, "kind: ModelLock"):
		return new(ModelLock)
	default:
		return new(ModelDeployment)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		reason, document string
		want             []FieldError
	}{
		"unknown field": {
			"a typo must not pass for a setting", deployment("replica: {min: 1}"),
			[]FieldError{{RuleUnknownField, "spec.replica", `unknown field "replica"`, `did you mean "replicas"?`}},
		},
		"unknown field in a list": {
			"the path names the element", platform("trust:\n- match: [a/**]\n- matches: [b/**]"),
			[]FieldError{{RuleUnknownField, "spec.trust[1].matches", `unknown field "matches"`, `did you mean "match"?`}},
		},
		"unknown field of the inlined version": {
			"a canary has the version's fields", deployment("canary: {modell: x, weight: 1}"),
			[]FieldError{{RuleUnknownField, "spec.canary.modell", `unknown field "modell"`, `did you mean "model"?`}},
		},
		"unknown field without a neighbour": {
			"then the known ones are listed", deployment("format: {flavour: x}"),
			[]FieldError{{RuleUnknownField, "spec.format.flavour", `unknown field "flavour"`, "remove it; known here: name, version"}},
		},
		"upper case": {
			"encoding/json alone would take Spec for spec", strings.Replace(deployment(""), "spec:", "Spec:", 1),
			[]FieldError{{RuleUnknownField, "Spec", `unknown field "Spec"`, `did you mean "spec"?`}},
		},
		"every unknown field": {
			"a user sees all mistakes at once", deployment("autoscale: {}\nreplica: {}"),
			[]FieldError{
				{RuleUnknownField, "spec.autoscale", `unknown field "autoscale"`, `did you mean "autoscaling"?`},
				{RuleUnknownField, "spec.replica", `unknown field "replica"`, `did you mean "replicas"?`},
			},
		},
		"number where text belongs": {
			"YAML reads 1.0 as a number", deployment("format: {name: sklearn, version: 1.0}"),
			[]FieldError{{RuleInvalidField, "spec.format.version", "want text, found the number 1", "quote the value"}},
		},
		"text where a number belongs": {
			"no guessing", deployment(`replicas: {max: "4"}`),
			[]FieldError{{RuleInvalidField, "spec.replicas.max", "want a whole number, found text", "write a value of that type"}},
		},
		"fraction where a whole number belongs": {
			"half a replica", deployment("replicas: {max: 1.5}"),
			[]FieldError{{RuleInvalidField, "spec.replicas.max", "want a whole number, found the number 1.5", "write a value of that type"}},
		},
		"number beyond 64 bits": {
			"it must not wrap around", deployment("replicas: {max: 9223372036854775808}"),
			[]FieldError{{RuleInvalidField, "spec.replicas.max", "want a whole number, found the number 9223372036854775808", "write a value of that type"}},
		},
		"text where a boolean belongs": {
			"\"false\" is no false", platform("registries: [{host: a.example}, {host: b.example, plainHTTP: \"false\"}]"),
			[]FieldError{{RuleInvalidField, "spec.registries[1].plainHTTP", "want true or false, found text", "write a value of that type"}},
		},
		"map where a list belongs": {
			"a rule without its dash", platform("trust: {match: [a/**]}"),
			[]FieldError{{RuleInvalidField, "spec.trust", "want a list, found a map", "write a value of that type"}},
		},
		"list where a map belongs": {
			"a map with a dash", deployment("canary:\n- model: x"),
			[]FieldError{{RuleInvalidField, "spec.canary", "want a map, found a list", "write a value of that type"}},
		},
		"boolean in a list of text": {
			"YAML reads no as false", platform("trust: [{match: [a/**, no]}]"),
			[]FieldError{{RuleInvalidField, "spec.trust[0].match[1]", "want text, found false", "quote the value"}},
		},
		"number in a map of text": {
			"provenance becomes annotations", deployment("provenance: {run: 17}"),
			[]FieldError{{RuleInvalidField, "spec.provenance.run", "want text, found the number 17", "quote the value"}},
		},
		"types and names at once": {
			"both kinds of mistakes are collected", platform("resolution: [Locked]\ntrusts: []"),
			[]FieldError{
				{RuleInvalidField, "spec.resolution", "want text, found a list", "quote the value"},
				{RuleUnknownField, "spec.trusts", `unknown field "trusts"`, `did you mean "trust"?`},
			},
		},
		"no object at all": {
			"a list has no fields", "[]",
			[]FieldError{{RuleInvalidField, "", "want a map, found a list", "write a value of that type"}},
		},
		"two documents": {
			"the parser would ignore the second", platform("") + "---\n" + platform(""),
			[]FieldError{{RuleInvalidField, "", "more than one YAML document", "write one object per file here"}},
		},
		"a document after an end marker": {
			"the parser would ignore it as well", platform("") + "...\n" + platform(""),
			[]FieldError{{RuleInvalidField, "", "more than one YAML document", "write one object per file here"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := Decode([]byte(tt.document), objectOf(tt.document))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
			}
		})
	}
}

// TestDecodeRefusesYAML: what the parser says is passed on, on one line.
func TestDecodeRefusesYAML(t *testing.T) {
	for name, tt := range map[string]struct{ document, want string }{
		"duplicate key":        {deployment("model: other"), `key "model" already set`},
		"duplicate top level":  {deployment("") + "spec: {}\n", `key "spec" already set`},
		"broken":               {"spec: [", "did not find"},
		"tab":                  {"\tspec: {}", "found character that cannot start any token"},
		"conflict markers":     {"<<<<<<< ours\na: b\n", "yaml:"},
		"alias bomb":           {aliasBomb(), "excessive aliasing"},
		"infinity":             {deployment("replicas: {max: .inf}"), "+Inf"},
		"deeper than anything": {"a: " + strings.Repeat("[", 20000), "depth"},
	} {
		t.Run(name, func(t *testing.T) {
			errs := Decode([]byte(tt.document), objectOf(tt.document))
			if len(errs) != 1 {
				t.Fatalf("%d errors, want 1: %v", len(errs), errs)
			}
			if e := errs[0]; e.Rule != RuleInvalidField || !strings.Contains(e.Error(), tt.want) || strings.Contains(e.Message, "\n") || e.Fix == "" {
				t.Errorf("got %+v, want one line about %q with a fix", e, tt.want)
			}
		})
	}
}

func aliasBomb() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := range 8 {
		fmt.Fprintf(&b, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i+1, i+1, i, i, i, i, i, i, i, i, i)
	}
	return b.String()
}

// TestDecodeBoundsErrors: each unknown field costs a search for what was meant.
func TestDecodeBoundsErrors(t *testing.T) {
	var b strings.Builder
	for i := range 10 * maxErrors {
		fmt.Fprintf(&b, "\nfield%d: x", i)
	}
	if got := len(Decode([]byte(deployment(b.String()[1:])), new(ModelDeployment))); got != maxErrors {
		t.Errorf("%d errors, want %d", got, maxErrors)
	}
}

func TestDecodeAccepts(t *testing.T) {
	for name, document := range map[string]string{
		"the least":         deployment(""),
		"JSON":              `{"apiVersion":"modelfn.dev/v1alpha1","kind":"ModelDeployment","metadata":{"name":"fraud"},"spec":{"model":"oci://r.example/a:b"}}`,
		"leading marker":    "# a comment\n---\n" + deployment(""),
		"trailing marker":   deployment("") + "---\n# nothing\n...\n",
		"marker in text":    deployment("provenance:\n  note: |\n    ---\n    text"),
		"null is left out":  deployment("canary: null\nreplicas:"),
		"any predictor":     deployment("predictor: {tolerations: [{key: gpu, operator: Exists}], timeout: 60}"),
		"platform":          platform("trust: []"),
		"lock":              lockOf("models: []"),
		"inline lock":       deployment("lock: {models: []}"),
		"labels and notes":  strings.Replace(deployment(""), "{name: fraud}", "{name: fraud, labels: {a: b}, annotations: {c: d}}", 1),
		"merge key":         deployment("canary: {<<: {weight: 5}, runtime: other}"),
		"carriage returns":  strings.ReplaceAll(deployment(""), "\n", "\r\n"),
		"marker-like start": deployment("provenance: {note: \"---\"}"),
	} {
		t.Run(name, func(t *testing.T) {
			if errs := Decode([]byte(document), objectOf(document)); len(errs) > 0 {
				t.Errorf("%v", errs)
			}
		})
	}
}

// TestShortWay: what nearly everybody writes is decoded without the whole of YAML, and
// what needs that is not.
func TestShortWay(t *testing.T) {
	full := deployment("format: {name: sklearn, version: \"1\"}\nruntime: kserve-sklearnserver\nreplicas: {min: 1, max: 4}\nautoscaling: {metric: concurrency, target: 20}\nresources: {limits: {cpu: \"2\", memory: 4Gi}}\nprovenance: {training-run-id: run-1}\ncanary: {model: oci://a.example/b:v2, weight: 10}\nrollout: {steps: [5, 100], interval: 1h}")
	for name, tt := range map[string]struct {
		document string
		short    bool
	}{
		"deployment":       {full, true},
		"lock":             {lockOf("models: [{uri: a, digest: b, size: 7, manifest: AAAA, evidence: [{mediaType: a/b, digest: c, data: \"AAA=\"}]}]"), true},
		"unknown field":    {deployment("modell: x"), false},
		"another case":     {deployment("Runtime: x"), false},
		"another type":     {deployment("runtime: {a: b}"), false},
		"number for text":  {deployment("runtime: 7"), false},
		"too large":        {strings.Replace(full, "max: 4", "max: 99999999999999999999", 1), false},
		"strange quantity": {strings.Replace(full, "4Gi", "4Gx", 1), false},
		"strange base64":   {lockOf("models: [{uri: a, digest: b, manifest: AAA}]"), false},
		"predictor":        {deployment("predictor: {nodeSelector: {a: b}}"), false},
		"alias":            {deployment("provenance: &a {b: c}"), false},
	} {
		got := objectOf(tt.document)
		tree, ok := object.Read([]byte(tt.document))
		if ok = ok && DecodeTree(tree, got); ok != tt.short {
			t.Errorf("%s: the short way: %v", name, ok)
		}
		if diff := cmp.Diff(objectOf(tt.document), got); !ok && diff != "" {
			t.Errorf("%s: it leaves something behind:\n%s", name, diff)
		}
		want := objectOf(tt.document)
		if decodeAny([]byte(tt.document), want); ok {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-long +short):\n%s", name, diff)
			}
		}
	}
}

// FuzzDecode: whatever a repository holds, decoding yields an object or errors
// that say what to do, and what it accepts it accepts again.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		deployment("replicas: {min: 1}\nresources: {limits: {cpu: 1000m}}"),
		platform("trust: [{match: [a/**], authorities: [{name: a, key: {pem: x}}]}]"),
		lockOf("models: [{uri: a, digest: b, manifest: AAAA}]"),
		"", "null", "[]", "a: &a [*a]", "? {}\n: x", "!!binary x", "\xff", "{\"spec\": {\"trust\": [null]}}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, pair := range [][2]Object{{new(ModelDeployment), new(ModelDeployment)}, {new(ModelPlatform), new(ModelPlatform)}, {new(ModelLock), new(ModelLock)}} {
			errs := Decode(data, pair[0])
			for _, e := range errs {
				if e.Message == "" || e.Fix == "" || e.Rule == "" || len(e.Message) > 2000+len(data) {
					t.Errorf("an error without rule, message or fix, or a long one: %+v", e)
				}
			}
			// The short way and the long way lead to one object.
			if diff := cmp.Diff(decodeAny(data, pair[1]), errs); diff != "" {
				t.Errorf("errors (-long +short):\n%s", diff)
			}
			if diff := cmp.Diff(pair[1], pair[0]); diff != "" {
				t.Errorf("-long +short:\n%s", diff)
			}
			if len(errs) == 0 {
				decodesAgain(t, pair[0])
			}
		}
	})
}

// decodesAgain holds an object that was accepted to what it is written as.
func decodesAgain(t *testing.T, o Object) {
	t.Helper()
	raw, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	again := reflect.New(reflect.TypeOf(o).Elem()).Interface().(Object)
	if errs := Decode(raw, again); len(errs) > 0 {
		t.Fatalf("accepted, and written as %s: %v", raw, errs)
	}
	if same, err := json.Marshal(again); err != nil || string(same) != string(raw) {
		t.Errorf("%s is read back as %s: %v", raw, same, err)
	}
}
