// Package bulk bounds what a text may cost before a YAML parser sees it. A parser
// makes a node of 200 bytes out of one comma, and what works on nodes makes ten
// times that of it: 5 MB of commas took 4 GB. Counting bytes takes milliseconds.
package bulk

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"unicode/utf16"
)

// What one rendering may read, all its files or the whole ResourceList together.
// A thousand models with their locks are 7 MB, 140,000 values and 2,000 documents;
// the largest bundles of CRDs have 4 MB and 124,000 values.
const (
	MaxBytes     = 32 << 20
	maxDocuments = 10_000
	// fewValues may take as little as they like, each other takes sparse bytes:
	// with indentation and names, what people and programs write takes 30 to 60.
	fewValues = 1 << 16
	sparse    = 24
	// maxDepth is of brackets, and of columns before a line's text: written out
	// anew, a text grows by the square of its depth. Kubernetes' own schemas are
	// some forty deep.
	maxDepth = 1000
)

// Total is what was counted in texts. The zero Total has counted nothing.
type Total struct{ bytes, values, documents int }

// Count counts what is in a text, and refuses it if that is too much. The count is
// never less than half of what a parser makes of the text, and may be more: a text
// in a text counts as if it were none.
func Count(raw []byte) (Total, error) {
	c := counter{Total: Total{bytes: len(raw)}}
	if err := c.excess(); err != nil {
		return c.Total, err
	}
	return c.Total, c.count(utf8Of(raw))
}

// Add refuses a text that is too much together with those before it.
func (t *Total) Add(text Total) error {
	t.bytes, t.values, t.documents = t.bytes+text.bytes, t.values+text.values, t.documents+text.documents
	if err := t.excess(); err != nil {
		return fmt.Errorf("with what was read before it, %w", err)
	}
	return nil
}

func (t Total) excess() error {
	switch {
	case t.bytes > MaxBytes:
		return fmt.Errorf("more than %d MiB of YAML", MaxBytes>>20)
	case t.values > fewValues+t.bytes/sparse:
		return fmt.Errorf("too many values: more than %d in %d bytes", fewValues+t.bytes/sparse, t.bytes)
	case t.documents > maxDocuments:
		return fmt.Errorf("more than %d documents", maxDocuments)
	}
	return nil
}

// Heavy tells whether more values were counted than most texts have: what is made of
// them is looked at before it is used, since to refuse it later would take too long.
func (t Total) Heavy(most int) bool { return t.values > most }

// Bytes is how long the texts are together.
func (t Total) Bytes() int { return t.bytes }

// utf8Of is a text in the encoding in which it is counted. YAML may be UTF-16.
func utf8Of(raw []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(raw, []byte{0xff, 0xfe}):
		order = binary.LittleEndian
	case bytes.HasPrefix(raw, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	default:
		return raw
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = order.Uint16(raw[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}
