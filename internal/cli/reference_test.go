package cli

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

var update = flag.Bool("update", false, "write generated files instead of comparing them")

// TestReferenceIsFresh writes docs/cli.md from the commands themselves.
func TestReferenceIsFresh(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "cli.md")
	want := reference(newRoot(Process{}))
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("docs/cli.md is stale, run `make generate` (-want +got):\n%s", diff)
	}
}

// reference is the commands as Markdown, in the order of --help.
func reference(root *cobra.Command) string {
	root.InitDefaultCompletionCmd()
	var b strings.Builder
	b.WriteString("# Command line\n\n<!-- Generated from internal/cli by `make generate`. -->\n")
	for _, cmd := range append([]*cobra.Command{root}, root.Commands()...) {
		describe(&b, cmd)
	}
	return b.String()
}

func describe(b *strings.Builder, cmd *cobra.Command) {
	text := cmd.Long
	if text == "" {
		text = cmd.Short + "."
	}
	if len(cmd.Commands()) > 0 && cmd.HasParent() {
		text = cmd.Short + ". One command each:\n"
	}
	fmt.Fprintf(b, "\n## %s\n\n%s\n", cmd.CommandPath(), text)
	if cmd.HasParent() {
		for _, below := range cmd.Commands() {
			fmt.Fprintf(b, "- `%s`: %s\n", below.CommandPath(), below.Short)
		}
	}
	if cmd.Runnable() {
		cmd.InitDefaultHelpFlag()
		fmt.Fprintf(b, "\n```text\n%s\n\n%s```\n", cmd.UseLine(), cmd.LocalFlags().FlagUsages())
	}
}
