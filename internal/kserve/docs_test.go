package kserve

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/internal/doctable"
)

var _ = flag.Bool("update", false, "write generated files instead of comparing them")

// TestDocsAreFresh: docs/serving-platform.md says of the versions what the table says.
func TestDocsAreFresh(t *testing.T) {
	doctable.Compare(t, "../../docs/serving-platform.md", "<!-- The table of internal/kserve, by `make generate`. -->\n", "<!-- End of the table. -->\n", differences())
}

// differences are what versions differ in, as Markdown.
func differences() string {
	var b strings.Builder
	row := func(what string, cell func(Version) string) {
		fmt.Fprintf(&b, "| %s |", what)
		for _, v := range Versions() {
			fmt.Fprintf(&b, " %s |", cell(v))
		}
		b.WriteString("\n")
	}
	able := func(what string, can func(Version) bool) {
		row(what, func(v Version) string { return map[bool]string{true: "yes", false: "no"}[can(v)] })
	}
	row("`spec.serving.kserve`", func(v Version) string {
		if v.Name == Default {
			return "`\"" + v.Name + "\"` (default)"
		}
		return "`\"" + v.Name + "\"`"
	})
	row("---", func(Version) string { return "---" })
	row("judged by", func(v Version) string { return v.Release })
	for _, r := range notEverywhere() {
		able(fmt.Sprintf("runtime %s (%s)", r.Name, strings.Join(slices.Sorted(maps.Keys(r.Formats)), ", ")),
			func(v Version) bool { _, ships := v.Find(r.Name); return ships })
	}
	able("LLMInferenceService: `router.route.group` and `weight` split requests", func(v Version) bool { return v.LLM.RouteGroups })
	able("LLMInferenceService: `model.lora.adapters` are loaded, and not only accepted", func(v Version) bool { return v.LLM.Adapters })
	able("LLMInferenceService: `model.lora` has `maxRank`, `maxAdapters`, `maxCpuAdapters`", func(v Version) bool { return v.LLM.AdapterLimits })
	return b.String()
}

// notEverywhere are the runtimes that some version does not ship, by name.
func notEverywhere() []Runtime {
	found := map[string]Runtime{}
	for _, v := range Versions() {
		for _, r := range v.Runtimes() {
			if len(Names(func(o Version) bool { _, ships := o.Find(r.Name); return ships })) < len(Versions()) {
				found[r.Name] = r
			}
		}
	}
	var out []Runtime
	for _, name := range slices.Sorted(maps.Keys(found)) {
		out = append(out, found[name])
	}
	return out
}
