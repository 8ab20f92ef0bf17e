// Command scale simulates what many models cost an Argo CD installation, by the
// costs that `make bench` measured, and prints the tables of docs/scale.md; with
// -write it writes them.
//
// From the repository's root: make scale [SCALE='-apps 500 -cores 4']
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/modelfn/modelfn/e2e/internal/bench/document"
	"github.com/modelfn/modelfn/e2e/internal/bench/scale"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "scale:", err)
		os.Exit(1)
	}
}

func run() error {
	results, err := document.Results()
	if err != nil {
		return err
	}
	s := scale.Default(scale.Costs{})
	flag.IntVar(&s.Apps, "apps", s.Apps, "applications")
	flag.IntVar(&s.Models, "models", s.Models, "models of an application: a number that was measured")
	flag.IntVar(&s.Cores, "cores", s.Cores, "cores of a repo-server")
	flag.IntVar(&s.Parallel, "parallel", s.Parallel, "reposerver.parallelism.limit; 0 is none")
	flag.IntVar(&s.Processors, "processors", s.Processors, "--status-processors of the controller")
	cpu := flag.Duration("cpu", 0, "CPU of one render by modelfn, instead of the measured one")
	beside := flag.Duration("beside", scale.Beside, "Argo CD's own CPU beside it")
	write := flag.Bool("write", false, "write the pages anew from the results, by the settings that stand there")
	flag.Parse()
	if *write {
		return document.Write(results)
	}
	if s.Costs, err = scale.CostsOf(results, s.Fleet); err != nil {
		return err
	}
	if *cpu > 0 {
		s.Directory.CPU = *cpu
	}
	s.Beside = *beside
	fmt.Print(s.Text(results))
	return nil
}
