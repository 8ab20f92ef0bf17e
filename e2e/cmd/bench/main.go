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
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/modelfn/modelfn/e2e/internal/bench"
	"github.com/modelfn/modelfn/e2e/internal/bench/stopwatch"
	"github.com/modelfn/modelfn/e2e/internal/peer"
)

func main() {
	stopwatch.InBetween()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	o := bench.Options{Log: os.Stdout}
	var sizes, only string
	flag.StringVar(&o.Modelfn, "modelfn", "", "the program under test (default: this checkout's, built as it is released)")
	flag.StringVar(&o.Against, "against", "", "another modelfn to measure beside it")
	flag.StringVar(&sizes, "n", "1,10,100,1000", "numbers of models")
	flag.StringVar(&only, "only", "", "contests to run (default: all)")
	flag.IntVar(&o.Runs, "runs", 5, "runs of each, of which the median counts")
	flag.Parse()
	for size := range strings.SplitSeq(sizes, ",") {
		n, err := strconv.Atoi(size)
		if err != nil {
			return err
		}
		o.Sizes = append(o.Sizes, n)
	}
	if only != "" {
		o.Only = strings.Split(only, ",")
	}
	if o.Modelfn == "" {
		var err error
		if o.Modelfn, err = peer.Released(); err != nil {
			return err
		}
	}
	// What a kustomization executes has an absolute path.
	for _, path := range []*string{&o.Modelfn, &o.Against} {
		if *path == "" {
			continue
		}
		var err error
		if *path, err = filepath.Abs(*path); err != nil {
			return err
		}
	}
	b, err := bench.New(o)
	if err != nil {
		return err
	}
	defer func() { _ = b.Close() }()
	_, err = b.Run(ctx)
	return err
}
