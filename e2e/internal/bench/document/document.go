// Package document keeps docs/performance.* and docs/scale.md what the
// benchmarks' results say: written by one command, compared by a test.
package document

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/modelfn/modelfn/e2e/internal/bench"
	"github.com/modelfn/modelfn/e2e/internal/bench/page"
	"github.com/modelfn/modelfn/e2e/internal/bench/scale"
	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// Results are those of the last run that was written.
func Results() (bench.Results, error) {
	path, err := in("performance.json")
	if err != nil {
		return bench.Results{}, err
	}
	return bench.ReadResults(path)
}

// Write writes all of it anew.
func Write(r bench.Results) error {
	results, err := in("performance.json")
	diagram, err2 := in("performance.svg")
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	return errors.Join(
		r.Write(results),
		os.WriteFile(diagram, r.Diagram(), 0o644),
		fill("performance.md", r.Sections()),
		WriteScale(r),
	)
}

// WriteScale writes docs/scale.md anew.
func WriteScale(r bench.Results) error {
	sections, err := scaleSections(r)
	if err != nil {
		return err
	}
	return fill("scale.md", sections)
}

func scaleSections(r bench.Results) (map[string]string, error) {
	s := scale.Default(scale.Costs{})
	costs, err := scale.CostsOf(r, s.Fleet)
	if err != nil {
		return nil, err
	}
	return scale.Default(costs).Sections(r), nil
}

// fill writes a page's generated parts.
func fill(name string, sections map[string]string) error {
	path, filled, err := filledPage(name, sections)
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(filled), 0o644)
}

func filledPage(name string, sections map[string]string) (path, filled string, err error) {
	if path, err = in(name); err != nil {
		return "", "", err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", "", err
	}
	if filled, err = page.Fill(string(text), sections); err != nil {
		return "", "", fmt.Errorf("docs/%s: %w", name, err)
	}
	return path, filled, nil
}

// in is a file of docs.
func in(name string) (string, error) {
	root, err := peer.Root()
	return filepath.Join(root, "docs", name), err
}
