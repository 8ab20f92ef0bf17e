package generators

import "strings"

// Kyverno puts values for {{ x }} and for $(./x) into the texts of a policy, wherever
// they stand, in some versions of rules in CEL, too. How it is told not to has
// changed, so the beginnings of either never get into a policy.

// unexpandedCEL is the same expression without them: outside of string literals an
// expression that we make has neither, and there they can be escaped.
func unexpandedCEL(expression string) string {
	return strings.NewReplacer("{{", `{\u007b`, "$(", `\u0024(`).Replace(expression)
}

// unexpanded is a text for people without them.
func unexpanded(text string) string {
	for strings.Contains(text, "{{") {
		text = strings.ReplaceAll(text, "{{", "{ {") // twice for {{{
	}
	return strings.ReplaceAll(text, "$(", "$ (")
}
