package generators

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/internal/object"
)

// TestEachPartIsNeeded: of a rule that joins several conditions, each is needed:
// without it something is admitted that the table refuses, on one of its platforms.
func TestEachPartIsNeeded(t *testing.T) {
	table, servers := readTable(t)
	needed, parts := map[string]bool{}, map[string]string{}
	for name, s := range servers {
		refusedBy := map[string][]map[string]any{} // by one rule alone
		for _, tt := range table.Refused {
			if o := table.Objects[tt.Of]; o.Platform == name {
				changed := patched(o.Object, tt.Change)
				if messages, _ := s.denials(t, changed, nil); len(messages) == 1 {
					refusedBy[messages[0]] = append(refusedBy[messages[0]], changed)
				}
			}
		}
		for i, p := range s.policies {
			for j, v := range p.validations {
				message, all := v.(object.Map).Get("message").(string), conjuncts(v.(object.Map).Get("expression").(string))
				for k, part := range all {
					place := fmt.Sprint(p.name, ", ", message, ", ", k) // where a rule stands differs
					parts[place] = part
					without := *s
					without.policies = slices.Clone(s.policies)
					without.policies[i].validations = slices.Clone(p.validations)
					without.policies[i].validations[j] = validation(message, strings.Join(append([]string{"true"}, slices.Delete(slices.Clone(all), k, k+1)...), "\n&& "))
					needed[place] = needed[place] || slices.ContainsFunc(refusedBy[message], func(o map[string]any) bool {
						messages, _ := without.denials(t, o, nil)
						return len(messages) == 0
					})
				}
			}
		}
	}
	for place, part := range parts {
		if !needed[place] {
			t.Errorf("%s: nothing is refused by %s", place, part)
		}
	}
}
