// Command bench measures modelfn beside what users would take instead, says
// which goals are met, and writes the tables and the plot of docs/performance.md.
//
// From the repository's root: make bench [BENCH='-only locked -n 1,100']
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"github.com/modelfn/modelfn/e2e/internal/bench"
	"github.com/modelfn/modelfn/e2e/internal/bench/stopwatch"
)

// settings are the command line's.
type settings struct {
	bench.Options
	write, strict bool
	json          string
}

func main() {
	stopwatch.InBetween()
	s, err := parse()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err = run(ctx, s)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func parse() (s settings, err error) {
	s.Log = os.Stdout
	sizes := flag.String("n", "1,10,100,1000", "numbers of models")
	only := flag.String("only", "", "contests to run, such as locked,kustomize of "+strings.Join(bench.Names(), ", ")+" (default: all, and the page is written)")
	peers := flag.String("peers", "", "what to measure beside it, such as helm,kustomize, or none (default: all)")
	flag.StringVar(&s.Modelfn, "modelfn", "", "the program under test (default: this checkout's, built as it is released)")
	flag.StringVar(&s.Against, "against", "", "another modelfn to measure beside it")
	flag.IntVar(&s.Runs, "runs", 5, "runs of each, of which the median counts")
	flag.BoolVar(&s.strict, "strict", false, "fail where a goal is missed")
	flag.StringVar(&s.json, "json", "", "file to write the results to, whatever was measured")
	dry := flag.Bool("dry", false, "leave docs/performance.* as they are")
	flag.Parse()
	if flag.NArg() > 0 {
		return s, fmt.Errorf("unexpected %q", flag.Args())
	}
	for size := range strings.SplitSeq(*sizes, ",") {
		n, err := strconv.Atoi(size)
		if err != nil || n < 1 {
			return s, fmt.Errorf("-n %q: want numbers of models, such as 1,100", *sizes)
		}
		s.Sizes = append(s.Sizes, n)
	}
	if *peers != "" {
		s.Peers = strings.Split(*peers, ",")
	}
	if *only != "" {
		s.Only = strings.Split(*only, ",")
	}
	// What is measured in part would stand beside what was measured before, on
	// another day and of another program.
	whole := true
	flag.Visit(func(f *flag.Flag) {
		whole = whole && (f.Name == "modelfn" || f.Name == "strict" || f.Name == "json" || f.Name == "runs")
	})
	s.write = whole && !*dry
	return s, nil
}
