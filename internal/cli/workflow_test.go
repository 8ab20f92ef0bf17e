package cli

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

// workflow is what of a GitHub workflow says who may do what.
type workflow struct {
	Permissions map[string]string `json:"permissions"`
	Jobs        map[string]struct {
		Permissions map[string]string `json:"permissions"`
		Steps       []struct {
			Uses string         `json:"uses"`
			Run  string         `json:"run"`
			With map[string]any `json:"with"`
		} `json:"steps"`
	} `json:"jobs"`
}

// TestReleaseWorkflow: what can sign in modelfn's name runs actions by commit, puts
// nothing into a shell's text, and may do what it must; what runs the tests cannot sign.
func TestReleaseWorkflow(t *testing.T) {
	rights, steps := judgeWorkflow(t, "release.yml")
	if diff := cmp.Diff(map[string][]string{
		"build":   {"contents: read"},
		"release": {"attestations: write", "contents: read", "id-token: write", "packages: write"},
	}, rights); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	// Nothing is published before it is known what it is, nor seen before it is signed.
	wantInOrder(t, steps["build"], "make test", "make vuln", "make image\n")
	wantInOrder(t, steps["release"], "make image", "not reproducible", "make image-upload", "cosign sign ", "cosign attest ", "actions/attest-build-provenance@", "make image-tag")
}

// TestVulnerabilitiesWorkflow: each day, and for each change, what is linked is held
// against what is known, by what may do nothing else.
func TestVulnerabilitiesWorkflow(t *testing.T) {
	rights, steps := judgeWorkflow(t, "vulnerabilities.yml")
	if diff := cmp.Diff(map[string][]string{"govulncheck": {"contents: read"}}, rights); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	wantInOrder(t, steps["govulncheck"], "actions/checkout@", "make vuln")
	text := readText(t, filepath.Join("..", "..", ".github", "workflows", "vulnerabilities.yml"))
	for _, when := range []string{"schedule:", "push:", "pull_request:"} {
		if !strings.Contains(text, "\n  "+when) {
			t.Errorf("it does not run on %s", when)
		}
	}
}

// wantInOrder wants each of these to stand in a step of its own, one after the other.
func wantInOrder(t *testing.T, steps []string, want ...string) {
	t.Helper()
	for _, step := range steps {
		if len(want) > 0 && strings.Contains(step, want[0]) {
			want = want[1:]
		}
	}
	if len(want) > 0 {
		t.Errorf("no step %q after those before it in\n%s", want[0], strings.Join(steps, "\n--\n"))
	}
}

// judgeWorkflow holds a workflow to what all must, and yields what each job may do,
// and its steps.
func judgeWorkflow(t *testing.T, file string) (rights, steps map[string][]string) {
	t.Helper()
	text := readText(t, filepath.Join("..", "..", ".github", "workflows", file))
	var w workflow
	if err := yaml.Unmarshal([]byte(text), &w); err != nil {
		t.Fatal(err)
	}
	if w.Permissions == nil || len(w.Permissions) > 0 {
		t.Errorf("each job is permitted %v, want nothing", w.Permissions)
	}
	rights, steps = map[string][]string{}, map[string][]string{}
	commit := regexp.MustCompile(`^[a-z-]+/[a-z-]+@[0-9a-f]{40}$`)
	for name, job := range w.Jobs {
		for _, right := range slices.Sorted(maps.Keys(job.Permissions)) {
			rights[name] = append(rights[name], right+": "+job.Permissions[right])
		}
		for _, s := range job.Steps {
			steps[name] = append(steps[name], s.Uses+s.Run+"\n")
			if s.Uses != "" && !commit.MatchString(s.Uses) {
				t.Errorf("%s: %s is no commit", name, s.Uses)
			}
			if strings.Contains(s.Run, "${{") {
				t.Errorf("%s: an expression becomes part of a shell's text:\n%s", name, s.Run)
			}
			if strings.HasPrefix(s.Uses, "actions/checkout@") && s.With["persist-credentials"] != false {
				t.Errorf("%s: the checkout keeps the token", name)
			}
			if strings.HasPrefix(s.Uses, "actions/setup-go@") && s.With["cache"] != false {
				t.Errorf("%s: another run's cache is compiled from", name)
			}
		}
	}
	return rights, steps
}
