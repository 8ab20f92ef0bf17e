package registry

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"
)

// process is a server program. It ends with kill, and where the kernel knows
// how with this process too.
type process struct {
	cmd    *exec.Cmd
	log    string // the file that holds what it printed
	exited chan struct{}
}

func startProcess(dir, binary string, args ...string) (*process, error) {
	p := &process{exec.Command(binary, args...), filepath.Join(dir, "log"), make(chan struct{})}
	output, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	p.cmd.Dir = dir
	p.cmd.Stdout, p.cmd.Stderr = output, output
	p.cmd.SysProcAttr = dieWithParent()
	// distribution v3 sends traces to localhost:4318 unless told not to.
	p.cmd.Env = append(os.Environ(), "OTEL_TRACES_EXPORTER=none")
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

// await returns when ready does not fail any more, the program has exited, or
// it took too long.
func (p *process) await(ready func() error) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	timeout := time.After(20 * time.Second)
	for {
		err := ready()
		if err == nil {
			return nil
		}
		select {
		case <-p.exited:
			return fmt.Errorf("exited before it served: %s", p.printed())
		case <-timeout:
			return fmt.Errorf("not ready: %w: %s", err, p.printed())
		case <-tick.C:
		}
	}
}

func (p *process) kill() error {
	err := p.cmd.Process.Kill()
	<-p.exited
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// printed is what the program wrote so far.
func (p *process) printed() string {
	content, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(content)
}
