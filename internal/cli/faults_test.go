package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/internal/cli"
	"github.com/modelfn/modelfn/internal/faultyregistry"
)

// mostRead is more than any fault may make a run read: a manifest's 4 MiB, or a
// list's 8, and what lies in the kernel's buffers.
const mostRead = 16 << 20

// mostAsked is more than any fault may make a run ask, or connect: of four attempts
// each follows ten redirects.
const mostAsked = 80

// mostConnections is for one that answers none.
const mostConnections = 8

// outcome is what came of a command before a faulty registry.
type outcome struct {
	command        string
	code           int
	stdout, stderr string
	requests       int
	struck         int
	written        int64
	took           time.Duration
}

// first is the first error.
func (o outcome) first() string {
	for line := range strings.Lines(o.stderr) {
		if strings.HasPrefix(line, "error: ") {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

// trial is a fault, and what the commands made of it.
type trial struct {
	faultyregistry.Fault
	registry *faultyregistry.Registry
	// locked is a directory with a lock from before; online one that is resolved when
	// it is rendered.
	locked, online string
	before, after  map[string]string
	outcomes       []outcome
}

func (f *trial) title() string { return fmt.Sprintf("%s/%s/%s", f.Family, f.At, f.Name) }

// newTrial sets up the directories, and arms the fault.
func newTrial(t *testing.T, fault faultyregistry.Fault) *trial {
	f := &trial{Fault: fault, registry: faultyregistry.Start(t, fault), locked: t.TempDir(), online: t.TempDir()}
	for dir, files := range map[string]map[string]string{
		f.locked: {"platform.yaml": f.registry.Platform("Locked"), "modelfn.lock.yaml": string(f.registry.OldLock()), ".gitattributes": "modelfn.lock.yaml linguist-generated=true\n"},
		f.online: {"platform.yaml": f.registry.Platform("Online")},
	} {
		files["fraud.yaml"] = f.registry.Deployment()
		for name, content := range files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	f.before = snapshot(t, f.locked)
	f.registry.Move(t)
	return f
}

// snapshot is the files of a directory by their names.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		out[strings.TrimPrefix(path, dir)] = string(raw)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// run gives each command the registry as it is at first.
func (f *trial) run(ctx context.Context) {
	timeout := f.Timeout
	if timeout == 0 {
		timeout = time.Minute // no fault without a Timeout comes near it
	}
	flag := "--timeout=" + timeout.String()
	for _, args := range [][]string{
		{"lock", "--update", flag, f.locked},
		{"build", flag, f.online},
		{"verify", flag, "--platform", filepath.Join(f.online, "platform.yaml"), f.registry.URI()},
	} {
		f.registry.Reset()
		o := outcome{command: args[0]}
		var stdout, stderr bytes.Buffer
		began := time.Now()
		if f.registry.Proxy == "" {
			o.code = cli.Main(ctx, cli.Process{Args: append([]string{"modelfn"}, args...), Stdout: &stdout, Stderr: &stderr})
		} else {
			// net/http looks for a proxy once in a process.
			cmd := exec.CommandContext(ctx, "modelfn", args...)
			cmd.Env = append(os.Environ(), "HTTPS_PROXY="+f.registry.Proxy, "HTTP_PROXY="+f.registry.Proxy, "NO_PROXY=", "GORACE=atexit_sleep_ms=0")
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			_ = cmd.Run()
			o.code = cmd.ProcessState.ExitCode()
		}
		o.took = time.Since(began)
		o.stdout, o.stderr = stdout.String(), stderr.String()
		o.requests, o.struck, o.written = f.registry.Requests(), f.registry.Struck(), f.registry.Written()
		f.outcomes = append(f.outcomes, o)
	}
}

// TestRegistryFaultsReference: whatever a registry does wrong, lock, build and verify
// end with the exit code that it deserves, say which registry and repository it was,
// what happened and what to do, and nothing that the server said; they ask and read no
// more than a little; the lock that is there stays, byte for byte, with nothing beside
// it. What each fault comes to is the table in docs/faults.md.
func TestRegistryFaultsReference(t *testing.T) {
	t.Setenv("DOCKER_CONFIG", t.TempDir()) // no credentials
	var trials []*trial
	for _, fault := range faultyregistry.Faults() {
		trials = append(trials, newTrial(t, fault))
	}
	// Most of the time they wait for another attempt. What must meet its fault within
	// a timeout is not kept from it by the others.
	for _, timed := range []bool{false, true} {
		var wg sync.WaitGroup
		for _, f := range trials {
			if timed == (f.Timeout != 0) {
				wg.Go(func() { f.run(t.Context()) })
			}
		}
		wg.Wait()
	}
	for _, f := range trials {
		f.after = snapshot(t, f.locked)
		t.Run(f.title(), f.judge)
	}
	compareTable(t, "registry", faultTable(trials))
}

// judge holds each outcome to what is promised.
func (f *trial) judge(t *testing.T) {
	for _, o := range f.outcomes {
		if o.code != f.Exit {
			t.Errorf("%s: exit %d, want %d\n%s", o.command, o.code, f.Exit, o.stderr)
		}
		if strings.Contains(o.stdout+o.stderr, faultyregistry.Secret) {
			t.Errorf("%s repeats what the server said\n%s%s", o.command, o.stdout, o.stderr)
		}
		if o.requests > mostAsked || o.written > mostRead {
			t.Errorf("%s: %d requests, and %d bytes were sent", o.command, o.requests, o.written)
		}
		if f.Speak != nil && o.requests > mostConnections {
			t.Errorf("%s: %d connections", o.command, o.requests)
		}
		if o.struck == 0 && (f.Answer != nil || f.Speak != nil) {
			t.Errorf("%s never met the fault", o.command)
		}
		if f.Exit == 0 {
			continue
		}
		if o.command != "verify" && o.stdout != "" {
			t.Errorf("%s: on stdout:\n%s", o.command, o.stdout)
		}
		about := f.registry.Host + "/" + faultyregistry.Repository
		if first := o.first(); !strings.Contains(first, about) || !strings.Contains(first, "; fix: ") {
			t.Errorf("%s does not say of %s what to do:\n%s", o.command, about, o.stderr)
		}
		if o.command == "verify" && !strings.Contains(o.stdout, map[int]string{1: "refused", 3: "unknown"}[f.Exit]) {
			t.Errorf("verify: exit %d\n%s", o.code, o.stdout)
		}
	}
	if f.Exit == 0 {
		if f.before["/modelfn.lock.yaml"] == f.after["/modelfn.lock.yaml"] {
			t.Error("the lock is the old one")
		}
		f.before["/modelfn.lock.yaml"] = f.after["/modelfn.lock.yaml"]
	}
	if diff := cmp.Diff(f.before, f.after); diff != "" {
		t.Errorf("lock changed the directory (-before +after):\n%s", diff)
	}
}

// TestWithoutFault: the lock from before is one that holds, the moved tag is what
// update takes, and none of the limits is met; so what the faults come to is theirs.
func TestWithoutFault(t *testing.T) {
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	f := newTrial(t, faultyregistry.Fault{})
	var stderr bytes.Buffer
	if code := run(t, &stderr, &stderr, "lock", "--check", f.locked); code != 0 {
		t.Errorf("exit %d\n%s", code, &stderr)
	}
	f.run(t.Context())
	f.after = snapshot(t, f.locked)
	f.judge(t)
	for _, o := range f.outcomes {
		if o.requests > 6 || o.written > 64<<10 {
			t.Errorf("%s: %d requests, %d bytes", o.command, o.requests, o.written)
		}
	}
}

// faultTable is the trials as Markdown.
func faultTable(trials []*trial) string {
	var b strings.Builder
	family := ""
	for _, f := range trials {
		if f.Family != family {
			family = f.Family
			fmt.Fprintf(&b, "\n### %s%s\n\n| fault | where | what modelfn says | exit | requests |\n|---|---|---|---|---|\n", strings.ToUpper(family[:1]), family[1:])
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %d | %s |\n", f.Name, f.At, f.says(), f.Exit, f.asked())
	}
	return b.String() + "\n"
}

// What differs from run to run, and what is the same in each row.
var (
	loopback = regexp.MustCompile(`127\.0\.0\.1:[0-9]{4,5}\b`)
	digests  = regexp.MustCompile(`sha256:[0-9a-f]{64}`)
	source   = regexp.MustCompile(`127\.0\.0\.1:[0-9]+->`)
)

// says is the first error of lock, without what it is about and without the fix.
func (f *trial) says() string {
	switch {
	case f.Exit == 0:
		return "nothing: it is locked"
	case f.Varies != "":
		return f.Varies
	}
	line := f.outcomes[0].first()
	line = strings.ReplaceAll(line, f.registry.Host, "REGISTRY")
	line = source.ReplaceAllString(line, "")
	line = loopback.ReplaceAllString(line, "REGISTRY")
	line = strings.NewReplacer(os.Getenv("DOCKER_CONFIG"), "~/.docker", "\u200b", "").Replace(line)
	line = digests.ReplaceAllString(line, "sha256:…")
	line, _, _ = strings.Cut(line, "; fix: ")
	_, text, _ := strings.Cut(line, "spec.model: ")
	text = strings.TrimPrefix(text, "kit://REGISTRY/models/fraud:v7: ")
	text = strings.TrimPrefix(text, "registry unavailable: ")
	return strings.ReplaceAll(text, "|", `\|`)
}

// asked is how many requests the commands made. Of connections net/http makes some of
// its own.
func (f *trial) asked() string {
	if f.Speak != nil {
		return fmt.Sprintf("at most %d connections", mostConnections)
	}
	var counts []string
	same := true
	for _, o := range f.outcomes {
		same = same && o.requests == f.outcomes[0].requests
		counts = append(counts, fmt.Sprintf("%s %d", o.command, o.requests))
	}
	if same {
		return fmt.Sprint(f.outcomes[0].requests)
	}
	return strings.Join(counts, ", ")
}
