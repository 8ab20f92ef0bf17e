package artifact

// genericMetadata reads the annotations of an artifact whose config says
// nothing that is known here: the OCI standard ones and FormatLabel.
func genericMetadata(m manifest) Metadata {
	return Metadata{
		Name:    m.Annotations[annotationTitle],
		Version: m.Annotations[annotationVersion],
		License: m.Annotations[annotationLicenses],
		Format:  servingFormat(m.Annotations[FormatLabel]),
		Files:   m.files(annotationTitle),
	}
}
