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

	// LockDigestAnnotation is the digest of the lock entries that a deployment was
	// rendered from.
	LockDigestAnnotation = prefix + "lock-digest"

	// BoundAnnotation is the deployment's name where the platform wants signatures
	// to name it: such an object must not be renamed afterwards.
	BoundAnnotation = prefix + "bound-name"

	prefix = v1alpha1.Group + "/"
)

func labels(m *model.Model) map[string]string {
	return map[string]string{ManagedByLabel: ManagedBy, DeploymentLabel: m.Deployment.Metadata.Name}
}

// recordAnnotations say in the cluster what a deployment was rendered from: by
// which lock and platform, and where each version came from.
func recordAnnotations(m *model.Model) map[string]string {
	out := platformAnnotations(m.Platform)
	out[LockDigestAnnotation] = m.LockDigest
	origin(out, "", m.Stable)
	if m.Canary != nil {
		origin(out, m.Canary.Role+"-", *m.Canary)
	}
	// Under another name than signatures say it would be something else.
	if m.Platform.Trust.Regards(trust.Use{Deployment: m.Deployment.Metadata.Name}).Deployment != "" {
		out[BoundAnnotation] = m.Deployment.Metadata.Name
	}
	return out
}

// platformAnnotations say by which platform an object was rendered.
func platformAnnotations(p *model.Platform) map[string]string {
	out := map[string]string{prefix + "platform": p.Name, prefix + "platform-digest": p.Digest}
	if !p.Sealed {
		out[prefix+"platform-sealed"] = "false"
	}
	return out
}

// versionAnnotations say what a version is. They are the same whatever becomes of
// it, canary or stable, by whatever URI it is named and whoever vouches for it:
// KServe copies them to its pods, which would start anew.
func versionAnnotations(v model.Version) map[string]string {
	out := map[string]string{}
	pinned(out, "", v)
	if len(out) == 0 {
		out[prefix+"unsigned"] = "true" // what has no digest never is
	}
	about := v.Artifact.Metadata()
	set(out, "model-name", about.Name)
	set(out, "model-version", about.Version)
	set(out, "model-license", about.License)
	set(out, "model-architecture", about.Architecture)
	set(out, "model-parameters", about.Parameters)
	for key, value := range v.Spec.Provenance {
		out[prefix+key] = value
	}
	return out
}

// pinned is what a version is, by what cannot change.
func pinned(out map[string]string, role string, v model.Version) {
	set(out, role+"digest", string(v.Artifact.Digest()))
	set(out, role+"revision", v.Artifact.Revision())
}

// origin says where a version came from, who stands for it, and what it states
// that nothing signed confirms. That changes with the platform, the evidence and
// the way a URI is written, and so stands on no object whose pods would start anew.
func origin(out map[string]string, role string, v model.Version) {
	pinned(out, role, v)
	set(out, role+"source", v.Artifact.Reference().String())
	if v.Unsigned() {
		set(out, role+"unsigned", "true")
	}
	set(out, role+"authorities", v.Verdict.AuthorityNames())
	stated := slices.Sorted(maps.Keys(v.Spec.Provenance))
	set(out, role+"unsigned-provenance", strings.Join(slices.DeleteFunc(stated, func(key string) bool { return confirmed(v, key) }), ","))
}

// confirmed tells whether an attestation about the version says the same as the
// deployment, which the validators have compared.
func confirmed(v model.Version, key string) bool {
	return slices.ContainsFunc(v.Verdict.Attestations(), func(a trust.Attestation) bool {
		return a.Holds && a.Provenance[key] != "" && a.Provenance[key] == v.Spec.Provenance[key]
	})
}

func set(m map[string]string, key, value string) {
	if value != "" {
		m[prefix+key] = value
	}
}

// Argo CD applies an object of a higher wave once those of the lower ones are
// healthy: policies before what they guard, routes after what they lead to.
const (
	beforeVersions = "-1"
	afterVersions  = "1"

	// It prunes what says so after everything else is applied and healthy.
	syncOptions = "argocd.argoproj.io/sync-options"
	pruneLast   = "PruneLast=true"
)

func waved(annotations map[string]string, wave string) map[string]string {
	annotations["argocd.argoproj.io/sync-wave"] = wave
	return annotations
}

// Made tells whether an earlier render made an object: by its labels, by an
// annotation that every render writes, and by a kind that some generator makes.
// Labels alone can be copied onto somebody's Secret.
func Made(kind string, labels, annotations map[string]string) bool {
	return labels[ManagedByLabel] == ManagedBy && labels[DeploymentLabel] != "" && slices.Contains(Kinds(), kind) &&
		slices.ContainsFunc([]string{"source", "digest", "revision", "unsigned"}, func(key string) bool { return annotations[prefix+key] != "" })
}

// OwnerNamespace is the namespace of the deployment that an object was made for: of
// one that has none itself, what its name says (admissionName).
func OwnerNamespace(namespace, name, deployment string) string {
	if namespace != "" {
		return namespace
	}
	rest, ours := strings.CutPrefix(name, "modelfn.")
	rest, its := strings.CutSuffix(rest, "."+deployment)
	if !ours || !its {
		return ""
	}
	return rest
}
