package cli

import (
	"cmp"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/modelfn/modelfn/internal/pattern"
)

// Version is set by the linker for releases; a build from source says what the
// Go toolchain knows.
var Version string

// newVersion prints the version.
func newVersion(p Process) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(p.Stdout, "modelfn %s\n", cmp.Or(version(), "(devel)"))
			return faulty(err)
		},
	}
}

// version is "" where nothing is known.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return cmp.Or(Version, info.Main.Version)
	}
	return Version
}

var semantic = pattern.New(`^\d+\.\d+\.\d+([-+][-+.0-9A-Za-z]+)?$`)

// semanticVersion is the version if it is one: a build from source may know a
// commit only.
func semanticVersion() string {
	if v := strings.TrimPrefix(version(), "v"); semantic.MatchString(v) {
		return v
	}
	return ""
}
