package bench

import (
	"debug/buildinfo"
	"fmt"
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
	for _, name := range []string{peer.Helm, peer.Kustomize, peer.Kbld, peer.Cosign2, peer.Crane} {
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
		if list[i].Version, err = versionOf(file); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// versionOf reads it from the binary: the commit it was built from, or the
// version of the module that its command is from.
func versionOf(file string) (string, error) {
	info, err := buildinfo.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	for _, d := range info.Deps {
		if strings.HasPrefix(info.Path, d.Path+"/") {
			return d.Path + " " + d.Version, nil
		}
	}
	commit, changed := "", ""
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			commit = s.Value
		case "vcs.modified":
			if s.Value == "true" {
				changed = ", with changes"
			}
		}
	}
	if commit == "" {
		return "of an unknown commit", nil
	}
	return "commit " + commit[:min(12, len(commit))] + changed, nil
}
