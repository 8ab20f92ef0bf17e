package host

import (
	"bytes"
	"strconv"
	"strings"

	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/modelfn/modelfn/internal/finding"
)

// Lines finds the line of a field in a YAML file.
type Lines struct {
	documents []document
	total     int
}

// document is one that holds something, and the number of lines before it.
type document struct {
	root   *kyaml.Node
	before int
}

// ReadLines reads a file's text. It has no errors: of what is no YAML, only the
// lines are known.
func ReadLines(raw []byte) Lines {
	var l Lines
	for _, part := range documents(raw) {
		if !blank(part) {
			l.documents = append(l.documents, document{parseNode(part), l.total})
		}
		l.total += bytes.Count(part, []byte("\n"))
	}
	if n := len(raw); n > 0 && raw[n-1] != '\n' {
		l.total++
	}
	return l
}

// parseNode is nil for what is no YAML.
func parseNode(part []byte) *kyaml.Node {
	var n kyaml.Node
	if kyaml.Unmarshal(part, &n) != nil || len(n.Content) != 1 {
		return nil
	}
	return n.Content[0]
}

// Of is the line, from 1, of a resource's field, such as
// spec.trust[0].authorities[1].key; of the nearest field around it that is
// there (a patch may have added it); else of the resource; else the first.
func (l Lines) Of(r finding.Resource, field string) int {
	d := l.document(r)
	line := d.before + 1
	if d.root != nil {
		line = d.before + lineOf(d.root, field)
	}
	// YAML ends lines at some characters where other readers do not.
	return max(1, min(line, l.total))
}

// document is the one that is most like the resource. Its index alone does not
// tell: kustomize does not keep it, and changes names and namespaces.
func (l Lines) document(r finding.Resource) document {
	var best document
	most := -1
	for i, d := range l.documents {
		if n := likeness(d.root, r, i); n > most {
			best, most = d, n
		}
	}
	return best
}

func likeness(root *kyaml.Node, r finding.Resource, index int) int {
	n := 0
	if index == r.Index {
		n = 1
	}
	if r.Kind == "" || scalar(root, "kind") != r.Kind {
		return n
	}
	metadata := value(root, "metadata")
	n += 8
	if scalar(metadata, "name") == r.Name {
		n += 4
	}
	if scalar(metadata, "namespace") == r.Namespace {
		n += 2
	}
	return n
}

// lineOf goes down along the field as far as there is something. A key may hold
// dots itself (an annotation): the longest one that fits is meant.
func lineOf(n *kyaml.Node, field string) int {
	line := n.Line
	for n != nil && field != "" {
		var key *kyaml.Node
		if key, n, field = step(n, field); key != nil {
			line = key.Line
		}
	}
	return line
}

// step is the first part of the field in a mapping or list: its key (the element
// itself in a list), its value, and what is left. Without one there is no value.
func step(n *kyaml.Node, field string) (key, val *kyaml.Node, rest string) {
	if n.Kind == kyaml.AliasNode {
		n = n.Alias
	}
	switch n.Kind {
	case kyaml.SequenceNode:
		index, after, ok := strings.Cut(strings.TrimPrefix(field, "["), "]")
		i, err := strconv.Atoi(index)
		if !ok || err != nil || i < 0 || i >= len(n.Content) {
			return nil, nil, ""
		}
		return n.Content[i], n.Content[i], strings.TrimPrefix(after, ".")
	case kyaml.MappingNode:
		length := 0
		for i := 0; i+1 < len(n.Content); i += 2 {
			k := n.Content[i]
			after, ok := strings.CutPrefix(field, k.Value)
			// An empty key would lead nowhere, and by an alias forever.
			if ok && len(k.Value) > length && (after == "" || after[0] == '.' || after[0] == '[') {
				key, val, rest, length = k, n.Content[i+1], strings.TrimPrefix(after, "."), len(k.Value)
			}
		}
	}
	return key, val, rest
}

// value is what stands under a key of a mapping, or nil.
func value(n *kyaml.Node, key string) *kyaml.Node {
	if n == nil || n.Kind != kyaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

func scalar(n *kyaml.Node, key string) string {
	if v := value(n, key); v != nil && v.Kind == kyaml.ScalarNode {
		return v.Value
	}
	return ""
}
