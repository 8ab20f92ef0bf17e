package host

import (
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// Verdict is what KServe's webhooks say of one InferenceService; without a
// reason in Refused they let it in.
type Verdict struct {
	Defaulted *unstructured.Unstructured // as the defaulter leaves it
	Warnings  []string
	Refused   string
}

// JudgeServices puts a stream of InferenceServices before KServe's own defaulter
// and validator, with the settings that KServe ships, and returns one verdict
// for each.
func JudgeServices(tb testing.TB, stream string) []Verdict {
	tb.Helper()
	kserve, err := peer.KServeFiles.Dir()
	if err != nil {
		tb.Fatal(err)
	}
	result := Run(tb, Command{
		Path:  Peer(tb, peer.IsvcJudge),
		Args:  []string{filepath.Join(kserve, "config/configmap/inferenceservice.yaml")},
		Stdin: stream,
	})
	if result.ExitCode != 0 {
		tb.Fatalf("isvc-judge: exit %d: %s", result.ExitCode, result.Stderr)
	}
	var verdicts []Verdict
	for answers := json.NewDecoder(strings.NewReader(result.Stdout)); ; {
		var v Verdict
		if err := answers.Decode(&v); errors.Is(err, io.EOF) {
			return verdicts
		} else if err != nil {
			tb.Fatal(err)
		}
		verdicts = append(verdicts, v)
	}
}
