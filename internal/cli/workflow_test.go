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
	text := readText(t, filepath.Join("..", "..", ".github", "workflows", "release.yml"))
	var w workflow
	if err := yaml.Unmarshal([]byte(text), &w); err != nil {
		t.Fatal(err)
	}
	if w.Permissions == nil || len(w.Permissions) > 0 {
		t.Errorf("each job is permitted %v, want nothing", w.Permissions)
	}
	got := map[string][]string{}
	commit, steps := regexp.MustCompile(`^[a-z-]+/[a-z-]+@[0-9a-f]{40}$`), 0
	for name, job := range w.Jobs {
		for _, right := range slices.Sorted(maps.Keys(job.Permissions)) {
			got[name] = append(got[name], right+": "+job.Permissions[right])
		}
		for _, s := range job.Steps {
			steps++
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
	if diff := cmp.Diff(map[string][]string{
		"build":   {"contents: read"},
		"release": {"attestations: write", "contents: read", "id-token: write", "packages: write"},
	}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if steps < 10 {
		t.Errorf("found %d steps only", steps)
	}
}
