package fn_test

import (
	"flag"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	krm "github.com/kptdev/krm-functions-sdk/go/fn"
	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/lock"
	"github.com/modelfn/modelfn/internal/object"
	"github.com/modelfn/modelfn/internal/testsign"
)

var update = flag.Bool("update", false, "rewrite the locks and the expected output in testdata/")

const golden = "../testdata"

// TestGolden renders each directory of testdata: input.yaml, platform.yaml and
// lock.yaml give exactly expected.yaml, or are refused with findings.txt. The
// locks follow from the input and world, so that they stay real.
func TestGolden(t *testing.T) {
	cases, err := filepath.Glob(filepath.Join(golden, "*", "input.yaml"))
	if err != nil || len(cases) == 0 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	for _, input := range cases {
		dir := filepath.Dir(input)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			if *update {
				writeLock(t, dir)
			}
			var items krm.KubeObjects
			for _, file := range []string{"input.yaml", "platform.yaml", "lock.yaml"} {
				items = append(items, readItems(t, dir, file)...)
			}
			expected, findings := render(t, items)
			compare(t, filepath.Join(dir, "expected.yaml"), expected)
			compare(t, filepath.Join(dir, "findings.txt"), findings)
			if (expected == "") == (findings == "") && !strings.HasPrefix(findings, "warning: ") {
				t.Error("neither output nor a refusal, or both")
			}
		})
	}
}

// writeLock locks what the case names and the world holds, with all evidence:
// into lock.yaml, or into the ModelDeployment where it has a spec.lock.
func writeLock(t *testing.T, dir string) {
	t.Helper()
	var locks []*v1alpha1.ModelLock
	for _, d := range deployments(t, dir) {
		entries := entriesOf(lock.URIs(d))
		switch {
		case len(entries) == 0:
		case d.Spec.Lock != nil:
			writeInline(t, filepath.Join(dir, "input.yaml"), entries)
		default:
			locks = append(locks, lock.New(d, entries))
		}
	}
	text := ""
	if len(locks) > 0 {
		text = string(lock.Marshal(locks))
	}
	compare(t, filepath.Join(dir, "lock.yaml"), text)
}

// entriesOf are the world's entries, those that kits refer to included, each once.
func entriesOf(uris []string) []v1alpha1.LockedModel {
	var entries []v1alpha1.LockedModel
	add := func(e v1alpha1.LockedModel) {
		if !slices.ContainsFunc(entries, func(o v1alpha1.LockedModel) bool { return o.URI == e.URI }) {
			entries = append(entries, e)
		}
	}
	for _, uri := range uris {
		p, ok := world()[uri]
		if !ok {
			p, ok = byDigest(uri)
		}
		if ok {
			add(p.Entry(uri, p.Evidence...))
			for _, e := range entriesOf(p.Summary.References) {
				add(e)
			}
		}
	}
	return entries
}

// byDigest finds what a URI with a digest names.
func byDigest(uri string) (testsign.Published, bool) {
	repository, digest, _ := strings.Cut(uri, "@")
	for name, p := range world() {
		if strings.HasPrefix(name, repository+":") && string(p.Digest()) == digest {
			return p, true
		}
	}
	return testsign.Published{}, false
}

// deployments are those of the input that decode; what does not is the case's
// point. Two of one name need one lock.
func deployments(t *testing.T, dir string) []*v1alpha1.ModelDeployment {
	t.Helper()
	var out []*v1alpha1.ModelDeployment
	for _, item := range readItems(t, dir, "input.yaml") {
		d := new(v1alpha1.ModelDeployment)
		if errs := v1alpha1.Decode([]byte(item.String()), d); len(errs) == 0 && !slices.ContainsFunc(out, func(o *v1alpha1.ModelDeployment) bool {
			return o.Metadata.Name == d.Metadata.Name
		}) {
			out = append(out, d)
		}
	}
	return out
}

func writeInline(t *testing.T, path string, entries []v1alpha1.LockedModel) {
	t.Helper()
	node, err := kyaml.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	value, err := kyaml.Parse(string(object.AppendYAML(nil, lock.Spec(v1alpha1.ModelLockSpec{Models: entries}))))
	if err != nil {
		t.Fatal(err)
	}
	if err := node.PipeE(kyaml.Lookup("spec"), kyaml.SetField("lock", value)); err != nil {
		t.Fatal(err)
	}
	if err := kyaml.WriteFile(node, path); err != nil {
		t.Fatal(err)
	}
}
