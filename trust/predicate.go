package trust

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
)

const (
	// maxValues bounds what is decoded of one statement, and of one text that a rule
	// takes apart: an empty list takes three bytes, and a hundred times as much in
	// memory. It is one value for 16 bytes of the largest payload; SBOMs have about
	// 30 bytes to a value, and reports of scanners more.
	maxValues = 50_000
	// maxNesting bounds how deep values stand in each other.
	maxNesting = 64
)

// checkValues bounds JSON before anything decodes it. It counts no fewer values
// than any decoder finds.
func checkValues(raw []byte) error {
	values, depth := 1, 0
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			for i++; i < len(raw) && raw[i] != '"'; i++ {
				if raw[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			values++
			depth++
		case '}', ']':
			depth--
		case ',':
			values++
		}
		if values > maxValues {
			return fmt.Errorf("it has more than %d JSON values", maxValues)
		}
		if depth > maxNesting {
			return fmt.Errorf("its JSON values stand in each other more than %d deep", maxNesting)
		}
	}
	return nil
}

// decodeJSON reads JSON that has one meaning: no key twice, and nothing after it.
func decodeJSON(raw []byte) (any, error) {
	if err := checkValues(raw); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	value, err := decodeValue(dec)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more after the value")
	}
	return value, nil
}

func decodeValue(dec *json.Decoder) (any, error) {
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch token := token.(type) {
	case json.Number:
		return decodeNumber(string(token))
	case json.Delim:
		if token == '{' {
			return decodeObject(dec)
		}
		list := []any{}
		for dec.More() {
			value, err := decodeValue(dec)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err := dec.Token()
		return list, err
	}
	return token, nil
}

func decodeObject(dec *json.Decoder) (any, error) {
	object := map[string]any{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return nil, err
		}
		key, ok := token.(string)
		if _, twice := object[key]; !ok || twice {
			return nil, fmt.Errorf("it has the key %.40q twice", key)
		}
		if object[key], err = decodeValue(dec); err != nil {
			return nil, err
		}
	}
	_, err := dec.Token()
	return inOrder(types.NewStringInterfaceMap(types.DefaultTypeAdapter, object)), err
}

// maxSafe is the largest whole number that a double tells from its neighbours.
const maxSafe = 1<<53 - 1

// errWide: an engine for which all numbers are doubles confuses some.
var errWide = errors.New("the attestation holds whole numbers beyond 2^53, which are rounded there")

// wide tells whether JSON that was decoded holds such numbers.
func wide(raw []byte) bool {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	for {
		token, err := dec.Token()
		if err != nil {
			return false
		}
		if n, ok := token.(json.Number); ok {
			if value, err := decodeNumber(string(n)); err == nil {
				if _, double := value.(float64); !double {
					return true
				}
			}
		}
	}
}

// decodeNumber takes numbers as doubles, except those whole ones that a double
// would confuse with others.
func decodeNumber(text string) (any, error) {
	if !strings.ContainsAny(text, ".eE") {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && (n > maxSafe || n < -maxSafe) {
			return n, nil
		} else if err != nil {
			n, err := strconv.ParseUint(text, 10, 64)
			if err != nil {
				return nil, fmt.Errorf("the number %.40s is too large: whole numbers have 64 bits", text)
			}
			return n, nil
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, fmt.Errorf("the number %.40s is too large", text)
	}
	return f, nil
}

// predicate is what an attestation says, decoded.
type predicate struct {
	values *ordered
	// longest is the length of the longest text or key in it, at most.
	longest int
}

// decodePredicate takes the predicate of a statement that was verified.
func decodePredicate(payload []byte) (predicate, error) {
	value, err := decodeJSON(payload)
	if err != nil {
		return predicate{}, fmt.Errorf("statement: %w", err)
	}
	p := predicate{longest: longestText(payload)}
	if statement, ok := value.(*ordered); ok {
		p.values, _ = statement.native()["predicate"].(*ordered)
	}
	if p.values == nil {
		p.values = inOrder(types.NewStringInterfaceMap(types.DefaultTypeAdapter, map[string]any{}))
	}
	return p, nil
}

// longestText is the length of the longest text in JSON, as it is written there.
func longestText(raw []byte) (longest int) {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '"' {
			continue
		}
		start := i + 1
		for i++; i < len(raw) && raw[i] != '"'; i++ {
			if raw[i] == '\\' {
				i++
			}
		}
		longest = max(longest, i-start)
	}
	return longest
}

// ordered is a map whose keys always come in the same order: a verdict must not
// depend on Go's.
type ordered struct {
	traits.Mapper
	keys []ref.Val
}

func inOrder(m traits.Mapper) *ordered {
	out := &ordered{Mapper: m}
	for it := m.Iterator(); it.HasNext() == types.True; {
		out.keys = append(out.keys, it.Next())
	}
	slices.SortFunc(out.keys, func(a, b ref.Val) int {
		return cmp.Or(cmp.Compare(a.Type().TypeName(), b.Type().TypeName()), cmp.Compare(fmt.Sprint(a.Value()), fmt.Sprint(b.Value())))
	})
	return out
}

// native is a JSON object; nil for a map that a rule made.
func (o *ordered) native() map[string]any {
	m, _ := o.Value().(map[string]any)
	return m
}

func (o *ordered) Iterator() traits.Iterator {
	return types.NewRefValList(types.DefaultTypeAdapter, o.keys).Iterator()
}

func (o *ordered) MarshalJSON() ([]byte, error) { return json.Marshal(o.native()) }
