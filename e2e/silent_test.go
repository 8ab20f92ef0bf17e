package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/host"
)

// silence is a layout in which a stock program exits 0, and does not do what build
// would.
type silence struct {
	// kustomization is that of a directory with fraud.yaml, its lock, toy.yaml and
	// the platforms exec.yaml (a program) and platform.yaml (an image); base is that
	// of base/, which has the same files.
	kustomization, base string
	flags               []string
	// has is in what comes out, hasNot is not.
	has, hasNot string
	// rule is by what doctor finds it.
	rule string
}

const plugins, programs = "--enable-alpha-plugins", "--enable-exec"

const ofDeployment = `
patches:
- target: {kind: ModelDeployment}
  patch: |
    - {op: add, path: /spec/replicas, value: {min: 3}}
`

var silences = map[string]silence{
	"no function": {
		kustomization: "resources: [fraud.yaml, modelfn.lock.yaml]",
		has:           "kind: ModelDeployment", hasNot: "kind: InferenceService", rule: "warning: not-expanded: ",
	},
	"local configuration": {
		kustomization: "resources: [fraud.yaml, modelfn.lock.yaml]\ncommonAnnotations: {config.kubernetes.io/local-config: 'true'}",
		hasNot:        "kind: ", rule: "is local configuration, in silence",
	},
	"a program that may not run": {
		kustomization: "resources: [fraud.yaml, modelfn.lock.yaml]\ntransformers: [exec.yaml]", flags: []string{plugins},
		has: "kind: ModelDeployment", hasNot: "kind: InferenceService", rule: "error: exec-function: ",
	},
	"a validator": {
		kustomization: "resources: [fraud.yaml, modelfn.lock.yaml]\nvalidators: [exec.yaml]", flags: []string{plugins, programs},
		has: "kind: ModelDeployment", hasNot: "kind: InferenceService", rule: "error: validator: ",
	},
	"one that was forgotten": {
		base:          "resources: [fraud.yaml, modelfn.lock.yaml]\ntransformers: [exec.yaml]",
		kustomization: "resources: [base, toy.yaml]", flags: []string{plugins, programs},
		has: "kind: ModelDeployment", hasNot: "kind: ModelLock", rule: "error: not-expanded: ",
	},
	"a patch in vain": {
		base:          "resources: [fraud.yaml, modelfn.lock.yaml]\ntransformers: [exec.yaml]",
		kustomization: "resources: [base]" + ofDeployment, flags: []string{plugins, programs},
		has: "kind: InferenceService", hasNot: "minReplicas: 3", rule: "error: late-patch: ",
	},
	"an inline function": {
		kustomization: "resources: [fraud.yaml, modelfn.lock.yaml]\ntransformers:\n- prefix.yaml\n- |\n", flags: []string{plugins, programs},
		has: "name: eu-modelfn-fraud", hasNot: "name: modelfn-eu-fraud", rule: "error: late-change: ",
	},
	"a component": {
		base:          "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ntransformers: [exec.yaml]",
		kustomization: "resources: [fraud.yaml, modelfn.lock.yaml]\ncomponents: [base]\nnamePrefix: eu-", flags: []string{plugins, programs},
		has: "name: eu-modelfn-fraud", hasNot: "name: modelfn-eu-fraud", rule: "error: late-change: ",
	},
}

// TestSilence: what stock kustomize does in silence is found by doctor. Where the
// function is the outermost transformer, none of it happens.
func TestSilence(t *testing.T) {
	w := named(t)
	w.signed(t)
	l := w.layered(t, w.platform(t))
	for name, s := range silences {
		t.Run(name, func(t *testing.T) {
			dir := s.written(t, l)
			out := stdout(t, host.Kustomize(t, dir, s.flags...))
			if !strings.Contains(out, s.has) || strings.Contains(out, s.hasNot) {
				t.Errorf("want %q and no %q in:\n%s", s.has, s.hasNot, out)
			}
			if result := l.run(t, dir, "doctor"); !strings.Contains(result.Stderr, s.rule) || strings.HasPrefix(s.rule, "error") != (result.ExitCode == 1) {
				t.Errorf("doctor: exit %d, want %q:\n%s", result.ExitCode, s.rule, result.Stderr)
			}
		})
	}
	well := silence{
		base:          "resources: [fraud.yaml, modelfn.lock.yaml]\ncommonAnnotations: {config.kubernetes.io/local-config: 'true'}",
		kustomization: "resources: [base]\nnamePrefix: eu-\ntransformers: [exec.yaml]" + ofDeployment,
	}
	out := stdout(t, host.Kustomize(t, well.written(t, l), plugins, programs))
	for _, want := range []string{"kind: InferenceService", "minReplicas: 3", "name: modelfn-eu-fraud"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in:\n%s", want, out)
		}
	}
	well.kustomization = strings.Replace(well.kustomization, "exec.yaml", "platform.yaml", 1)
	if result := l.run(t, well.written(t, l), "doctor"); result.ExitCode != 0 || strings.Contains(result.Stderr, "late-") || strings.Contains(result.Stderr, "not-expanded") {
		t.Errorf("doctor: exit %d\n%s", result.ExitCode, result.Stderr)
	}
}

// written is the directory.
func (s silence) written(t *testing.T, l layered) string {
	t.Helper()
	dir := t.TempDir()
	program := l.running("exec: {path: " + l.modelfn + "}")
	files := map[string]string{
		"fraud.yaml": l.fraud, lockFile: l.locked, "exec.yaml": program, "platform.yaml": l.running(ourImage),
		"toy.yaml":    strings.Replace(l.fraud, "name: fraud", "name: toy", 1),
		"prefix.yaml": "apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: eu}\nprefix: eu-\nfieldSpecs: [{path: metadata/name}]\n",
	}
	if err := os.Mkdir(filepath.Join(dir, "base"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		write(t, filepath.Join(dir, name), content)
		if s.base != "" {
			write(t, filepath.Join(dir, "base", name), content)
		}
	}
	if s.base != "" {
		write(t, filepath.Join(dir, "base", "kustomization.yaml"), s.base)
	}
	if strings.HasSuffix(s.kustomization, "- |\n") {
		s.kustomization += "  " + strings.ReplaceAll(program, "\n", "\n  ")
	}
	write(t, filepath.Join(dir, "kustomization.yaml"), s.kustomization)
	return dir
}

// TestSilenceOfKpt: a package without modelfn among the mutators is rendered, and
// nothing is generated.
func TestSilenceOfKpt(t *testing.T) {
	w := named(t)
	w.signed(t)
	l := w.layered(t, w.platform(t))
	program := filepath.Join(t.TempDir(), "modelfn")
	if err := os.Symlink(w.modelfn, program); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		pipeline string
		renders  bool
		finding  string
	}{
		"none":       {"{}", false, "warning: not-expanded: Kptfile (Kptfile) "},
		"validators": {"{validators: [{exec: " + program + "}]}", false, "error: validator: Kptfile (Kptfile) "},
		"mutators":   {"{mutators: [{exec: " + program + "}]}", true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "Kptfile"), "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {name: app}\npipeline: "+c.pipeline+"\n")
			for file, content := range map[string]string{"fraud.yaml": l.fraud, "platform.yaml": l.platform, lockFile: l.locked} {
				write(t, filepath.Join(dir, file), content)
			}
			result := l.run(t, dir, "doctor")
			if !strings.Contains(result.Stderr, c.finding) || (result.Stderr == "") != (c.finding == "") {
				t.Errorf("doctor: exit %d, want %q:\n%s", result.ExitCode, c.finding, result.Stderr)
			}
			stdout(t, host.Kpt(t, dir, "fn", "render", ".", "--allow-exec"))
			if rendered := readObjects(t, dir)["InferenceService ml-serving/fraud"] != nil; rendered != c.renders {
				t.Errorf("rendered: %t, want %t", rendered, c.renders)
			}
		})
	}
}
