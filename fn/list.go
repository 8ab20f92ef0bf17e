package fn

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	krm "github.com/kptdev/krm-functions-sdk/go/fn"
	"sigs.k8s.io/kustomize/kyaml/kio"
	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/modelfn/modelfn/internal/bulk"
	"github.com/modelfn/modelfn/internal/object"
)

// listVersions are the versions of ResourceList that hosts speak: v1 today, the
// others before kyaml v0.12. They differ in nothing that is read here.
var listVersions = []string{"config.kubernetes.io/v1", "config.kubernetes.io/v1beta1", "config.kubernetes.io/v1alpha1"}

// List is a ResourceList as a host wrote it. The SDK's own knows three fields,
// writes one version, and sorts: this one gives back what it got, but for the
// items and results that changed.
type List struct {
	*krm.ResourceList
	// Own are objects of modelfn's that were decoded without becoming items.
	Own Package
	// Created are objects that were not among the items and stand behind them.
	Created []Created

	document, root *kyaml.Node
	// had is how many results the host handed over.
	had int
}

// Parse reads a ResourceList. The SDK panics on some YAML that is none of an
// object's shapes.
func Parse(in []byte) (l *List, err error) {
	defer func() {
		if p := recover(); p != nil {
			l, err = nil, fmt.Errorf("no ResourceList: %v", p)
		}
	}()
	switch {
	case len(in) > MaxInput:
		return nil, fmt.Errorf("no ResourceList: the input is longer than %d bytes", MaxInput)
	case len(bytes.TrimSpace(in)) == 0:
		return nil, errors.New("no ResourceList: the input is empty")
	}
	if err := bulk.Text(in); err != nil {
		return nil, fmt.Errorf("no ResourceList: %w", err)
	}
	if _, err := bulk.Count(in); err != nil {
		return nil, fmt.Errorf("no ResourceList: %w", err)
	}
	l = &List{ResourceList: &krm.ResourceList{FunctionConfig: krm.NewEmptyKubeObject()}}
	if l.document, err = document(in); err != nil {
		return nil, fmt.Errorf("no ResourceList: %w", err)
	}
	if bytes.ContainsRune(in, '&') && bytes.ContainsRune(in, '*') {
		if _, err := bulk.Unroll(l.document); err != nil {
			return nil, fmt.Errorf("no ResourceList: %w", err)
		}
	}
	l.root = l.document.Content[0]
	if err := l.read(); err != nil {
		return nil, fmt.Errorf("no ResourceList: %w", err)
	}
	return l, nil
}

// document is the only one of a YAML stream that holds anything.
func document(in []byte) (*kyaml.Node, error) {
	var found *kyaml.Node
	for decoder := kyaml.NewDecoder(bytes.NewReader(in)); ; {
		node := new(kyaml.Node)
		switch err := decoder.Decode(node); {
		case errors.Is(err, io.EOF) && found == nil:
			return nil, errors.New("there is no document")
		case errors.Is(err, io.EOF):
			return found, nil
		case err != nil:
			return nil, err
		case kyaml.IsYNodeEmptyDoc(node) || node.Content[0].Tag == kyaml.NodeTagNull:
		case found != nil:
			return nil, errors.New("there are several documents")
		case node.Content[0].Kind != kyaml.MappingNode:
			return nil, errors.New("the document is no mapping")
		default:
			found = node
		}
	}
}

func (l *List) read() error {
	for i := 0; i+1 < len(l.root.Content); i += 2 {
		// Another program may find the items behind a merge key or an encoded name.
		if key := l.root.Content[i]; key.Kind != kyaml.ScalarNode || key.ShortTag() != kyaml.NodeTagString {
			return fmt.Errorf("the field in line %d has no plain name", key.Line)
		}
	}
	for _, key := range []string{"apiVersion", "kind", "functionConfig", "items", "results"} {
		// Two programs may disagree about which of two equal keys holds.
		if n := l.count(key); n > 1 {
			return fmt.Errorf("%s stands in it %d times", key, n)
		}
	}
	version, kind := l.text("apiVersion"), l.text("kind")
	if kind != kio.ResourceListKind {
		return fmt.Errorf("the kind is %q", kind)
	}
	if !slices.Contains(listVersions, version) {
		return fmt.Errorf("the apiVersion is %q, want one of %q", version, listVersions)
	}
	if node := l.field("functionConfig"); node != nil {
		if node.Kind != kyaml.MappingNode {
			return errors.New("functionConfig is no object")
		}
		l.FunctionConfig = objectOf(node)
	}
	if node := l.field("items"); node != nil {
		if node.Kind != kyaml.SequenceNode {
			return errors.New("items is no list")
		}
		for i, item := range node.Content {
			if item.Kind != kyaml.MappingNode {
				return fmt.Errorf("items[%d] is no object", i)
			}
			l.Items = append(l.Items, objectOf(item))
		}
	}
	if node := l.results(); node != nil {
		if err := node.Decode(&l.Results); err != nil {
			return fmt.Errorf("results: %w", err)
		}
		l.had = len(l.Results)
	}
	return nil
}

// Bytes is the list as YAML, with the items, results and created objects that it has
// now.
func (l *List) Bytes() ([]byte, error) {
	items := make([]*kyaml.Node, len(l.Items))
	for i, item := range l.Items {
		items[i] = nodeOf(item)
	}
	if len(items)+len(l.Created) > 0 || l.field("items") != nil {
		l.list("items").Content = items
	}
	if len(l.Results) < l.had {
		l.remove("results")
		l.had = 0
	}
	for _, r := range l.Results[l.had:] {
		node := new(kyaml.Node)
		if err := node.Encode(r); err != nil {
			return nil, err
		}
		list := l.results()
		if list == nil {
			list = l.list("results")
		}
		list.Content = append(list.Content, node)
	}
	l.had = len(l.Results)
	return l.encode()
}

// encode writes the list. The SDK's encoder takes most of a render's time, so that
// it gets what came from elsewhere only: created objects are put between the text of
// the items and the text of what follows.
func (l *List) encode() ([]byte, error) {
	if len(l.Created) == 0 {
		return encode(l.document)
	}
	end := l.index("items") + 2
	// Of what is cut in two, an anchor or a tag would stand there twice.
	whole := kyaml.FlowStyle | kyaml.TaggedStyle
	if l.root.Style&whole != 0 || l.root.Content[end-1].Style&whole != 0 || l.root.Anchor != "" {
		return l.encodeFlow()
	}
	head, tail := *l.document, *l.document
	rootHead, rootTail := *l.root, *l.root
	rootHead.Content, rootTail.Content = l.root.Content[:end], l.root.Content[end:]
	head.Content, tail.Content = []*kyaml.Node{&rootHead}, []*kyaml.Node{&rootTail}
	// Each comment once.
	head.FootComment, rootHead.FootComment = "", ""
	tail.HeadComment, rootTail.HeadComment = "", ""
	out, err := encode(&head)
	if err != nil {
		return nil, err
	}
	if len(l.Items) == 0 {
		var empty bool
		if out, empty = bytes.CutSuffix(out, []byte(" []\n")); !empty {
			return l.encodeFlow() // a comment stands there
		}
		out = append(out, '\n')
	}
	for _, c := range l.Created {
		out = object.AppendItem(out, c.Tree())
	}
	if len(rootTail.Content) == 0 && tail.FootComment+rootTail.FootComment == "" {
		return out, nil
	}
	rest, err := encode(&tail)
	return append(out, rest...), err
}

// encodeFlow writes a list that is not cut in two, such as one in braces: created objects
// are items like others.
func (l *List) encodeFlow() ([]byte, error) {
	list := l.list("items")
	for _, c := range l.Created {
		item, err := kyaml.Parse(string(object.AppendYAML(nil, c.Tree())))
		if err != nil {
			return nil, err
		}
		list.Content = append(list.Content, item.YNode())
	}
	return encode(l.document)
}

func encode(document *kyaml.Node) ([]byte, error) {
	var out bytes.Buffer
	err := kyaml.NewEncoder(&out).Encode(document)
	return out.Bytes(), err
}

// results is the list of results, nil when there is none. Hosts of v1beta1 may
// have it in an object, with a name.
func (l *List) results() *kyaml.Node {
	node := l.field("results")
	if node != nil && node.Kind == kyaml.MappingNode {
		node = lookup(node, "items")
	}
	if node == nil || node.Kind != kyaml.SequenceNode {
		return nil
	}
	return node
}

// list is a field that holds a list, made where there is none.
func (l *List) list(key string) *kyaml.Node {
	node := l.field(key)
	if node == nil || node.Kind != kyaml.SequenceNode {
		l.remove(key)
		node = &kyaml.Node{Kind: kyaml.SequenceNode, Tag: kyaml.NodeTagSeq}
		l.root.Content = append(l.root.Content, &kyaml.Node{Kind: kyaml.ScalarNode, Tag: kyaml.NodeTagString, Value: key}, node)
	}
	if len(node.Content) == 0 {
		node.Style = l.root.Style // an empty list is written as []
	}
	return node
}

// field is the value of a field of the list; nil when it is null or not there.
func (l *List) field(key string) *kyaml.Node { return lookup(l.root, key) }

func (l *List) text(key string) string {
	if node := l.field(key); node != nil && node.Kind == kyaml.ScalarNode {
		return node.Value
	}
	return ""
}

func (l *List) count(key string) int {
	n := 0
	for i := 0; i+1 < len(l.root.Content); i += 2 {
		if l.root.Content[i].Value == key {
			n++
		}
	}
	return n
}

func (l *List) remove(key string) {
	if i := l.index(key); i >= 0 {
		l.root.Content = slices.Delete(l.root.Content, i, i+2)
	}
}

// index is where a field's key stands, or -1.
func (l *List) index(key string) int {
	for i := 0; i+1 < len(l.root.Content); i += 2 {
		if l.root.Content[i].Value == key {
			return i
		}
	}
	return -1
}

func lookup(node *kyaml.Node, key string) *kyaml.Node {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key && node.Content[i+1].Tag != kyaml.NodeTagNull {
			return node.Content[i+1]
		}
	}
	return nil
}

// objectOf and nodeOf are two views of one tree: what is set in the object is in
// the node.
func objectOf(node *kyaml.Node) *krm.KubeObject { return krm.MoveToKubeObject(kyaml.NewRNode(node)) }

func nodeOf(o *krm.KubeObject) *kyaml.Node {
	held := o.MoveToResourceNode()
	node := held.YNode()
	*o = *krm.MoveToKubeObject(held)
	return node
}
