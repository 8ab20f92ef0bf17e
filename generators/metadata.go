package generators

import (
	"maps"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/trust"
)

const (
	// ManagedByLabel with ManagedBy marks every object modelfn makes.
	ManagedByLabel = "app.kubernetes.io/managed-by"
	// ManagedBy is the value of ManagedByLabel.
	ManagedBy = "modelfn"
	// DeploymentLabel names the ModelDeployment an object was made for.
	DeploymentLabel = v1alpha1.Group + "/deployment"

	// LockDigestAnnotation is on every object: the digest of the lock entries it
	// was made from.
	LockDigestAnnotation = prefix + "lock-digest"

	// BoundAnnotation is the deployment's name where the platform wants signatures
	// to name it: such an object must not be renamed afterwards.
	BoundAnnotation = prefix + "bound-name"

	prefix = v1alpha1.Group + "/"
)

func labels(m *model.Model) map[string]string {
	return map[string]string{ManagedByLabel: ManagedBy, DeploymentLabel: m.Deployment.Metadata.Name}
}

// annotations say in the cluster where the served model came from: with a
// canary the served artifact is the canary's, and the stable one stands beside,
// since KServe keeps it only in its own state.
func annotations(m *model.Model) map[string]string {
	served := m.Stable
	out := map[string]string{
		LockDigestAnnotation:       m.LockDigest,
		prefix + "platform":        m.Platform.Name,
		prefix + "platform-digest": m.Platform.Digest,
	}
	if m.Canary != nil {
		served = *m.Canary
		origin(out, "stable-", m.Stable)
	}
	origin(out, "", served)
	if !m.Platform.Sealed {
		out[prefix+"platform-sealed"] = "false"
	}
	// What signatures are for: under another name it would be something else.
	if m.Platform.Trust.Regards(trust.Use{Deployment: m.Deployment.Metadata.Name}).Deployment != "" {
		out[BoundAnnotation] = m.Deployment.Metadata.Name
	}
	about := served.Artifact.Metadata()
	set(out, "model-name", about.Name)
	set(out, "model-version", about.Version)
	set(out, "model-license", about.License)
	set(out, "model-architecture", about.Architecture)
	set(out, "model-parameters", about.Parameters)
	stated := slices.Sorted(maps.Keys(m.Deployment.Spec.Provenance))
	for _, key := range stated {
		out[prefix+key] = m.Deployment.Spec.Provenance[key]
	}
	// What nothing signed confirms, say so.
	set(out, "unsigned-provenance", strings.Join(slices.DeleteFunc(stated, func(key string) bool { return confirmed(m, key) }), ","))
	return out
}

// confirmed tells whether an attestation about the stable version says the same
// as the deployment, which the validators have compared.
func confirmed(m *model.Model, key string) bool {
	return slices.ContainsFunc(m.Stable.Verdict.Attestations(), func(a trust.Attestation) bool {
		return a.Holds && a.Provenance[key] != "" && a.Provenance[key] == m.Deployment.Spec.Provenance[key]
	})
}

// origin says where a version came from and who signed it.
func origin(out map[string]string, role string, v model.Version) {
	set(out, role+"digest", string(v.Artifact.Digest()))
	set(out, role+"revision", v.Artifact.Revision())
	set(out, role+"source", v.Artifact.Reference().String())
	set(out, role+"authorities", v.Verdict.AuthorityNames())
	if v.Unsigned() {
		set(out, role+"unsigned", "true")
	}
}

func set(m map[string]string, key, value string) {
	if value != "" {
		m[prefix+key] = value
	}
}
