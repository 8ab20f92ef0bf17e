// Command make-quickstart makes the artifacts of examples/quickstart again: two
// ModelKits under registry.example.com, signed by a fresh key, whose evidence
// ends up in the example's lock. The registry is served here, from memory, and
// the private key is deleted at the end: nobody can sign as the example's key.
//
// From the repository's root:
//
//	make build && go -C e2e run ./cmd/make-quickstart -modelfn "$PWD/bin/modelfn" && make generate
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	modelfn := flag.String("modelfn", "", "absolute path of the modelfn binary that writes the lock")
	root := flag.String("root", "..", "root of the repository that holds examples/quickstart")
	flag.Parse()
	if *modelfn == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *root, *modelfn)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "make-quickstart:", err)
		os.Exit(1)
	}
}
