package model

import "slices"

// Part is what of a Model is pinned and judged by itself: a version, or a
// container's image.
type Part interface {
	// URI is what is to be pinned, as the deployment writes it.
	URI() string
	// Settle takes what became of it: the artifact with its verdict, those that
	// are fetched with it, or why it could not be pinned.
	Settle(j Judged, nested []Judged, err error)
	// Failed says why it could not be pinned.
	Failed() error
	// Trusted tells whether it may reach an output.
	Trusted() bool
}

// Parts are the versions with their adapters, then the images.
func (m *Model) Parts() []Part {
	var out []Part
	for _, v := range m.Loaded() {
		out = append(out, v)
	}
	for _, i := range m.Images() {
		out = append(out, i)
	}
	return out
}

// Images are those of all containers. What a canary inherits is there once.
func (m *Model) Images() []*Image {
	var out []*Image
	for _, v := range m.Versions() {
		for _, i := range v.Images {
			if !slices.Contains(out, i) {
				out = append(out, i)
			}
		}
	}
	for _, c := range m.Components {
		out = append(out, c.Images...)
	}
	return out
}
