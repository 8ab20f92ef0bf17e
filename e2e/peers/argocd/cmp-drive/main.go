// cmp-drive plays the part of the Argo CD repo-server against a config
// management plugin sidecar: it uses Argo CD's own client packages
// (cmpserver/apiclient and util/cmp) over the plugin's unix socket.
//
//	cmp-drive -sock DIR/plugins/NAME[-VERSION].sock -root REPO -app REPO/path \
//	          -call check|match|generate|params|all [-env K=V ...] [-timeout 90s]
//	cmp-drive -sock DIR/plugins/NAME[-VERSION].sock -call each APP...
//
// The second form asks for the manifests of all those directories at once, each its
// own repository, and prints a JSON object with them for each.
//
// Manifests go to stdout as a YAML stream of the JSON documents the
// server returned, or to -out DIR one file each. Errors go to stderr and
// exit status is 1, so that a test can compare the message a user would see.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/argoproj/argo-cd/v3/cmpserver/apiclient"
	"github.com/argoproj/argo-cd/v3/util/cmp"
	"github.com/golang/protobuf/ptypes/empty"
)

type multi []string

func (m *multi) String() string     { return strings.Join(*m, ",") }
func (m *multi) Set(s string) error { *m = append(*m, s); return nil }

func main() {
	sock := flag.String("sock", "", "plugin socket")
	root := flag.String("root", ".", "repository root to send (or, with use-manifest-generate-paths, the common root)")
	app := flag.String("app", "", "application path inside root; default root")
	call := flag.String("call", "all", "check|match|generate|params|all|each")
	timeout := flag.Duration("timeout", 90*time.Second, "ARGOCD_EXEC_TIMEOUT as the repo-server would set it")
	out := flag.String("out", "", "write each manifest to a file in this folder")
	n := flag.Int("n", 1, "parallel generate calls")
	quiet := flag.Bool("q", false, "do not print manifests")
	var env, excl multi
	flag.Var(&env, "env", "K=V sent as app env (repeatable)")
	flag.Var(&excl, "exclude", "tar exclude glob (repeatable)")
	flag.Parse()
	if *app == "" {
		*app = *root
	}
	absRoot, _ := filepath.Abs(*root)
	absApp, _ := filepath.Abs(*app)

	conn, c, err := apiclient.NewConfigManagementPluginClientSet(*sock).NewConfigManagementPluginClient()
	die("dial", err)
	defer func() { _ = conn.Close() }()
	ctx, cancel := context.WithTimeout(context.Background(), *timeout)
	defer cancel()

	if *call == "each" {
		die("each", each(ctx, c, flag.Args(), os.Stdout))
		return
	}
	do := func(name string) bool { return *call == name || *call == "all" }
	if do("check") {
		r, err := c.CheckPluginConfiguration(ctx, &empty.Empty{})
		die("CheckPluginConfiguration", err)
		fmt.Fprintf(os.Stderr, "check: isDiscoveryConfigured=%v provideGitCreds=%v\n", r.IsDiscoveryConfigured, r.ProvideGitCreds)
	}
	if do("match") {
		s, err := c.MatchRepository(ctx)
		die("MatchRepository", err)
		die("send", cmp.SendRepoStream(ctx, absApp, absRoot, s, env, excl))
		r, err := s.CloseAndRecv()
		die("MatchRepository", err)
		fmt.Fprintf(os.Stderr, "match: isSupported=%v isDiscoveryEnabled=%v\n", r.IsSupported, r.IsDiscoveryEnabled)
	}
	if do("params") {
		s, err := c.GetParametersAnnouncement(ctx)
		die("GetParametersAnnouncement", err)
		die("send", cmp.SendRepoStream(ctx, absApp, absRoot, s, env, excl))
		r, err := s.CloseAndRecv()
		die("GetParametersAnnouncement", err)
		b, _ := json.Marshal(r.ParameterAnnouncements)
		fmt.Fprintf(os.Stderr, "params: %s\n", b)
	}
	if do("generate") {
		var wg sync.WaitGroup
		var mu sync.Mutex
		t0 := time.Now()
		failed := false
		for i := 0; i < *n; i++ {
			wg.Add(1)
			go func(i int) {
				defer wg.Done()
				t := time.Now()
				s, err := c.GenerateManifest(ctx)
				if err == nil {
					err = cmp.SendRepoStream(ctx, absApp, absRoot, s, env, excl)
				}
				var r *apiclient.ManifestResponse
				if err == nil {
					r, err = s.CloseAndRecv()
				}
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					failed = true
					fmt.Fprintf(os.Stderr, "generate[%d] after %s: %v\n", i, time.Since(t).Round(time.Millisecond), err)
					return
				}
				fmt.Fprintf(os.Stderr, "generate[%d]: %d manifests sourceType=%q in %s\n", i, len(r.Manifests), r.SourceType, time.Since(t).Round(time.Millisecond))
				if i == 0 && !*quiet {
					for j, m := range r.Manifests {
						if *out != "" {
							die("write", os.WriteFile(filepath.Join(*out, fmt.Sprintf("%03d.json", j)), []byte(m), 0o644))
						} else {
							fmt.Printf("---\n%s\n", m)
						}
					}
				}
			}(i)
		}
		wg.Wait()
		if *n > 1 {
			fmt.Fprintf(os.Stderr, "total %s\n", time.Since(t0).Round(time.Millisecond))
		}
		if failed {
			os.Exit(1)
		}
	}
}

func die(what string, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
		os.Exit(1)
	}
}
