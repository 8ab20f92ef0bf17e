package cli_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
	"sigs.k8s.io/yaml"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/internal/lock"
)

// commands are what the scripts have beside testscript's own.
var commands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"code": code, "refused": refused,
	"replace": replace, "flip": flip, "expand": expand, "editlock": editLock, "sameobjects": sameObjects,
	"registry": registry, "publish": publish, "attest": attest, "unasked": unasked,
}

func usage(ts *testscript.TestScript, neg bool, ok bool, text string) {
	if neg || !ok {
		ts.Fatalf("usage: %s", text)
	}
}

// code runs a command that must exit with this very code.
func code(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) > 1, "code N command...")
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if want := args[0]; strconv.Itoa(got) != want {
		ts.Fatalf("exit code %d, want %s", got, want)
	}
}

// refused runs a command that must be refused by this rule: exit 1, nothing
// that serves a model on stdout, and a finding that says what to do.
func refused(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) > 1, "refused RULE command...")
	code(ts, false, append([]string{"1"}, args[1:]...))
	if out := ts.ReadFile("stdout"); strings.Contains(out, "InferenceService") || args[1] == "modelfn" && args[2] == "build" && out != "" {
		ts.Fatalf("refused, and still on stdout:\n%s", out)
	}
	line := regexp.MustCompile(`(?m)^error: ` + regexp.QuoteMeta(args[0]) + `: .*; fix: .+$`)
	if !line.MatchString(ts.ReadFile("stderr")) {
		ts.Fatalf("no finding %q with a fix on stderr", args[0])
	}
}

// replace puts NEW where OLD stands, exactly once, in a file. \n is a line end.
func replace(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 3, "replace FILE OLD NEW")
	text := ts.ReadFile(args[0])
	lines := strings.NewReplacer(`\n`, "\n")
	before, after := lines.Replace(args[1]), lines.Replace(args[2])
	if n := strings.Count(text, before); n != 1 {
		ts.Fatalf("%q stands %d times in %s, want once", before, n, args[0])
	}
	write(ts, args[0], strings.Replace(text, before, after, 1))
}

// flip changes one character in the middle of the value of the N-th (from 1)
// "KEY:" in a file.
func flip(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 3, "flip FILE KEY N")
	text := ts.ReadFile(args[0])
	n, err := strconv.Atoi(args[2])
	ts.Check(err)
	found := regexp.MustCompile(`(?m)^[ -]*`+regexp.QuoteMeta(args[1])+`: "?([^"\n]+)"?$`).FindAllStringSubmatchIndex(text, -1)
	if n < 1 || n > len(found) {
		ts.Fatalf("%d values of %s in %s", len(found), args[1], args[0])
	}
	middle := (found[n-1][2] + found[n-1][3]) / 2
	other := "1" // a digit in hex, base64 and decimal
	if text[middle] == '1' {
		other = "2"
	}
	write(ts, args[0], text[:middle]+other+text[middle+1:])
}

// expand replaces $VARIABLES in files by the script's environment.
func expand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) > 0, "expand FILE...")
	for _, file := range args {
		write(ts, file, os.Expand(ts.ReadFile(file), ts.Getenv))
	}
}

func write(ts *testscript.TestScript, file, text string) {
	ts.Check(os.WriteFile(ts.MkAbs(file), []byte(text), 0o644))
}

// sameObjects compares two YAML streams as sets of objects, and optionally
// leaves out annotations.
func sameObjects(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 2, "sameobjects FILE1 FILE2")
	if diff := cmp.Diff(objects(ts, args[0]), objects(ts, args[1])); diff != "" {
		ts.Fatalf("objects differ (-%s +%s):\n%s", args[0], args[1], diff)
	}
}

func objects(ts *testscript.TestScript, file string) map[string]any {
	out := map[string]any{}
	for _, document := range strings.Split(ts.ReadFile(file), "\n---\n") {
		var o struct {
			Kind     string `json:"kind"`
			Metadata struct{ Namespace, Name string }
		}
		var tree any
		ts.Check(yaml.Unmarshal([]byte(document), &o))
		ts.Check(yaml.Unmarshal([]byte(document), &tree))
		out[o.Kind+" "+o.Metadata.Namespace+"/"+o.Metadata.Name] = tree
	}
	return out
}

// editLock rewrites a lock of one deployment with two models:
//
//	unsigned  the second model's evidence is gone
//	swapped   each model has the other's evidence
//	renamed   each model's bytes stand under the other's URI
//	old       the evidence is not compressed, as once it was not
//	repacked  another compressor wrote the evidence
func editLock(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 2, "editlock FILE unsigned|swapped|renamed|old|repacked")
	l := new(v1alpha1.ModelLock)
	if errs := v1alpha1.Decode([]byte(ts.ReadFile(args[0])), l); len(errs) > 0 {
		ts.Fatalf("%s: %v", args[0], errs)
	}
	a, b := &l.Spec.Models[0], &l.Spec.Models[1]
	switch args[1] {
	case "unsigned":
		b.Evidence = nil
	case "swapped":
		a.Evidence, b.Evidence = b.Evidence, a.Evidence
	case "renamed":
		a.URI, b.URI = b.URI, a.URI
	case "old":
		rewrite(ts, l, func(raw []byte) []byte { return raw })
	case "repacked":
		rewrite(ts, l, func(raw []byte) []byte {
			var out bytes.Buffer
			w := gzip.NewWriter(&out)
			w.OS = 3
			_, err := w.Write(raw)
			ts.Check(errors.Join(err, w.Close()))
			return out.Bytes()
		})
	}
	write(ts, args[0], string(lock.Marshal([]*v1alpha1.ModelLock{l})))
}

// rewrite writes each piece of evidence in another way.
func rewrite(ts *testscript.TestScript, l *v1alpha1.ModelLock, written func(raw []byte) []byte) {
	for _, m := range l.Spec.Models {
		for i, e := range m.Evidence {
			z, err := gzip.NewReader(bytes.NewReader(e.Data))
			ts.Check(err)
			raw, err := io.ReadAll(z)
			ts.Check(err)
			data := written(raw)
			m.Evidence[i].Data, m.Evidence[i].Digest = data, string(artifact.DigestOf(data))
		}
	}
}
