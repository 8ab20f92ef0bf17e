// Package page keeps the generated parts of a Markdown page, between marks such
// as <!-- generated: goals --> and <!-- end -->, apart from the prose around.
package page

import (
	"fmt"
	"strings"
)

const end = "<!-- end -->"

// Fill puts each section between its marks. A mark without a section and a
// section without a mark are errors: one of the two was forgotten.
func Fill(page string, sections map[string]string) (string, error) {
	var out strings.Builder
	filled := map[string]bool{}
	rest := page
	for {
		before, after, ok := strings.Cut(rest, "<!-- generated: ")
		out.WriteString(before)
		if !ok {
			break
		}
		name, body, ok := strings.Cut(after, " -->\n")
		section, known := sections[name]
		if !ok || !known {
			return "", fmt.Errorf("nothing is generated for the mark %q", name)
		}
		_, rest, ok = strings.Cut(body, end)
		if !ok {
			return "", fmt.Errorf("the mark %q has no %s", name, end)
		}
		fmt.Fprintf(&out, "<!-- generated: %s -->\n%s%s", name, section, end)
		filled[name] = true
	}
	for name := range sections {
		if !filled[name] {
			return "", fmt.Errorf("there is no mark for %q", name)
		}
	}
	return out.String(), nil
}
