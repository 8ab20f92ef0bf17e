package host

import (
	"bytes"

	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/modelfn/modelfn/internal/bulk"
)

// mostNested is how deep YAML in the text of YAML is looked at. kustomize reads three:
// a transformer written inline, a patch in it, a function's annotation in that.
const mostNested = 4

// endless refuses YAML whose aliases never end, or hardly: kustomize follows them
// until the stack is used up, which kills the process and cannot be recovered from.
// YAML may stand in the text of YAML (inline patches); what is no YAML at all is
// data of a generator.
func endless(raw []byte) error { return endlessBelow(raw, mostNested) }

func endlessBelow(raw []byte, nested int) error {
	// In a text that is YAML again an escape may spell what makes an alias.
	if nested < 0 || !bytes.ContainsRune(raw, '\\') && (!bytes.ContainsRune(raw, '&') || !bytes.ContainsRune(raw, '*')) {
		return nil
	}
	seen := map[string]bool{}
	for _, part := range cuts(raw) {
		for decoder := kyaml.NewDecoder(bytes.NewReader(part)); ; {
			var document kyaml.Node
			if decoder.Decode(&document) != nil {
				break // or the end
			}
			texts, err := bulk.Unroll(&document)
			if err != nil {
				return err
			}
			// A document that is nothing but a text is data.
			if len(document.Content) != 1 || document.Content[0].Kind == kyaml.ScalarNode {
				continue
			}
			for _, text := range texts {
				if seen[text] {
					continue
				}
				seen[text] = true
				if err := endlessBelow([]byte(text), nested-1); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// cuts are the ways to cut a stream into documents, each part once: kustomize knows
// two, and what it cannot read one way may well be read in the other.
func cuts(raw []byte) [][]byte {
	out := [][]byte{raw}
	for _, parts := range [][][]byte{documents(raw), bytes.Split(raw, []byte("\n---"))} {
		if len(parts) > 1 {
			out = append(out, parts...)
		}
	}
	return out
}
