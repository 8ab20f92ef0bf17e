package host

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/internal/finding"
)

// Checkout is the repository as those see it who read it elsewhere: its files
// have their paths from its root, and lines.
type Checkout struct {
	// root and start, where modelfn was started, are evaluated paths.
	root, start string
	texts       map[string]Lines
}

// Place is a line of a file. File is from the root, with slashes.
type Place struct {
	File string
	Line int
	// StandIn: what it is about has no file in the repository, and this one is
	// shown in its place.
	StandIn bool
}

// NewCheckout is the Git repository that dir is in. Without one (an exported
// tree) it is the bound of the build if there is one, or else where modelfn was
// started.
func NewCheckout(dir, bound string) (*Checkout, error) {
	start, err := evaluate(".")
	if err != nil {
		return nil, err
	}
	abs, err := evaluate(dir)
	if err != nil {
		return nil, err
	}
	root, ok := gitRoot(abs)
	switch {
	case ok:
	case bound != "":
		if root, err = evaluate(bound); err != nil {
			return nil, err
		}
	default:
		root = start
	}
	return &Checkout{root: root, start: start, texts: map[string]Lines{}}, nil
}

// Rooted is findings with paths from the root, with slashes, as they are wherever
// the repository is checked out and modelfn is started. Others stay as they are.
func (c *Checkout) Rooted(findings finding.List) finding.List {
	out := slices.Clone(findings)
	for i := range out {
		for _, path := range []*string{&out[i].Resource.File, &out[i].Dir} {
			if rel, ok := c.below(absolute(c.start, *path)); ok && *path != "" {
				*path = rel
			}
		}
	}
	return out.Sorted()
}

// Place finds the file of a rooted finding, and the line of its field. There is
// always one: code scanning takes none of the results when one has no file.
func (c *Checkout) Place(f finding.Finding) Place {
	path := absolute(c.root, f.Resource.File)
	rel, ok := c.below(path)
	info, err := os.Stat(path)
	switch {
	case !ok:
		return Place{c.standIn(absolute(c.root, f.Dir)), 1, true}
	case err == nil && info.IsDir():
		return Place{c.standIn(path), 1, true}
	}
	return Place{rel, c.lines(path).Of(f.Resource, f.Field), false}
}

// below is an absolute path from the root, and whether it is below it.
func (c *Checkout) below(path string) (string, bool) {
	rel, err := filepath.Rel(c.root, path)
	// Git's own files are never read, here as in a build.
	if err != nil || !filepath.IsLocal(rel) || slices.Contains(strings.Split(rel, string(filepath.Separator)), ".git") {
		return "", false
	}
	return filepath.ToSlash(rel), true
}

// absolute follows links: what is shown is the file that holds the text.
func absolute(from, path string) string {
	if !filepath.IsAbs(path) {
		path = filepath.Join(from, path)
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return filepath.Clean(path)
}

// standIn is the file to show for a directory: its kustomization, or its first
// YAML file. In a directory without either it is the kustomization that is
// missing; the root stands for what is not in the repository.
func (c *Checkout) standIn(dir string) string {
	if _, ok := c.below(dir); !ok {
		dir = c.root
	}
	name := kustomizationFile(dir)
	if names := slices.Sorted(yamlFiles(dir)); name == "" && len(names) > 0 {
		name = names[0]
	}
	if name == "" {
		name = "kustomization.yaml"
	}
	rel, _ := c.below(filepath.Join(dir, name))
	return rel
}

// lines reads a file again, within the bounds of the first time. What cannot be
// read has one line.
func (c *Checkout) lines(path string) Lines {
	l, known := c.texts[path]
	if !known {
		if raw, err := readText(path, plainTexts()); err == nil {
			l = ReadLines(raw)
		}
		c.texts[path] = l
	}
	return l
}
