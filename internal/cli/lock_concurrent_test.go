//go:build unix && !aix && !solaris

package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/internal/cli"
	"github.com/modelfn/modelfn/internal/testsign"
)

// lockWorld is a directory of plain files with so many models, and their registry.
func lockWorld(t testing.TB, models int) (dir string, r *testsign.Registry) {
	t.Helper()
	dir, r = t.TempDir(), testsign.NewRegistry(t, true)
	key := testsign.ECDSA("release")
	files := map[string]string{"platform.yaml": fmt.Sprintf(`apiVersion: modelfn.dev/v1alpha1
kind: ModelPlatform
metadata: {name: test}
spec:
  registries: [{host: %q, plainHTTP: true}]
  trust:
  - match: [%s/models/**]
    authorities: [{name: release, key: {pem: %q}}]
`, r.Host, r.Host, key.PEM())}
	for i := range models {
		name := fmt.Sprintf("model-%d", i)
		m := testsign.Kit(name, "1.0.0")
		r.Push(t, "models/"+name, "v1", m)
		r.Attach(t, "models/"+name, m.Digest(), key.Bundle(m.Digest()))
		files[name+".yaml"] = fmt.Sprintf(`apiVersion: modelfn.dev/v1alpha1
kind: ModelDeployment
metadata: {name: %s}
spec: {model: "kit://%s/models/%s:v1"}
`, name, r.Host, name)
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir, r
}

// told is a stderr that tells when something is written to it.
type told struct {
	bytes.Buffer
	of   string
	once sync.Once
	c    chan struct{}
}

func (w *told) Write(p []byte) (int, error) {
	if strings.Contains(string(p), w.of) {
		w.once.Do(func() { close(w.c) })
	}
	return w.Buffer.Write(p)
}

func run(t testing.TB, stdout, stderr io.Writer, args ...string) int {
	return cli.Main(t.Context(), cli.Process{Args: append([]string{"modelfn"}, args...), Stdout: stdout, Stderr: stderr})
}

// TestLockConcurrently: of two runs on one directory the second waits, says so,
// reads what the first wrote, and asks the registry for nothing.
func TestLockConcurrently(t *testing.T) {
	dir, r := lockWorld(t, 5)
	var stdout bytes.Buffer
	if code := run(t, &stdout, io.Discard, "lock", dir); code != 0 {
		t.Fatalf("exit %d", code)
	}
	alone := len(r.Requests())
	path := filepath.Join(dir, "modelfn.lock.yaml")
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}

	// The registry answers the first run when the second has said that it waits.
	second := &told{of: "waiting for another run in " + dir, c: make(chan struct{})}
	asked := make(chan struct{})
	var once sync.Once
	r.Intercept(func(http.ResponseWriter, *http.Request) bool {
		once.Do(func() { close(asked) })
		<-second.c
		return false
	})
	codes := make(chan int, 2)
	go func() { codes <- run(t, io.Discard, io.Discard, "lock", dir) }()
	<-asked
	go func() { codes <- run(t, &stdout, second, "lock", dir) }()
	for range 2 {
		if code := <-codes; code != 0 {
			t.Errorf("exit %d\n%s", code, second)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("-alone +concurrent:\n%s", diff)
	}
	if n := len(r.Requests()) - alone; n != alone {
		t.Errorf("%d requests by two runs, %d by one alone", n, alone)
	}
	if n := strings.Count(second.String(), "waiting"); n != 1 || !strings.HasSuffix(second.String(), path+" is up to date\n") {
		t.Errorf("the second run said %q", second)
	}
}

// TestLockManyAtOnce: whatever runs want of one directory, they leave whole files,
// and nothing else.
func TestLockManyAtOnce(t *testing.T) {
	dir, _ := lockWorld(t, 3)
	var wg sync.WaitGroup
	for i := range 8 {
		args := []string{"lock", dir}
		if i%2 == 1 {
			args = []string{"lock", "--update=" + fmt.Sprintf("model-%d", i%3), dir}
		}
		wg.Go(func() {
			var stderr bytes.Buffer
			if code := run(t, io.Discard, &stderr, args...); code != 0 {
				t.Errorf("%q: exit %d\n%s", args, code, &stderr)
			}
		})
	}
	wg.Wait()
	if code := run(t, io.Discard, io.Discard, "build", dir); code != 0 {
		t.Errorf("build: exit %d", code)
	}
	left, err := filepath.Glob(filepath.Join(dir, ".modelfn*"))
	if err != nil || len(left) > 0 {
		t.Errorf("%q are left, %v", left, err)
	}
}

// TestLockWaitsWithinTimeout: another run that never ends is no reason to wait
// for ever; nothing is known to be wrong then.
func TestLockWaitsWithinTimeout(t *testing.T) {
	dir, r := lockWorld(t, 1)
	asked, end := make(chan struct{}), make(chan struct{})
	var once sync.Once
	r.Intercept(func(http.ResponseWriter, *http.Request) bool {
		once.Do(func() { close(asked) })
		<-end
		return false
	})
	first := make(chan int)
	go func() { first <- run(t, io.Discard, io.Discard, "lock", dir) }()
	<-asked
	var stderr bytes.Buffer
	if code := run(t, io.Discard, &stderr, "lock", "--timeout=1ns", dir); code != 3 || !strings.Contains(stderr.String(), "error: out-of-time: ") {
		t.Errorf("exit %d\n%s", code, &stderr)
	}
	ctx, cancel := context.WithCancel(t.Context())
	second := &told{of: "waiting for another run", c: make(chan struct{})}
	go func() {
		<-second.c
		cancel()
	}()
	code := cli.Main(ctx, cli.Process{Args: []string{"modelfn", "lock", dir}, Stdout: io.Discard, Stderr: second})
	if want := "another run holds the directory: context canceled; fix: try again when the other run has ended"; code != 3 || !strings.Contains(second.String(), want) {
		t.Errorf("exit %d, want 3 and %q\n%s", code, want, second)
	}
	close(end)
	if code := <-first; code != 0 {
		t.Errorf("the first run: exit %d", code)
	}
}

// TestLockAsksOnce: what directories have in common is asked for once.
func TestLockAsksOnce(t *testing.T) {
	dir, r := lockWorld(t, 2)
	if code := run(t, io.Discard, io.Discard, "lock", dir); code != 0 {
		t.Fatalf("exit %d", code)
	}
	alone := len(r.Requests())
	root := t.TempDir()
	for _, name := range []string{"a", "b", "c"} {
		if err := os.CopyFS(filepath.Join(root, name), os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(root, name, "modelfn.lock.yaml")); err != nil {
			t.Fatal(err)
		}
	}
	var stdout, stderr bytes.Buffer
	if code := run(t, &stdout, &stderr, "lock", root+"/..."); code != 0 || strings.Count(stdout.String(), "\n") != 6 {
		t.Fatalf("exit %d\n%s\n%s", code, &stdout, &stderr)
	}
	if n := len(r.Requests()) - alone; n != alone {
		t.Errorf("%d requests for three directories, %d for one", n, alone)
	}
	before := len(r.Requests())
	if code := run(t, &stdout, &stderr, "lock", "--outdated", root+"/..."); code != 0 {
		t.Fatalf("exit %d\n%s", code, &stderr)
	}
	tags := slices.DeleteFunc(r.Requests()[before:], func(request string) bool { return strings.HasSuffix(request, " /v2/") })
	if len(tags) != 2 {
		t.Errorf("about two tags it was asked %q", tags)
	}
}

// TestLockReadOnly: a directory that cannot be written to is said, and no trace
// is left.
func TestLockReadOnly(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root writes anywhere")
	}
	dir, _ := lockWorld(t, 1)
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Error(err)
		}
	})
	var stdout, stderr bytes.Buffer
	code := run(t, &stdout, &stderr, "lock", dir)
	if want := "error: unwritable: (" + filepath.Join(dir, "modelfn.lock.yaml") + ")"; code != 1 || !strings.Contains(stderr.String(), want) ||
		!strings.Contains(stderr.String(), "no file can be made in its directory: permission denied; fix: make the directory and its files writable") {
		t.Errorf("exit %d\n%s\nwant %s", code, &stderr, want)
	}
	if stdout.Len() > 0 {
		t.Errorf("changes that were not written: %s", &stdout)
	}
}
