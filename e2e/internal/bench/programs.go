package bench

import (
	"debug/buildinfo"
	"fmt"
	"os/exec"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// Program is one that was measured.
type Program struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Programs are modelfn and the peers, in the versions that they were built from.
func (b *Bench) Programs() ([]Program, error) {
	list := []Program{{"modelfn", ""}}
	files := []string{b.Modelfn}
	for _, name := range []string{peer.Helm, peer.Kustomize, peer.Kbld, peer.Cosign2, peer.Crane, peer.Kpt} {
		if len(b.Peers) > 0 && !slices.Contains(b.Peers, name) {
			continue
		}
		file, err := peer.Path(name)
		if err != nil {
			return nil, err
		}
		list, files = append(list, Program{name, ""}), append(files, file)
	}
	for i, file := range files {
		var err error
		if list[i].Version, err = versionOf(list[i].Name, file); err != nil {
			return nil, err
		}
	}
	if own, err := peer.Modelfn(); err == nil && own == b.Modelfn {
		list[0].Version = checkedOut()
	}
	return list, nil
}

// versionOf reads it from the binary: that of the module that its command is from,
// or is named after.
func versionOf(name, file string) (string, error) {
	info, err := buildinfo.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	for _, d := range info.Deps {
		if strings.HasSuffix(d.Path, "/"+name) && strings.HasPrefix(info.Main.Path, "modelfn.dev/peers/") {
			return d.Path + " " + d.Version, nil
		}
	}
	return info.Main.Path + " " + info.Main.Version, nil
}

// checkedOut is the commit that is checked out here, and whether its Go files
// were changed since.
func checkedOut() string {
	root, err := peer.Root()
	if err != nil {
		return "of an unknown commit"
	}
	commit, err := git(root, "rev-parse", "--short=12", "HEAD")
	if err != nil {
		return "of an unknown commit"
	}
	changed, err := git(root, "status", "--porcelain", "--", "*.go", "go.mod", ":!e2e")
	if err != nil || changed != "" {
		return "commit " + commit + ", with changes"
	}
	return "commit " + commit
}

func git(dir string, args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err
}
