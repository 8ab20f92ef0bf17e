package fn_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	krm "github.com/kptdev/krm-functions-sdk/go/fn"
	"sigs.k8s.io/yaml"

	"github.com/modelfn/modelfn/fn"
)

// TestNoResourceList: what is none gives no output, and a reason.
func TestNoResourceList(t *testing.T) {
	const head = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n"
	for name, test := range map[string]struct{ in, reason string }{
		"empty":                {"", "the input is empty"},
		"space":                {" \n", "the input is empty"},
		"a comment":            {"# nothing\n", "there is no document"},
		"text":                 {"hello", "the document is no mapping"},
		"a list":               {"- a", "the document is no mapping"},
		"no YAML":              {"\t{", "cannot start any token"},
		"several":              {head + "---\n" + head, "there are several documents"},
		"merged items":         {head + "<<: {items: [{}]}", "the field in line 3 has no plain name"},
		"encoded items":        {head + "!!binary aXRlbXM=: [{}]", "the field in line 3 has no plain name"},
		"another kind":         {"apiVersion: v1\nkind: List\nitems: []", `the kind is "List"`},
		"no kind":              {"apiVersion: config.kubernetes.io/v1\nitems: []", `the kind is ""`},
		"no version":           {"kind: ResourceList\nitems: []", `the apiVersion is "", want one of ["config.kubernetes.io/v1" `},
		"another version":      {"apiVersion: config.kubernetes.io/v2\nkind: ResourceList\nitems: []", `the apiVersion is "config.kubernetes.io/v2"`},
		"another group":        {"apiVersion: example.com/v1\nkind: ResourceList\nitems: []", `the apiVersion is "example.com/v1"`},
		"a version of no text": {"apiVersion: [config.kubernetes.io/v1]\nkind: ResourceList", `the apiVersion is ""`},
		"items twice":          {head + "items: []\nitems: [{}]", "items stands in it 2 times"},
		"items no list":        {head + "items: 1", "items is no list"},
		"items a map":          {head + "items: {a: b}", "items is no list"},
		"an item no object":    {head + "items: [1]", "items[0] is no object"},
		"an item an alias":     {head + "x: &a {kind: x}\nitems: [*a]", "items[0] is no object"},
		"config no object":     {head + "functionConfig: []", "functionConfig is no object"},
		"results no results":   {head + "results: [1]", "results: "},
	} {
		out, _, findings := fn.Run(t.Context(), []byte(test.in), fn.Config{})
		if out != nil {
			t.Errorf("%s: output %q", name, out)
		}
		if len(findings) != 1 || findings[0].Rule != "resource-list" || !findings.Refused() || !strings.Contains(findings[0].Message, test.reason) {
			t.Errorf("%s: findings %v, want %q", name, findings, test.reason)
		}
	}
}

// TestListVersions: hosts of each version are answered in theirs.
func TestListVersions(t *testing.T) {
	d := deployment("v7")
	in := string(list("", d, platform(), lockFor(t, d)))
	var first string
	for _, version := range []string{"v1", "v1beta1", "v1alpha1"} {
		api := "config.kubernetes.io/" + version
		out, _, findings := fn.Run(t.Context(), []byte(strings.Replace(in, "config.kubernetes.io/v1\n", api+"\n", 1)), fn.Config{})
		if findings.Refused() {
			t.Fatal(findings)
		}
		rest, ok := strings.CutPrefix(string(out), "apiVersion: "+api+"\n")
		if !ok || !strings.Contains(rest, "kind: InferenceService") {
			t.Errorf("%s: begins with %.60q", version, out)
		}
		if first == "" {
			first = rest
		}
		if diff := cmp.Diff(first, rest); diff != "" {
			t.Errorf("%s (-v1 +it):\n%s", version, diff)
		}
	}
}

// foreignItems are none of modelfn's, written as people and hosts write them: with
// comments at every place, styles, key orders, and each annotation of a host.
const foreignItems = `- # before the object
  apiVersion: example.com/v1 # of nobody
  # before the kind
  kind: Unknown
  metadata:
    name: 'zeta' # single quotes
    labels: {b: "1", 'a': 2x}
    annotations:
      internal.config.kubernetes.io/index: '3'
      internal.config.kubernetes.io/path: 'a/b.yaml'
      internal.config.kubernetes.io/seqindent: 'wide'
      internal.config.kubernetes.io/annotations-migration-resource-id: '4'
      internal.config.kubernetes.io/package-path: /somewhere/app
      internal.config.kubernetes.io/id: '7'
      internal.config.k8s.io/unknown: x
      config.kubernetes.io/index: '3'
      config.kubernetes.io/path: 'a/b.yaml'
      config.kubernetes.io/id: '7'
      config.k8s.io/id: '7'
      kustomize.config.k8s.io/id: |
        kind: Unknown
  zeta:
  - b: 0x1F # hexadecimal
    a: 1e3
    octal: 0o17
    # between
    yes: no
    "on": 2001-12-14
  - - nested
    - [flow, {a: "tab\t☺"}]
  alpha: |
    # no comment
      indented

    text
  folded: >-
    one line of it

    and another
  kept: |+
    text

  anchor: &a {x: 1}
  alias: *a
  nothing: null
  none:
  empty: {}
  list: []
  typed: !!str 1
  # the object's foot
- apiVersion: v1
  kind: Namespace
  metadata:
    name: ml-serving
# the list's foot
`

const unknownFields = `# what the host says first
apiVersion: config.kubernetes.io/v1 # a version
kind: ResourceList
metadata: {name: of a later version}
future:
- field: 1 # kept
items:
`

// TestForeignIsUntouched: around and between modelfn's own, whatever comes in goes
// out, byte for byte.
func TestForeignIsUntouched(t *testing.T) {
	results := "results:\n- message: of another # kept\n  severity: info\n  later: {a: b}\n"
	alone := unknownFields + foreignItems + results
	out, _, findings := fn.Run(t.Context(), []byte(alone), fn.Config{})
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	if diff := cmp.Diff(alone, string(out)); diff != "" {
		t.Errorf("without a model (-in +out):\n%s", diff)
	}

	d := deployment("v7")
	_, own, _ := strings.Cut(string(list("", d, platform(), lockFor(t, d))), "items:\n")
	for name, in := range map[string]string{
		"rendered": unknownFields + own + foreignItems + results,
		"refused":  unknownFields + strings.Replace(own, "v7", "v8", 1) + foreignItems + results,
	} {
		out, _, findings := fn.Run(t.Context(), []byte(in), fn.Config{})
		if findings.Refused() != (name == "refused") {
			t.Fatalf("%s: %v", name, findings)
		}
		for _, part := range []string{unknownFields, strings.TrimSuffix(foreignItems, "# the list's foot\n"), results} {
			if !strings.Contains(string(out), part) {
				t.Errorf("%s: not as it was:\n%s\nin:\n%s", name, part, out)
			}
		}
		if has := strings.Contains(string(out), "kind: InferenceService"); has != (name == "rendered") {
			t.Errorf("%s: an InferenceService: %t", name, has)
		}
	}
}

// TestResults: each finding is a result that says where: resource, field, file and
// the document in it.
func TestResults(t *testing.T) {
	at := "metadata:\n  annotations:\n    internal.config.kubernetes.io/path: models/fraud.yaml\n    internal.config.kubernetes.io/index: '2'\n"
	d := strings.Replace(deployment("unsigned"), "metadata:\n", at, 1)
	in := string(list("", d, platform(), lockFor(t, deployment("unsigned"))))
	want := &krm.Result{
		Severity:    krm.Error,
		ResourceRef: &krm.ResourceRef{APIVersion: "modelfn.dev/v1alpha1", Kind: "ModelDeployment", Name: "fraud", Namespace: "ml-serving"},
		Field:       &krm.Field{Path: "spec.model"},
		File:        &krm.File{Path: "models/fraud.yaml", Index: 2},
		Tags:        map[string]string{"rule": "untrusted-model"},
	}
	for name, results := range map[string]string{
		"none":            "",
		"null":            "results:\n",
		"empty":           "results: []\n",
		"of another":      "results:\n- {message: theirs, severity: info, tags: {a: b}}\n",
		"in an object":    "results:\n  name: of v1beta1\n  items:\n  - {message: theirs, severity: info, tags: {a: b}}\n",
		"an empty object": "results: {name: of v1beta1, items: []}\n",
	} {
		out, _, _ := fn.Run(t.Context(), []byte(in+results), fn.Config{})
		got := parse(t, out).Results
		if len(got) == 0 || strings.Contains(name, "another") && got[0].Message != "theirs" {
			t.Fatalf("%s: results %v in:\n%s", name, got, out)
		}
		if strings.Contains(name, "object") != strings.Contains(string(out), "name: of v1beta1") {
			t.Errorf("%s: the object around the results:\n%s", name, out)
		}
		last := *got[len(got)-1]
		if !strings.Contains(last.Message, "has no signature") || !strings.Contains(last.Message, "; fix: ") {
			t.Errorf("%s: message %q", name, last.Message)
		}
		last.Message = ""
		if diff := cmp.Diff(want, &last); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		// A second run over that says nothing twice.
		again, _, _ := fn.Run(t.Context(), out, fn.Config{})
		if diff := cmp.Diff(string(out), string(again)); diff != "" {
			t.Errorf("%s (-first +second):\n%s", name, diff)
		}
	}
}

// TestJSON: a host may write JSON, which is YAML, too.
func TestJSON(t *testing.T) {
	d := deployment("v7")
	plain := list("", d, platform(), lockFor(t, d))
	in, err := yaml.YAMLToJSON(plain)
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(in) {
		t.Fatal("no JSON")
	}
	want, got := run(t, plain, fn.Config{}).Items, run(t, in, fn.Config{}).Items
	if diff := cmp.Diff(objectsOf(t, want), objectsOf(t, got)); diff != "" {
		t.Errorf("-YAML +JSON:\n%s", diff)
	}
}

func objectsOf(t *testing.T, items krm.KubeObjects) (out []any) {
	t.Helper()
	for _, item := range items {
		var tree any
		if err := yaml.Unmarshal([]byte(item.String()), &tree); err != nil {
			t.Fatal(err)
		}
		out = append(out, tree)
	}
	return out
}

// TestEmptyFunctionConfig: `kpt fn eval` hands over a ConfigMap without data when
// it is given no configuration. With data it would be settings that nobody reads.
func TestEmptyFunctionConfig(t *testing.T) {
	d := deployment("v7")
	const configMap = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: function-input\n"
	want := generated(run(t, list("", d, platform(), lockFor(t, d)), fn.Config{}).Items)
	for name, config := range map[string]string{"no data": configMap, "empty": configMap + "data: {}\n"} {
		if diff := cmp.Diff(want, generated(run(t, list(config, d, platform(), lockFor(t, d)), fn.Config{}).Items)); diff != "" {
			t.Errorf("%s (-without +with):\n%s", name, diff)
		}
	}
	for name, config := range map[string]string{
		"data":         configMap + "data: {platform: evil}\n",
		"binary":       configMap + "binaryData: {platform: ZXZpbA==}\n",
		"data no map":  configMap + "data: platform\n",
		"another kind": "apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\n",
		"another API":  strings.Replace(configMap, "v1", "example.com/v1", 1),
	} {
		_, _, findings := fn.Run(t.Context(), list(config, d, platform(), lockFor(t, d)), fn.Config{})
		if len(findings) != 1 || findings[0].Rule != "function-config" || !strings.Contains(findings[0].Fix, "--fn-config") {
			t.Errorf("%s: findings %v", name, findings)
		}
	}
}

// TestPartialPackage: of a selection nobody knows what of modelfn's is in the rest.
func TestPartialPackage(t *testing.T) {
	d := deployment("v7")
	marked := strings.Replace(d, "metadata:\n", "metadata:\n  annotations:\n    internal.config.k8s.io/kpt-resource-id: '1'\n", 1)
	for name, items := range map[string][]string{
		"all there":    {marked, platform(), lockFor(t, d)},
		"no lock":      {marked, platform()},
		"not a model":  {strings.Replace(marked, "ModelDeployment", "Unknown", 1)},
		"nor anything": {strings.NewReplacer("ModelDeployment", "ConfigMap", "modelfn.dev/v1alpha1", "v1").Replace(marked)},
	} {
		out, _, findings := fn.Run(t.Context(), list("", items...), fn.Config{})
		wantRule(t, findings, "partial-package", "selected items of the package")
		if diff := cmp.Diff(text(parse(t, list("", items...)).Items), text(parse(t, out).Items)); diff != "" {
			t.Errorf("%s: items (-in +out):\n%s", name, diff)
		}
	}
}

// TestSubpackage: kpt names the files of a package from its own directory, and the
// package around it sees its items, too: what is new goes beside the deployment.
func TestSubpackage(t *testing.T) {
	in := func(pkg, d string) string {
		return strings.Replace(d, "metadata:\n", "metadata:\n  annotations:\n    internal.config.kubernetes.io/path: fraud.yaml\n    internal.config.kubernetes.io/package-path: "+pkg+"\n", 1)
	}
	a, b := deployment("v7"), strings.Replace(deployment("v7"), "namespace: ml-serving", "namespace: elsewhere", 1)
	out := run(t, list("", in("/app", a), in("/app/sub", b), platform(), lockFor(t, a), lockFor(t, b)), fn.Config{}).Items
	seen := map[string]string{}
	for _, item := range out.Where(func(o *krm.KubeObject) bool { return o.GetLabel("app.kubernetes.io/managed-by") == "modelfn" }) {
		pkg := item.GetAnnotation("internal.config.kubernetes.io/package-path")
		if want := map[string]string{"ml-serving": "/app", "elsewhere": "/app/sub"}[item.GetNamespace()]; pkg != want {
			t.Errorf("%s of %s goes to %q, want %q", item.GetKind(), item.GetNamespace(), pkg, want)
		}
		at := pkg + " " + item.GetAnnotation(pathKey) + " " + item.GetAnnotation(indexKey)
		if seen[at] != "" || !strings.Contains(at, " fraud.modelfn.yaml ") {
			t.Errorf("%s and %s are both at %q", item.GetKind(), seen[at], at)
		}
		seen[at] = item.GetKind()
	}
	// People are told the file from where the render began, since both have a fraud.yaml.
	_, _, findings := fn.Run(t.Context(), list("", in("/app", a), in("/app/sub", strings.Replace(b, ":v7", ":v8", 1)), platform(), lockFor(t, a)), fn.Config{})
	if len(findings) != 1 || findings[0].Rule != "not-locked" || findings[0].Resource.File != "sub/fraud.yaml" {
		t.Errorf("findings %v, want one about sub/fraud.yaml", findings)
	}
	for _, pkg := range []string{"/app", "/app/sub"} {
		if seen[pkg+" fraud.modelfn.yaml 0"] == "" {
			t.Errorf("nothing is the first of its file in %s: %v", pkg, seen)
		}
	}
}

// TestCreatedInAnyList: however a host spells a ResourceList, created objects stand
// behind its items, and everything else is still there.
func TestCreatedInAnyList(t *testing.T) {
	d := deployment("v7")
	plain := string(list("", d, platform(), lockFor(t, d)))
	head, items, found := strings.Cut(plain, "items:\n")
	if !found {
		t.Fatalf("no items in\n%s", plain)
	}
	flow, err := yaml.YAMLToJSON([]byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	var brackets struct{ Items json.RawMessage }
	if err := json.Unmarshal(flow, &brackets); err != nil {
		t.Fatal(err)
	}
	const results = "results:\n- message: earlier\n  severity: info\n"
	for name, test := range map[string]struct {
		in   string
		kept []string
	}{
		"plain":              {plain, nil},
		"results behind":     {plain + results, []string{"earlier"}},
		"results before":     {head + results + "items:\n" + items, []string{"earlier"}},
		"comments":           {"# top\n" + head + "# above\nitems: # beside\n" + items + "# below\n" + results + "# end\n", []string{"# top", "# above", "# end", "earlier"}},
		"a comment at items": {head + "items: # beside\n" + items, nil},
		"a document":         {"---\n" + plain, nil},
		"an anchor":          {"--- &r\n" + plain + results, []string{"earlier"}},
		"a tag":              {"--- !!map\n" + plain + results, []string{"earlier"}},
		"tagged items":       {head + "items: !!seq\n" + items + results, []string{"earlier"}},
		"in braces":          {string(flow), nil},
		"items in brackets":  {head + "items: " + string(brackets.Items) + "\n", nil},
		"carriage returns":   {strings.ReplaceAll(plain+results, "\n", "\r\n"), []string{"earlier"}},
		"unknown fields":     {plain + "hint: |\n  ---\n  - a\n", []string{"hint: |\n  ---\n  - a\n"}},
	} {
		out, r, findings := fn.Run(t.Context(), []byte(test.in), fn.Config{})
		if findings.Refused() {
			t.Errorf("%s: %v", name, findings)
			continue
		}
		in, err := fn.Parse([]byte(test.in))
		if err != nil {
			t.Fatal(err)
		}
		got, err := fn.Parse(out)
		if err != nil {
			t.Errorf("%s: %v in\n%s", name, err, out)
			continue
		}
		if want := len(in.Items) + len(r.Objects); len(got.Items) != want || len(r.Objects) == 0 {
			t.Errorf("%s: %d items, want %d and what was created:\n%s", name, len(got.Items), want, out)
		}
		for _, text := range test.kept {
			if strings.Count(string(out), text) != 1 {
				t.Errorf("%s: %q is not there once:\n%s", name, text, out)
			}
		}
		again, _, findings := fn.Run(t.Context(), out, fn.Config{})
		if diff := cmp.Diff(string(out), string(again)); diff != "" || findings.Refused() {
			t.Errorf("%s: a second run (-first +second): %v\n%s", name, findings, diff)
		}
	}
}
