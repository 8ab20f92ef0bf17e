package artifact

import (
	"cmp"
	"encoding/json"
	"fmt"
)

const (
	// annotationKitfile holds the Kitfile of a ModelPack that kit made.
	annotationKitfile = "ml.kitops.modelkit.kitfile"
	// annotationPath names the file or folder that a layer holds.
	annotationPath = "org.cncf.model.filepath"
)

// kitfile is the part of a Kitfile (as JSON, a ModelKit's config) that is read.
type kitfile struct {
	Package struct {
		Name    string `json:"name"`
		Version string `json:"version"`
		License string `json:"license"`
	} `json:"package"`
	Model *struct {
		Name       string          `json:"name"`
		Version    string          `json:"version"`
		License    string          `json:"license"`
		Framework  string          `json:"framework"`
		Format     string          `json:"format"`
		Path       string          `json:"path"`
		Parameters json.RawMessage `json:"parameters"`
		Parts      list[kitPart]   `json:"parts"`
	} `json:"model"`
	DataSets list[kitData] `json:"datasets"`
	Code     list[kitPart] `json:"code"`
	Docs     list[kitPart] `json:"docs"`
	Prompts  list[kitPart] `json:"prompts"`
}

type kitData struct {
	kitPart
	RemotePath string `json:"remotePath"`
}

type kitPart struct {
	Path string `json:"path"`
}

// kitMetadata reads a ModelKit's config.
func kitMetadata(raw []byte, m manifest) (Metadata, []Reference, error) {
	var k kitfile
	if err := json.Unmarshal(raw, &k); err != nil {
		return Metadata{}, nil, err
	}
	references, err := k.references(m)
	if err != nil {
		return Metadata{}, nil, err
	}
	// A second Kitfile in the annotations is not the one that kit reads today; it
	// must not point elsewhere either.
	annotated, err := m.parseKitfile()
	if err != nil {
		return Metadata{}, nil, err
	}
	if annotated != nil {
		more, err := annotated.references(m)
		if err != nil {
			return Metadata{}, nil, err
		}
		references = append(references, more...)
	}
	about := k.metadata()
	about.Files = m.files(annotationPath)
	return about, references, nil
}

func (k kitfile) metadata() Metadata {
	about := Metadata{Name: k.Package.Name, Version: k.Package.Version, License: k.Package.License}
	if k.Model != nil {
		about.Name = cmp.Or(about.Name, k.Model.Name)
		about.Version = cmp.Or(about.Version, k.Model.Version)
		about.License = cmp.Or(k.Model.License, about.License)
		about.Format = cmp.Or(servingFormat(k.Model.Format), servingFormat(k.Model.Framework))
		about.Parameters = parameters(k.Model.Parameters)
	}
	return about
}

// parseKitfile reads the Kitfile in the manifest's annotations; nil when there
// is none.
func (m manifest) parseKitfile() (*kitfile, error) {
	text := m.Annotations[annotationKitfile]
	if text == "" {
		return nil, nil
	}
	k := new(kitfile)
	if err := json.Unmarshal([]byte(text), k); err != nil {
		return nil, fmt.Errorf("annotation %s: %w", annotationKitfile, err)
	}
	return k, nil
}
