package passthrough

import (
	"strings"

	"github.com/modelfn/modelfn/internal/pattern"
)

// Value is what may stand behind a flag or in a variable.
type Value string

// Values. None of them can hold a space, a quote or anything that a shell, a
// template or a path is made of: the runtime that spans nodes passes its
// arguments through a shell.
const (
	Switch  Value = "nothing"        // a flag by itself
	Truth   Value = "true or false"  // as text
	Integer Value = "a whole number" // at most 18 digits
	Number  Value = "a number"
	Word    Value = "a word"      // such as bfloat16
	Zone    Value = "a time zone" // such as Europe/Berlin
	// Listed is what a platform allowed by name, without saying more.
	Listed Value = "text without spaces, quotes, braces, or anything that a shell or a template takes for its own"
)

var forms = map[Value]*pattern.Pattern{
	Switch:  pattern.New(`^$`),
	Truth:   pattern.New(`^(?i:true|false)$`),
	Integer: pattern.New(`^[0-9]{1,18}$`),
	Number:  pattern.New(`^[0-9]{1,9}(\.[0-9]{1,9})?$`),
	Word:    pattern.New(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`),
	Zone:    pattern.New(`^[A-Za-z0-9][A-Za-z0-9_+-]{0,30}(/[A-Za-z0-9][A-Za-z0-9_+-]{0,30}){0,2}$`),
	Listed:  pattern.New(`^[A-Za-z0-9._:/,+@%=-]{0,512}$`),
}

// Takes tells whether the text is such a value.
func (v Value) Takes(text string) bool { return forms[v].MatchString(text) }

// Form is the regular expression (RE2) of such a value, without anchors.
func (v Value) Form() string {
	return strings.TrimSuffix(strings.TrimPrefix(forms[v].String(), "^"), "$")
}

// Expanded is what would be put in the place of a part of a text, or nothing:
// KServe executes arguments and environment as Go templates over the
// InferenceService, and Kubernetes puts variables into them.
func Expanded(text string) string {
	for _, mark := range []string{"{{", "}}", "$("} {
		if strings.Contains(text, mark) {
			return mark
		}
	}
	return ""
}
