package artifact

import "encoding/json"

// FormatLabel is the image label by which a modelcar says its model format;
// there is no standard one.
const FormatLabel = "modelfn.dev/format"

// imageMetadata reads the labels of an image config: the OCI standard ones and
// FormatLabel.
func imageMetadata(raw []byte) (Metadata, error) {
	var c struct {
		Config struct {
			Labels map[string]string `json:"Labels"`
		} `json:"config"`
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return Metadata{}, err
	}
	l := c.Config.Labels
	return Metadata{
		Name:    l["org.opencontainers.image.title"],
		Version: l["org.opencontainers.image.version"],
		License: l["org.opencontainers.image.licenses"],
		Format:  servingFormat(l[FormatLabel]),
	}, nil
}
