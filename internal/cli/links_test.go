package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// link is one to a file of the repository, and heading what its anchors are made of.
var (
	link    = regexp.MustCompile(`\]\(([^)#\s:]*)(?:#([^)\s]+))?\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	dropped = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// TestLinks: what the documents point to is there, headings included.
func TestLinks(t *testing.T) {
	root := filepath.Join("..", "..")
	docs, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, doc := range append(docs, filepath.Join(root, "README.md"), filepath.Join(root, "SECURITY.md")) {
		text := readText(t, doc)
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			count++
			target := doc
			if m[1] != "" {
				target = filepath.Join(filepath.Dir(doc), m[1])
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: %s: %v", doc, m[0], err)
			} else if m[2] != "" && !anchors(readText(t, target))[m[2]] {
				t.Errorf("%s: %s: there is no such heading", doc, m[0])
			}
		}
	}
	if count < 100 {
		t.Errorf("found %d links only", count)
	}
}

// anchors are those that GitHub makes of headings.
func anchors(text string) map[string]bool {
	out := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		plain := dropped.ReplaceAllString(strings.ToLower(m[1]), "")
		out[strings.ReplaceAll(plain, " ", "-")] = true
	}
	return out
}

func readText(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
