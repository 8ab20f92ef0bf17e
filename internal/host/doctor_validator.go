package host

import "github.com/modelfn/modelfn/internal/finding"

// validator: kustomize throws away what a validator returns, or fails because it
// returns something.
func (d *doctor) validator(r reading) finding.List {
	var out finding.List
	for _, p := range r.validators {
		if p.ours {
			out = append(out, d.about(r.layout, finding.Error, "validator", "validators",
				d.name(p.file)+" is run as a validator: kustomize does not take what it generates", "list it under transformers"))
		}
	}
	return out
}
