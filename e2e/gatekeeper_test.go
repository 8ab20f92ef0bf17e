package e2e_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// rowAnnotation says which row of a table an object is, in what gator answers.
const rowAnnotation = "e2e/row"

// gatekeeperBaseline is what `modelfn baseline` prints of one of the table's
// platforms for Gatekeeper.
func gatekeeperBaseline(t *testing.T, platform map[string]any, action string) string {
	t.Helper()
	p := merged(platform, map[string]any{"spec": map[string]any{"policy": map[string]any{"engine": "Gatekeeper", "action": action}}})
	file := filepath.Join(t.TempDir(), "platform.yaml")
	write(t, file, toYAML(t, p))
	return printedBaseline(t, file)
}

// printedBaseline is what modelfn prints for the platform of a file.
func printedBaseline(t *testing.T, platform string) string {
	t.Helper()
	modelfn, err := peer.Modelfn()
	if err != nil {
		t.Fatal(err)
	}
	return stdout(t, host.Run(t, host.Command{Path: modelfn, Args: []string{"baseline", "--platform", platform}}))
}

// gated are the messages of the rows that Gatekeeper refuses, each an object under
// its name. Namespaces are as they are labelled.
func gated(t *testing.T, policies string, rows map[string]map[string]any, namespaces ...string) map[string][]string {
	t.Helper()
	violations := violationsOf(t, policies, rows, namespaces...)
	out := map[string][]string{}
	for _, v := range violations {
		row := fieldOf[string](t, v.Object, "metadata", "annotations", rowAnnotation)
		out[row] = append(out[row], v.Message)
	}
	return out
}

func violationsOf(t *testing.T, policies string, rows map[string]map[string]any, namespaces ...string) []host.Violation {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "policies.yaml"), policies)
	objects := strings.Join(namespaces, "---\n")
	for name, o := range rows {
		objects += "---\n" + toYAML(t, merged(o, map[string]any{"metadata": map[string]any{"annotations": map[string]any{rowAnnotation: name}}}))
	}
	write(t, filepath.Join(dir, "objects.yaml"), objects)
	return host.Gator(t, dir)
}

func namespace(name, baseline string) string {
	return fmt.Sprintf("apiVersion: v1\nkind: Namespace\nmetadata: {name: %s, labels: {modelfn.dev/baseline: %q}}\n", name, baseline)
}

var gatedNamespaces = []string{namespace("ml-serving", ""), namespace("graphs", ""), namespace("default", "")}

// saidFor: each message has its reason, and each reason its message.
func saidFor(t *testing.T, row string, messages, reasons []string) {
	t.Helper()
	if len(messages) != len(reasons) || slices.ContainsFunc(reasons, func(r string) bool {
		return !slices.ContainsFunc(messages, func(m string) bool { return strings.Contains(m, r) })
	}) {
		t.Errorf("%s: %q, want %q", row, messages, reasons)
	}
}

// TestGatekeeperHoldsToBaseline: Gatekeeper admits and refuses what the expressions
// alone do, for exactly the same reasons.
func TestGatekeeperHoldsToBaseline(t *testing.T) {
	table := readAdmission(t)
	for name, platform := range table.Platforms {
		t.Run(name, func(t *testing.T) {
			rows, reasons := map[string]map[string]any{}, map[string][]string{}
			add := func(row, of string, change map[string]any, why ...string) {
				if table.Objects[of].Platform == name {
					rows[row], reasons[row] = merged(table.Objects[of].Object, change), why
				}
			}
			for of := range table.Objects {
				add(of+" as it is", of, nil)
			}
			for _, tt := range table.Admitted {
				add(tt.Name, tt.Of, tt.Change)
			}
			refused := 0
			for _, tt := range table.Refused {
				add(tt.Name, tt.Of, tt.Change, tt.Reasons...)
			}
			got := gated(t, gatekeeperBaseline(t, platform, "Deny"), rows, gatedNamespaces...)
			for row, why := range reasons {
				saidFor(t, row, got[row], why)
				if len(got[row]) > 0 {
					refused++
				}
			}
			if refused < 30 {
				t.Errorf("only %d refusals of %d rows", refused, len(rows))
			}
		})
	}
}

// TestGatekeeperAudits: with action Audit the same is found, and nothing refused;
// and what is in an exempt namespace is not even found.
func TestGatekeeperAudits(t *testing.T) {
	table := readAdmission(t)
	nobodys := merged(table.Objects["service"].Object, map[string]any{"metadata": map[string]any{"labels": nil}})
	rows := map[string]map[string]any{
		"here":   nobodys,
		"exempt": merged(nobodys, map[string]any{"metadata": map[string]any{"namespace": "kserve"}}),
	}
	for action, want := range map[string]string{"Deny": "deny", "Audit": "dryrun"} {
		found := violationsOf(t, gatekeeperBaseline(t, table.Platforms["knative"], action), rows, namespace("ml-serving", "Enforced"), namespace("kserve", "Exempt"))
		if len(found) == 0 {
			t.Errorf("%s: nothing is found", action)
		}
		for _, v := range found {
			if row := fieldOf[string](t, v.Object, "metadata", "annotations", rowAnnotation); v.Action != want || row != "here" {
				t.Errorf("%s: %s for %s, want %s: %s", action, v.Action, row, want, v.Message)
			}
		}
	}
}

// TestGatekeeperOfManyRules: what Gatekeeper lets expressions cost, a tenth of what
// the API server does, is enough for as many rules.
func TestGatekeeperOfManyRules(t *testing.T) {
	table := readAdmission(t)
	evil := map[string]any{"spec": map[string]any{"predictor": map[string]any{"model": map[string]any{
		"storageUri": "oci://evil.example.com/x@sha256:" + strings.Repeat("a", 64)}}}}
	service := table.Objects["service"].Object
	got := gated(t, gatekeeperBaseline(t, manyRules(table.Platforms["knative"]), "Deny"),
		map[string]map[string]any{"last": service, "none": merged(service, evil)}, gatedNamespaces...)
	saidFor(t, "last", got["last"], nil)
	saidFor(t, "none", got["none"], []string{"no trust rule of platform prod"})
}

// request is one to the API server, in a case of gator's.
type request struct {
	operation  string
	object, of map[string]any
	reasons    []string
}

// verified puts requests before one constraint, and wants each judged as it says.
func verified(t *testing.T, policies []*cluster.Object, kind string, requests map[string]request) {
	t.Helper()
	dir := t.TempDir()
	for _, o := range policies {
		switch {
		case o.GetKind() == kind:
			write(t, filepath.Join(dir, "constraint.yaml"), toYAML(t, o.Object))
		case o.GetName() == strings.ToLower(kind):
			write(t, filepath.Join(dir, "template.yaml"), toYAML(t, o.Object))
		}
	}
	write(t, filepath.Join(dir, "namespaces.yaml"), strings.Join(gatedNamespaces, "---\n"))
	var cases []any
	for i, name := range slices.Sorted(maps.Keys(requests)) {
		r := requests[name]
		file := fmt.Sprintf("%d.yaml", i)
		write(t, filepath.Join(dir, file), toYAML(t, review(r)))
		assertions := []any{map[string]any{"violations": len(r.reasons)}}
		for _, reason := range r.reasons {
			assertions = append(assertions, map[string]any{"violations": "yes", "message": regexp.QuoteMeta(reason)})
		}
		cases = append(cases, map[string]any{"name": name, "object": file, "inventory": []any{"namespaces.yaml"}, "assertions": assertions})
	}
	suite := filepath.Join(dir, "suite.yaml")
	write(t, suite, toYAML(t, map[string]any{
		"apiVersion": "test.gatekeeper.sh/v1alpha1", "kind": "Suite", "metadata": map[string]any{"name": "requests"},
		"tests": []any{map[string]any{"name": kind, "template": "template.yaml", "constraint": "constraint.yaml", "cases": cases}},
	}))
	if passed := host.GatorVerify(t, suite); len(passed) != len(cases) {
		t.Errorf("%d cases passed, want %d: %q", len(passed), len(cases), passed)
	}
}

func review(r request) map[string]any {
	subject := r.object
	if subject == nil {
		subject = r.of
	}
	o := &cluster.Object{Object: subject}
	kind := o.GroupVersionKind()
	request := map[string]any{
		"uid": "x", "operation": r.operation, "name": o.GetName(), "namespace": o.GetNamespace(), "userInfo": map[string]any{},
		"kind":     map[string]any{"group": kind.Group, "version": kind.Version, "kind": kind.Kind},
		"resource": map[string]any{"group": kind.Group, "version": kind.Version, "resource": strings.ToLower(kind.Kind) + "s"},
	}
	if r.object != nil {
		request["object"] = r.object
	}
	if r.of != nil {
		request["oldObject"] = r.of
	}
	return map[string]any{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}
}

// TestGatekeeperLeavesAlone: an update that changes neither spec nor labels nor
// annotations is not judged, and any other is; what is deleted never is.
func TestGatekeeperLeavesAlone(t *testing.T) {
	table := readAdmission(t)
	kinds := map[string]string{"service": "ModelfnModels", "standard": "ModelfnModels", "llm": "ModelfnLlms", "runtime": "ModelfnKinds", "storage": "ModelfnKinds", "modelcar": "ModelfnPods", "fetched": "ModelfnPods"}
	baselines := map[string][]*cluster.Object{}
	for name, platform := range table.Platforms {
		baselines[name] = parse(t, gatekeeperBaseline(t, platform, "Deny"))
	}
	for of, o := range table.Objects {
		t.Run(of, func(t *testing.T) {
			bad := merged(o.Object, map[string]any{"metadata": map[string]any{"name": "nobodys", "labels": nil}})
			requests := map[string]request{"what goes": {operation: "DELETE", of: bad}}
			if of == "runtime" {
				requests["what comes"] = request{operation: "CREATE", object: bad, reasons: []string{"this kind decides"}}
				// What is the cluster's own is a matter of roles.
				requests["what is in no namespace"] = request{operation: "CREATE", object: merged(bad, map[string]any{
					"kind": "ClusterServingRuntime", "metadata": map[string]any{"namespace": nil}})}
			}
			judged := 0
			for _, tt := range table.Updates {
				if tt.Of == of {
					was := merged(o.Object, tt.Was)
					requests[tt.Name] = request{"UPDATE", merged(was, tt.Change), was, tt.Reasons}
					judged += len(tt.Reasons)
				}
			}
			if judged == 0 && of != "runtime" {
				requests["what comes"] = request{operation: "CREATE", object: merged(o.Object, map[string]any{"spec": map[string]any{"canary": []any{}}}), reasons: []string{"spec may hold"}}
			}
			verified(t, baselines[o.Platform], kinds[of], requests)
		})
	}
}
