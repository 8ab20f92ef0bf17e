package artifact

import (
	"cmp"
	"encoding/json"
	"strings"
)

// packConfig is the part of a ModelPack's config that is read.
// https://github.com/modelpack/model-spec/blob/main/docs/config.md
type packConfig struct {
	Descriptor struct {
		Name     string       `json:"name"`
		Version  string       `json:"version"`
		Title    string       `json:"title"`
		Licenses list[string] `json:"licenses"`
	} `json:"descriptor"`
	Config struct {
		Architecture string          `json:"architecture"`
		Format       string          `json:"format"`
		ParamSize    json.RawMessage `json:"paramSize"`
	} `json:"config"`
}

// packMetadata reads a ModelPack's config and, where kit made it, the Kitfile in
// its annotations, which says what the config leaves out.
func packMetadata(raw []byte, m manifest) (Metadata, []Reference, error) {
	var c packConfig
	if err := json.Unmarshal(raw, &c); err != nil {
		return Metadata{}, nil, err
	}
	k, err := m.parseKitfile()
	if err != nil {
		return Metadata{}, nil, err
	}
	if k == nil {
		k = new(kitfile)
	}
	references, err := k.references(m)
	if err != nil {
		return Metadata{}, nil, err
	}
	said := k.metadata()
	return Metadata{
		Name:         cmp.Or(c.Descriptor.Name, c.Descriptor.Title, said.Name),
		Version:      cmp.Or(c.Descriptor.Version, said.Version),
		License:      cmp.Or(strings.Join(c.Descriptor.Licenses, " AND "), said.License),
		Format:       cmp.Or(servingFormat(c.Config.Format), said.Format),
		Architecture: c.Config.Architecture,
		Parameters:   cmp.Or(parameters(c.Config.ParamSize), said.Parameters),
		Files:        m.files(annotationPath),
	}, references, nil
}
