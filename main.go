// Command modelfn renders pinned and verified models for KServe, as a KRM
// function and as a command-line tool.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/cli"
	_ "github.com/modelfn/modelfn/internal/garbage"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Main(ctx, cli.Process{
		Args: os.Args, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		BakedPlatform: fn.BakedPlatform,
	})
	stop()
	os.Exit(code)
}
