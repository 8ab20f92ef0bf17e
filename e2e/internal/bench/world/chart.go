package world

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/modelfn/modelfn/e2e/internal/bench/stopwatch"
)

// Chart is a Helm chart that makes the same objects: its template is what was
// rendered for a model, with what differs between models as values. It is as
// cheap as a chart can be, since all else is literal text.
type Chart struct {
	dir   string
	names []string
}

// differing are the parts by which models differ.
type differing struct{ name, digest, lockDigest string }

// Chart writes the chart, and values for all models and for each.
func (r Rendered) Chart(dir string) (Chart, error) {
	c := Chart{dir, r.names()}
	first, err := differ(r[c.names[0]])
	if err != nil {
		return c, err
	}
	if strings.Contains(r[c.names[0]], "{{") {
		return c, fmt.Errorf("%s: what was rendered has to be quoted for Helm", c.names[0])
	}
	template := first.replace(r[c.names[0]], differing{"{{ .name }}", "{{ .digest }}", "{{ .lockDigest }}"})
	files := map[string]string{
		filepath.Join(dir, "chart", "Chart.yaml"):               "apiVersion: v2\nname: models\nversion: 0.1.0\n",
		filepath.Join(dir, "chart", "templates", "models.yaml"): "{{- range .Values.models }}\n" + template + "{{- end }}\n",
		filepath.Join(dir, "chart", "values.yaml"):              "models: []\n",
	}
	all := "models:\n"
	for _, name := range c.names {
		d, err := differ(r[name])
		if err != nil {
			return c, err
		}
		if first.replace(r[c.names[0]], d) != r[name] {
			return c, fmt.Errorf("%s differs from %s in more than a chart's values", name, c.names[0])
		}
		values := fmt.Sprintf("- {name: %s, digest: %q, lockDigest: %q}\n", d.name, d.digest, d.lockDigest)
		files[c.values(name)] = "models:\n" + values
		all += values
	}
	files[c.values("all")] = all
	return c, write(files)
}

func (c Chart) values(name string) string {
	return filepath.Join(c.dir, "values", name+".yaml")
}

// All is the job that renders all models as one release.
func (c Chart) All(helm string) stopwatch.Job {
	return stopwatch.Job{Commands: []stopwatch.Command{c.release(helm, "all")}}
}

// Each renders a release for each model.
func (c Chart) Each(helm string) stopwatch.Job {
	var job stopwatch.Job
	for _, name := range c.names {
		job.Commands = append(job.Commands, c.release(helm, name))
	}
	return job
}

func (c Chart) release(helm, name string) stopwatch.Command {
	return stopwatch.Command{Args: []string{helm, "template", name, filepath.Join(c.dir, "chart"), "-f", c.values(name)}}
}

func differ(rendered string) (d differing, err error) {
	for _, part := range []struct {
		to    *string
		after string
	}{
		{&d.name, "\n    modelfn.dev/deployment: "},
		{&d.digest, "\n    modelfn.dev/digest: sha256:"},
		{&d.lockDigest, "\n    modelfn.dev/lock-digest: sha256:"},
	} {
		found, ok := between(rendered, part.after, "\n")
		if !ok {
			return d, fmt.Errorf("no %q in:\n%s", strings.TrimSpace(part.after), rendered)
		}
		*part.to = found
	}
	return d, nil
}

// replace puts another model's parts into what was rendered for this one.
func (d differing) replace(text string, by differing) string {
	return strings.NewReplacer(d.name, by.name, d.digest, by.digest, d.lockDigest, by.lockDigest).Replace(text)
}
