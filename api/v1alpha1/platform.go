package v1alpha1

import "slices"

// ModelPlatform is the platform team's file: who may sign what, and how models
// are served and guarded.
type ModelPlatform struct {
	TypeMeta `json:",inline"`
	Metadata ObjectMeta        `json:"metadata"`
	Spec     ModelPlatformSpec `json:"spec"`
}

// ModelPlatformSpec is one trust policy and its surroundings.
type ModelPlatformSpec struct {
	// Resolution says where digests and evidence come from at render: Locked
	// (default, from the lock, no network) or Online.
	Resolution string `json:"resolution,omitempty"`
	// Registries lists exceptions from HTTPS with the system's roots.
	Registries []Registry `json:"registries,omitempty"`
	// Trust is tried in order, the first match decides; no match is a refusal.
	Trust []TrustRule `json:"trust,omitempty"`
	// Images are the container images that may run beside a model or around it.
	// The first match decides; no match is a refusal.
	Images []ImageRule `json:"images,omitempty"`
	// Provenance is what every ModelDeployment must state.
	Provenance *ProvenancePolicy `json:"provenance,omitempty"`
	Serving    Serving           `json:"serving,omitempty"`
	Policy     AdmissionPolicy   `json:"policy,omitempty"`
	// AllowForeign lists serving or policy objects that modelfn did not make
	// and that `build` lets through.
	AllowForeign []ForeignObject `json:"allowForeign,omitempty"`
	// AllowPatches lists fields that a patch or a transformer may change in what
	// modelfn generated; `build` refuses every other change.
	AllowPatches []PatchedFields `json:"allowPatches,omitempty"`
	// Delegate lists what a repo's own ModelPlatform may still set when this
	// one is sealed, as dotted paths below spec.serving.
	Delegate []string `json:"delegate,omitempty"`
}

// Values of ModelPlatformSpec.Resolution.
const (
	ResolutionLocked = "Locked"
	ResolutionOnline = "Online"
)

// Registry is what is special about one registry host.
type Registry struct {
	// Host with its port, as in references: 127.0.0.1:5000.
	Host string `json:"host"`
	// PlainHTTP allows (and chooses) http for this host.
	PlainHTTP bool `json:"plainHTTP,omitempty"`
	// CABundle is PEM, used instead of the system's roots.
	CABundle string `json:"caBundle,omitempty"`
	// Mirror is asked instead of the host.
	Mirror string `json:"mirror,omitempty"`
}

// TrustRule says what an artifact in the matching repositories must show.
type TrustRule struct {
	// Match are globs over host/repository: * within a segment, ** across.
	Match []string `json:"match"`
	// Authorities may sign.
	Authorities []Authority `json:"authorities,omitempty"`
	// Threshold is how many distinct signers must have signed; default 1.
	Threshold int `json:"threshold,omitempty"`
	// Attestations must be present besides the signatures.
	Attestations []AttestationRule `json:"attestations,omitempty"`
	// Binding wants each signature to name what it is for, also where its format
	// has no place of its own for that: Repository, the model's repository (as
	// the annotation modelfn.dev/repository, or the statement's subject name), or
	// Name, the ModelDeployment (modelfn.dev/model). Default: none.
	Binding string `json:"binding,omitempty"`
	// RepositoryBinding: Required (default) wants a legacy signature's payload
	// to name the model's own repository; Ignored is for mirrors.
	RepositoryBinding string `json:"repositoryBinding,omitempty"`
	// UnsafeUnsigned lets in what has no signature.
	UnsafeUnsigned bool `json:"unsafeUnsigned,omitempty"`
}

// Releasing are the authorities whose signatures release an artifact.
func (r TrustRule) Releasing() []Authority {
	return slices.DeleteFunc(slices.Clone(r.Authorities), func(a Authority) bool { return a.AttestationsOnly })
}

// Values of TrustRule.RepositoryBinding.
const (
	RepositoryBindingRequired = "Required"
	RepositoryBindingIgnored  = "Ignored"
)

// Values of TrustRule.Binding.
const (
	BindingRepository = "Repository"
	BindingName       = "Name"
)

// ImageRule allows container images.
type ImageRule struct {
	// Match are globs over host/repository, as in a TrustRule.
	Match []string `json:"match"`
	// Verify, which is the default, wants the image to be trusted by spec.trust
	// as a model must be. Without, the image is held to its digest only.
	Verify *bool `json:"verify,omitempty"`
}

// Authority is one party that may sign: a key, a keyless identity, or the
// holder of a certificate of one's own certificate authority.
type Authority struct {
	Name    string   `json:"name"`
	Key     *Key     `json:"key,omitempty"`
	Keyless *Keyless `json:"keyless,omitempty"`
	X509    *X509    `json:"x509,omitempty"`
	// TrustedRoot is the JSON of a trusted_root.json: which certificate
	// authorities, logs and timestamp authorities are believed. Default: those of
	// the public-good instance, built in.
	TrustedRoot string `json:"trustedRoot,omitempty"`
	// Tlog: Required wants a key's signatures to be in a transparency log;
	// Optional, the default for keys, does not look. Keyless signatures are always
	// required to be in one. For x509 Required is the default, and Optional wants
	// the time of a timestamp authority instead.
	Tlog string `json:"tlog,omitempty"`
	// Revoked are digests of artifacts (sha256:<64 hex>) that the authority does
	// not vouch for any more.
	Revoked []string `json:"revoked,omitempty"`
	// NotBefore and NotAfter (RFC 3339) bound when the authority may have signed,
	// by the time of the log or of a timestamp authority.
	NotBefore string `json:"notBefore,omitempty"`
	NotAfter  string `json:"notAfter,omitempty"`
	// AttestationsOnly: the authority makes attestations that name it here, and
	// releases nothing by its signature.
	AttestationsOnly bool `json:"attestationsOnly,omitempty"`
}

// Values of Authority.Tlog.
const (
	TlogRequired = "Required"
	TlogOptional = "Optional"
)

// Key is a public key.
type Key struct {
	// PEM holds exactly one PUBLIC KEY block.
	PEM string `json:"pem"`
}

// Keyless is an identity in a short-lived certificate.
type Keyless struct {
	// Issuer is the OIDC issuer, letter for letter.
	Issuer string `json:"issuer"`
	// Subject is the certificate's subject alternative name, letter for letter;
	// SubjectRegExp (RE2) has to match the whole of it.
	Subject       string `json:"subject,omitempty"`
	SubjectRegExp string `json:"subjectRegExp,omitempty"`
	// SourceRepository is the URL of the repository that the workflow ran for.
	// GitHub's subject names the called workflow, whoever calls it.
	SourceRepository string `json:"sourceRepository,omitempty"`
}

// X509 is whom a company's own certificate authority certifies.
type X509 struct {
	// CA is PEM: the self-signed certificates are the roots, of which there is at
	// least one; others are intermediates. Those that come with a signature are
	// not read.
	CA string `json:"ca"`
	// Subject is the certificate's email address or URI (subject alternative
	// name), letter for letter; SubjectRegExp (RE2) has to match the whole of it.
	Subject       string `json:"subject,omitempty"`
	SubjectRegExp string `json:"subjectRegExp,omitempty"`
}

// AttestationRule requires an in-toto attestation about the artifact.
type AttestationRule struct {
	// PredicateType is what it says, as a URI, letter for letter.
	PredicateType string `json:"predicateType"`
	// Authorities, by name, may make it; one that is not listed does not count.
	Authorities []string `json:"authorities"`
	// Rules are CEL expressions over `predicate`, all of which must be true.
	Rules []string `json:"rules,omitempty"`
	// Provenance says, as CEL expressions over `predicate`, what a
	// ModelDeployment's provenance must be, by its keys.
	Provenance map[string]string `json:"provenance,omitempty"`
}

// ProvenancePolicy names the provenance keys that must be stated.
type ProvenancePolicy struct {
	Required []string `json:"required,omitempty"`
}

// Serving is how models go live.
type Serving struct {
	// Mode is KServe's deployment mode: Knative (default) or Standard.
	Mode string `json:"mode,omitempty"`
	// KServe is the KServe version that objects are made for: 0.17, or 0.20, the
	// default.
	KServe string `json:"kserve,omitempty"`
	// Defaults apply where a ModelDeployment says nothing.
	Defaults *ServingDefaults `json:"defaults,omitempty"`
	// Gateway is where Standard mode attaches its routes, and where in either mode
	// large language models are reached.
	Gateway *Gateway `json:"gateway,omitempty"`
	// LLMConfigs are the LLMInferenceServiceConfigs that a ModelDeployment may base an
	// LLM on (spec.llm.baseRefs). What such a config holds, containers and adapters
	// included, is loaded beside the verified model: guard who writes them.
	LLMConfigs []string `json:"llmConfigs,omitempty"`
	// Kit unpacks models from kit://; default: nothing that modelfn makes.
	Kit *Kit `json:"kit,omitempty"`
	// Initializers are the images that may fetch models into pods, besides that of
	// kit: by digest, or KServe's own by the tag of a release
	// (kserve/storage-initializer:v0.20.0), which can change. Default: KServe's own
	// of the version.
	Initializers []string `json:"initializers,omitempty"`
	// Runtimes are serving runtimes of one's own that Standard mode may use. What a
	// server is told is never left to a repository.
	Runtimes []Runtime `json:"runtimes,omitempty"`
	// AllowPredictorFields widens the allow-list of spec.predictor by name: a field
	// (shareProcessNamespace), a flag (args.--my-flag) or a variable (env.MY_VAR).
	AllowPredictorFields []string `json:"allowPredictorFields,omitempty"`
	// Prometheus answers the queries of autoscaling by KEDA.
	Prometheus *Prometheus `json:"prometheus,omitempty"`
}

// Prometheus is a server that takes PromQL.
type Prometheus struct {
	// ServerAddress is its URL, such as http://prometheus.monitoring:9090.
	ServerAddress string `json:"serverAddress"`
}

// Values of Serving.Mode.
const (
	ModeKnative  = "Knative"
	ModeStandard = "Standard"
)

// ServingDefaults fill what a ModelDeployment leaves out.
type ServingDefaults struct {
	Resources *Resources `json:"resources,omitempty"`
	Replicas  *Replicas  `json:"replicas,omitempty"`
	Runtime   string     `json:"runtime,omitempty"`
}

// Gateway is the Gateway API Gateway that models are reached by, and in Standard
// mode what of its requests are a model's. In texts, {name} and {namespace} are the
// ModelDeployment's. In Knative mode only name and namespace can be set, and hold
// for large language models.
type Gateway struct {
	// Name and Namespace; default in Standard mode KServe's own,
	// kserve/kserve-ingress-gateway. A name alone is a Gateway in each
	// ModelDeployment's own namespace.
	Name      string `json:"name,omitempty"`
	Namespace string `json:"namespace,omitempty"`
	// Hostnames of a model; default {name}-{namespace}.example.com, as KServe's own
	// configuration has it.
	Hostnames []string `json:"hostnames,omitempty"`
	// PathPrefix of a model's requests, such as /{namespace}/{name}. It is cut off
	// before the model's server sees them.
	PathPrefix string `json:"pathPrefix,omitempty"`
	// Headers that requests must have; {name} and {namespace} in values.
	Headers map[string]string `json:"headers,omitempty"`
}

// AdmissionPolicy is what guards the models in the cluster.
type AdmissionPolicy struct {
	// Engine is Kyverno (default), ValidatingAdmissionPolicy, KyvernoClusterPolicy
	// (deprecated: for Kyverno before 1.16), Gatekeeper or None.
	Engine string `json:"engine,omitempty"`
	// Action is Deny (default) or Audit.
	Action string `json:"action,omitempty"`
	// Scope is Model (default) or Platform.
	Scope string `json:"scope,omitempty"`
	// OnGap says what happens when the engine cannot enforce a part of the
	// trust policy: Refuse (default) or Warn.
	OnGap string `json:"onGap,omitempty"`
}

// Values of AdmissionPolicy's fields.
const (
	EngineKyverno              = "Kyverno"
	EngineKyvernoClusterPolicy = "KyvernoClusterPolicy"
	EngineVAP                  = "ValidatingAdmissionPolicy"
	EngineGatekeeper           = "Gatekeeper"
	EngineNone                 = "None"

	ActionDeny  = "Deny"
	ActionAudit = "Audit"

	ScopeModel    = "Model"
	ScopePlatform = "Platform"

	OnGapRefuse = "Refuse"
	OnGapWarn   = "Warn"
)

// PatchedFields are fields of generated objects of a kind.
type PatchedFields struct {
	// Kind is InferenceService, LLMInferenceService, HTTPRoute or GRPCRoute.
	Kind string `json:"kind"`
	// Fields are paths such as spec.predictor.maxReplicas, or
	// metadata.annotations.example.com/team, with what is below them.
	Fields []string `json:"fields"`
}

// ForeignObject names objects by kind and, where given, name and namespace.
type ForeignObject struct {
	APIVersion string `json:"apiVersion,omitempty"`
	Kind       string `json:"kind"`
	Name       string `json:"name,omitempty"`
	Namespace  string `json:"namespace,omitempty"`
}
