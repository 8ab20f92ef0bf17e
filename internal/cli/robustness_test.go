package cli

import (
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var testFunction = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Za-z0-9]+)\(`)

// TestRobustnessNamesEachTarget: docs/robustness.md lists every fuzz target of this
// module, and no test that is gone.
func TestRobustnessNamesEachTarget(t *testing.T) {
	root := filepath.Join("..", "..")
	text := readText(t, filepath.Join(root, "docs", "robustness.md"))
	there := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && (e.Name() == "e2e" || e.Name() == "release" || e.Name() == ".git"):
			return fs.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		dir, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		for _, m := range testFunction.FindAllStringSubmatch(readText(t, path), -1) {
			name := filepath.ToSlash(dir) + "." + m[1]
			there[name] = true
			if strings.HasPrefix(m[1], "Fuzz") && !strings.Contains(text, "`"+name+"`") {
				t.Errorf("%s has no row", name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range goTest.FindAllStringSubmatch(text, -1) {
		if name := m[1] + "." + m[2]; !there[name] {
			t.Errorf("%s is named, and not there", name)
		}
	}
}
