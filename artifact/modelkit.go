package artifact

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
)

// kitfile is the part of a Kitfile (as JSON, a ModelKit's config) that is read.
type kitfile struct {
	Package struct {
		Name    string `json:"name"`
		Version string `json:"version"`
		License string `json:"license"`
	} `json:"package"`
	Model *struct {
		Name      string `json:"name"`
		Version   string `json:"version"`
		License   string `json:"license"`
		Framework string `json:"framework"`
		Format    string `json:"format"`
		Path      string `json:"path"`
		Parts     []struct {
			Path string `json:"path"`
		} `json:"parts"`
	} `json:"model"`
	DataSets []struct {
		Path       string `json:"path"`
		RemotePath string `json:"remotePath"`
	} `json:"datasets"`
}

// kitMetadata reads a Kitfile. A pin of the outer kit does not pin what its
// Kitfile points at: `kit unpack` fetches an inner kit's tag as it is that day,
// so a reference to another kit is refused, and so is data from elsewhere.
func kitMetadata(raw []byte) (Metadata, error) {
	var k kitfile
	if err := json.Unmarshal(raw, &k); err != nil {
		return Metadata{}, err
	}
	for _, at := range k.paths() {
		switch {
		case !kitReference.MatchString(at.path):
		case kitDigest.MatchString(at.path):
			return Metadata{}, fmt.Errorf("%s names another ModelKit (%q): nested ModelKits are not supported yet", at.field, at.path)
		default:
			return Metadata{}, fmt.Errorf("%s names another ModelKit by tag (%q): what it holds can change under this digest; pack it by digest", at.field, at.path)
		}
	}
	for i, d := range k.DataSets {
		if d.RemotePath != "" {
			return Metadata{}, fmt.Errorf("datasets[%d].remotePath (%q) is fetched when the kit is unpacked: what it holds can change under this digest; pack the data", i, d.RemotePath)
		}
	}
	m := Metadata{Name: k.Package.Name, Version: k.Package.Version, License: k.Package.License}
	if k.Model != nil {
		m.Name = cmp.Or(m.Name, k.Model.Name)
		m.Version = cmp.Or(m.Version, k.Model.Version)
		m.License = cmp.Or(k.Model.License, m.License)
		m.Format = cmp.Or(servingFormat(k.Model.Format), servingFormat(k.Model.Framework))
	}
	return m, nil
}

// kitReference is wider than KitOps' own test (a path with ':' or '@' that
// parses as a reference): what kit may take for a reference must not pass here
// as a file.
var (
	kitReference = regexp.MustCompile(`^\S*[:@]\S*$`)
	kitDigest    = regexp.MustCompile(`@sha256:[a-f0-9]{64}$`)
)

type kitPath struct{ field, path string }

func (k kitfile) paths() []kitPath {
	var out []kitPath
	if k.Model != nil {
		out = append(out, kitPath{"model.path", k.Model.Path})
		for i, p := range k.Model.Parts {
			out = append(out, kitPath{fmt.Sprintf("model.parts[%d].path", i), p.Path})
		}
	}
	for i, d := range k.DataSets {
		out = append(out, kitPath{fmt.Sprintf("datasets[%d].path", i), d.Path})
	}
	return out
}
