package page_test

import (
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/bench/page"
)

func TestFill(t *testing.T) {
	const before = "# Page\n<!-- generated: a -->\nold\n<!-- end -->\nprose\n<!-- generated: b -->\n<!-- end -->\nlast\n"
	got, err := page.Fill(before, map[string]string{"a": "one\n", "b": "two\n"})
	if err != nil {
		t.Fatal(err)
	}
	want := "# Page\n<!-- generated: a -->\none\n<!-- end -->\nprose\n<!-- generated: b -->\ntwo\n<!-- end -->\nlast\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestFillRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		page     string
		sections map[string]string
		reason   string
	}{
		"a mark without a section": {"<!-- generated: a -->\n<!-- end -->\n", nil, `nothing is generated for the mark "a"`},
		"a section without a mark": {"", map[string]string{"a": ""}, `no mark for "a"`},
		"a mark without an end":    {"<!-- generated: a -->\n", map[string]string{"a": ""}, `"a" has no <!-- end -->`},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := page.Fill(tt.page, tt.sections); err == nil || !strings.Contains(err.Error(), tt.reason) {
				t.Errorf("Fill = %v, want %s", err, tt.reason)
			}
		})
	}
}
