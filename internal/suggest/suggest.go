// Package suggest finds the known name that a typo was probably meant to be.
package suggest

import (
	"fmt"
	"strings"
)

// Nearest is the known name a typo was probably meant to be, or "".
func Nearest(name string, known []string) string {
	if len(name) > maxName {
		return ""
	}
	best, limit := "", max(2, len(name)/3)
	for _, k := range known {
		if d := Distance(strings.ToLower(name), strings.ToLower(k)); d <= limit && d < len(name) {
			best, limit = k, d-1
		}
	}
	return best
}

// DidYouMean asks for the nearest known name, before what else can be done; it is
// "" where none is near.
func DidYouMean(name string, known []string) string {
	if near := Nearest(name, known); near != "" && near != name {
		return fmt.Sprintf("did you mean %s? Else ", near)
	}
	return ""
}

// maxName bounds names. A longer one is no typo, and a hostile key must not cost
// more than a glance.
const maxName = 64

// Distance is the Levenshtein distance.
func Distance(a, b string) int {
	if len(a) > maxName || len(b) > maxName {
		return maxName
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		previous := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := previous
			if a[i] != b[j] {
				cost++
			}
			previous = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
