package bench

import (
	"fmt"
	"math"
)

// Measurement is what one contestant took, as medians of its runs.
type Measurement struct {
	Contest string `json:"contest"`
	N       int    `json:"n"`
	Who     string `json:"who"`
	Runs    int    `json:"runs"`
	// CPU of the whole process tree, and wall time, in milliseconds.
	CPU  float64 `json:"cpuMs"`
	Wall float64 `json:"wallMs"`
	// Peak memory of any of its processes and Output, in bytes.
	Peak   int64 `json:"peakBytes"`
	Output int64 `json:"outputBytes"`
	// Requests at the registry, all together.
	Requests int `json:"requests,omitempty"`
}

func (m Measurement) String() string {
	text := fmt.Sprintf("%-10s %5d  %-44s CPU %10.1f ms  wall %10.1f ms  peak %4d MiB  output %8d B  %d runs",
		m.Contest, m.N, m.Who, m.CPU, m.Wall, m.Peak>>20, m.Output, m.Runs)
	if m.Requests > 0 {
		text += fmt.Sprintf("  %.3f requests/model", float64(m.Requests)/float64(m.N))
	}
	return text
}

// Measurements are all of a run.
type Measurements []Measurement

// Of finds one; nil where it was not measured.
func (l Measurements) Of(contest string, n int, who string) *Measurement {
	for i := range l {
		if l[i].Contest == contest && l[i].N == n && l[i].Who == who {
			return &l[i]
		}
	}
	return nil
}

// exponent is that of the CPU over the number of models: 1 is linear.
func exponent(from, to *Measurement) float64 {
	return math.Log(to.CPU/from.CPU) / math.Log(float64(to.N)/float64(from.N))
}
