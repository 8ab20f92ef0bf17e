// Runs KServe's own defaulter and validator, as its webhooks call them, over a
// stream of InferenceServices, without a cluster. It answers with one JSON
// object for each, in order: what the defaulter made of it, what the validator
// warns of, and why it refuses.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: isvc-judge CONFIG <STREAM  (CONFIG: a file with the ConfigMap inferenceservice-config)")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(config string, in io.Reader, out io.Writer) error {
	judge, err := newJudge(config)
	if err != nil {
		return err
	}
	documents, answers := utilyaml.NewYAMLReader(bufio.NewReader(in)), json.NewEncoder(out)
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if len(bytes.TrimSpace(document)) == 0 {
			continue
		}
		if err := answers.Encode(judge.of(document)); err != nil {
			return err
		}
	}
}
