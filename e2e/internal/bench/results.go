package bench

import (
	"encoding/json"
	"fmt"
	"os"
)

// Results are what docs/performance.json holds: from it the tables, the plot and
// the costs of docs/scale.md are made.
type Results struct {
	Machine Machine `json:"machine"`
	// Programs are what was measured, each with its version.
	Programs []Program `json:"programs"`
	// Binary is the size of modelfn, in bytes.
	Binary       int64        `json:"binaryBytes"`
	Locks        []LockSize   `json:"locks,omitempty"`
	Allocations  []Allocation `json:"allocations,omitempty"`
	Measurements Measurements `json:"measurements"`
}

// ReadResults reads them from a file.
func ReadResults(path string) (r Results, err error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(content, &r); err != nil {
		return r, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// Write writes them, one measurement in a line.
func (r Results) Write(path string) error {
	list := r.Measurements
	r.Measurements = nil
	head, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	const last = "null\n}"
	text := string(head[:len(head)-len(last)]) + "[\n"
	for i, m := range list {
		line, err := json.Marshal(m)
		if err != nil {
			return err
		}
		text += "    " + string(line)
		if i < len(list)-1 {
			text += ","
		}
		text += "\n"
	}
	return os.WriteFile(path, []byte(text+"  ]\n}\n"), 0o644)
}
