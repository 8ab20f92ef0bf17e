// cmp-drive plays the part of the Argo CD repo-server against a config
// management plugin sidecar: it uses Argo CD's own client packages
// (cmpserver/apiclient and util/cmp) over the plugin's unix socket.
//
//	cmp-drive -sock DIR/plugins/NAME[-VERSION].sock -root REPO -app REPO/path \
//	          -call match|generate|params [-env K=V ...]
//	cmp-drive -sock DIR/plugins/NAME[-VERSION].sock -call each APP...
//
// The second form asks for the manifests of all those directories at once, each its
// own repository, and prints a JSON object with them for each.
//
// Manifests go to stdout as a YAML stream of the JSON documents that the server
// returned, answers of other calls and errors to stderr. The exit status of an error
// is 1, so that a test can compare the message a user would see.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/argoproj/argo-cd/v3/cmpserver/apiclient"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// variables are those of an application, as NAME=VALUE.
type variables []string

func (v *variables) String() string     { return strings.Join(*v, ",") }
func (v *variables) Set(s string) error { *v = append(*v, s); return nil }

// deadline is what the repo-server allows at least.
const deadline = 90 * time.Second

func run(args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("cmp-drive", flag.ContinueOnError)
	sock := flags.String("sock", "", "plugin socket")
	call := flags.String("call", "", "match|generate|params|each")
	var a application
	flags.StringVar(&a.root, "root", "", "directory to send")
	flags.StringVar(&a.path, "app", "", "the application's directory, in root")
	flags.Var((*variables)(&a.env), "env", "K=V of the application (repeatable)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	for _, path := range []*string{&a.root, &a.path} {
		abs, err := filepath.Abs(*path)
		if err != nil {
			return err
		}
		*path = abs
	}
	connection, client, err := apiclient.NewConfigManagementPluginClientSet(*sock).NewConfigManagementPluginClient()
	if err != nil {
		return err
	}
	defer func() { _ = connection.Close() }()
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	switch *call {
	case "match":
		return a.match(ctx, client, stderr)
	case "params":
		return a.parameters(ctx, client, stderr)
	case "generate":
		manifests, err := a.generate(ctx, client)
		for _, m := range manifests {
			fmt.Fprintf(stdout, "---\n%s\n", m)
		}
		return err
	case "each":
		return each(ctx, client, flags.Args(), stdout)
	}
	return fmt.Errorf("no call %q", *call)
}
