package cli

import (
	"cmp"
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
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
			version := Version
			if info, ok := debug.ReadBuildInfo(); ok {
				version = cmp.Or(version, info.Main.Version)
			}
			_, err := fmt.Fprintf(p.Stdout, "modelfn %s\n", cmp.Or(version, "(devel)"))
			return faulty(err)
		},
	}
}
