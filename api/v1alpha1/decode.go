package v1alpha1

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/modelfn/modelfn/internal/object"
)

// FieldError is one thing that is wrong with an object, by field path.
type FieldError struct {
	// Rule is unknown-field or invalid-field.
	Rule string
	// Path is dotted, with list indices in brackets: spec.trust[0].match.
	Path string
	// Message says what was found and what was expected; Fix what to do.
	Message, Fix string
}

func (e FieldError) Error() string { return strings.TrimPrefix(e.Path+": "+e.Message, ": ") }

// Rules of FieldErrors.
const (
	RuleUnknownField = "unknown-field"
	RuleInvalidField = "invalid-field"
)

// Object is one of this package's kinds.
type Object interface {
	// Default fills what was left out.
	Default()
	// Validate reports every field that cannot be right, after defaulting.
	Validate() []FieldError
}

// Decode reads one YAML or JSON document into the object, strictly: an unknown
// field, a duplicate key, a value of another type or a second document is an
// error, by path. The object is defaulted and validated.
func Decode(data []byte, into Object) []FieldError {
	if tree, ok := object.Read(data); ok && DecodeTree(tree, into) {
		return into.Validate()
	}
	return decodeAny(data, into)
}

// DecodeTree is Decode of what was read already, without Validate. It is false, and
// the object as it was before, for what is wrong or unusual: Decode tells.
func DecodeTree(tree object.Map, into Object) bool {
	target := reflect.ValueOf(into).Elem()
	if !fill(target, tree) {
		target.SetZero()
		return false
	}
	into.Default()
	return true
}

// decodeAny is Decode of any YAML or JSON.
func decodeAny(data []byte, into Object) []FieldError {
	if !single(data) {
		return []FieldError{{RuleInvalidField, "", "more than one YAML document", "write one object per file here"}}
	}
	raw, err := yaml.YAMLToJSONStrict(data)
	if err != nil {
		return []FieldError{{RuleInvalidField, "", oneLine(err), "correct the YAML"}}
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var tree any
	if err := dec.Decode(&tree); err != nil {
		return []FieldError{{RuleInvalidField, "", oneLine(err), "correct the YAML"}}
	}
	var errs fieldErrors
	if errs.walk("", tree, reflect.TypeOf(into).Elem()); len(errs) > 0 {
		return errs
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return []FieldError{{RuleInvalidField, "", oneLine(err), "correct the value"}}
	}
	into.Default()
	return into.Validate()
}

// oneLine is what the parser says, no longer than a page: it has a line for each of
// a hundred thousand keys that are set twice.
func oneLine(err error) string {
	text := err.Error()
	if len(text) > mostText {
		text = strings.ToValidUTF8(text[:mostText], "") + " ..."
	}
	return strings.Join(strings.Fields(text), " ")
}

const mostText = 1000

// single tells whether there is content in no more than one YAML document. The
// parser reads the first and ignores what follows: a second platform in a file
// would be lost without a word. A marker in the first column ends a document
// wherever it stands, also in a block of text.
func single(data []byte) bool {
	content, ended := false, false
	for line := range strings.FieldsFuncSeq(string(data), func(r rune) bool { return r == '\n' || r == '\r' }) {
		if rest, marker := documentMarker(line); marker {
			ended = ended || content
			line = rest
		}
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		if ended {
			return false
		}
		content = true
	}
	return true
}

// documentMarker cuts the mark between documents off a line.
func documentMarker(line string) (rest string, marker bool) {
	for _, mark := range []string{"---", "..."} {
		if rest, ok := strings.CutPrefix(line, mark); ok && (rest == "" || rest[0] == ' ' || rest[0] == '\t') {
			return rest, true
		}
	}
	return line, false
}
