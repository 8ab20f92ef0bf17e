package artifact

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// list is a JSON array whose length is bounded while it is decoded: an empty
// object takes three bytes of an answer and a hundred times as much in memory,
// and 64 answers are read at once.
type list[T any] []T

// UnmarshalJSON decodes at most maxList items. Of several arrays under one key
// the last counts, as for any JSON.
func (l *list[T]) UnmarshalJSON(raw []byte) error {
	*l = nil
	decoder := json.NewDecoder(bytes.NewReader(raw))
	switch open, err := decoder.Token(); {
	case err != nil:
		return err
	case open == nil:
		return nil
	case open != json.Delim('['):
		return fmt.Errorf("%v in place of a list", open)
	}
	for decoder.More() {
		if len(*l) == maxList {
			return fmt.Errorf("a list of more than %d items", maxList)
		}
		var next T
		if err := decoder.Decode(&next); err != nil {
			return err
		}
		*l = append(*l, next)
	}
	return nil
}
