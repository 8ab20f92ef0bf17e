package e2e_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/peer"
	"github.com/modelfn/modelfn/e2e/internal/podman"
	"github.com/modelfn/modelfn/e2e/internal/registry"
)

// TestImage builds the image of a commit as people do, and has others build and read it.
func TestImage(t *testing.T) {
	clone := cloned(t, "--no-tags")
	here := imageMade(t, clone, nil)
	t.Run("published", func(t *testing.T) { published(t, clone) })
	t.Run("reproducible", func(t *testing.T) { reproducible(t, here) })
}

// reproducible: two clones of one commit give one digest, whoever builds, where, in
// which time zone, with which settings, and however much of the history is there. They
// share a cache of packages: it keeps what the compiler made by all that went in, so
// that a setting or a path which gets through makes another one. That one input gives
// one output is the Go compiler's own promise; an empty cache would take minutes to
// show it again.
func reproducible(t *testing.T, here string) {
	elsewhere := imageMade(t, cloned(t, "--depth=1"), []string{
		"TZ=Pacific/Chatham", "GOFLAGS=-tags=other -buildvcs=true", "GOAMD64=v3", "CGO_ENABLED=1", "LC_ALL=C",
	})
	if here != elsewhere {
		t.Errorf("two clones of one commit: %s and %s", here, elsewhere)
	}
}

// cloned is the commit of this checkout, in a directory of its own.
func cloned(t *testing.T, flag string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "deep", "er", "clone")
	revision := strings.TrimSpace(stdout(t, host.Run(t, host.Command{Path: "git", Args: []string{"rev-parse", "HEAD"}})))
	root := strings.TrimSpace(stdout(t, host.Run(t, host.Command{Path: "git", Args: []string{"rev-parse", "--show-toplevel"}})))
	for _, args := range [][]string{
		{"init", "--quiet", dir}, {"-C", dir, "fetch", "--quiet", flag, "file://" + root, revision}, {"-C", dir, "checkout", "--quiet", revision},
	} {
		stdout(t, host.Run(t, host.Command{Path: "git", Args: args}))
	}
	return dir
}

// imageMade is the digest that `make image` prints. Not by host.Run: where nothing is
// cached yet it takes minutes.
func imageMade(t *testing.T, dir string, env []string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "make", "--no-print-directory", "image")
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "GOWORK=off"), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil { // on stderr stands what was downloaded
		t.Fatalf("make image: %v\n%s%s", err, out, stderr.Bytes())
	}
	first, _, _ := strings.Cut(string(out), "\n")
	return first
}

// TestImageLoads: podman reads the layout and the archive, and both hold one image.
func TestImageLoads(t *testing.T) {
	layout, err := peer.Image()
	if err != nil {
		t.Fatal(err)
	}
	e := podman.Start(t)
	e.Load(t, layout+".tar", imageName)
	// Podman makes a name of the path, in which neither .cache nor capitals may be.
	plain, err := os.MkdirTemp("", "image")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(plain) })
	if err := os.CopyFS(plain, os.DirFS(layout)); err != nil {
		t.Fatal(err)
	}
	pulled := strings.TrimSpace(stdout(t, e.Podman(t, "", "pull", "--quiet", "oci:"+plain+":"+versionOf(t, layout))))
	if loaded := e.Image(t, imageName); pulled != loaded {
		t.Errorf("of the layout %s, of the archive %s", pulled, loaded)
	}
	version := strings.TrimSpace(stdout(t, e.Podman(t, "", append(slices.Clone(confined), imageName, "version")...)))
	if want := "modelfn " + versionOf(t, layout); version != want {
		t.Errorf("it says %q, want %q", version, want)
	}
}

// versionOf is the tag in a layout.
func versionOf(t *testing.T, layout string) string {
	t.Helper()
	for _, d := range described(t, read(t, filepath.Join(layout, "index.json"))) {
		if version := d.Annotations["org.opencontainers.image.ref.name"]; version != "" {
			return version
		}
	}
	t.Fatalf("%s: no version", layout)
	return ""
}

type descriptor struct {
	Digest      string
	Annotations map[string]string
}

func described(t *testing.T, index string) []descriptor {
	t.Helper()
	var list struct{ Manifests []descriptor }
	if err := json.Unmarshal([]byte(index), &list); err != nil {
		t.Fatalf("%v in %s", err, index)
	}
	return list.Manifests
}

// published: oras finds the bills of materials by the tag and by the platform, after
// `make image-push` and after its own copy of the layout, in a real registry and in
// one with the referrers API.
func published(t *testing.T, clone string) {
	layout := filepath.Join(clone, "bin/image")
	version := versionOf(t, layout)
	for kind, server := range map[string]*registry.Server{
		"referrers API": inProcess(t),
		"distribution":  registry.Real(t, registry.Distribution),
	} {
		for how, push := range map[string]func(*testing.T, string){
			"make image-push": func(t *testing.T, to string) {
				stdout(t, host.Run(t, host.Command{Path: "make", Args: []string{"image-push", "IMAGE=" + to}, Dir: clone, Env: server.Env()}))
			},
			"oras cp": func(t *testing.T, to string) {
				oras(t, server, "cp", "--recursive", "--from-oci-layout", layout+":"+version, to+":"+version)
			},
		} {
			t.Run(kind+"/"+how, func(t *testing.T) {
				image := server.Host() + "/acme/" + strings.ReplaceAll(how, " ", "-")
				push(t, image)
				amd, arm := "modelfn-linux-amd64.spdx.json", "modelfn-linux-arm64.spdx.json"
				for platform, want := range map[string][]string{"": {amd, arm}, "linux/amd64": {amd}, "linux/arm64": {arm}} {
					if diff := cmp.Diff(want, discovered(t, server, image, version, platform)); diff != "" {
						t.Errorf("attached to %q (-want +got):\n%s", platform, diff)
					}
				}
			})
		}
	}
}

func inProcess(t *testing.T) *registry.Server {
	t.Helper()
	server, err := registry.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return server
}

// discovered are the files that oras finds attached to an image and pulls, each a
// document of SPDX.
func discovered(t *testing.T, server *registry.Server, image, version, platform string) []string {
	t.Helper()
	args := []string{"discover", "--format", "json", image + ":" + version}
	if platform != "" {
		args = append(args, "--platform", platform)
	}
	if !server.PlainHTTP() {
		// The other registry lists the type of the configuration instead.
		args = append(args, "--artifact-type", "application/spdx+json")
	}
	found := described(t, oras(t, server, args...))
	if len(found) != 1 {
		t.Fatalf("oras discover found %v, want one", found)
	}
	dir := t.TempDir()
	oras(t, server, "pull", "--output", dir, image+"@"+found[0].Digest)
	var names []string
	for name, content := range tree(t, dir) {
		names = append(names, name)
		if !strings.Contains(content, `"spdxVersion": "SPDX-2.3"`) || !strings.Contains(content, "pkg:golang/sigs.k8s.io/kustomize/api@") {
			t.Errorf("%s is no bill of modelfn's:\n%.300s", name, content)
		}
	}
	slices.Sort(names)
	return names
}

// oras runs oras against one registry.
func oras(t *testing.T, server *registry.Server, args ...string) string {
	t.Helper()
	if server.PlainHTTP() {
		flag := "--plain-http"
		if args[0] == "cp" {
			flag = "--to-plain-http"
		}
		args = append(args, flag)
	}
	return stdout(t, host.Run(t, host.Command{Path: host.Peer(t, peer.Oras), Args: args, Env: server.Env()}))
}
