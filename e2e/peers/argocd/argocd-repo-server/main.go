// Minimal stand-alone argocd-repo-server: the same cobra command that the
// argocd multi-call binary runs when argv[0] is argocd-repo-server.
package main

import (
	"os"

	commands "github.com/argoproj/argo-cd/v3/cmd/argocd-repo-server/commands"
)

func main() {
	if err := commands.NewCommand().Execute(); err != nil {
		os.Exit(1)
	}
}
