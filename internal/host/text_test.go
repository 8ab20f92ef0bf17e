package host

import (
	"fmt"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/fn"
)

const broken = "apiVersion: modelfn.dev/v1alpha1\nkind: ModelDeployment\nmetadata: {name: fraud}\nspec: {model: a}\n"

// TestTogether: many files are no way around the bounds of one.
func TestTogether(t *testing.T) {
	files := map[string]string{}
	for i := range 3 {
		files[fmt.Sprintf("%d.yaml", i)] = strings.Repeat("---\n# "+strings.Repeat("x", 50)+"\n", 4000)
	}
	_, findings := readDirectory(tree(t, files), false, "", plainTexts())
	if len(findings) != 1 || !strings.HasSuffix(findings[0].Resource.File, "2.yaml") || findings[0].Message != "with what was read before it, more than 10000 documents" {
		t.Errorf("%v", findings)
	}
	files["kustomization.yaml"] = "resources: [0.yaml, 1.yaml, 2.yaml]\n"
	fs, err := newGuardedFS(tree(t, files), "")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"", "", "more than 10000 documents"} {
		for range 2 { // kustomize reads a file more than once
			_, err := fs.ReadFile(fmt.Sprintf("%s/%d.yaml", fs.bound, i))
			if err == nil && want != "" || err != nil && (want == "" || !strings.Contains(err.Error(), want)) {
				t.Errorf("%d: %v, want %q", i, err, want)
			}
		}
	}
}

// TestMemoryByWhatIsRead: what multiplies a few bytes is stopped soon.
func TestMemoryByWhatIsRead(t *testing.T) {
	for bytes, want := range map[int]uint64{0: 192 << 20, 1 << 20: 256 << 20, 32 << 20: 1 << 30} {
		if got := memoryFor(bytes); got != want {
			t.Errorf("%d bytes may take %d MiB, want %d", bytes, got>>20, want>>20)
		}
	}
}

// TestDoctorSaysWhatItCannotRead: a model in a file that is refused before it is parsed
// is not passed over in silence.
func TestDoctorSaysWhatItCannotRead(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"no UTF-8": {broken + "# caf\xe9\n", "line 5: the byte 0xe9 is no UTF-8"},
		"UTF-16":   {"\xff\xfe" + strings.Join(strings.Split(broken, ""), "\x00") + "\x00", "it is UTF-16, want UTF-8"},
		"too much": {broken + "# " + strings.Repeat("[", 2000), "more than 1000 levels of nesting"},
		"itself":   {broken + "x: &a [*a]\n", "contains itself"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := tree(t, map[string]string{"kustomization.yaml": "resources: [model.yaml]\n", "model.yaml": tt.text})
			for _, f := range Doctor(dir, dir, fn.Sources{}).Findings {
				if f.Rule == "unreadable" && strings.HasSuffix(f.Resource.File, "model.yaml") && strings.Contains(f.Message, tt.want) {
					return
				}
			}
			t.Errorf("%q is not said of it: %v", tt.want, Doctor(dir, dir, fn.Sources{}).Findings)
		})
	}
}
