package model

import (
	"cmp"
	"slices"

	"github.com/modelfn/modelfn/api/v1alpha1"
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
	r, _ := v.kserve.Select(v.Asked())
	return r.Name
}

// Asked is what the version asks of its runtime.
func (v Version) Asked() kserve.Asked {
	f := v.Format()
	return kserve.Asked{Format: f.Name, Version: f.Version, Protocol: v.Spec.ProtocolVersion}
}

// Protocol is the inference protocol to state: what the spec says, or what a
// shipped runtime needs to be chosen; "" is KServe's own default.
func (v Version) Protocol() string {
	r, _ := v.kserve.Find(v.Runtime())
	return cmp.Or(v.Spec.ProtocolVersion, r.Protocol())
}

// Naming is how a version's server is told under which name to serve: as the
// platform says of a runtime of its own, or as KServe's take it.
func (m *Model) Naming(v *Version) kserve.Naming {
	if own := m.ownRuntime(v); own != nil {
		return kserve.Naming{Flag: own.ServedName.Flag, Env: own.ServedName.Env, Artifact: own.ServedName.Fixed}
	}
	r, _ := v.kserve.Find(v.Runtime())
	return r.Named
}

// GRPC tells whether clients ask the model by gRPC. The versions agree, or the
// validators have refused them.
func (m *Model) GRPC() bool { return kserve.IsGRPC(m.Stable.Protocol()) }

// GRPCPort is where a version's server answers gRPC; 0 where that is not known.
func (m *Model) GRPCPort(v *Version) int {
	if own := m.ownRuntime(v); own != nil {
		return own.GRPCPort
	}
	return kserve.GRPCPort(v.Runtime())
}

// HTTPPort is where a version's server answers HTTP, where the platform says so; 0 is
// KServe's default.
func (m *Model) HTTPPort(v *Version) int {
	if own := m.ownRuntime(v); own != nil {
		return own.HTTPPort
	}
	return 0
}

// OwnRuntime tells whether the platform says how the version's runtime is told
// things, whoever ships it.
func (m *Model) OwnRuntime(v *Version) bool { return m.ownRuntime(v) != nil }

// ownRuntime is what the platform says of the version's runtime, or nil.
func (m *Model) ownRuntime(v *Version) *v1alpha1.Runtime {
	list := m.Platform.Spec.Serving.Runtimes
	i := slices.IndexFunc(list, func(r v1alpha1.Runtime) bool { return r.Name == v.Runtime() })
	if i < 0 {
		return nil
	}
	return &list[i]
}
