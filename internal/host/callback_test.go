package host

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestIsOurs(t *testing.T) {
	for image, want := range map[string]bool{
		"ghcr.io/modelfn/modelfn":                  true,
		"ghcr.io/modelfn/modelfn:v0.1.0":           true,
		"ghcr.io/modelfn/modelfn@sha256:abc":       true,
		"ghcr.io/modelfn/modelfn-evil":             false,
		"ghcr.io/modelfn/modelfn/evil:v1":          false,
		"evil.example/ghcr.io/modelfn/modelfn":     false,
		"GHCR.io/modelfn/modelfn":                  false,
		"":                                         false,
		"ghcr.io/modelfn":                          false,
		"docker.io/library/ghcr.io/modelfn/modelf": false,
	} {
		if got := isOurs(image); got != want {
			t.Errorf("%q: %v, want %v", image, got, want)
		}
	}
}

func TestCallbackRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		args   []string
		stderr string
		code   int
	}{
		"git":             {[]string{"git", "clone", "x"}, "modelfn build fetches nothing", 1},
		"other image":     {[]string{"docker", "run", "evil"}, "modelfn build runs no other function", 125},
		"not from build":  {[]string{"docker", "run", Image}, "started as docker, but not by modelfn build", 2},
		"control letters": {[]string{"docker", "run", "\x1b[2Jevil"}, `\u001b[2Jevil`, 125},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(callbackVariable, "")
			var stdout, stderr bytes.Buffer
			code, called := Callback(t.Context(), tt.args, strings.NewReader(""), &stdout, &stderr)
			if !called || code != tt.code || stdout.Len() > 0 || !strings.Contains(stderr.String(), tt.stderr) {
				t.Errorf("called %v, code %d, stdout %q, stderr %q", called, code, &stdout, &stderr)
			}
		})
	}
	if _, called := Callback(t.Context(), []string{"/usr/bin/modelfn", "docker"}, nil, nil, nil); called {
		t.Error("called under its own name")
	}
}

// TestCallbackRefusesInput: what kustomize hands over is a ResourceList; that
// anything else is refused must not depend on it.
func TestCallbackRefusesInput(t *testing.T) {
	raw, err := json.Marshal(settings{Records: t.TempDir(), Deadline: time.Now().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(callbackVariable, string(raw))
	t.Setenv("PATH", "") // a callback sets it
	for name, in := range map[string]string{
		"empty": "", "no YAML": "items: [", "another kind": configMap + "a\n", "a list": "- a\n",
		"items are text": "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: [a]\n",
		"items are none": "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: {a: b}\n",
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			code, called := Callback(t.Context(), []string{"docker", Image}, strings.NewReader(in), &stdout, &stderr)
			if !called || code != 1 || stdout.Len() > 0 || stderr.Len() == 0 {
				t.Errorf("code %d, stdout %q, stderr %q", code, &stdout, &stderr)
			}
		})
	}
}

// TestRecordsKeepOrder: what the last function generated is what the gate
// compares with.
func TestRecordsKeepOrder(t *testing.T) {
	dir := t.TempDir()
	var want []record
	for i := range 12 {
		r := record{Deployments: i}
		want = append(want, r)
		if err := r.save(dir); err != nil {
			t.Fatal(err)
		}
	}
	got, err := readRecords(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestCallbackAnswers: what kustomize gets back has no numbers by which it would look
// for comments to copy, and all else that it handed over.
func TestCallbackAnswers(t *testing.T) {
	in := `apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: v1
  kind: ConfigMap
  metadata:
    name: a
    annotations:
      config.k8s.io/id: "1"
      internal.config.kubernetes.io/id: "1"
      kept: x # why
- apiVersion: v1
  kind: ConfigMap
  metadata:
    name: b
    annotations: {config.k8s.io/id: "2"}
`
	s := settings{Records: t.TempDir(), Deadline: time.Now().Add(time.Hour)}
	var out bytes.Buffer
	if code, err := s.answer(t.Context(), strings.NewReader(in), &out); code != 0 || err != nil {
		t.Fatalf("code %d, %v", code, err)
	}
	want := `apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: v1
  kind: ConfigMap
  metadata:
    name: a
    annotations:
      kept: x # why
- apiVersion: v1
  kind: ConfigMap
  metadata:
    name: b
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
