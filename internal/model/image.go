package model

import (
	"fmt"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/trust"
)

// Image is the image of a container that runs beside the model or around it.
type Image struct {
	// Field is where the container stands: spec.transformer.containers[0].
	Field string
	Spec  v1alpha1.Container
	// Rule of the platform that allows the image; nil when none does.
	Rule *ImageRule
	// judge is the rule whose verdict counts.
	judge *trust.Rule
	Judged
	// Err says why the image could not be pinned.
	Err error
}

// Component is what runs in pods of its own around the model.
type Component struct {
	// Name is transformer or explainer, as in the InferenceService.
	Name        string
	Replicas    *v1alpha1.Replicas
	Autoscaling *v1alpha1.Autoscaling
	// Images of its containers; the first answers requests.
	Images []*Image
}

var _ Part = (*Image)(nil)

// URI is the image as the deployment writes it.
func (i *Image) URI() string { return i.Spec.Image }

// Settle takes what became of the image.
func (i *Image) Settle(j Judged, _ []Judged, err error) { i.Judged, i.Err = j, err }

// Failed says why the image could not be pinned.
func (i *Image) Failed() error { return i.Err }

// Trusted tells whether the image may reach an output: the platform allows it,
// it is the one that the container names and can be started, and its verdict is
// by the rule that the platform has for it.
func (i *Image) Trusted() bool {
	return i.Err == nil && i.Rule != nil && i.Runs() && i.Artifact.Reference().String() == i.Spec.Image &&
		i.Verdict.Trusted(i.Artifact) && i.judge != nil && i.Verdict.Rule() == i.judge
}

// Runs tells whether a container can be started from the artifact.
func (i *Image) Runs() bool {
	return i.Artifact.Kind() == artifact.Image || i.Artifact.Kind() == artifact.Index
}

// newImages are the containers of one list, not yet pinned.
func newImages(p *Platform, field string, list []v1alpha1.Container) []*Image {
	var out []*Image
	for n, c := range list {
		i := &Image{Field: fmt.Sprintf("%s.containers[%d]", field, n), Spec: c}
		// Why there is none is said where it is pinned.
		if ref, rule, err := p.Images.Find(c.Image); err == nil {
			i.Rule, i.judge = rule, rule.judge(p.Trust, ref.Location())
		}
		out = append(out, i)
	}
	return out
}
