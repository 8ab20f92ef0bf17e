package image

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/release/internal/source"
)

// compile writes the static binary of a platform.
func compile(ctx context.Context, src source.Source, gocmd, arch, out string) error {
	env, err := environment(ctx, src.Dir, gocmd, arch)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, gocmd, "build",
		// No path of this machine, and nothing of git that two clones of one commit
		// need not share: which tags there are, who owns the directory.
		"-trimpath", "-buildvcs=false",
		// As the Makefile does: a quarter less to load.
		"-tags", "grpcnotrace",
		"-ldflags", "-s -w -X github.com/modelfn/modelfn/internal/cli.Version="+src.Version,
		"-o", out, ".")
	cmd.Dir, cmd.Env = src.Dir, env
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("compiling for linux/%s: %w\n%s", arch, err, bytes.TrimSpace(output))
	}
	return nil
}

// where are the settings of Go that say where modules and caches are. Of all
// others none gets through: they change what is compiled.
var where = []string{
	"GOAUTH", "GOCACHE", "GOINSECURE", "GOMODCACHE", "GONOPROXY", "GONOSUMDB", "GOPATH", "GOPRIVATE", "GOPROXY", "GOSUMDB", "GOTMPDIR", "GOVCS",
}

// environment is this process's own, with one set of settings for the compiler.
func environment(ctx context.Context, dir, gocmd, arch string) ([]string, error) {
	// They may stand in the file that GOENV names, too.
	cmd := exec.CommandContext(ctx, gocmd, append([]string{"env", "-json"}, where...)...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s env: %w", gocmd, err)
	}
	var settings map[string]string
	if err := json.Unmarshal(out, &settings); err != nil {
		return nil, fmt.Errorf("%s env: %w", gocmd, err)
	}
	env := slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "GO") || strings.HasPrefix(variable, "CGO_")
	})
	for _, name := range where {
		if settings[name] != "" {
			env = append(env, name+"="+settings[name])
		}
	}
	return append(env,
		"GOENV=off", "GOWORK=off", "GOFLAGS=-mod=readonly", "GOTOOLCHAIN="+runtime.Version(),
		"CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch, "GOAMD64=v1", "GOARM64=v8.0", "GOFIPS140=off",
	), nil
}
