package podman

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Process is the first process of a running container, as the machine sees it.
type Process struct {
	// User is its real, effective, saved and file system user.
	User []string
	// Capabilities are its effective ones, in hexadecimal.
	Capabilities  string
	NoNewPrivs    bool
	NetworkDevice []string // all that it has
}

// Hold runs what a host has called podman with, on a standard input from which
// nothing comes until it has looked at the container's process.
func (e *Engine) Hold(tb testing.TB, call []string) Process {
	tb.Helper()
	pidFile := filepath.Join(tb.TempDir(), "pid")
	args := slices.Insert(slices.Clone(call), 1, "--pidfile", pidFile) // after `run`
	cmd := exec.CommandContext(tb.Context(), filepath.Join(e.bin, "podman"), args...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	var output strings.Builder
	cmd.Stdout, cmd.Stderr = io.Discard, &output
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		_ = cmd.Wait() // how it exits without input is not what is asked
	}()
	process, err := look(pidFile, exited)
	_ = stdin.Close() // the program may have gone already
	<-exited
	if err != nil {
		tb.Fatalf("podman %q: %v\n%s", args, err, output.String())
	}
	return process
}

// look waits for the process and reads what the kernel says of it.
func look(pidFile string, exited <-chan struct{}) (Process, error) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	timeout := time.After(time.Minute)
	for {
		if pid, err := os.ReadFile(pidFile); err == nil && len(pid) > 0 {
			p, err := inspect(filepath.Join("/proc", strings.TrimSpace(string(pid))))
			// Before that it is still the runtime, which makes the container.
			if err != nil || p.started {
				return p.Process, err
			}
		}
		select {
		case <-exited:
			return Process{}, errors.New("exited without waiting for its input")
		case <-timeout:
			return Process{}, fmt.Errorf("%s: no process", pidFile)
		case <-tick.C:
		}
	}
}

type inspected struct {
	Process
	started bool
}

func inspect(proc string) (inspected, error) {
	var p inspected
	status, err := os.ReadFile(filepath.Join(proc, "status"))
	if err != nil {
		return p, err
	}
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		switch value = strings.TrimSpace(value); name {
		case "Name":
			p.started = !strings.HasPrefix(value, "runc")
		case "Uid":
			p.User = strings.Fields(value)
		case "CapEff":
			p.Capabilities = value
		case "NoNewPrivs":
			p.NoNewPrivs = value == "1"
		}
	}
	devices, err := os.ReadFile(filepath.Join(proc, "net/dev"))
	if err != nil {
		return p, err
	}
	for line := range strings.Lines(string(devices)) {
		if device, _, ok := strings.Cut(line, ":"); ok {
			p.NetworkDevice = append(p.NetworkDevice, strings.TrimSpace(device))
		}
	}
	return p, nil
}
