package cli

import (
	"github.com/spf13/cobra"

	"github.com/modelfn/modelfn/api/v1alpha1"
)

// newSchema prints the JSON schema of the kinds.
func newSchema(p Process) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON schema of ModelDeployment, ModelPlatform and ModelLock",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := p.Stdout.Write(v1alpha1.Schema)
			return faulty(err)
		},
	}
}
