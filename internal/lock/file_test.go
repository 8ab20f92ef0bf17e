package lock_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/kyaml/kio"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/lock"
)

// TestMarshalRoundTrip: what is written is what is read, however it is sorted,
// and the summary stands before the bytes.
func TestMarshalRoundTrip(t *testing.T) {
	a, b := lock.New(deployment("a", ""), []v1alpha1.LockedModel{seven}), lock.New(deployment("b", v8), []v1alpha1.LockedModel{eight, seven})
	raw := lock.Marshal([]*v1alpha1.ModelLock{b, a})
	if diff := cmp.Diff(string(lock.Marshal([]*v1alpha1.ModelLock{a, b})), string(raw)); diff != "" {
		t.Errorf("order of locks:\n%s", diff)
	}
	reader := &kio.LocalPackageReader{PackagePath: t.TempDir()}
	path := filepath.Join(reader.PackagePath, lock.FileName)
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	nodes, err := reader.Read()
	if err != nil || len(nodes) != 2 {
		t.Fatalf("%d documents, %v", len(nodes), err)
	}
	for i, want := range []*v1alpha1.ModelLock{a, b} {
		if err := nodes[i].SetAnnotations(map[string]string{"config.kubernetes.io/local-config": "true"}); err != nil {
			t.Fatal(err)
		}
		text, err := nodes[i].String()
		if err != nil {
			t.Fatal(err)
		}
		got := new(v1alpha1.ModelLock)
		if errs := v1alpha1.Decode([]byte(text), got); len(errs) > 0 {
			t.Fatal(errs)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-written +read:\n%s", diff)
		}
	}
}

// TestWrite: nothing is touched that is right already, and nothing is left
// behind.
func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, lock.FileName)
	for i, step := range []struct {
		content string
		changed bool
	}{{"one", true}, {"one", false}, {"two", true}} {
		changed, err := lock.Write(path, []byte(step.content))
		if err != nil || changed != step.changed {
			t.Errorf("step %d: changed %t, %v", i, changed, err)
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != step.content {
			t.Errorf("step %d: %q, %v", i, got, err)
		}
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("%v are left, %v", files, err)
	}
}

// TestWriteReplaces: the new content takes the old one's place as a file of its
// own, never by writing into it: whoever has the old one open, or linked, goes
// on reading all of it. Its mode stays.
func TestWriteReplaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), lock.FileName)
	if err := os.WriteFile(path, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	linked := path + ".linked"
	if err := os.Link(path, linked); err != nil {
		t.Fatal(err)
	}
	if changed, err := lock.Write(path, []byte("new")); err != nil || !changed {
		t.Fatalf("changed %t, %v", changed, err)
	}
	for name, want := range map[string]string{path: "new", linked: "old"} {
		if got, err := os.ReadFile(name); err != nil || string(got) != want {
			t.Errorf("%s holds %q, want %q; %v", filepath.Base(name), got, want, err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// TestWriteFault: what cannot be written leaves nothing behind.
func TestWriteFault(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, lock.FileName)
	if err := os.MkdirAll(filepath.Join(path, "in-the-way"), 0o700); err != nil {
		t.Fatal(err)
	}
	if changed, err := lock.Write(path, []byte("x")); err == nil || changed {
		t.Errorf("changed %t, %v", changed, err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("%v are left, %v", files, err)
	}
	if _, err := lock.Write(filepath.Join(dir, "none", lock.FileName), []byte("x")); err == nil {
		t.Error("a directory that is not there was written to")
	}
}

// TestWriteBounds: what could not be read again is not written, and what cannot
// be read is replaced.
func TestWriteBounds(t *testing.T) {
	path := filepath.Join(t.TempDir(), lock.FileName)
	if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	const most = 16 << 20
	if changed, err := lock.Write(path, make([]byte, most+1)); err == nil || changed || !strings.Contains(err.Error(), "at most 16777216 are read again: split the directory") {
		t.Errorf("%t, %v, want a refusal", changed, err)
	}
	if raw, err := os.ReadFile(path); err != nil || string(raw) != "before" {
		t.Errorf("%d bytes, %v, want the old file", len(raw), err)
	}
	if err := os.WriteFile(path, make([]byte, most+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if changed, err := lock.Write(path, []byte("after")); err != nil || !changed {
		t.Errorf("%t, %v", changed, err)
	}
	if raw, err := os.ReadFile(path); err != nil || string(raw) != "after" {
		t.Errorf("%d bytes, %v", len(raw), err)
	}
}
