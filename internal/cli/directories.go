package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/modelfn/modelfn/internal/host"
)

// oneDirectory is the directory that is named, or the current one.
func oneDirectory(args []string) (string, error) {
	dir := "."
	if len(args) == 1 {
		dir = args[0]
	}
	return dir, directory(dir)
}

// namedDirectories are the directories among the arguments, the current one when
// there are none. DIR/... is all below it, too.
func namedDirectories(args []string, recursive bool) ([]host.Named, error) {
	var out []host.Named
	for _, arg := range args {
		dir, below := walked(arg)
		if err := directory(dir); err != nil {
			return nil, err
		}
		out = append(out, host.Named{Dir: dir, Below: below || recursive})
	}
	if len(out) == 0 {
		out = []host.Named{{Dir: ".", Below: recursive}}
	}
	return out, nil
}

// walked tells whether an argument is DIR/..., and yields its directory.
func walked(arg string) (dir string, below bool) {
	dir, below = strings.CutSuffix(arg, "...")
	switch {
	case !below || dir != "" && !strings.HasSuffix(dir, "/"):
		return arg, false
	case dir == "":
		return ".", true
	}
	return dir, true
}

// directory refuses what is named in place of a directory: wrong usage.
func directory(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.IsDir() {
		return fmt.Errorf("%s is a file: name its directory, %s", path, filepath.Dir(path))
	}
	return err
}
