package bench

import (
	"fmt"
)

// Goal is a bound on one figure of the results.
type Goal struct {
	What string
	Most float64
	Unit string
	// figure is false where it was not measured.
	figure func(Results) (float64, bool)
}

// Goals are those of the project, for a machine of two cores.
var Goals = []Goal{
	{"one model, locked and verified: CPU", 12, "ms", of(Locked, 1, OursBuild, cpu)},
	{"one model, of `helm template`: CPU", .35, "", ratio(Locked, 1, OursBuild, HelmOnce)},
	{"one model, peak memory", 40, "MiB", of(Locked, 1, OursBuild, peak)},
	{"size of the binary", 32, "MB", func(r Results) (float64, bool) { return float64(r.Binary) / 1e6, r.Binary > 0 }},
	{"1000 models, locked and verified, of `helm template` as one release: CPU", .5, "", ratio(Locked, 1000, OursBuild, HelmOnce)},
	{"1000 models, peak memory", 96, "MiB", of(Locked, 1000, OursBuild, peak)},
	{"exponent of CPU over models, 100 to 1000", 1.05, "", func(r Results) (float64, bool) {
		from, to := r.Measurements.Of(Locked, 100, OursBuild), r.Measurements.Of(Locked, 1000, OursBuild)
		if from == nil || to == nil {
			return 0, false
		}
		return exponent(from, to), true
	}},
	{"locking 1000 models, of kbld and cosign together: CPU", .35, "", ratio(Lock, 1000, OursLock, KbldResolve, CosignVerify)},
	{"locking 1000 models, requests for each model, cosign v2's format, without referrers API (besides two for the registry)", 4, "", of(Lock, 1000, OursLock, func(m Measurement) float64 {
		return float64(m.Requests-2) / float64(m.N)
	})},
	{"locking 1000 models with 25 ms added to each request: wall time, of requests / 64 x 25 ms", 2.5, "", of(Latency, 1000, OursLock, func(m Measurement) float64 {
		return m.Wall / (float64(m.Requests) / 64 * milliseconds(Added))
	})},
	{"100 models in kustomize: our CPU, of the whole build", .1, "", ratio(Inside, 100, OursFunction, KustomizeExec)},
	{"a keyless signature: CPU beyond a model signed with a key, 1000 models", 1, "ms", func(r Results) (float64, bool) {
		key, keyless := r.Measurements.Of(Formats, 1000, KeyBundle), r.Measurements.Of(Formats, 1000, Keyless)
		if key == nil || keyless == nil {
			return 0, false
		}
		return (keyless.CPU - key.CPU) / 1000, true
	}},
}

// Verdict says whether the goal is met, or by how much it is missed.
func (g Goal) Verdict(r Results) (figure, verdict string, met bool) {
	value, ok := g.figure(r)
	if !ok {
		return "", "not measured", true
	}
	if value <= g.Most {
		return g.text(value), "met", true
	}
	return g.text(value), fmt.Sprintf("missed: %.3g times as much", value/g.Most), false
}

// Limit is the goal as text.
func (g Goal) Limit() string { return "<= " + g.text(g.Most) }

func (g Goal) text(value float64) string {
	text := fmt.Sprintf("%.3g", value)
	if value >= 100 {
		text = fmt.Sprintf("%.0f", value)
	}
	if g.Unit != "" {
		text += " " + g.Unit
	}
	return text
}

func cpu(m Measurement) float64  { return m.CPU }
func peak(m Measurement) float64 { return float64(m.Peak) / (1 << 20) }

// of is a figure of one measurement.
func of(contest string, n int, who string, figure func(Measurement) float64) func(Results) (float64, bool) {
	return func(r Results) (float64, bool) {
		m := r.Measurements.Of(contest, n, who)
		if m == nil {
			return 0, false
		}
		return figure(*m), true
	}
}

// ratio is the CPU of one, of that of the others together.
func ratio(contest string, n int, who string, others ...string) func(Results) (float64, bool) {
	return func(r Results) (float64, bool) {
		ours := r.Measurements.Of(contest, n, who)
		sum := 0.0
		for _, other := range others {
			m := r.Measurements.Of(contest, n, other)
			if m == nil {
				return 0, false
			}
			sum += m.CPU
		}
		if ours == nil || sum == 0 {
			return 0, false
		}
		return ours.CPU / sum, true
	}
}
