package process

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// abandon makes this binary leave a program behind, as a panic would.
const abandon = "E2E_ABANDON"

func TestProcessEndsWithItsParent(t *testing.T) {
	if os.Getenv(abandon) != "" {
		p, err := Start(Command{Path: "sleep", Args: []string{"600"}, Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println("pid", p.cmd.Process.Pid)
		os.Exit(3)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), abandon+"=yes")
	output, err := cmd.Output()
	var pid int
	if _, scanErr := fmt.Sscanf(string(output), "pid %d", &pid); scanErr != nil || cmd.ProcessState.ExitCode() != 3 {
		t.Fatalf("%v: %s", err, output)
	}
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for runs(pid) {
		select {
		case <-deadline:
			t.Fatalf("process %d outlives its parent", pid)
		case <-tick.C:
		}
	}
}

// runs tells a sleep from a process that is gone, or dead and not yet reaped.
func runs(pid int) bool {
	command, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return err == nil && strings.HasPrefix(string(command), "sleep")
}

func TestProcessThatExits(t *testing.T) {
	p, err := Start(Command{Path: "sh", Args: []string{"-c", "echo no configuration; exit 1"}, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	err = p.Await(func() error { return os.ErrNotExist })
	if err == nil || !strings.Contains(err.Error(), "exited before it served: no configuration") {
		t.Errorf("Await() = %v, want what the program printed", err)
	}
	if err := p.Kill(); err != nil {
		t.Errorf("Kill() = %v of a process that has ended", err)
	}
}
