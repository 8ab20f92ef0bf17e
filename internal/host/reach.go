package host

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/kustomize/api/types"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/lock"
)

// reach is what the build of a kustomization reads of the repository, by
// evaluated path.
type reach struct {
	dirs, files map[string]bool
	// mentions tells whether a ModelDeployment may be among it.
	mentions bool
	// component: it is built by others only.
	component bool
}

// scout looks at files before anything is built. It refuses nothing: a monorepo
// is full of what a build would refuse, and of what is none of modelfn's
// business. It only must not overlook a model.
type scout struct {
	// root is --root.
	root string
	// seen are the texts looked at, by path.
	seen map[string]mention
}

// mention is which of modelfn's kinds a text may hold.
type mention struct{ deployment, platform bool }

func mentionIn(raw []byte) mention {
	has := func(kind string) bool { return bytes.Contains(raw, []byte(kind)) }
	// A patch may change a kind alone, and escapes, and UTF-16, spell any word otherwise.
	escaped := bytes.HasPrefix(raw, []byte{0xff, 0xfe}) || bytes.HasPrefix(raw, []byte{0xfe, 0xff}) ||
		bytes.Contains(raw, []byte(`\x`)) || bytes.Contains(raw, []byte(`\u`)) || bytes.Contains(raw, []byte(`\U`))
	own := has(v1alpha1.Group + "/")
	return mention{escaped || has(v1alpha1.KindModelDeployment), own && has(v1alpha1.KindModelPlatform)}
}

// file looks at a file; what cannot be read mentions nothing.
func (s *scout) file(path string) mention {
	m, known := s.seen[path]
	if !known {
		if raw, err := lock.ReadBounded(path); err == nil {
			m = mentionIn(raw)
		}
		s.seen[path] = m
	}
	return m
}

// reach follows a kustomization.
func (s *scout) reach(dir string) reach {
	r := reach{dirs: map[string]bool{}, files: map[string]bool{}}
	if fs, err := newGuardedFS(dir, s.root); err == nil {
		s.follow(fs, dir, &r)
	}
	return r
}

func (s *scout) follow(fs guardedFS, dir string, r *reach) {
	abs, err := evaluate(dir)
	if err != nil || r.dirs[abs] {
		return
	}
	top := len(r.dirs) == 0
	r.dirs[abs] = true
	path := filepath.Join(abs, kustomizationFile(abs))
	var k types.Kustomization
	if fs.check(path) != nil {
		r.mentions = true
		return
	}
	raw, err := readText(path, plainTexts())
	if err != nil || k.Unmarshal(raw) != nil {
		// What it reads is unknown. If there is a model beside it, the build says
		// what is wrong.
		for name := range yamlFiles(abs) {
			r.mentions = r.mentions || s.file(filepath.Join(abs, name)).deployment
		}
		return
	}
	r.mentions = r.mentions || mentionIn(raw).deployment
	if top {
		r.component = k.Kind == types.ComponentKind
	}
	for _, entry := range entriesOf(k) {
		path, err := evaluate(filepath.Join(abs, entry))
		if strings.ContainsAny(entry, "\n{") || err != nil {
			continue
		}
		if fs.check(path) != nil {
			// Not to be read, and perhaps a model: the build refuses it.
			r.mentions = true
			continue
		}
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			s.follow(fs, path, r)
			continue
		}
		r.files[path] = true
		r.mentions = r.mentions || s.file(path).deployment
	}
}

// entriesOf are the files and directories whose objects a kustomization reads.
func entriesOf(k types.Kustomization) []string {
	var out []string
	//nolint:staticcheck // bases are deprecated, and still built
	for _, list := range [][]string{k.Resources, k.Components, k.Bases, k.Generators, k.Transformers, k.Validators} {
		out = append(out, list...)
	}
	return out
}
