// Package process runs server programs for tests. None outlives the test binary,
// where the kernel can see to that.
package process

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"
)

// Command is a server program to run.
type Command struct {
	Path string
	Args []string
	Dir  string   // its working directory, and where its log goes
	Env  []string // appended to the test's own environment
}

// Process is a server program. It ends with Kill, and where the kernel knows how
// with this process too.
type Process struct {
	cmd    *exec.Cmd
	log    string // the file that holds what it printed
	exited chan struct{}
}

// Start starts a program, and does not wait for it to serve.
func Start(command Command) (*Process, error) {
	p := &Process{exec.Command(command.Path, command.Args...), filepath.Join(command.Dir, "log"), make(chan struct{})}
	output, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	p.cmd.Dir = command.Dir
	p.cmd.Stdout, p.cmd.Stderr = output, output
	p.cmd.SysProcAttr = dieWithParent()
	p.cmd.Env = append(os.Environ(), command.Env...)
	started := make(chan error)
	go func() {
		// The kernel takes the thread that starts a process for its parent, so
		// this one waits for its end.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		_ = output.Close() // the process has its own
		started <- err
		if err == nil {
			_ = p.cmd.Wait() // it is killed: no other end is a good one
			close(p.exited)
		}
	}()
	return p, <-started
}

// ready is how long a program may take until it serves. An API server needs ten
// seconds, and several times that on a machine that compiles beside it.
const ready = 2 * time.Minute

// Await returns when probe does not fail any more, the program has exited, or it
// took too long.
func (p *Process) Await(probe func() error) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	timeout := time.After(ready)
	for {
		err := probe()
		if err == nil {
			return nil
		}
		select {
		case <-p.exited:
			return fmt.Errorf("exited before it served: %s", p.Printed())
		case <-timeout:
			return fmt.Errorf("not ready: %w: %s", err, p.Printed())
		case <-tick.C:
		}
	}
}

// Kill ends the program and waits for its end.
func (p *Process) Kill() error {
	err := p.cmd.Process.Kill()
	<-p.exited
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// Printed is what the program wrote so far.
func (p *Process) Printed() string {
	content, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(content)
}
