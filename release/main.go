// Command release makes what modelfn is published as: its container image.
//
//	release image [-go GO] [-version V] -o DIR   builds an OCI layout of all platforms
//	release push DIR REPOSITORY                  pushes it, and what is attached to it, without a tag
//	release tag DIR REPOSITORY[:TAG]             lets a tag name what was pushed
package main

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"golang.org/x/mod/modfile"

	"github.com/modelfn/modelfn/release/internal/image"
	"github.com/modelfn/modelfn/release/internal/source"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	switch {
	case len(args) > 0 && args[0] == "image":
		return build(ctx, args[1:])
	case len(args) == 3 && args[0] == "push":
		digest, err := image.Push(ctx, args[1], args[2], remote.WithAuthFromKeychain(authn.DefaultKeychain))
		if err == nil {
			fmt.Println(digest)
		}
		return err
	case len(args) == 3 && args[0] == "tag":
		tag, err := image.Tag(ctx, args[1], args[2], remote.WithAuthFromKeychain(authn.DefaultKeychain))
		if err == nil {
			fmt.Println(tag.Name())
		}
		return err
	}
	return fmt.Errorf("usage: release image [-go GO] [-version V] -o DIR | release push DIR REPOSITORY | release tag DIR REPOSITORY[:TAG]")
}

func build(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("image", flag.ExitOnError)
	dir := flags.String("C", ".", "the checkout to build")
	gocmd := flags.String("go", "go", "the go command")
	version := flags.String("version", "", "the version; default: the tag of the commit, else a pseudo-version")
	out := flags.String("o", "", "the OCI layout to write")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *out == "" || flags.NArg() > 0 {
		return fmt.Errorf("usage: release image [-go GO] [-version V] -o DIR")
	}
	if err := pinned(runtime.Version()); err != nil {
		return err
	}
	src, err := source.Read(ctx, *dir, *version)
	if err != nil {
		return err
	}
	built, err := image.Build(ctx, src, *gocmd, *out)
	if err != nil {
		return err
	}
	fmt.Println(built)
	if src.Dirty {
		fmt.Fprintf(os.Stderr, "release: %s has changes that are not committed: nobody can build this image again\n", src.Dir)
	}
	return nil
}

//go:embed go.mod
var goMod []byte

// pinned refuses another toolchain than go.mod's: it would compile and compress
// other bytes, and nobody would know why the digests differ.
func pinned(running string) error {
	file, err := modfile.Parse("go.mod", goMod, nil)
	if err != nil {
		return err
	}
	if want := file.Toolchain.Name; running != want {
		return fmt.Errorf("this is %s, and the image is made with %s: use `make image`, or set GOTOOLCHAIN=%s", running, want, want)
	}
	return nil
}
