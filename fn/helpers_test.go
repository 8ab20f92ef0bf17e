package fn_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	krm "github.com/kptdev/krm-functions-sdk/go/fn"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/lock"
	"github.com/modelfn/modelfn/internal/testsign"
)

// deployment is the ModelDeployment fraud with more lines of spec.
func deployment(tag string, spec ...string) string {
	return "apiVersion: modelfn.dev/v1alpha1\nkind: ModelDeployment\nmetadata:\n  name: fraud\n  namespace: ml-serving\nspec:\n  model: kit://" + fraud + ":" + tag + "\n" + indented(2, spec...)
}

const canary = "canary:\n  model: kit://" + fraud + ":v8\n  weight: 10"

// platform trusts release, with more lines of spec.
func platform(spec ...string) string { return trusting(release, spec...) }

func trusting(key testsign.Key, spec ...string) string {
	return "apiVersion: modelfn.dev/v1alpha1\nkind: ModelPlatform\nmetadata:\n  name: prod\nspec:\n  trust:\n  - match: [" + registry + "models/**]\n    authorities:\n    - name: release\n      key:\n        pem: |\n" + indented(10, key.PEM()) + indented(2, spec...)
}

func indented(n int, blocks ...string) string {
	var out strings.Builder
	for _, block := range blocks {
		for line := range strings.Lines(strings.TrimSuffix(block, "\n") + "\n") {
			out.WriteString(strings.Repeat(" ", n) + line)
		}
	}
	return out.String()
}

func decode(t testing.TB, text string) *v1alpha1.ModelDeployment {
	t.Helper()
	d := new(v1alpha1.ModelDeployment)
	if errs := v1alpha1.Decode([]byte(text), d); len(errs) > 0 {
		t.Fatal(errs)
	}
	return d
}

// lockFor is the lock of a deployment, with what the world holds.
func lockFor(t testing.TB, deployment string) string {
	t.Helper()
	d := decode(t, deployment)
	return string(lock.Marshal([]*v1alpha1.ModelLock{lock.New(d, entriesOf(lock.URIs(d)))}))
}

// list is a ResourceList as a host writes it; functionConfig may be empty.
func list(functionConfig string, items ...string) []byte {
	var out strings.Builder
	out.WriteString("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n")
	if functionConfig != "" {
		out.WriteString("functionConfig:\n" + indented(2, functionConfig))
	}
	if len(items) == 0 {
		out.WriteString("items: []\n")
		return []byte(out.String())
	}
	out.WriteString("items:\n")
	for _, item := range items {
		out.WriteString("-" + indented(2, item)[1:])
	}
	return []byte(out.String())
}

// run runs the function and wants no error finding.
func run(t testing.TB, in []byte, cfg fn.Config) *krm.ResourceList {
	t.Helper()
	out, _, findings := fn.Run(t.Context(), in, cfg)
	if findings.Refused() {
		t.Fatalf("refused: %v", findings)
	}
	return parse(t, out)
}

func parse(t testing.TB, raw []byte) *krm.ResourceList {
	t.Helper()
	rl, err := krm.ParseResourceList(raw)
	if err != nil {
		t.Fatal(err)
	}
	return rl
}

// names are the items as kind/name, in order.
func names(items krm.KubeObjects) []string {
	var out []string
	for _, item := range items {
		out = append(out, item.GetKind()+"/"+item.GetName())
	}
	return out
}

// one is the only item of a kind.
func one(t testing.TB, items krm.KubeObjects, kind string) *krm.KubeObject {
	t.Helper()
	found := slices.DeleteFunc(slices.Clone(items), func(o *krm.KubeObject) bool { return o.GetKind() != kind })
	if len(found) != 1 {
		t.Fatalf("%d items of kind %s in %v", len(found), kind, names(items))
	}
	return found[0]
}

// text is the items as YAML, for handing them in again.
func text(items krm.KubeObjects) []string {
	var out []string
	for _, item := range items {
		out = append(out, item.String())
	}
	return out
}

func file(t testing.TB, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "platform.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// wantRule fails unless exactly this rule refused, for a message with the text.
func wantRule(t testing.TB, findings finding.List, rule, message string) {
	t.Helper()
	if len(findings) != 1 || findings[0].Rule != rule || !findings.Refused() || !strings.Contains(findings[0].Message, message) {
		t.Errorf("findings %v, want one error %s with %q", findings, rule, message)
	}
}

// wantFirstCanary: nothing is found but that the cluster has to have the stable
// version.
func wantFirstCanary(t testing.TB, findings finding.List) {
	t.Helper()
	if len(findings) != 1 || findings[0].Rule != "first-canary" || findings.Refused() {
		t.Errorf("findings %v, want the warning first-canary alone", findings)
	}
}

func online(s *testsign.Source) fn.Config {
	return fn.Config{Online: func(v1alpha1.ModelPlatformSpec) (artifact.Source, error) { return s, nil }}
}
