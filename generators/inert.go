package generators

import (
	"strconv"
	"strings"
)

// inert: the texts of the object's metadata that anybody can write have no template
// in them. What it is applied by is written into it, too.
var inert = lines(
	"object.metadata.?annotations.orValue({}).all(k, !object.metadata.annotations[k].contains('{{'))",
	"&& object.metadata.?managedFields.orValue([]).all(f, !f.?manager.orValue('').contains('{{'))",
	"&& object.metadata.?ownerReferences.orValue([]).all(o, ['apiVersion', 'kind', 'name', 'uid'].all(k, !o[?k].orValue('').contains('{{')))")

// How far values are looked through for templates. The deepest that Kubernetes reads
// of a spec is a value in the selector of a preferred pod affinity, eleven below,
// and of a container the name of a claim in its resources, four below.
const (
	specDepth      = 12
	containerDepth = 5
)

// withoutTemplates is the condition that no key and no string of a value holds a
// template, at any depth. CEL knows no recursion, so the levels are spelled out;
// lists and maps below the last are refused.
func withoutTemplates(value string, depth int) string {
	text := "[" + value + "].all(" + level(0) + ", "
	for i := range depth {
		text += strings.NewReplacer("V", level(i), "W", level(i+1)).Replace(
			"(type(V) != string || !V.contains('{{'))\n&& (type(V) == list ? V : type(V) == map ? V.map(k, k) + V.map(k, V[k]) : []).all(W, ")
	}
	text += strings.ReplaceAll("type(V) == string ? !V.contains('{{') : type(V) != list && type(V) != map", "V", level(depth))
	return text + strings.Repeat(")", depth+1)
}

// level is the name of what is looked through at a depth.
func level(i int) string { return "v" + strconv.Itoa(i) }
