package host

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"
)

// mostUnrolled nodes are many for aliases to stand for, in a document that is small.
const mostUnrolled = 1_000_000

// endless refuses YAML whose aliases never end, or hardly: kustomize follows them
// until the stack is used up, which kills the process and cannot be recovered from.
// YAML may stand in the text of YAML (inline patches); what is no YAML at all is
// data of a generator.
func endless(raw []byte) error {
	// In a text that is YAML again an escape may spell what makes an alias.
	if !bytes.ContainsRune(raw, '\\') && (!bytes.ContainsRune(raw, '&') || !bytes.ContainsRune(raw, '*')) {
		return nil
	}
	// Of two ways to cut it, kustomize knows both; what it cannot read one way may
	// well be read in the other.
	for _, part := range slices.Concat([][]byte{raw}, documents(raw), bytes.Split(raw, []byte("\n---"))) {
		for decoder := kyaml.NewDecoder(bytes.NewReader(part)); ; {
			var document kyaml.Node
			if decoder.Decode(&document) != nil {
				break // or the end
			}
			u := unrolling{sums: map[*kyaml.Node]int{}, active: map[*kyaml.Node]bool{}}
			if _, err := u.node(&document); err != nil {
				return err
			}
			// A document that is nothing but a text would be looked at for ever.
			if len(document.Content) != 1 || document.Content[0].Kind == kyaml.ScalarNode {
				continue
			}
			for _, text := range u.texts {
				if err := endless([]byte(text)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// unrolling counts nodes as if each alias were what it stands for.
type unrolling struct {
	sums   map[*kyaml.Node]int
	active map[*kyaml.Node]bool
	// texts are the scalars it came by.
	texts []string
}

func (u *unrolling) node(n *kyaml.Node) (int, error) {
	if n.Kind == kyaml.AliasNode {
		n = n.Alias
	}
	if u.active[n] {
		return 0, fmt.Errorf("yaml: anchor %q contains itself", n.Anchor)
	}
	if sum, known := u.sums[n]; known {
		return sum, nil
	}
	u.active[n] = true
	if n.Kind == kyaml.ScalarNode {
		u.texts = append(u.texts, n.Value)
	}
	sum := 1
	for _, child := range n.Content {
		below, err := u.node(child)
		if err != nil {
			return 0, err
		}
		if sum += below; sum > mostUnrolled+10*len(u.sums) {
			return 0, errors.New("yaml: document contains excessive aliasing")
		}
	}
	delete(u.active, n)
	u.sums[n] = sum
	return sum, nil
}
