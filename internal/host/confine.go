package host

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/modelfn/modelfn/internal/finding"
)

// noScratch is about the temporary directory: it is not the repository's fault.
func noScratch(err error) finding.List {
	return finding.List{{
		Rule: "no-scratch", Severity: finding.Error, Resource: finding.Resource{File: os.TempDir()},
		Message: err.Error(), Fix: "make room in the temporary directory and let it be written to, or name another with TMPDIR",
	}}
}

// confine sets the process up so that kustomize finds this program as docker
// and git, and no other program, no plugin, no network, and no raw way to
// stderr.
func confine(private string, s *settings) (undo func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	bin := filepath.Join(private, "bin")
	s.Records = filepath.Join(private, "records")
	s.Environment = map[string]string{}
	for _, d := range []string{bin, s.Records} {
		if err := os.Mkdir(d, 0o700); err != nil {
			return nil, err
		}
	}
	for _, name := range []string{"docker", "git"} {
		if err := os.Symlink(self, filepath.Join(bin, name)); err != nil {
			return nil, err
		}
	}
	quiet, err := neutraliseStderr()
	if err != nil {
		return nil, err
	}
	// kustomize looks for legacy plugins, which are programs, below these. A
	// plugin's path is made of its apiVersion and kind, which may hold "..": an
	// empty directory would contain nothing, so none of them must exist.
	nowhere := filepath.Join(private, "nowhere")
	changed := map[string]string{
		"PATH": bin, "KUSTOMIZE_PLUGIN_HOME": nowhere, "XDG_CONFIG_HOME": nowhere, "HOME": nowhere,
	}
	var restore []func()
	for key, value := range changed {
		if old, had := os.LookupEnv(key); had {
			s.Environment[key] = old
		}
		restore = append(restore, setenv(key, value))
	}
	raw, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	restore = append(restore, setenv(callbackVariable, string(raw)))
	transport := http.DefaultTransport
	http.DefaultTransport = noNetwork{}
	return func() {
		http.DefaultTransport = transport
		for _, r := range restore {
			r()
		}
		quiet()
	}, nil
}

// unconfined gives a callback the environment that the build was started with,
// for credential helpers.
func (s settings) unconfined() {
	for _, key := range []string{"PATH", "KUSTOMIZE_PLUGIN_HOME", "XDG_CONFIG_HOME", "HOME"} {
		if value, had := s.Environment[key]; had {
			setenv(key, value)
		} else {
			_ = os.Unsetenv(key)
		}
	}
}

func setenv(key, value string) (undo func()) {
	old, had := os.LookupEnv(key)
	_ = os.Setenv(key, value) // fails for names that cannot be, not for ours
	return func() {
		if had {
			_ = os.Setenv(key, old)
		} else {
			_ = os.Unsetenv(key)
		}
	}
}

// What kustomize says is for people, who read no more than this. Argo CD keeps all of
// it in the Application's status, which has an end.
const (
	mostLines = 100
	mostBytes = 2000
)

// neutraliseStderr passes on what kustomize writes to stderr and to the log,
// line by line, without what a terminal or a CI system would take for commands:
// it repeats names from the repository.
func neutraliseStderr() (undo func(), err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	stderr, logged := os.Stderr, log.Writer()
	os.Stderr = w
	log.SetOutput(w)
	done := make(chan struct{})
	go func() {
		defer close(done)
		passOn(stderr, r)
	}()
	return func() {
		os.Stderr = stderr
		log.SetOutput(logged)
		_ = w.Close()
		<-done
		_ = r.Close()
	}, nil
}

// passOn reads to the end, or who writes would wait for ever. The rest of a longer
// line is left out: printed as another it could pass for one of modelfn's.
func passOn(to io.Writer, from io.Reader) {
	lines := bufio.NewReaderSize(from, mostBytes)
	for n, rest := 0, false; ; {
		line, more, err := lines.ReadLine()
		if err != nil {
			return
		}
		if !rest {
			n++
		}
		switch {
		case rest, n > mostLines+1:
		case n > mostLines:
			fmt.Fprintln(to, "... and more")
		case more:
			fmt.Fprintln(to, finding.Neutralise(strings.ToValidUTF8(string(line), ""))+"...")
		default:
			fmt.Fprintln(to, finding.Neutralise(string(line)))
		}
		rest = more
	}
}

// noNetwork is the transport that kustomize's loader ends at.
type noNetwork struct{}

func (noNetwork) RoundTrip(req *http.Request) (*http.Response, error) {
	return nil, fmt.Errorf("%s: build fetches nothing", req.URL.Host)
}
