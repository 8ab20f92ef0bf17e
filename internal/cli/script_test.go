package cli_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/modelfn/modelfn/internal/cli"
	"github.com/modelfn/modelfn/internal/testsign"
)

// TestMain lets the test binary be modelfn for the scripts. A build starts its
// own executable again, under the names of what kustomize would call.
func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case "docker", "git":
		modelfn()
	}
	testscript.Main(m, map[string]func(){"modelfn": modelfn})
}

// bakedVariable is where the tests' modelfn looks for the platform that an
// image would carry; the product reads no such variable.
const bakedVariable = "TEST_BAKED_PLATFORM"

func modelfn() {
	os.Exit(cli.Main(context.Background(), cli.Process{
		Args: os.Args, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		BakedPlatform: os.Getenv(bakedVariable),
	}))
}

// TestScripts runs testdata/script. Each script finds the quickstart in app and
// has no way out but loopback.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                filepath.Join("testdata", "script"),
		RequireUniqueNames: true,
		Cmds:               commands,
		Setup: func(env *testscript.Env) error {
			// A program with the race detector waits a second at its end.
			env.Setenv("GORACE", "atexit_sleep_ms=0")
			const closed = "http://127.0.0.1:1"
			env.Setenv("HTTPS_PROXY", closed)
			env.Setenv("HTTP_PROXY", closed)
			env.Setenv("DOCKER_CONFIG", filepath.Join(env.WorkDir, ".docker"))
			for name, key := range map[string]string{"RELEASE_KEY": "release", "EVALUATOR_KEY": "evaluator", "STRANGER_KEY": "stranger"} {
				env.Setenv(name, strings.ReplaceAll(testsign.ECDSA(key).PEM(), "\n", `\n`))
			}
			env.Setenv("TRUSTED_ROOT", local().TrustedRoot())
			env.Values[registryKey{}] = &registryCommands{t: env.T().(testing.TB)}
			return os.CopyFS(filepath.Join(env.WorkDir, "app"), os.DirFS(filepath.Join("..", "..", "examples", "quickstart")))
		},
	})
}
