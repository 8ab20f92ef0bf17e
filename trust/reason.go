package trust

import (
	"cmp"
	"slices"
	"strings"
)

// reason is why a piece of evidence does not count, on one line.
type reason struct {
	weight int
	text   string
}

func reasonOf(err error) reason { return reason{weight(err), oneLine(err.Error())} }

// maxReasons bounds how many candidates a refusal explains.
const maxReasons = 5

// joinReasons lists reasons once each, those that say the most first: anybody can
// attach what is nobody's, and must not crowd out why an authority's own word
// does not count. The order does not depend on the evidence's.
func joinReasons(reasons []reason) string {
	reasons = slices.SortedFunc(slices.Values(reasons), func(a, b reason) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.text, b.text))
	})
	var texts []string
	for _, r := range reasons {
		if !slices.Contains(texts, r.text) {
			texts = append(texts, r.text)
		}
	}
	if len(texts) > maxReasons {
		texts = append(texts[:maxReasons], "...")
	}
	return strings.Join(texts, "; ")
}

// maxReason bounds one reason: libraries put what they read into their errors.
const maxReason = 500

// jargon is what sigstore-go says of the two most common faults, in words that do
// not mean something else here.
var jargon = strings.NewReplacer(
	": %!w(<nil>)", "",
	"failed to verify signature: could not verify envelope: accepted signatures do not match threshold, Found: 0, Expected 1",
	"another key made it, or it was changed since",
	"failed to verify timestamps: threshold not met for verified signed timestamps: 0 < 1; error",
	"no timestamp authority of the trusted root says when it was signed",
)

// oneLine is an error's text on one line. Some of sigstore-go's errors wrap
// nothing, and some of its libraries' dump what they compared.
func oneLine(text string) string {
	text = jargon.Replace(strings.Join(strings.Fields(text), " "))
	if runes := []rune(text); len(runes) > maxReason {
		return string(runes[:maxReason]) + "..."
	}
	return text
}
