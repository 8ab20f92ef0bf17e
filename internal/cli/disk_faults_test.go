//go:build linux

package cli_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/internal/faultyregistry"
)

// diskFault is something that is wrong with files, or with what modelfn is started
// with.
type diskFault struct {
	name string
	// command is what a shell runs in the directory app; "locked" has a lock, of a tag
	// that has moved since, "online" is resolved when it is rendered.
	command string
	// spoil does it to the directory that the command names.
	spoil func(t *testing.T, dir string)
	// nobody runs it as a user who may read, and not write.
	nobody bool
	exit   int
	// says is how it begins what it says; nothing is said where it is empty.
	says string
}

func diskFaults() []diskFault {
	const lock, build, verify = "modelfn lock --update locked", "modelfn build locked", "modelfn verify locked"
	plain := func(name, content string) func(*testing.T, string) {
		return func(t *testing.T, dir string) { put(t, filepath.Join(dir, name), content) }
	}
	in := func(name string, make func(path string) error) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			path := filepath.Join(dir, name)
			if err := errors.Join(os.RemoveAll(path), make(path)); err != nil {
				t.Fatal(err)
			}
		}
	}
	fifo := func(path string) error { return syscall.Mkfifo(path, 0o644) }
	folder := func(path string) error { return os.Mkdir(path, 0o755) }
	link := func(to string) func(string) error {
		return func(path string) error { return os.Symlink(to, path) }
	}
	mode := func(name string, mode os.FileMode) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
				t.Fatal(err)
			}
		}
	}
	return []diskFault{
		{name: "the disk is full", command: lock, spoil: full, exit: 1, says: "unwritable"},
		{name: "the disk is full", command: lock + " --inline", spoil: full, exit: 1, says: "unwritable"},
		{name: "no file more may be made on it", command: lock, spoil: noInodes, exit: 1, says: "unwritable"},
		{name: "a file may not be that long (`ulimit -f`)", command: "(ulimit -f 1; " + lock + ")", exit: 1, says: "unwritable"},
		{name: "the file system is mounted read-only", command: lock, spoil: readOnly, exit: 1, says: "unwritable"},
		{name: "the directory is somebody else's", command: lock, nobody: true, exit: 1, says: "unwritable"},
		{name: "a file may not be read", command: build, spoil: mode("fraud.yaml", 0), nobody: true, exit: 1, says: "unreadable"},
		{name: "a file may not be read", command: lock, spoil: mode("fraud.yaml", 0), nobody: true, exit: 1, says: "unreadable"},
		{name: "the lock may not be read", command: lock, spoil: mode("modelfn.lock.yaml", 0), nobody: true, exit: 1, says: "unwritable"},
		{name: "the directory may not be read", command: build, spoil: mode(".", 0o711), nobody: true, exit: 1, says: "unreadable"},
		{name: "the directory may not be read", command: lock, spoil: mode(".", 0o711), nobody: true, exit: 1, says: "unwritable"},
		{name: "the platform may not be read", command: "modelfn build --platform locked/platform.yaml locked", spoil: mode("platform.yaml", 0), nobody: true, exit: 1, says: "unreadable"},
		{name: "a directory stands where the lock should", command: lock, spoil: in("modelfn.lock.yaml", folder), exit: 1, says: "unwritable"},
		{name: "a pipe stands where the lock should", command: lock, spoil: in("modelfn.lock.yaml", fifo), exit: 1, says: "unwritable"},
		{name: "the lock is a link to elsewhere", command: lock, spoil: in("modelfn.lock.yaml", link("../online/fraud.yaml")), exit: 1, says: "unwritable"},
		{name: "a pipe stands where .gitattributes should", command: "modelfn lock locked", spoil: in(".gitattributes", fifo), exit: 1, says: "unwritable"},
		{name: "a pipe is called .yaml", command: build, spoil: in("x.yaml", fifo), exit: 1, says: "unreadable"},
		{name: "a socket is called .yaml", command: verify, spoil: in("x.yaml", socket), exit: 1, says: "unreadable"},
		{name: "a link to /dev/zero is called .yaml", command: build, spoil: in("x.yaml", link("/dev/zero")), exit: 1, says: "unreadable"},
		{name: "a link leads nowhere", command: build, spoil: in("x.yaml", link("nowhere")), exit: 1, says: "unreadable"},
		{name: "a link leads to itself", command: lock, spoil: in("x.yaml", link("x.yaml")), exit: 1, says: "unreadable"},
		{name: "a directory is called .yaml", command: "modelfn build online", spoil: in("x.yaml", folder)},
		{name: "a resource of a kustomization is a pipe", command: build, spoil: func(t *testing.T, dir string) {
			plain("kustomization.yaml", "resources: [x.yaml]\n")(t, dir)
			in("x.yaml", fifo)(t, dir)
		}, exit: 1, says: "kustomize"},
		{name: "a resource of a kustomization leads to itself", command: build, spoil: func(t *testing.T, dir string) {
			plain("kustomization.yaml", "resources: [x.yaml]\n")(t, dir)
			in("x.yaml", link("x.yaml"))(t, dir)
		}, exit: 1, says: "kustomize"},
		{name: "the kustomization is a pipe", command: build, spoil: in("kustomization.yaml", fifo), exit: 1, says: "unreadable"},
		{name: "the platform is a pipe", command: "modelfn build --platform locked/p locked", spoil: in("p", fifo), exit: 1, says: "platform-unreadable"},
		{name: "the platform is /dev/zero", command: "modelfn build --platform /dev/zero locked", exit: 1, says: "platform-unreadable"},
		{name: "the directory is a link to itself", command: "modelfn build locked/x", spoil: in("x", link("x")), exit: 2, says: "stat"},
		{name: "the directory is a pipe", command: "modelfn lock locked/x", spoil: in("x", fifo), exit: 2, says: "locked/x"},
		{name: "there is no temporary directory", command: "TMPDIR=/nowhere modelfn build locked", spoil: plain("kustomization.yaml", "resources: [fraud.yaml]\n"), exit: 1, says: "no-scratch"},
		{name: "stdout is full", command: "modelfn build online >/dev/full", exit: 3, says: "write"},
		{name: "stdout is full", command: "modelfn verify -o json --platform online/platform.yaml online >/dev/full", exit: 3, says: "write"},
		{name: "stdout is full", command: "modelfn verify -o table --platform online/platform.yaml online >/dev/full", exit: 3, says: "write"},
		{name: "stdout is full", command: "modelfn verify -o sarif --platform online/platform.yaml online >/dev/full", exit: 3, says: "write"},
		{name: "stdout is full", command: "modelfn lock --outdated locked >/dev/full", exit: 3, says: "write"},
		{name: "stdout is full", command: "modelfn baseline online >/dev/full", exit: 3, says: "write"},
		{name: "stdout is full", command: "modelfn fn <list.yaml >/dev/full", exit: 3, says: "write"},
		{name: "stdout is full", command: "modelfn schema >/dev/full", exit: 3, says: "write"},
		{name: "stdout is full", command: "modelfn version >/dev/full", exit: 3, says: "write"},
		{name: "stdout is full", command: "modelfn completion bash >/dev/full", exit: 3, says: "write"},
		{name: "stdout is full", command: "modelfn --help >/dev/full", exit: 3, says: "write"},
		{name: "stdout is read no more (SIGPIPE)", command: "{ sleep 0.2; modelfn schema; echo $? >code; } | true; exit $(cat code)", exit: 141},
		{name: "stdout is closed, which is as good as /dev/null", command: "modelfn build online >&-"},
		{name: "stderr is closed", command: "modelfn build online 2>&-"},
		{name: "stderr is closed, and there is something to say", command: "modelfn build --platform /dev/zero online 2>&-", exit: 1},
		{name: "stdin is closed", command: "modelfn fn <&-", exit: 1, says: "resource-list"},
		{name: "stdin is endless", command: "modelfn fn </dev/zero", exit: 1, says: "resource-list"},
		{name: "stdin stays open, and nothing comes", command: "mkfifo in; modelfn fn --timeout 300ms <>in", exit: 3, says: "stdin"},
	}
}

func socket(path string) error {
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		return err
	}
	l.SetUnlinkOnClose(false)
	return l.Close()
}

// mounted puts a small file system where dir is, with the same files.
func mounted(t *testing.T, dir, options string) {
	t.Helper()
	files := snapshot(t, dir)
	mount(t, "tmpfs", dir, "tmpfs", 0, options)
	for name, content := range files {
		put(t, dir+name, content)
	}
}

func mount(t *testing.T, source, target, kind string, flags uintptr, options string) {
	t.Helper()
	switch err := syscall.Mount(source, target, kind, flags, options); {
	case errors.Is(err, syscall.EPERM), errors.Is(err, syscall.EACCES):
		t.Skipf("mounting a file system: %v", err)
	case err != nil:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(target, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
}

// full is a file system without room for another file's content.
func full(t *testing.T, dir string) {
	mounted(t, dir, "size=64k")
	f, err := os.Create(filepath.Join(dir, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for err == nil {
		_, err = f.Write(make([]byte, 512))
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
}

// noInodes is one without room for another file.
func noInodes(t *testing.T, dir string) {
	mounted(t, dir, "size=1m,nr_inodes=20")
	for i := 0; ; i++ {
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("filler-%d", i)))
		if errors.Is(err, syscall.ENOSPC) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		_ = f.Close()
	}
}

func readOnly(t *testing.T, dir string) {
	mount(t, dir, dir, "", syscall.MS_BIND, "")
	if err := syscall.Mount("", dir, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
}

// diskWorld is a directory that others can enter.
func diskWorld(t *testing.T, r *faultyregistry.Registry) (app string) {
	t.Helper()
	app = t.TempDir()
	if err := os.Chmod(filepath.Dir(app), 0o755); err != nil { // the parent is the user's alone
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"locked/platform.yaml": r.Platform("Locked"), "locked/modelfn.lock.yaml": string(r.OldLock()), "locked/fraud.yaml": r.Deployment(),
		"online/platform.yaml": r.Platform("Online"), "online/fraud.yaml": r.Deployment(),
		"locked/.gitattributes": "modelfn.lock.yaml linguist-generated=true\n",
		"list.yaml":             "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(app, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(app, name), content)
	}
	return app
}

// program is modelfn where everybody can start it.
func program(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("modelfn")
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Chmod(filepath.Dir(bin), 0o755); err != nil {
		t.Fatal(err)
	}
	from, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := os.OpenFile(filepath.Join(bin, "modelfn"), os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(to, from); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return bin
}

// TestDiskFaultsReference: whatever is wrong with files and with what modelfn is
// started with, it ends with the documented exit code, says what and where it was and
// how to mend it, and loses nothing: the directory is as it was, with nothing beside.
// What each fault comes to is the table in docs/faults.md.
func TestDiskFaultsReference(t *testing.T) {
	r := faultyregistry.Start(t, faultyregistry.Fault{})
	r.Move(t)
	bin := program(t)
	rows := []string{"| fault | command | what modelfn says | exit |", "|---|---|---|---|"}
	for _, f := range diskFaults() {
		row := ""
		t.Run(f.name+"/"+f.command, func(t *testing.T) { row = f.judge(t, r, bin) })
		if row == "" {
			row = documented(t, f.row("")) // skipped: not looked at
		}
		rows = append(rows, row)
	}
	compareTable(t, "disk", "\n"+strings.Join(rows, "\n")+"\n\n")
}

// judge runs the command, and yields the fault's row.
func (f diskFault) judge(t *testing.T, r *faultyregistry.Registry, bin string) string {
	app := diskWorld(t, r)
	if f.nobody && os.Geteuid() != 0 {
		t.Skip("becoming another user: only root can")
	}
	if f.spoil != nil {
		where := "locked"
		if strings.Contains(f.command, "online") {
			where = "online"
		}
		f.spoil(t, filepath.Join(app, where))
	}
	before := everything(t, app)
	cmd := exec.Command("sh", "-c", f.command)
	cmd.Dir = app
	cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "DOCKER_CONFIG="+app, "GORACE=atexit_sleep_ms=0")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if f.nobody {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	err := cmd.Run()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		t.Fatal(err)
	}
	if code := cmd.ProcessState.ExitCode(); code != f.exit {
		t.Errorf("exit %d, want %d\n%s", code, f.exit, &stderr)
	}
	if f.exit != 0 && stdout.Len() > 0 && !strings.Contains(f.command, "verify") {
		t.Errorf("on stdout:\n%s", &stdout)
	}
	if strings.Contains(stderr.String(), "goroutine ") {
		t.Errorf("a stack trace:\n%s", &stderr)
	}
	if diff := cmp.Diff(before, everything(t, app)); diff != "" {
		t.Errorf("the directory changed (-before +after):\n%s", diff)
	}
	said := firstError(stderr.String())
	if f.says == "" {
		if said != "" {
			t.Errorf("it says %q", said)
		}
		return f.row("nothing")
	}
	mends := []string{"; fix: ", "make room, or write it elsewhere", "(--timeout)", "stat ", "name its directory"}
	if !strings.HasPrefix(said, f.says) || !slices.ContainsFunc(mends, func(m string) bool { return strings.Contains(said, m) }) {
		t.Errorf("it says %q, want %s and what to do", said, f.says)
	}
	said = strings.ReplaceAll(said, app+"/", "")
	return f.row(said)
}

func firstError(stderr string) string {
	for line := range strings.Lines(stderr) {
		if said, ok := strings.CutPrefix(line, "error: "); ok {
			return strings.TrimSpace(said)
		}
	}
	return ""
}

func (f diskFault) row(said string) string {
	return fmt.Sprintf("| %s | `%s` | %s | %d |", f.name, strings.ReplaceAll(f.command, "|", `\|`), strings.ReplaceAll(said, "|", `\|`), f.exit)
}

// documented is the row as it stands in the documentation.
func documented(t *testing.T, row string) string {
	t.Helper()
	begin, _, _ := strings.Cut(row, "` | ")
	raw, err := os.ReadFile(filepath.Join("..", "..", "docs", "faults.md"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		if strings.HasPrefix(line, begin+"` | ") {
			return strings.TrimSuffix(line, "\n")
		}
	}
	return row
}

// everything is what is in a directory: files with their content, and of what else
// there is its kind.
func everything(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	if err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(path, dir)
		switch {
		case name == "/in" || name == "/code": // the commands' own
		case d.Type().IsRegular():
			raw, err := os.ReadFile(path)
			out[name] = string(raw)
			return err
		default:
			out[name] = d.Type().String()
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}
