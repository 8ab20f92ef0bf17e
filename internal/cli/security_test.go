package cli

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// In SECURITY.md a test is named by its package's directory, a script and a golden
// case by their file; threat is a row of the table.
var (
	goTest = regexp.MustCompile("`([a-z0-9/]+)\\.((?:Test|Fuzz)[A-Za-z0-9]+)`")
	anyGo  = regexp.MustCompile(`\b(?:Test|Fuzz)[A-Z][A-Za-z0-9]+`)
	script = regexp.MustCompile("`([a-z_]+\\.txtar)`")
	golden = regexp.MustCompile("`(testdata/[a-z0-9-]+)`")
	source = regexp.MustCompile("`([a-z0-9/_]+\\.(?:go|yaml|yml))`")
	threat = regexp.MustCompile(`(?m)^\| ([0-9]+) \| ([^|]+) \| ([^|]+) \| (\*\*open\*\*|closed|limit)([^|]*) \| ([^|]+) \|$`)
)

// absent are the tests and files that a text names and the repository has not.
func absent(t *testing.T, root, text string) (out []string, named int) {
	t.Helper()
	for _, m := range goTest.FindAllStringSubmatch(text, -1) {
		named++
		files, err := filepath.Glob(filepath.Join(root, m[1], "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(files, func(file string) bool {
			return strings.Contains(readText(t, file), "\nfunc "+m[2]+"(")
		}) {
			out = append(out, m[1]+"."+m[2])
		}
	}
	if whole := len(anyGo.FindAllString(text, -1)); whole != named {
		out = append(out, strconv.Itoa(whole-named)+" tests without their package")
	}
	files := func(pattern *regexp.Regexp, beside ...string) {
		for _, m := range pattern.FindAllStringSubmatch(text, -1) {
			named++
			if _, err := os.Stat(filepath.Join(append(append([]string{root}, beside...), m[1])...)); err != nil {
				out = append(out, m[1])
			}
		}
	}
	files(script, "internal", "cli", "testdata", "script")
	files(golden)
	files(source)
	return out, named
}

// TestSecurityNames: a name that is not there would be found.
func TestSecurityNames(t *testing.T) {
	root := filepath.Join("..", "..")
	text := "`trust.TestGlobMatches` `trust.TestNobodyWroteIt` `e2e.TestAttack` `lock.txtar` `nobody.txtar` `testdata/nobody` `trust/nobody.go`, and TestSomething"
	got, _ := absent(t, root, text)
	if want := "trust.TestNobodyWroteIt,1 tests without their package,nobody.txtar,testdata/nobody,trust/nobody.go"; strings.Join(got, ",") != want {
		t.Errorf("missing: %q", got)
	}
}

// TestSecurityTable: each of the twenty threats has its row; what is said to be closed
// names a test, and what is not, a page that says so. The tests are there.
func TestSecurityTable(t *testing.T) {
	root := filepath.Join("..", "..")
	text := readText(t, filepath.Join(root, "SECURITY.md"))
	gone, named := absent(t, root, text)
	for _, name := range gone {
		t.Errorf("SECURITY.md names %s, which is not there", name)
	}
	if named < 60 {
		t.Errorf("found %d names only", named)
	}
	rows := threat.FindAllStringSubmatch(text, -1)
	if len(rows) != 20 {
		t.Fatalf("found %d threats, want 20: is a row not of the form number, threat, what closes it, state, shown by?", len(rows))
	}
	for i, m := range rows {
		if m[1] != strconv.Itoa(i+1) {
			t.Errorf("row %d is of threat %s", i+1, m[1])
		}
		if m[4] == "closed" && !goTest.MatchString(m[6]) && !script.MatchString(m[6]) {
			t.Errorf("threat %s is closed, and nothing shows it", m[1])
		}
		if m[4] != "closed" && !strings.Contains(m[3]+m[5]+m[6], ".md") {
			t.Errorf("threat %s is not closed, and no page says so", m[1])
		}
	}
}

// TestNothingIsStarted: the product starts no program but Docker's credential helpers,
// and kustomize modelfn itself; so nothing of a repository's could be one. What kustomize
// could start is refused before (attack_plugin.txtar, kustomize_hermetic.txtar).
func TestNothingIsStarted(t *testing.T) {
	root, count := filepath.Join("..", ".."), 0
	var starters []string
	if err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil && path != root || d.Name() == "testdata" {
				return filepath.SkipDir // other modules: they are not in the product
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		count++
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			switch name, _ := strconv.Unquote(spec.Path.Value); name {
			case "os/exec", "plugin", "C":
				starters = append(starters, filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator))))
			}
		}
		for _, how := range []string{"os.StartProcess(", "syscall.Exec(", "syscall.ForkExec(", "unix.Exec("} {
			if strings.Contains(readText(t, path), how) {
				starters = append(starters, path+": "+how)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(starters, ", "); got != "internal/distribution/helper.go" {
		t.Errorf("programs are started by %s", got)
	}
	if count < 100 {
		t.Errorf("found %d files only", count)
	}
}

// TestModulesAsTheyAre: what is linked is what the module proxy and the checksum
// database know under its name; nothing is replaced.
func TestModulesAsTheyAre(t *testing.T) {
	for _, file := range []string{"go.mod", "release/go.mod"} {
		for line := range strings.Lines(readText(t, filepath.Join("..", "..", file))) {
			if word, _, _ := strings.Cut(strings.TrimSpace(line), " "); word == "replace" || strings.Contains(line, " => ") {
				t.Errorf("%s: %s", file, line)
			}
		}
	}
	if !strings.Contains(readText(t, filepath.Join("..", "..", "Makefile")), "$(GO) mod verify") {
		t.Error("make test does not compare the modules with go.sum")
	}
	// Nothing that builds takes modules past the checksum database.
	past := regexp.MustCompile(`GO(NOSUMDB|NOSUMCHECK|PRIVATE|NOPROXY|INSECURE)|GOSUMDB[:=] *"?off|-insecure`)
	builders := []string{"Makefile", ".ci/run", ".ci/vuln", "e2e/peers/build.sh", "examples/argocd/Dockerfile"}
	workflows, err := filepath.Glob(filepath.Join("..", "..", ".github", "workflows", "*"))
	if err != nil || len(workflows) < 2 {
		t.Fatalf("%q, %v", workflows, err)
	}
	for _, file := range workflows {
		builders = append(builders, ".github/workflows/"+filepath.Base(file))
	}
	for _, file := range builders {
		if found := past.FindString(readText(t, filepath.Join("..", "..", file))); found != "" {
			t.Errorf("%s: %s", file, found)
		}
	}
	for _, name := range []string{"vendor", "go.work"} {
		if _, err := os.Lstat(filepath.Join("..", "..", name)); err == nil {
			t.Errorf("%s goes before go.sum", name)
		}
	}
}
