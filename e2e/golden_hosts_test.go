package e2e_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// pkg is a package that each host is handed: the directory of a golden case.
type pkg struct {
	modelfn, dir string
}

// A renderer is a host as its user calls it. It yields what the user reads, and the
// objects.
type renderer struct {
	name   string
	render func(*testing.T, pkg) (host.Result, func() objects)
}

// hosts are the five; plugin is Argo CD's, which serves all packages.
func hosts(plugin *host.Plugin) []renderer {
	printed := func(t *testing.T, result host.Result) (host.Result, func() objects) {
		return result, func() objects { return parseObjects(t, result.Stdout) }
	}
	return []renderer{
		{"modelfn build", func(t *testing.T, p pkg) (host.Result, func() objects) {
			return printed(t, host.Run(t, host.Command{Path: p.modelfn, Args: []string{"build"}, Dir: p.plain(t)}))
		}},
		{"KRM function", func(t *testing.T, p pkg) (host.Result, func() objects) {
			result := host.Run(t, host.Command{Path: p.modelfn, Stdin: resourceList(t, p.plain(t))})
			return result, func() objects { return parseObjects(t, strings.Join(items(t, result.Stdout), "---\n")) }
		}},
		{"kustomize", func(t *testing.T, p pkg) (host.Result, func() objects) {
			return printed(t, host.Kustomize(t, p.kustomized(t), plugins, programs))
		}},
		{"kpt", func(t *testing.T, p pkg) (host.Result, func() objects) {
			dir := packaged(t, p.plain(t), "exec: "+p.modelfn)
			result := host.Kpt(t, dir, "fn", "render", ".", "--allow-exec")
			return result, func() objects { return readObjects(t, dir) }
		}},
		{"Argo CD", func(t *testing.T, p pkg) (host.Result, func() objects) {
			dir := p.plain(t)
			return printed(t, plugin.Generate(t, dir, dir, "ARGOCD_APP_NAME="+filepath.Base(p.dir)))
		}},
	}
}

// plain is a copy of the package as the directory of an application.
func (p pkg) plain(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for from, to := range map[string]string{"input.yaml": "input.yaml", "platform.yaml": "platform.yaml", "lock.yaml": lockFile} {
		content, err := os.ReadFile(filepath.Join(p.dir, from))
		if os.IsNotExist(err) || err == nil && len(content) == 0 {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, to), string(content))
	}
	return dir
}

// kustomized is the package with modelfn, a program, as the last transformer, and the
// platform as its configuration.
func (p pkg) kustomized(t *testing.T) string {
	t.Helper()
	dir := p.plain(t)
	kustomization := "resources: [input.yaml]\n"
	if _, err := os.Stat(filepath.Join(dir, lockFile)); err == nil {
		kustomization = "resources: [input.yaml, " + lockFile + "]\n"
	}
	var platform object
	if err := yaml.Unmarshal([]byte(read(t, filepath.Join(dir, "platform.yaml"))), &platform); err != nil {
		t.Fatal(err)
	}
	platform["metadata"].(map[string]any)["annotations"] = map[string]any{
		"config.kubernetes.io/function": "exec: {path: " + p.modelfn + "}",
	}
	write(t, filepath.Join(dir, "platform.yaml"), toYAML(t, platform))
	write(t, filepath.Join(dir, "kustomization.yaml"), kustomization+"transformers: [platform.yaml]\n")
	return dir
}

// expected are the objects of the case, those included that are not modelfn's.
func (p pkg) expected(t *testing.T) objects {
	t.Helper()
	return parseObjects(t, read(t, filepath.Join(p.dir, "expected.yaml"))+"\n---\n"+read(t, filepath.Join(p.dir, "input.yaml")))
}

// golden is every golden case with a file of that name.
func golden(t *testing.T, file string) []pkg {
	t.Helper()
	modelfn, err := peer.Modelfn()
	if err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob("../testdata/*/" + file)
	if err != nil || len(found) == 0 {
		t.Fatalf("no %s in ../testdata: %v", file, err)
	}
	var out []pkg
	for _, path := range found {
		out = append(out, pkg{modelfn, filepath.Dir(path)})
	}
	return out
}

// tally is what packages came to that are judged at the same time.
type tally struct {
	mu                sync.Mutex
	hosts             map[string]bool
	packages, objects int
}

// count counts a package, of so many objects.
func (y *tally) count(objects int) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.packages++
	y.objects += objects
}

// add adds a host that did not do what it should.
func (y *tally) add(host string) {
	y.mu.Lock()
	defer y.mu.Unlock()
	if y.hosts == nil {
		y.hosts = map[string]bool{}
	}
	y.hosts[host] = true
}

// TestFiveHostsAgree renders every golden package in every host: all give the objects
// that stand in the repository, and so the same.
func TestFiveHostsAgree(t *testing.T) {
	packages := golden(t, "expected.yaml")
	hosts := hosts(anyPlugin(t, packages[0].modelfn))
	var differs tally
	t.Run("packages", func(t *testing.T) {
		for _, p := range packages {
			t.Run(filepath.Base(p.dir), func(t *testing.T) {
				t.Parallel()
				want := p.expected(t)
				differs.count(len(want))
				for _, h := range hosts {
					result, got := h.render(t, p)
					if result.ExitCode != 0 {
						differs.add(h.name)
						t.Errorf("%s: exit %d\n%s", h.name, result.ExitCode, result.Stderr)
					} else if diff := firstDifference(want, got()); diff != "" {
						differs.add(h.name)
						t.Errorf("%s: %s", h.name, diff)
					}
				}
			})
		}
	})
	fmt.Printf("%d of %d hosts identical: %d packages, %d objects in each\n", len(hosts)-len(differs.hosts), len(hosts), differs.packages, differs.objects)
}

// firstDifference names the first object that is not the same, and how.
func firstDifference(want, got objects) string {
	names := slices.Sorted(maps.Keys(want))
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if want[name] == nil {
			names = append(names, name)
		}
	}
	for _, name := range names {
		switch {
		case got[name] == nil:
			return name + " is missing"
		case want[name] == nil:
			return name + " is too much"
		}
		if diff := cmp.Diff(want[name], got[name]); diff != "" {
			return name + " (-expected +rendered):\n" + diff
		}
	}
	return ""
}

// refusal is one as modelfn prints it. kpt makes one line of all.
var refusal = regexp.MustCompile(`error: ([a-z0-9-]+: .*?); fix: `)

// file is where an object stands: kustomize does not say, nor does a bare ResourceList.
var file = regexp.MustCompile(` \((?:input|platform)\.yaml\)|(?:input|platform)\.yaml`)

// causes are the refusals in a text: by rule, and what was expected and found.
func causes(text string) []string {
	var out []string
	for _, m := range refusal.FindAllStringSubmatch(text, -1) {
		out = append(out, file.ReplaceAllString(m[1], ""))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// unheard is a package that a host does not hand to modelfn at all.
var unheard = map[string]string{
	"refused-no-platform kustomize":     "the platform is the function's configuration: without it there is no function",
	"refused-two-platforms kustomize":   "two of them are two functions, one after the other",
	"refused-two-of-one-name kustomize": "kustomize itself refuses two objects of one name",
}

// more is what stands below the first of many refusals in Argo CD.
var more = regexp.MustCompile(`(?m)^\.\.\. and (\d+) more: `)

// shown is the refusals without as many as the text says that it leaves out.
func shown(want []string, text string) []string {
	left := 0
	if m := more.FindStringSubmatch(text); m != nil {
		left, _ = strconv.Atoi(m[1])
	}
	read := causes(text)
	out := slices.DeleteFunc(slices.Clone(want), func(cause string) bool {
		if left > 0 && !slices.Contains(read, cause) {
			left--
			return true
		}
		return false
	})
	if left > 0 {
		return append(out, fmt.Sprintf("and %d more", left))
	}
	return out
}

// TestFiveHostsRefuse hands every golden package that is refused to every host: none
// renders it, and its user reads the same causes, each with what to do about it.
func TestFiveHostsRefuse(t *testing.T) {
	packages := golden(t, "findings.txt")
	packages = slices.DeleteFunc(packages, func(p pkg) bool {
		return !strings.Contains(read(t, filepath.Join(p.dir, "findings.txt")), "error: ")
	})
	hosts := hosts(anyPlugin(t, packages[0].modelfn))
	var renders tally
	t.Run("packages", func(t *testing.T) {
		for _, p := range packages {
			t.Run(filepath.Base(p.dir), func(t *testing.T) {
				t.Parallel()
				renders.count(0)
				want := causes(read(t, filepath.Join(p.dir, "findings.txt")))
				for _, h := range hosts {
					if unheard[filepath.Base(p.dir)+" "+h.name] != "" {
						continue
					}
					result, _ := h.render(t, p)
					if result.ExitCode == 0 || strings.Contains(result.Stdout, "kind: InferenceService") {
						renders.add(h.name)
						t.Errorf("%s: exit %d\n%s", h.name, result.ExitCode, result.Stdout)
					}
					said := result.Stderr + result.Stdout
					if diff := cmp.Diff(shown(want, said), causes(said)); diff != "" || len(want) == 0 {
						renders.add(h.name)
						t.Errorf("%s (-findings.txt +what is read):\n%s\n%s", h.name, diff, said)
					}
				}
			})
		}
	})
	fmt.Printf("%d of %d hosts refuse: %d packages, each with the same reasons\n", len(hosts)-len(renders.hosts), len(hosts), renders.packages)
}

// anyPlugin is Argo CD's plugin server with a plugin.yaml that takes the platform of
// the repository, as golden packages have one.
func anyPlugin(t *testing.T, modelfn string) *host.Plugin {
	t.Helper()
	return host.CMP(t, fmt.Sprintf(pluginYAML, modelfn), nil)
}
