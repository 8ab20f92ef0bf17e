package bench

import "github.com/modelfn/modelfn/e2e/internal/bench/plot"

// Diagram is docs/performance.svg: CPU over the number of models.
func (r Results) Diagram() []byte {
	locked := plot.Panel{Title: "Rendering, locked and verified", X: "models", Y: "CPU in ms"}
	for _, l := range []struct{ contest, who string }{
		{Locked, OursBuild}, {Locked, HelmOnce}, {Locked, KustomizePlain}, {Directories, OursEach}, {Directories, HelmEach},
	} {
		locked.Lines = append(locked.Lines, r.line(l.contest, l.who))
	}
	lock := plot.Panel{Title: "Locking: tags to digests, signatures verified", X: "models", Y: "CPU in ms"}
	for _, who := range []string{OursLock, KbldResolve, CosignVerify, CraneDigest} {
		lock.Lines = append(lock.Lines, r.line(Lock, who))
	}
	return plot.SVG(locked, lock)
}

func (r Results) line(contest, who string) plot.Line {
	l := plot.Line{Name: who}
	for _, m := range r.Measurements {
		if m.Contest == contest && m.Who == who && m.CPU > 0 {
			l.Points = append(l.Points, plot.Point{X: float64(m.N), Y: m.CPU})
		}
	}
	return l
}
