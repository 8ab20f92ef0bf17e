package host

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// Deployed is an object of an Argo CD application: what it is, where it goes, and the
// repository that it comes from.
type Deployed struct {
	Group      string `json:"group"`
	Kind       string `json:"kind"`
	Namespaced bool   `json:"namespaced"`
	Server     string `json:"server"`
	Namespace  string `json:"namespace"`
	Repo       string `json:"repo"`
}

// Permitted tells what of it Argo CD lets applications of a project have.
type Permitted struct{ Kind, Destination, Source bool }

// JudgeProject puts objects before Argo CD's own code, for applications of an
// AppProject, and returns one verdict for each. An Application's file, if there is
// one, must be the project's.
func JudgeProject(tb testing.TB, project, application string, objects []Deployed) []Permitted {
	tb.Helper()
	var questions strings.Builder
	for _, o := range objects {
		question, err := json.Marshal(o)
		if err != nil {
			tb.Fatal(err)
		}
		questions.Write(question)
	}
	args := []string{project}
	if application != "" {
		args = append(args, application)
	}
	result := Run(tb, Command{Path: Peer(tb, peer.Projects), Args: args, Stdin: questions.String()})
	if result.ExitCode != 0 {
		tb.Fatalf("project-judge: exit %d: %s", result.ExitCode, result.Stderr)
	}
	var verdicts []Permitted
	for answers := json.NewDecoder(strings.NewReader(result.Stdout)); ; {
		var p Permitted
		if err := answers.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			tb.Fatal(err)
		}
		verdicts = append(verdicts, p)
	}
	if len(verdicts) != len(objects) {
		tb.Fatalf("project-judge: %d answers to %d questions", len(verdicts), len(objects))
	}
	return verdicts
}
