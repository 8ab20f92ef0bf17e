package stopwatch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/modelfn/modelfn/e2e/internal/process"
)

// measuring is set in the process between, to the file that it leaves the
// reading in.
const measuring = "BENCH_STOPWATCH"

// InBetween does nothing but in the process that Run starts: there it runs the
// job and exits. It comes first in main and in TestMain.
func InBetween() {
	report := os.Getenv(measuring)
	if report == "" {
		return
	}
	if err := between(report); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// between reads the job from stdin, and writes the reading to the file.
func between(report string) error {
	if err := os.Unsetenv(measuring); err != nil {
		return err
	}
	var job Job
	if err := json.NewDecoder(os.Stdin).Decode(&job); err != nil {
		return err
	}
	reading, err := job.run()
	if err != nil {
		return err
	}
	content, err := json.Marshal(reading)
	if err != nil {
		return err
	}
	return os.WriteFile(report, content, 0o644)
}

// run runs the commands. The first that fails ends the job.
func (j Job) run() (sum Reading, err error) {
	output, done, err := j.open()
	if err != nil {
		return sum, err
	}
	defer func() { err = errors.Join(err, done()) }()
	var mu sync.Mutex
	var wg sync.WaitGroup
	var errs []error
	slots := make(chan struct{}, max(1, j.Parallel))
	began := time.Now()
	for i, c := range j.Commands {
		slots <- struct{}{}
		if i > 0 {
			if _, err := output.WriteString(j.Separator); err != nil {
				return sum, err
			}
		}
		mu.Lock()
		failed := len(errs) > 0
		mu.Unlock()
		if failed {
			break
		}
		wg.Go(func() {
			defer func() { <-slots }()
			reading, err := c.run(output)
			mu.Lock()
			defer mu.Unlock()
			sum.add(reading)
			if err != nil {
				errs = append(errs, err)
			}
		})
	}
	wg.Wait()
	sum.Wall = time.Since(began)
	if err := errors.Join(errs...); err != nil {
		return sum, err
	}
	sum.Output, err = output.Seek(0, io.SeekEnd)
	return sum, err
}

// open returns the file for what is printed. It is a file and no pipe: reading a
// pipe would take CPU of the machine while the job is measured.
func (j Job) open() (output *os.File, done func() error, err error) {
	if j.Output != "" {
		output, err = os.OpenFile(j.Output, os.O_CREATE|os.O_TRUNC|os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			return nil, nil, err
		}
		return output, output.Close, nil
	}
	output, err = os.CreateTemp("", "bench-output")
	if err != nil {
		return nil, nil, err
	}
	return output, func() error { return errors.Join(output.Close(), os.Remove(output.Name())) }, nil
}

// run runs one command to its end.
func (c Command) run(output *os.File) (Reading, error) {
	cmd := exec.Command(c.Args[0], c.Args[1:]...)
	cmd.Dir = c.Dir
	cmd.Env = append(os.Environ(), c.Env...)
	cmd.Stdout = output
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if c.Stdin != "" {
		stdin, err := os.Open(c.Stdin)
		if err != nil {
			return Reading{}, err
		}
		defer stdin.Close()
		cmd.Stdin = stdin
	}
	if err := cmd.Run(); err != nil {
		return Reading{}, fmt.Errorf("%q: %w\n%s", c.Args, err, lastOf(stderr.Bytes()))
	}
	return Reading{CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), Peak: process.Peak(cmd.ProcessState)}, nil
}

// lastOf is the end of what a program said, where its error stands.
func lastOf(text []byte) []byte {
	const most = 4 << 10
	return text[max(0, len(text)-most):]
}
