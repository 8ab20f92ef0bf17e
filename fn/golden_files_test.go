package fn_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	krm "github.com/kptdev/krm-functions-sdk/go/fn"

	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/finding"
)

// render is the objects generated from the items and the findings about them, as
// text.
func render(t *testing.T, items krm.KubeObjects) (objects, findings string) {
	t.Helper()
	p, list := fn.Read(nil, items)
	if !list.Refused() {
		var r fn.Rendered
		var more finding.List
		r, more = fn.Render(t.Context(), p, fn.Config{})
		list = append(list, more...)
		var documents []string
		for _, o := range r.Objects {
			documents = append(documents, string(o.YAML()))
		}
		objects = strings.Join(documents, "---\n")
	}
	for _, f := range list.Sorted() {
		findings += f.String() + "\n"
	}
	return objects, findings
}

// readItems reads a file of the case; a file that is not there has no items.
func readItems(t *testing.T, dir, file string) krm.KubeObjects {
	t.Helper()
	return itemsOf(t, file, string(readOptional(t, filepath.Join(dir, file))))
}

// itemsOf are a file's items, with the annotations by which hosts say where an
// item stands.
func itemsOf(t *testing.T, file, content string) krm.KubeObjects {
	t.Helper()
	if content == "" {
		return nil
	}
	items, err := krm.ParseKubeObjects([]byte(content))
	if err != nil {
		t.Fatal(err)
	}
	for i, item := range items {
		if err := errors.Join(
			item.SetAnnotation("internal.config.kubernetes.io/path", file),
			item.SetAnnotation("internal.config.kubernetes.io/index", strconv.Itoa(i)),
		); err != nil {
			t.Fatal(err)
		}
	}
	return items
}

func readOptional(t *testing.T, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return raw
}

// compare compares a file with what it should hold, or writes it; an empty file
// is none.
func compare(t *testing.T, path, got string) {
	t.Helper()
	if !*update {
		if diff := cmp.Diff(string(readOptional(t, path)), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", filepath.Base(path), diff)
		}
		return
	}
	var err error
	if got == "" {
		if err = os.Remove(path); errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
	} else {
		err = errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(got), 0o644))
	}
	if err != nil {
		t.Fatal(err)
	}
}
