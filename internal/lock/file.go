package lock

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/object"
)

const header = `# Written by "modelfn lock": what each model URI was resolved to, and the
# signatures that were found. Review it like code; do not edit it.
`

// localConfig keeps the lock out of what kustomize and kpt apply.
const localConfig = "config.kubernetes.io/local-config"

// New is the ModelLock of a deployment.
func New(d *v1alpha1.ModelDeployment, entries []v1alpha1.LockedModel) *v1alpha1.ModelLock {
	entries = slices.Clone(entries)
	slices.SortFunc(entries, func(a, b v1alpha1.LockedModel) int { return cmp.Compare(a.URI, b.URI) })
	return &v1alpha1.ModelLock{
		TypeMeta: v1alpha1.TypeMeta{APIVersion: v1alpha1.APIVersion, Kind: v1alpha1.KindModelLock},
		Metadata: v1alpha1.ObjectMeta{
			Name: Name(d.Metadata.Name, URIs(d)), Namespace: d.Metadata.Namespace,
			Annotations: map[string]string{localConfig: "true"},
		},
		Spec: v1alpha1.ModelLockSpec{Models: entries},
	}
}

// Sorted is the locks in the order in which they are written.
func Sorted(locks []*v1alpha1.ModelLock) []*v1alpha1.ModelLock {
	locks = slices.Clone(locks)
	slices.SortFunc(locks, func(a, b *v1alpha1.ModelLock) int {
		return cmp.Or(cmp.Compare(a.Metadata.Namespace, b.Metadata.Namespace), cmp.Compare(a.Metadata.Name, b.Metadata.Name))
	})
	return locks
}

// Marshal writes locks as one YAML stream, sorted, without anything that
// depends on when or where: the same locks give the same bytes.
func Marshal(locks []*v1alpha1.ModelLock) []byte {
	out := []byte(header)
	for i, l := range Sorted(locks) {
		if i > 0 {
			out = append(out, "---\n"...)
		}
		o := object.Object{
			APIVersion: l.APIVersion, Kind: l.Kind,
			Name: l.Metadata.Name, Namespace: l.Metadata.Namespace, Annotations: l.Metadata.Annotations,
			Body: object.Map{{Key: "spec", Value: Spec(l.Spec)}},
		}
		out = append(out, o.YAML()...)
	}
	return out
}

// Spec is a lock's spec to emit: for each model a readable summary first, then
// the raw bytes, evidence last.
func Spec(spec v1alpha1.ModelLockSpec) object.Map {
	models := make(object.List, 0, len(spec.Models))
	for _, m := range spec.Models {
		e := object.Map{{Key: "uri", Value: m.URI}, {Key: "digest", Value: m.Digest}, {Key: "size", Value: m.Size}, {Key: "kind", Value: m.Kind}}
		e.Set("name", m.Name)
		e.Set("version", m.Version)
		e.Set("format", m.Format)
		e.Set("architecture", m.Architecture)
		e.Set("parameters", m.Parameters)
		e.Set("license", m.License)
		e.Set("files", files(m.Files))
		e.Set("references", references(m.References))
		e.Set("manifest", encoded(m.Manifest))
		if len(m.Config) > 0 {
			e.Set("config", encoded(m.Config))
		}
		e.Set("platforms", platforms(m.Platforms))
		var evidence object.List
		for _, v := range m.Evidence {
			evidence = append(evidence, object.Map{
				{Key: "mediaType", Value: v.MediaType}, {Key: "digest", Value: v.Digest},
				{Key: "data", Value: encoded(v.Data)},
			})
		}
		e.Set("evidence", evidence)
		models = append(models, e)
	}
	return object.Map{{Key: "models", Value: models}}
}

func encoded(raw v1alpha1.Bytes) string { return base64.StdEncoding.EncodeToString(raw) }

func files(list []v1alpha1.LockedFile) object.List {
	var out object.List
	for _, f := range list {
		out = append(out, object.Map{{Key: "path", Value: f.Path}, {Key: "size", Value: f.Size}, {Key: "digest", Value: f.Digest}})
	}
	return out
}

func references(list []string) object.List {
	var out object.List
	for _, r := range list {
		out = append(out, r)
	}
	return out
}

func platforms(list []v1alpha1.LockedPlatform) object.List {
	var out object.List
	for _, p := range list {
		out = append(out, object.Map{
			{Key: "platform", Value: p.Platform}, {Key: "digest", Value: p.Digest},
			{Key: "manifest", Value: encoded(p.Manifest)}, {Key: "config", Value: encoded(p.Config)},
		})
	}
	return out
}

// unnamed is an error without the temporary file's name, which says nothing to anybody.
func unnamed(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	return err
}

// Write replaces a file's content at once or not at all, and leaves it alone
// when it holds these bytes already.
func Write(path string, content []byte) (changed bool, err error) {
	if len(content) > maxFile {
		return false, fmt.Errorf("%s would have %d bytes, and at most %d are read again: split the directory", path, len(content), maxFile)
	}
	// One that is too long to be read is replaced all the same.
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() || info.Size() <= maxFile {
		old, err := Read(path)
		if err != nil {
			return false, err
		}
		if len(old) > 0 && string(old) == string(content) {
			return false, nil
		}
	}
	tmp, err := temporary(path)
	if err != nil {
		return false, fmt.Errorf("%s: no file can be made in its directory: %w", path, unnamed(err))
	}
	defer func() {
		if err != nil {
			_ = tmp.Close()
			_ = os.Remove(tmp.Name())
		}
	}()
	if _, err = tmp.Write(content); err != nil {
		return false, fmt.Errorf("%s: %w", path, unnamed(err))
	}
	mode := os.FileMode(0o644)
	if info, err := os.Lstat(path); err == nil {
		mode = info.Mode().Perm()
	}
	if err = tmp.Chmod(mode); err != nil {
		return false, fmt.Errorf("%s: %w", path, err)
	}
	// On disk before it takes the old one's place.
	if err = tmp.Sync(); err != nil {
		return false, fmt.Errorf("%s: %w", path, err)
	}
	if err = tmp.Close(); err != nil {
		return false, fmt.Errorf("%s: %w", path, err)
	}
	if err = os.Rename(tmp.Name(), path); err != nil {
		return false, fmt.Errorf("%s: %w", path, err)
	}
	// And so is its name: what was said to be written is there after a power cut.
	if err = syncDirectory(filepath.Dir(path)); err != nil {
		return true, fmt.Errorf("%s: %w", filepath.Dir(path), err)
	}
	return true, nil
}
