package bulk

import (
	"errors"
	"fmt"

	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"
)

// What a document with aliases may be, written without them. The bytes are of its
// texts and names of fields.
const (
	maxUnrolled      = 1 << 17
	maxUnrolledBytes = 4 << 20
)

// Unroll refuses a tree whose aliases never end, or stand for too much: programs
// follow them until their stack is used up, which nothing recovers from, or make of
// a long text and many aliases a longer one. It yields the texts in it.
func Unroll(n *kyaml.Node) (texts []string, err error) {
	u := unrolling{sums: map[*kyaml.Node]size{}, active: map[*kyaml.Node]bool{}}
	_, err = u.node(n)
	return u.texts, err
}

// size is how much a node stands for.
type size struct{ values, bytes int }

// unrolling counts nodes as if each alias were what it stands for.
type unrolling struct {
	sums   map[*kyaml.Node]size
	active map[*kyaml.Node]bool
	// bytes are of the texts as they are written.
	bytes int
	// texts are the scalars it came by.
	texts []string
}

func (u *unrolling) node(n *kyaml.Node) (size, error) {
	if n.Kind == kyaml.AliasNode {
		n = n.Alias
	}
	if u.active[n] {
		return size{}, fmt.Errorf("line %d: anchor %q contains itself", n.Line, n.Anchor)
	}
	if sum, known := u.sums[n]; known {
		return sum, nil
	}
	u.active[n] = true
	u.bytes += len(n.Value)
	if n.Kind == kyaml.ScalarNode {
		u.texts = append(u.texts, n.Value)
	}
	sum := size{1, len(n.Value)}
	for _, child := range n.Content {
		below, err := u.node(child)
		if err != nil {
			return size{}, err
		}
		sum.values, sum.bytes = sum.values+below.values, sum.bytes+below.bytes
		if sum.values > maxUnrolled+2*len(u.sums) || sum.bytes > maxUnrolledBytes+2*u.bytes {
			return size{}, errors.New("excessive aliasing: written without aliases, it would be too long")
		}
	}
	delete(u.active, n)
	u.sums[n] = sum
	return sum, nil
}

// maxKeys of one mapping is far from what Kubernetes' own schemas have. kustomize
// takes time by the square of it.
const maxKeys = 4096

// Mappings refuses one in which a key stands twice: two programs may disagree about
// which of them holds; and one of too many keys.
func Mappings(n *kyaml.Node) error {
	if n.Kind == kyaml.MappingNode {
		if len(n.Content)/2 > maxKeys {
			return fmt.Errorf("line %d: a map with more than %d keys", n.Line, maxKeys)
		}
		seen := make(map[string]bool, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			if key.Kind != kyaml.ScalarNode || key.Tag == "!!merge" {
				continue
			}
			if seen[key.Value] {
				return fmt.Errorf("line %d: key %.100q already set in map", key.Line, key.Value)
			}
			seen[key.Value] = true
		}
	}
	for _, child := range n.Content {
		if err := Mappings(child); err != nil {
			return err
		}
	}
	return nil
}
