package pattern_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/internal/pattern"
)

// TestAllCompile: one that does not would panic in the one run that needs it.
func TestAllCompile(t *testing.T) {
	n := 0
	for file := range sources(t) {
		ast.Inspect(file, func(node ast.Node) bool {
			call, ok := node.(*ast.CallExpr)
			if !ok || name(call.Fun) != "pattern.New" {
				return true
			}
			n++
			if text, ok := expression(call.Args[0]); !ok {
				t.Errorf("%v is put together from what a test cannot see", call.Args[0])
			} else if _, err := regexp.Compile(text); err != nil {
				t.Error(err)
			}
			return true
		})
	}
	if n < 40 {
		t.Errorf("found only %d patterns", n)
	}
}

// TestNoneAtStart: an expression of a package that is compiled when the program starts
// costs each start of it.
func TestNoneAtStart(t *testing.T) {
	for file, path := range sources(t) {
		if path == "pattern.go" {
			continue
		}
		for _, declaration := range file.Decls {
			if general, ok := declaration.(*ast.GenDecl); ok {
				ast.Inspect(general, func(node ast.Node) bool {
					if call, ok := node.(*ast.CallExpr); ok && name(call.Fun) == "regexp.MustCompile" {
						t.Errorf("%s compiles an expression when the program starts: use pattern.New", path)
					}
					return true
				})
			}
		}
	}
}

// sources are the files that the program is made of, with their names.
func sources(t *testing.T) func(func(*ast.File, string) bool) {
	t.Helper()
	root := filepath.Join("..", "..")
	return func(yield func(*ast.File, string) bool) {
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if e.IsDir() && slices.Contains([]string{"e2e", "release", "testdata", ".git"}, e.Name()) {
				return filepath.SkipDir
			}
			if e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err == nil && !yield(file, e.Name()) {
				return filepath.SkipAll
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func name(e ast.Expr) string {
	if s, ok := e.(*ast.SelectorExpr); ok {
		if x, ok := s.X.(*ast.Ident); ok {
			return x.Name + "." + s.Sel.Name
		}
	}
	return ""
}

// expression is a text, or several put together; what is quoted compiles whatever it is.
func expression(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.BinaryExpr:
		x, okX := expression(e.X)
		y, okY := expression(e.Y)
		return x + y, okX && okY
	case *ast.CallExpr:
		return "", name(e.Fun) == "regexp.QuoteMeta"
	}
	return "", false
}

// TestPattern: it does what package regexp does.
func TestPattern(t *testing.T) {
	p, text := pattern.New(`a+(b)?`), "xaab aa"
	r := regexp.MustCompile(p.String())
	for what, pair := range map[string][2]any{
		"MatchString":        {p.MatchString(text), r.MatchString(text)},
		"Find":               {string(p.Find([]byte(text))), string(r.Find([]byte(text)))},
		"FindString":         {p.FindString(text), r.FindString(text)},
		"FindAllStringIndex": {p.FindAllStringIndex(text, -1), r.FindAllStringIndex(text, -1)},
		"ReplaceAllString":   {p.ReplaceAllString(text, "<$1>"), r.ReplaceAllString(text, "<$1>")},
		"ReplaceAllStringFunc": {
			p.ReplaceAllStringFunc(text, strings.ToUpper), r.ReplaceAllStringFunc(text, strings.ToUpper),
		},
	} {
		if diff := cmp.Diff(pair[1], pair[0]); diff != "" {
			t.Errorf("%s (-regexp +pattern):\n%s", what, diff)
		}
	}
	if p.MatchString("x") || p.Find([]byte("x")) != nil {
		t.Error("it matches a text without a match")
	}
}
