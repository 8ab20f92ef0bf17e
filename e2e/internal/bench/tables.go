package bench

import (
	"fmt"
	"slices"
	"strings"
)

// Sections are the generated parts of docs/performance.md, by name.
func (r Results) Sections() map[string]string {
	sections := map[string]string{"machine": r.machineText(), "goals": r.goalsTable(), "allocations": r.allocationsTable()}
	for _, kind := range contests {
		sections[kind.name] = r.table(kind.name)
	}
	return sections
}

func (r Results) machineText() string {
	m := r.Machine
	text := fmt.Sprintf("%s: %s, %d cores, %s of memory, %s, Go %s. Load before the first run: %s.\n\n| program | version |\n|---|---|\n",
		m.Date, m.CPU, m.Cores, m.Memory, m.Kernel, m.Go, m.Load)
	for _, p := range r.Programs {
		text += fmt.Sprintf("| %s | %s |\n", p.Name, p.Version)
	}
	return text
}

func (r Results) goalsTable() string {
	text := "| goal | at most | measured | |\n|---|---|---|---|\n"
	for _, g := range Goals {
		figure, verdict, _ := g.Verdict(r)
		text += fmt.Sprintf("| %s | %s | %s | %s |\n", g.What, strings.TrimPrefix(g.Limit(), "<= "), figure, verdict)
	}
	return text
}

func (r Results) allocationsTable() string {
	if len(r.Allocations) == 0 {
		return "The product has no Go benchmarks yet.\n"
	}
	text := "| Go benchmark | allocations | bytes |\n|---|---|---|\n"
	for _, a := range r.Allocations {
		text += fmt.Sprintf("| %s | %.0f | %.0f |\n", a.Name, a.Allocs, a.Bytes)
	}
	return text
}

// table is a contest: CPU for each number of models, beside it how many times
// that of the first; the rest for the most models.
func (r Results) table(contest string) string {
	var list Measurements
	var sizes []int
	var names []string
	requests := false
	for _, m := range r.Measurements {
		if m.Contest != contest {
			continue
		}
		list = append(list, m)
		requests = requests || m.Requests > 0
		if !slices.Contains(sizes, m.N) {
			sizes = append(sizes, m.N)
		}
		if !slices.Contains(names, m.Who) {
			names = append(names, m.Who)
		}
	}
	if len(list) == 0 {
		return "Not measured.\n"
	}
	head, rule := "| CPU in ms, N models", "|---"
	for _, n := range sizes {
		head += fmt.Sprintf(" | %d", n)
		rule += "|---"
	}
	text := head + " | exponent | wall | memory | output" + when(requests, " | requests") + " | runs |\n" + rule + "|---|---|---|---" + when(requests, "|---") + "|---|\n"
	for _, who := range names {
		text += list.row(contest, who, names[0], sizes, requests)
	}
	return text
}

// row is one contestant's.
func (l Measurements) row(contest, who, first string, sizes []int, requests bool) string {
	text := "| " + who
	var of Measurements // its own
	for _, n := range sizes {
		m, one := l.Of(contest, n, who), l.Of(contest, n, first)
		switch {
		case m == nil:
			text += " | "
		case who == first || one == nil:
			text += fmt.Sprintf(" | %s", short(m.CPU))
		default:
			text += fmt.Sprintf(" | %s (x %s)", short(m.CPU), short(m.CPU/one.CPU))
		}
		if m != nil {
			of = append(of, *m)
		}
	}
	slope := ""
	last := of[len(of)-1]
	if len(of) > 1 && of[len(of)-2].N >= 10 {
		slope = fmt.Sprintf("%.2f", exponent(&of[len(of)-2], &last))
	}
	text += fmt.Sprintf(" | %s | %s s | %d MiB | %s", slope, short(last.Wall/1000), last.Peak>>20, size(last.Output))
	if requests {
		text += fmt.Sprintf(" | %.3g", float64(last.Requests)/float64(last.N))
	}
	return text + fmt.Sprintf(" | %d |\n", last.Runs)
}

// short has three digits, and all of those before the point.
func short(value float64) string {
	if value >= 100 {
		return fmt.Sprintf("%.0f", value)
	}
	return fmt.Sprintf("%.3g", value)
}

func size(bytes int64) string {
	if bytes >= 1e6 {
		return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
	}
	return fmt.Sprintf("%.1f kB", float64(bytes)/1e3)
}

func when(yes bool, text string) string {
	if yes {
		return text
	}
	return ""
}
