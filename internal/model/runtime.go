package model

import (
	"cmp"

	"github.com/modelfn/modelfn/internal/kserve"
)

// KServe is the version that the platform's objects are made for.
func (p *Platform) KServe() kserve.Version { return kserve.Of(p.Spec.Serving.KServe) }

// Runtime is the one that loads the version: what the spec says, or else the
// shipped one for its format; "" where there is none.
func (v Version) Runtime() string {
	if v.Spec.Runtime != "" {
		return v.Spec.Runtime
	}
	r, _ := v.kserve.Select(v.Format().Name, v.Spec.ProtocolVersion)
	return r.Name
}

// Protocol is the inference protocol to state: what the spec says, or what a
// shipped runtime needs to be chosen; "" is KServe's own default.
func (v Version) Protocol() string {
	r, _ := v.kserve.Find(v.Runtime())
	return cmp.Or(v.Spec.ProtocolVersion, r.Protocol())
}
