package host

import (
	"bytes"
	"fmt"
	"sync"

	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/modelfn/modelfn/internal/bulk"
	"github.com/modelfn/modelfn/internal/lock"
)

// texts are the files that are read together.
type texts struct {
	sync.Mutex
	total bulk.Total
	// light is how many values of one text are worked on without looking at them
	// before.
	light int
	// known are those that were read already: kustomize reads a base for each overlay.
	// The error is why one was refused.
	known map[string]error
}

// readText reads a file of a repository that is going to be parsed as YAML.
func readText(path string, together *texts) ([]byte, error) {
	raw, err := lock.ReadBounded(path)
	if err != nil {
		return nil, err
	}
	if err := bulk.Text(raw); err != nil {
		return nil, err
	}
	return raw, together.add(path, raw)
}

// readOwn reads a file that modelfn is going to replace; a missing one is empty.
func readOwn(path string) ([]byte, error) {
	raw, err := lock.Read(path)
	if err == nil {
		err = plainTexts().add(path, raw)
	}
	return raw, err
}

// add counts a text once.
func (t *texts) add(path string, raw []byte) error {
	t.Lock()
	defer t.Unlock()
	if err, known := t.known[path]; known {
		return err
	}
	if t.known == nil {
		t.known = map[string]error{}
	}
	err := t.count(raw)
	t.known[path] = err
	return err
}

func (t *texts) count(raw []byte) error {
	count, err := bulk.Count(raw)
	if err != nil {
		return err
	}
	if err := t.total.Add(count); err != nil {
		return err
	}
	if count.Heavy(t.light) || bytes.ContainsRune(raw, '&') && bytes.ContainsRune(raw, '*') {
		return sound(raw)
	}
	return nil
}

// bytes is how much was read.
func (t *texts) bytes() int {
	t.Lock()
	defer t.Unlock()
	return t.total.Bytes()
}

// sound looks at the trees of a text for what would be refused later, after much
// more work. What cannot be parsed is refused soon enough.
func sound(raw []byte) error {
	for _, part := range documents(raw) {
		var document kyaml.Node
		if kyaml.Unmarshal(part, &document) != nil {
			continue
		}
		if _, err := bulk.Unroll(&document); err != nil {
			return fmt.Errorf("yaml: %w", err)
		}
		if err := bulk.Mappings(&document); err != nil {
			return fmt.Errorf("yaml: %w", err)
		}
	}
	return nil
}

// What takes a second each: kustomize works on maps by the square of their keys.
const (
	lightPlain     = 1 << 17
	lightKustomize = 1 << 13
)

func plainTexts() *texts { return &texts{light: lightPlain} }
