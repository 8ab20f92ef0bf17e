package document

import (
	"bytes"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPages: the tables and the plot are what the results say, by the code that
// is here: nobody wrote a figure by hand, and none is of an older simulation.
func TestPages(t *testing.T) {
	results, err := Results()
	if err != nil {
		t.Fatal(err)
	}
	scaled, err := scaleSections(results)
	if err != nil {
		t.Fatal(err)
	}
	for name, sections := range map[string]map[string]string{"performance.md": results.Sections(), "scale.md": scaled} {
		path, filled, err := filledPage(name, sections)
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(filled, string(text)); diff != "" {
			t.Errorf("docs/%s is not what docs/performance.json gives; run `make scale SCALE=-write` or `make bench`: -want, +got:\n%s", name, diff)
		}
	}
	path, err := in("performance.svg")
	if err != nil {
		t.Fatal(err)
	}
	diagram, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(diagram, results.Diagram()) {
		t.Error("docs/performance.svg is not what docs/performance.json gives; run `make bench`")
	}
}
