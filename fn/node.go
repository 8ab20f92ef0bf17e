package fn

import (
	krm "github.com/kptdev/krm-functions-sdk/go/fn"
	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"
	"sigs.k8s.io/yaml"

	"github.com/modelfn/modelfn/internal/object"
)

// Tree is what an item says. It is strict: two programs may disagree about which of
// two equal keys holds.
func Tree(item *krm.KubeObject) (map[string]any, error) {
	if tree, ok := treeOf(nodeOf(item)); ok {
		return tree.Any(), nil
	}
	var tree map[string]any
	err := yaml.UnmarshalStrict([]byte(item.String()), &tree)
	return tree, err
}

// treeOf is a node as its text would be read by object.Read, and more: whatever is
// quoted or a block is a text. It is false for what decoders disagree about, and for
// anchors, tags and merge keys.
func treeOf(node *kyaml.Node) (object.Map, bool) {
	value, ok := valueOf(node, 0)
	m, isMap := value.(object.Map)
	return m, ok && isMap
}

// deepest bounds how deep the nodes of an object are nested.
const deepest = 64

func valueOf(node *kyaml.Node, depth int) (any, bool) {
	if depth > deepest || node.Anchor != "" || node.Style&kyaml.TaggedStyle != 0 {
		return nil, false
	}
	switch node.Kind {
	case kyaml.ScalarNode:
		if node.Style&(kyaml.DoubleQuotedStyle|kyaml.SingleQuotedStyle|kyaml.LiteralStyle|kyaml.FoldedStyle) != 0 {
			return node.Value, node.Tag == kyaml.NodeTagString
		}
		return object.Plain(node.Value)
	case kyaml.SequenceNode:
		l := make(object.List, 0, len(node.Content))
		for _, item := range node.Content {
			value, ok := valueOf(item, depth+1)
			if !ok {
				return nil, false
			}
			l = append(l, value)
		}
		return l, true
	case kyaml.MappingNode:
		m := make(object.Map, 0, len(node.Content)/2)
		seen := make(map[string]bool, len(node.Content)/2)
		for i := 0; i+1 < len(node.Content); i += 2 {
			name, ok := valueOf(node.Content[i], depth+1)
			key, isText := name.(string)
			if !ok || !isText || seen[key] {
				return nil, false
			}
			value, ok := valueOf(node.Content[i+1], depth+1)
			if !ok {
				return nil, false
			}
			seen[key] = true
			m = append(m, object.Field{Key: key, Value: value})
		}
		return m, true
	}
	return nil, false
}
