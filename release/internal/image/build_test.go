package image

import (
	"archive/tar"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"github.com/modelfn/modelfn/release/internal/source"
)

var commit = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// built builds the image of a program that does nothing, from a directory of its own.
func built(t *testing.T, version string) Built {
	t.Helper()
	return builtOf(t, program(t, version))
}

// program is one that does nothing.
func program(t *testing.T, version string) source.Source {
	t.Helper()
	src := source.Source{Dir: t.TempDir(), Revision: strings.Repeat("a", 40), Time: commit, Version: version}
	for name, content := range map[string]string{
		"go.mod":      "module github.com/modelfn/modelfn\n\ngo 1.26\n",
		"main.go":     "package main\n\nfunc main() {}\n",
		"tag.go":      "//go:build tag\n\npackage main\n\nfunc init() { println(\"tagged\") }\n",
		"settings.go": "package main\n\nvar settings = make([]string, 9)\n",
	} {
		if err := os.WriteFile(filepath.Join(src.Dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return src
}

func builtOf(t *testing.T, src source.Source) Built {
	t.Helper()
	b, err := Build(t.Context(), src, "go", filepath.Join(t.TempDir(), "deep", "image"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// tagged makes a directory a Git repository, whose commit has a tag: Go would write
// both into the binary.
func tagged(t *testing.T, dir string) {
	t.Helper()
	for _, args := range [][]string{
		{"init", "--quiet"}, {"add", "."}, {"-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "--quiet", "-m", "test"}, {"tag", "v9.9.9"},
	} {
		cmd := exec.CommandContext(t.Context(), "git", append([]string{"-C", dir}, args...)...)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v\n%s", args[0], err, out)
		}
	}
}

// TestReproducible: where, when and by whom it is built changes no byte. e2e does the
// same with modelfn itself, and with an empty cache.
func TestReproducible(t *testing.T) {
	first := built(t, "v1.2.3")
	t.Setenv("TZ", "Asia/Kathmandu")
	t.Setenv("GOFLAGS", "-tags=tag -gcflags=-N")
	t.Setenv("GOAMD64", "v3")
	t.Setenv("GOENV", goenv(t, "GOARM64=v8.1\n"))
	t.Setenv("CGO_ENABLED", "1")
	t.Setenv("SOURCE_DATE_EPOCH", "1")
	old := syscall.Umask(0o077)
	clone := program(t, "v1.2.3")
	tagged(t, clone.Dir)
	second := builtOf(t, clone)
	syscall.Umask(old)
	if first.Digest != second.Digest {
		t.Errorf("two builds: %s and %s", first.Digest, second.Digest)
	}
	for _, name := range []string{first.Layout + "/index.json", first.Archive} {
		if read(t, name) != read(t, strings.Replace(name, first.Layout, second.Layout, 1)) {
			t.Errorf("%s differs between two builds", filepath.Base(name))
		}
	}
	if other := built(t, "v1.2.4"); other.Digest == first.Digest {
		t.Error("another version has the same digest")
	}
}

func goenv(t *testing.T, content string) string {
	path := filepath.Join(t.TempDir(), "env")
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestContent: what is in the image, and what an engine is told to do with it.
func TestContent(t *testing.T) {
	b := built(t, "v1.2.3")
	list := indexOf(t, b)
	if err := validate.Index(list); err != nil {
		t.Error(err)
	}
	manifest, err := list.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	var platforms []string
	for _, d := range manifest.Manifests {
		platforms = append(platforms, d.Platform.String())
		img, err := list.Image(d.Digest)
		if err != nil {
			t.Fatal(err)
		}
		checkConfig(t, img, d.Platform)
		checkLayer(t, img)
	}
	if diff := cmp.Diff([]string{"linux/amd64", "linux/arm64"}, platforms); diff != "" {
		t.Errorf("platforms (-want +got):\n%s", diff)
	}
	labels := map[string]string{
		"org.opencontainers.image.title": "modelfn", "org.opencontainers.image.licenses": "Apache-2.0",
		"org.opencontainers.image.source": "https://github.com/modelfn/modelfn", "org.opencontainers.image.revision": strings.Repeat("a", 40),
		"org.opencontainers.image.version": "v1.2.3", "org.opencontainers.image.created": "2026-01-02T03:04:05Z",
	}
	for key, want := range labels {
		if got := manifest.Annotations[key]; got != want {
			t.Errorf("annotation %s = %q, want %q", key, got, want)
		}
	}
}

func checkConfig(t *testing.T, img v1.Image, platform *v1.Platform) {
	t.Helper()
	config, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if !config.Platform().Equals(*platform) || !config.Created.Equal(commit) || !config.History[0].Created.Equal(commit) {
		t.Errorf("%s: config of %s, created %s, history %v", platform, config.Platform(), config.Created, config.History)
	}
	want := v1.Config{
		User: "65534:65534", Entrypoint: []string{"/usr/local/bin/modelfn"}, Labels: config.Config.Labels,
		Env: []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
	}
	if diff := cmp.Diff(want, config.Config); diff != "" {
		t.Errorf("%s: (-want +got):\n%s", platform, diff)
	}
	manifest, err := img.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(manifest.Annotations, config.Config.Labels); diff != "" || len(manifest.Annotations) < 6 {
		t.Errorf("%s: annotations and labels differ:\n%s", platform, diff)
	}
}

func checkLayer(t *testing.T, img v1.Image) {
	t.Helper()
	layers, err := img.Layers()
	if err != nil || len(layers) != 1 {
		t.Fatalf("%d layers: %v", len(layers), err)
	}
	content, err := layers[0].Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	got := map[string]int64{}
	archive := tar.NewReader(content)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got[header.Name] = header.Mode
		if !header.ModTime.Equal(commit) || header.Uid != 0 || header.Gid != 0 || header.Uname+header.Gname != "" {
			t.Errorf("%s: time %s, owner %d:%d %q", header.Name, header.ModTime, header.Uid, header.Gid, header.Uname+header.Gname)
		}
		if header.Name == "etc/passwd" {
			if passwd, _ := io.ReadAll(archive); string(passwd) != "nobody:x:65534:65534:nobody:/nonexistent:/none\n" {
				t.Errorf("etc/passwd: %q", passwd)
			}
		}
	}
	want := map[string]int64{
		"etc/": 0o755, "etc/passwd": 0o644, "tmp/": 0o1777,
		"usr/": 0o755, "usr/local/": 0o755, "usr/local/bin/": 0o755, "usr/local/bin/modelfn": 0o755,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("modes (-want +got):\n%s", diff)
	}
}

// TestArchive: what `docker load` reads is the layout's image.
func TestArchive(t *testing.T) {
	b := built(t, "v1.2.3")
	manifest, err := indexOf(t, b).IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := tarball.ImageFromPath(b.Archive, nil)
	if err != nil {
		t.Fatal(err)
	}
	name, err := loaded.ConfigName()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range manifest.Manifests {
		img, err := indexOf(t, b).Image(d.Digest)
		if err != nil {
			t.Fatal(err)
		}
		if its, err := img.ConfigName(); err != nil {
			t.Fatal(err)
		} else if its == name {
			return
		}
	}
	t.Errorf("the archive's image %s is none of the layout's", name)
}

// TestNothingElseIsReplaced: -o of a directory with something else in it.
func TestNothingElseIsReplaced(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "precious")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := fresh(dir); err == nil || !strings.Contains(err.Error(), "is no OCI layout, and is not replaced") {
		t.Errorf("fresh = %v", err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
	b := built(t, "v1.2.3")
	if _, err := fresh(b.Layout); err != nil {
		t.Errorf("a layout is not replaced: %v", err)
	}
}

func indexOf(t *testing.T, b Built) v1.ImageIndex {
	t.Helper()
	path, err := layout.FromPath(b.Layout)
	if err != nil {
		t.Fatal(err)
	}
	list, version, _, err := readLayout(path)
	if err != nil || version != b.Version {
		t.Fatalf("version %q: %v", version, err)
	}
	if digest, err := list.Digest(); err != nil || digest != b.Digest {
		t.Fatalf("index %s (%v), want %s", digest, err, b.Digest)
	}
	return list
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
