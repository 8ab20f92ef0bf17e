//go:build linux

package cli_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/internal/testsign"
)

// killed is a directory whose lock is written by runs that do not come to their end.
type killed struct {
	layout
	t   *testing.T
	dir string
	// args are the run.
	args []string
	// answered tells of each request that the registry answers.
	answered chan struct{}
	// old and new are the files before and after a run that does come to its end.
	old, new map[string]string
	// length is about how long such a run takes.
	length time.Duration
	random *rand.Rand
}

// layout is what a run writes, in this order.
type layout struct {
	kills   int
	flags   []string
	written []string
	// kustomized directories have a kustomization, which is to list the lock.
	kustomized bool
}

// newKilled locks two models, and then moves their tags.
func newKilled(t *testing.T, l layout) *killed {
	dir, r := lockWorld(t, 2)
	k := &killed{t: t, dir: dir, args: append([]string{"lock", "--update", dir}, l.flags...), layout: l,
		answered: make(chan struct{}, 1000), random: rand.New(rand.NewPCG(uint64(l.kills), 0))}
	kustomization := map[string]string{"kustomization.yaml": "resources:\n- model-0.yaml\n- model-1.yaml\ntransformers:\n- platform.yaml\n"}
	if l.kustomized {
		platform, err := os.ReadFile(filepath.Join(dir, "platform.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		k.write(kustomization)
		k.write(map[string]string{"platform.yaml": strings.Replace(string(platform), "{name: test}",
			"{name: test, annotations: {config.kubernetes.io/function: \"container: {image: ghcr.io/modelfn/modelfn:v0.1.0}\"}}", 1)})
	}
	k.finish()
	k.remove(".gitattributes")
	if l.kustomized {
		k.write(kustomization)
	}
	k.old = k.files()
	key := testsign.ECDSA("release")
	for i := range 2 {
		name := fmt.Sprintf("model-%d", i)
		m := testsign.Kit(name, "1.0.1")
		r.Push(t, "models/"+name, "v1", m)
		r.Attach(t, "models/"+name, m.Digest(), key.Bundle(m.Digest()))
	}
	r.Intercept(func(http.ResponseWriter, *http.Request) bool {
		k.answered <- struct{}{}
		return false
	})
	began := time.Now()
	if cmd := k.start(); cmd.Wait() != nil {
		t.Fatalf("a run that nobody kills: %s", cmd.Stderr)
	}
	k.length = time.Since(began)
	k.new = k.files()
	if cmp.Equal(k.old, k.new) {
		t.Fatal("a whole run changes nothing")
	}
	return k
}

// finish is a run that comes to its end.
func (k *killed) finish() {
	k.t.Helper()
	if k.kustomized {
		// kustomize's functions are looked for on the PATH: one build in a process.
		cmd := k.start()
		if err := cmd.Wait(); err != nil {
			k.t.Fatalf("%v\n%s", err, cmd.Stderr)
		}
		return
	}
	var stderr bytes.Buffer
	if code := run(k.t, io.Discard, &stderr, k.args...); code != 0 {
		k.t.Fatalf("exit %d\n%s", code, &stderr)
	}
}

func (k *killed) start() *exec.Cmd {
	cmd := exec.Command("modelfn", k.args...)
	cmd.Stderr = new(bytes.Buffer)
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	return cmd
}

func (k *killed) write(files map[string]string) {
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(k.dir, name), []byte(content), 0o644); err != nil {
			k.t.Fatal(err)
		}
	}
}

func (k *killed) remove(name string) {
	if err := os.Remove(filepath.Join(k.dir, name)); err != nil && !os.IsNotExist(err) {
		k.t.Fatal(err)
	}
}

// reset is everything as it was before, but for what killed runs left.
func (k *killed) reset() {
	for name := range k.new {
		if _, before := k.old[name]; !before {
			k.remove(name)
		}
	}
	k.write(k.old)
	for len(k.answered) > 0 {
		<-k.answered
	}
}

// files are those of the directory without what a killed run may leave.
func (k *killed) files() map[string]string {
	out := map[string]string{}
	for name, content := range snapshot(k.t, k.dir) {
		if name = strings.TrimPrefix(name, "/"); !left(name) {
			out[name] = content
		}
	}
	return out
}

// left tells whether a name is a temporary file's.
func left(name string) bool {
	return strings.HasPrefix(name, ".") && strings.Trim(filepath.Ext(name), ".0123456789") == ""
}

// moment waits for the moment of the i-th kill: after a while, after some request, when
// a temporary file is there, that is around a write, or when all is written.
func (k *killed) moment(i int, ended <-chan struct{}) {
	var event <-chan time.Time
	switch i % 4 {
	case 0:
		event = time.After(time.Duration(k.random.Int64N(int64(k.length * 5 / 4))))
	case 1:
		for range 1 + k.random.IntN(8) {
			select {
			case <-k.answered:
			case <-ended:
				return
			}
		}
		event = time.After(time.Duration(k.random.Int64N(int64(5 * time.Millisecond))))
	default:
		last := k.written[len(k.written)-1]
		for i%4 == 2 && !k.writing() || i%4 == 3 && !k.holds(last) {
			select {
			case <-ended:
				return
			default:
			}
		}
		if i%4 == 3 {
			return
		}
		// Busy, since a timer is late by as much as a write takes.
		for until := time.Now().Add(time.Duration(k.random.Int64N(int64(4 * time.Millisecond)))); time.Now().Before(until); {
		}
		return
	}
	select {
	case <-event:
	case <-ended:
	}
}

// writing tells whether there is a temporary file.
func (k *killed) writing() bool {
	entries, err := os.ReadDir(k.dir)
	if err != nil {
		k.t.Fatal(err)
	}
	return slices.ContainsFunc(entries, func(e os.DirEntry) bool { return left(e.Name()) })
}

// holds tells whether a file is as it is to be.
func (k *killed) holds(name string) bool {
	raw, err := os.ReadFile(filepath.Join(k.dir, name))
	return err == nil && string(raw) == k.new[name]
}

// once kills one run, and tells how many of the files were written by then.
func (k *killed) once(i int) (written int) {
	k.reset()
	cmd := k.start()
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	k.moment(i, ended)
	_ = cmd.Process.Kill()
	<-ended
	if code := cmd.ProcessState.ExitCode(); code > 0 {
		k.t.Errorf("kill %d: exit %d", i, code)
	}
	got := k.files()
	for name, content := range got {
		if content != k.old[name] && content != k.new[name] {
			k.t.Fatalf("kill %d: %s is neither as it was nor as it was to be:\n%s", i, name, content)
		}
	}
	if want := slices.Sorted(maps.Keys(k.new)); !slices.Equal(slices.Sorted(maps.Keys(got)), want) && len(got) != len(k.old) {
		k.t.Fatalf("kill %d: %q are there, want %q", i, slices.Sorted(maps.Keys(got)), want)
	}
	for written < len(k.written) && got[k.written[written]] == k.new[k.written[written]] {
		written++
	}
	// A kustomization never lists a lock that is not there.
	for _, name := range k.written[written:] {
		if got[name] != k.old[name] {
			k.t.Errorf("kill %d: %s is new, and not all before it", i, name)
		}
	}
	return written
}

// times kills runs, and lets one after each come to its end, with nothing done by hand.
func (k *killed) times(n int) {
	counts, leftovers := make([]int, len(k.written)+1), 0
	for i := range n {
		counts[k.once(i)]++
		if k.writing() {
			leftovers++
		}
		k.finish()
		if diff := cmp.Diff(k.new, k.files()); diff != "" {
			k.t.Fatalf("the run after kill %d (-want +got):\n%s", i, diff)
		}
		if k.writing() {
			k.t.Fatalf("the run after kill %d left temporary files", i)
		}
	}
	k.t.Logf("%d kills: by the number of files written %v; %d temporary files were left, and removed by the next run", n, counts, leftovers)
	if counts[0] == 0 || counts[len(k.written)] == 0 {
		k.t.Errorf("by the number of files written %v: not both outcomes", counts)
	}
	if leftovers == 0 {
		k.t.Error("no run was killed while it wrote")
	}
}

// TestKilled: kill -9 at any moment of lock leaves each file as it was or as it was to
// be, the next run needs nobody's help, and removes what was left. The kills are spread
// over the whole run, over its requests, and around its writes.
func TestKilled(t *testing.T) {
	for name, l := range map[string]layout{
		"plain":         {kills: 140, written: []string{"modelfn.lock.yaml", ".gitattributes"}},
		"inline":        {kills: 40, flags: []string{"--inline"}, written: []string{"model-0.yaml", "model-1.yaml"}},
		"kustomization": {kills: 20, written: []string{"modelfn.lock.yaml", "kustomization.yaml", ".gitattributes"}, kustomized: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newKilled(t, l).times(l.kills)
		})
	}
}
