package host

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// endless refuses YAML whose aliases never end: kustomize follows them until the
// stack is used up, which kills the process and cannot be recovered from. YAML
// may stand in the text of YAML (inline patches); what is no YAML at all is
// data of a generator.
func endless(raw []byte) error {
	if !bytes.ContainsRune(raw, '&') || !bytes.ContainsRune(raw, '*') {
		return nil
	}
	for _, document := range documents(raw) {
		var tree any
		err := yaml.Unmarshal(document, &tree)
		if err != nil && (strings.Contains(err.Error(), "contains itself") || strings.Contains(err.Error(), "excessive aliasing")) {
			return err
		}
		if err := endlessText(tree); err != nil {
			return err
		}
	}
	return nil
}

func endlessText(tree any) error {
	switch v := tree.(type) {
	case string:
		// A document that is nothing but a text would be looked at for ever.
		var text string
		if yaml.Unmarshal([]byte(v), &text) == nil {
			return nil
		}
		return endless([]byte(v))
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if err := endlessText(v[key]); err != nil {
				return err
			}
		}
	case []any:
		for _, item := range v {
			if err := endlessText(item); err != nil {
				return err
			}
		}
	}
	return nil
}
