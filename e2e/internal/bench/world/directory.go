package world

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/modelfn/modelfn/e2e/internal/bench/stopwatch"
)

// Layout is how models lie in directories.
type Layout string

// Layouts of n models.
const (
	One  Layout = "one"  // one directory, a file for each model
	Each Layout = "each" // a directory for each model
	// Exec and Image are One as a kustomization, which runs modelfn as an
	// executable or by the name of its image.
	Exec  Layout = "exec"
	Image Layout = "image"
	// Kpt is Each as kpt packages, which run modelfn as an executable.
	Kpt Layout = "kpt"
)

// Plan says which directory to make.
type Plan struct {
	Layout Layout
	N      int
	// Function is the program that a kustomization or a package executes.
	Function string
	// Engine makes admission policies beside the models; empty is Kyverno's. It
	// cannot demand keyless signatures, which want None.
	Engine string
}

// Directory is where models of a ground are deployed from.
type Directory struct {
	Layout Layout
	Path   string
	// Platform is the file to seal it with; a kustomization has its own.
	Platform string
	Models   []Model
}

// LockFile is what `modelfn lock` writes.
const LockFile = "modelfn.lock.yaml"

const platformFile = "platform.yaml"

// Write makes the directory under a new path, without a lock.
func (g *Ground) Write(ctx context.Context, path string, p Plan) (*Directory, error) {
	models, err := g.Models(ctx, p.N)
	if err != nil {
		return nil, err
	}
	engine := cmp.Or(p.Engine, "Kyverno")
	d := &Directory{p.Layout, filepath.Join(path, "apps"), filepath.Join(path, platformFile), models}
	files := map[string]string{d.Platform: g.platform(engine, "")}
	for _, m := range models {
		files[filepath.Join(d.Of(m), m.Name+".yaml")] = deployment(m)
	}
	switch p.Layout {
	case Exec:
		d.kustomization(files, g.platform(engine, "exec:\n        path: "+p.Function))
	case Image:
		d.kustomization(files, g.platform(engine, "container:\n        image: ghcr.io/modelfn/modelfn:v0.1.0"))
	case Kpt:
		d.packages(files, g.platform(engine, ""), p.Function)
	}
	return d, write(files)
}

// kustomization adds one, with the platform as its transformer.
func (d *Directory) kustomization(files map[string]string, platform string) {
	text := "resources:\n"
	for _, m := range d.Models {
		text += "- " + m.Name + ".yaml\n"
	}
	d.Platform = ""
	files[filepath.Join(d.Path, platformFile)] = platform
	files[filepath.Join(d.Path, "kustomization.yaml")] = text + "transformers:\n- " + platformFile + "\n"
}

// packages makes a kpt package of each directory, with the platform in it.
func (d *Directory) packages(files map[string]string, platform, function string) {
	d.Platform = ""
	for _, m := range d.Models {
		files[filepath.Join(d.Of(m), platformFile)] = platform
		files[filepath.Join(d.Of(m), "Kptfile")] = fmt.Sprintf(`apiVersion: kpt.dev/v1
kind: Kptfile
metadata:
  name: %s
pipeline:
  mutators:
  - exec: %s
    configPath: %s
`, m.Name, function, platformFile)
	}
}

// Of is the directory that holds a model.
func (d *Directory) Of(m Model) string {
	if d.split() {
		return filepath.Join(d.Path, m.Name)
	}
	return d.Path
}

// split says whether each model has a directory of its own.
func (d *Directory) split() bool { return d.Layout == Each || d.Layout == Kpt }

// Lock is the job that locks the whole directory.
func (d *Directory) Lock(modelfn string) stopwatch.Job {
	args := []string{modelfn, "lock", d.Path}
	if d.split() {
		args[2] += "/..."
	}
	if d.Platform != "" {
		args = append(args, "--platform", d.Platform)
	}
	return stopwatch.Job{Commands: []stopwatch.Command{{Args: args}}}
}

// Unlock takes the locks away.
func (d *Directory) Unlock() error {
	for _, m := range d.Models {
		path := filepath.Join(d.Of(m), LockFile)
		if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}

// Build is the job that renders it: once, or once for each directory.
func (d *Directory) Build(modelfn string) stopwatch.Job {
	job := stopwatch.Job{Separator: "---\n"}
	if !d.split() {
		return stopwatch.Job{Commands: []stopwatch.Command{{Args: d.build(modelfn, d.Path)}}}
	}
	for _, m := range d.Models {
		job.Commands = append(job.Commands, stopwatch.Command{Args: d.build(modelfn, d.Of(m))})
	}
	return job
}

func (d *Directory) build(modelfn, dir string) []string {
	args := []string{modelfn, "build", dir}
	if d.Platform != "" {
		args = append(args, "--platform", d.Platform)
	}
	return args
}

// platform trusts what this ground signs; function says how a kustomization runs
// modelfn.
func (g *Ground) platform(engine, function string) string {
	authority := map[string]any{"name": "ci", "keyless": map[string]string{"issuer": trainer.Issuer, "subject": trainer.Subject, "sourceRepository": trainer.SourceRepository}, "trustedRoot": g.sigstore.TrustedRoot()}
	if g.Format != Keyless {
		authority = map[string]any{"name": "release", "key": map[string]any{"pem": g.public}}
	}
	written, err := json.Marshal(authority)
	if err != nil {
		panic(err) // strings only
	}
	annotations := ""
	if function != "" {
		annotations = "\n  annotations:\n    config.kubernetes.io/function: |\n      " + function
	}
	return fmt.Sprintf(`apiVersion: modelfn.dev/v1alpha1
kind: ModelPlatform
metadata:
  name: bench%[1]s
spec:
  registries: [{host: %[2]q, plainHTTP: true}]
  trust:
  - match: ["%[2]s/models/**"]
    authorities: [%[3]s]
  policy: {engine: %[4]s}
  serving:
    defaults:
      resources: {limits: {cpu: "1", memory: 2Gi}}
`, annotations, g.Server.Host(), written, engine)
}

func deployment(m Model) string {
	return fmt.Sprintf(`apiVersion: modelfn.dev/v1alpha1
kind: ModelDeployment
metadata:
  name: %[1]s
  namespace: ml-serving
spec:
  model: %[2]s
  replicas: {min: 1, max: 4}
  provenance: {training-run-id: run-%[1]s}
`, m.Name, m.URI)
}

func write(files map[string]string) error {
	for path, content := range files {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}
