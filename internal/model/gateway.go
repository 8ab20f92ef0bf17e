package model

import "strings"

// Filled puts the deployment's name and namespace into a platform's text.
func (m *Model) Filled(text string) string {
	meta := m.Deployment.Metadata
	return strings.NewReplacer("{name}", meta.Name, "{namespace}", meta.Namespace).Replace(text)
}
