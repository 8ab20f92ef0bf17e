package artifact

import "encoding/json"

// FormatLabel is the image label, or manifest annotation, by which a modelcar
// says its model format; there is no standard one.
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
		Name:    l[annotationTitle],
		Version: l[annotationVersion],
		License: l[annotationLicenses],
		Format:  servingFormat(l[FormatLabel]),
	}, nil
}
