package scale

import (
	"fmt"
	"strings"
	"time"

	"github.com/modelfn/modelfn/e2e/internal/bench"
	"github.com/modelfn/modelfn/e2e/internal/bench/world"
)

// seed makes chance the same in each run.
const seed = 1

// Servers are the numbers of repo-servers that are looked at.
var Servers = []int{1, 2, 4, 8, 16}

// Settings are what is simulated.
type Settings struct {
	Fleet
	Costs
	// Installation but for the number of servers.
	Installation
}

// Default is an installation as Argo CD's documentation sets it for a thousand
// applications, with servers of two cores.
func Default(c Costs) Settings {
	return Settings{Fleet{1000, 100}, c, Installation{Cores: 2, Parallel: 8, Processors: 50}}
}

// Sections are the generated parts of docs/scale.md, by name.
func (s Settings) Sections(r bench.Results) map[string]string {
	return map[string]string{
		"costs": s.costsTable(), "all": s.allTable(), "one": s.oneTable(), "day": s.dayTable(),
		"locking": s.lockTable(), "jobs": jobsTable(r),
	}
}

// Text is all of it, for a terminal.
func (s Settings) Text(r bench.Results) string {
	sections := s.Sections(r)
	var b strings.Builder
	for _, name := range []string{"costs", "all", "one", "day", "locking", "jobs"} {
		fmt.Fprintf(&b, "%s\n\n%s\n", name, sections[name])
	}
	return b.String()
}

func (s Settings) on(servers int) Installation {
	i := s.Installation
	i.Servers = servers
	return i
}

func (s Settings) costsTable() string {
	return fmt.Sprintf(`| taken | |
|---|---|
| applications, models in each | %d, %d |
| one render of a plain directory | %s of CPU, %d MiB |
| one render of a kustomization | %s of CPU, %d MiB |
| Argo CD's own work beside a render | %s of CPU |
| cores of a repo-server, `+"`reposerver.parallelism.limit`"+` | %d, %d |
| `+"`--status-processors`"+` | %d |
`, s.Apps, s.Models, took(s.Directory.CPU), s.Directory.Memory>>20, took(s.Kustomization.CPU), s.Kustomization.Memory>>20,
		took(s.Beside), s.Cores, s.Parallel, s.Processors)
}

// allTable is every application at once.
func (s Settings) allTable() string {
	text := "| repo-servers | until all are rendered | until one is, on average | most that wait for the controller | slowest call | renders of one server hold | of kustomizations: until all |\n|---|---|---|---|---|---|---|\n"
	for _, n := range Servers {
		directories := s.on(n).Simulate(AtOnce(s.Apps), s.whole(s.Directory), seed)
		kustomizations := s.on(n).Simulate(AtOnce(s.Apps), s.whole(s.Kustomization), seed)
		text += fmt.Sprintf("| %d | %s | %s | %d | %s | %d MiB | %s |\n", n, took(directories.Done), took(directories.Mean),
			directories.Backlog, late(directories.Slowest), directories.Memory>>20, took(kustomizations.Done)+lateNote(kustomizations))
	}
	return text
}

// oneTable is a commit that touches one application.
func (s Settings) oneTable() string {
	text := "| | renders | CPU |"
	for _, n := range Servers {
		text += fmt.Sprintf(" %d repo-servers |", n)
	}
	text = strings.Replace(text, " 1 repo-servers ", " 1 repo-server ", 1)
	text += "\n|---|---|---|" + strings.Repeat("---|", len(Servers)) + "\n"
	for _, row := range []struct {
		what string
		due  []time.Duration
	}{
		{"with `manifest-generate-paths`", AtOnce(1)},
		{"without, by webhook", AtOnce(s.Apps)},
		{"without, by polling", Polled(s.Apps, seed)},
	} {
		cells, last := "", Outcome{}
		for _, n := range Servers {
			last = s.on(n).Simulate(row.due, s.whole(s.Directory), seed)
			cells += fmt.Sprintf(" %s, at most %s |", took(last.Mean), took(last.Done))
		}
		text += fmt.Sprintf("| %s | %d | %s |%s\n", row.what, last.Renders, took(last.CPU), cells)
	}
	return text
}

// dayTable is a day without and with commits.
func (s Settings) dayTable() string {
	text := "| commits in a day | renders | CPU in a day | cores busy on average | of 4 repo-servers | longest wait for a render there |\n|---|---|---|---|---|---|\n"
	const servers = 4
	for _, row := range []struct {
		what          string
		commits, each int
	}{
		{"none", 0, 0},
		{"100, with `manifest-generate-paths`", 100, 1},
		{"100, without", 100, s.Apps},
	} {
		i := s.on(servers)
		o := i.Simulate(Day(s.Apps, row.commits, row.each, seed), s.whole(s.Directory), seed)
		busy := o.CPU.Seconds() / Kept.Seconds()
		text += fmt.Sprintf("| %s | %d | %s | %.3f | %.2f %% | %s |\n", row.what, o.Renders, took(o.CPU), busy,
			100*busy/float64(servers*s.Cores), took(o.Done))
	}
	return text
}

// lockTable is what locking all of them takes.
func (s Settings) lockTable() string {
	models := float64(s.Apps * s.Models)
	text := "| | one model | all |\n|---|---|---|\n"
	text += fmt.Sprintf("| requests, all tags new, a registry without the referrers API | %.3g | %.0f, and %.0f for the registry |\n", s.Requests, s.Requests*models, s.Once)
	text += fmt.Sprintf("| wall time with %d ms added to each request, 64 models at once | %s | %s |\n", bench.Added.Milliseconds(), took(s.Far), took(time.Duration(models)*s.Far))
	for _, format := range []world.Format{world.Legacy, world.Bundle, world.Keyless} {
		if l, ok := s.lockSize(format); ok {
			text += fmt.Sprintf("| lock files, %s | %.1f kB | %.0f MB, %.0f MB as Git packs them |\n", formats[format], l.Bytes/1e3, l.Bytes*models/1e6, l.Packed*models/1e6)
		}
	}
	return text
}

var formats = map[world.Format]string{
	world.Legacy: "a key's signature as of cosign v2", world.Bundle: "a key's bundle", world.Keyless: "a keyless bundle",
}

// jobsTable is what CI gains from several processes, as measured.
func jobsTable(r bench.Results) string {
	const n = 100
	text := "| | wall | CPU |\n|---|---|---|\n"
	for _, who := range []func(int) string{bench.AtOnce, bench.KptAtOnce} {
		for _, processes := range bench.Processes {
			if m := r.Measurements.Of(bench.Parallel, n, who(processes)); m != nil {
				text += fmt.Sprintf("| %s | %.1f s | %.1f s |\n", m.Who, m.Wall/1e3, m.CPU/1e3)
			}
		}
	}
	return text
}

// took has three digits.
func took(d time.Duration) string {
	switch {
	case d >= 100*time.Minute:
		return fmt.Sprintf("%.3g h", d.Hours())
	case d >= 10*time.Minute:
		return fmt.Sprintf("%.0f min", d.Minutes())
	case d >= time.Second:
		return fmt.Sprintf("%.3g s", d.Seconds())
	default:
		return fmt.Sprintf("%.3g ms", float64(d.Microseconds())/1000)
	}
}

// late marks a call that the controller would have given up.
func late(d time.Duration) string {
	if d > Deadline {
		return took(d) + ", too late"
	}
	return took(d)
}

func lateNote(o Outcome) string {
	if o.Slowest > Deadline {
		return " (calls over 60 s: fail)"
	}
	return ""
}
