package v1alpha1

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// examplePEM is the public key of examples/quickstart.
const examplePEM = `"-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEta4jIjqutvA3Z61IjCeb2I+64AQt\nYhKRbZ9wZFWrZkBBUTngCujN4lRiwJYiG95k5vhjH0ndRFLPdMZg6PT3Rg==\n-----END PUBLIC KEY-----\n"`

// rule is a platform with a valid trust rule before the one given.
func rule(fields string) string {
	const first = "{match: [a/**], authorities: [{name: a, key: {pem: " + examplePEM + "}}]}"
	return platform("trust: [" + first + ", {" + fields + "}]")
}

func TestValidateTrustRule(t *testing.T) {
	const key = "key: {pem: " + examplePEM + "}"
	const kinds = "an authority is a key, a keyless identity, or a subject of an x509 authority"
	two := "authorities: [{name: a, " + key + "}, {name: b, " + key + "}]"
	keyless := func(fields string) string {
		return "match: [a/**], authorities: [{name: a, keyless: {" + fields + "}}]"
	}
	for name, tt := range map[string]struct {
		fields string
		want   []FieldError
	}{
		"two authorities":      {"match: [b/**], threshold: 2, " + two, nil},
		"no match":             {"authorities: [{name: a, " + key + "}]", invalid("spec.trust[1].match", "required", "list globs such as registry.example.com/models/**")},
		"no authority":         {"match: [b/**]", invalid("spec.trust[1].authorities", "required", "list who may sign")},
		"unsigned":             {"match: [b/**], unsafeUnsigned: true", nil},
		"threshold too high":   {"match: [b/**], threshold: 3, " + two, invalid("spec.trust[1].threshold", "3 of 2 authorities", "use 1 up to the number of authorities")},
		"threshold negative":   {"match: [b/**], threshold: -1, " + two, invalid("spec.trust[1].threshold", "-1 of 2 authorities", "use 1 up to the number of authorities")},
		"binding":              {"match: [b/**], repositoryBinding: Never, " + two, invalid("spec.trust[1].repositoryBinding", `"Never" is not known`, "use one of Required, Ignored")},
		"authority name":       {"match: [b/**], authorities: [{name: \"a,b\", " + key + "}]", invalid("spec.trust[1].authorities[0].name", `"a,b" is no authority name`, "use lower-case letters, digits and '-'")},
		"authority name twice": {"match: [b/**], authorities: [{name: a, " + key + "}, {name: a, " + key + "}]", invalid("spec.trust[1].authorities[1].name", `"a" is listed twice`, "give each authority its own name")},
		"neither key nor id":   {"match: [b/**], authorities: [{name: a}]", invalid("spec.trust[1].authorities[0]", kinds, "give one of key, keyless and x509")},
		"both key and id":      {"match: [b/**], authorities: [{name: a, " + key + ", keyless: {issuer: x, subject: me}}]", invalid("spec.trust[1].authorities[0]", kinds, "give one of key, keyless and x509")},
		"no PEM":               {"match: [b/**], authorities: [{name: a, key: {pem: MFkw}}]", invalid("spec.trust[1].authorities[0].key.pem", "want a PEM block PUBLIC KEY, found none", "paste the content of cosign.pub, as a block (pem: |)")},
		"private key":          {"match: [b/**], authorities: [{name: a, key: {pem: " + strings.ReplaceAll(examplePEM, "PUBLIC", "PRIVATE") + "}}]", invalid("spec.trust[1].authorities[0].key.pem", "this is a private key (PRIVATE KEY)", "remove it from the file and from Git's history, make a new key, and paste the public one")},
		"two PEM blocks":       {"match: [b/**], authorities: [{name: a, key: {pem: " + strings.TrimSuffix(examplePEM, `"`) + strings.TrimPrefix(examplePEM, `"`) + "}}]", invalid("spec.trust[1].authorities[0].key.pem", "more than one PEM block", "list each key as an authority of its own")},
		"certificate":          {"match: [b/**], authorities: [{name: a, key: {pem: " + strings.ReplaceAll(examplePEM, "PUBLIC KEY", "CERTIFICATE") + "}}]", invalid("spec.trust[1].authorities[0].key.pem", "want a PEM block PUBLIC KEY, found a certificate", "paste what `openssl x509 -pubkey -noout` prints of it")},
		"no issuer":            {keyless("subject: me"), invalid("spec.trust[1].authorities[0].keyless.issuer", "required", "name the OIDC issuer")},
		"no subject":           {keyless("issuer: x"), invalid("spec.trust[1].authorities[0].keyless", "one of subject and subjectRegExp is required", "give subject or subjectRegExp")},
		"two subjects":         {keyless("issuer: x, subject: me, subjectRegExp: z"), invalid("spec.trust[1].authorities[0].keyless", "one of subject and subjectRegExp is required", "give subject or subjectRegExp")},
		"source repository":    {keyless("issuer: x, subject: me, sourceRepository: acme/models"), invalid("spec.trust[1].authorities[0].keyless.sourceRepository", `"acme/models" names no repository`, "write the repository's URL, such as https://github.com/acme/models")},
		"keyless, no log":      {"match: [b/**], authorities: [{name: a, tlog: Optional, keyless: {issuer: x, subject: me}}]", invalid("spec.trust[1].authorities[0].tlog", "a keyless certificate lasts minutes: only the log shows that it was valid", "remove it")},
		"keyless, all":         {"match: [b/**], authorities: [{name: a, tlog: Required, trustedRoot: x, notBefore: 2025-01-01T00:00:00Z, notAfter: 2026-01-01T00:00:00Z, keyless: {issuer: x, subjectRegExp: me, sourceRepository: https://x}}]", nil},
		"log":                  {"match: [b/**], authorities: [{name: a, tlog: Always, " + key + "}]", invalid("spec.trust[1].authorities[0].tlog", `"Always" is not known`, "use one of Required, Optional")},
		"logged key":           {"match: [b/**], authorities: [{name: a, tlog: Required, trustedRoot: x, notAfter: 2026-01-01T00:00:00Z, revoked: [\"sha256:" + strings.Repeat("a", 64) + "\"], " + key + "}]", nil},
		"root without log":     {"match: [b/**], authorities: [{name: a, trustedRoot: x, " + key + "}]", invalid("spec.trust[1].authorities[0].trustedRoot", "without a log nothing says when a key signed", "add tlog: Required, or remove it")},
		"window without log":   {"match: [b/**], authorities: [{name: a, tlog: Optional, notAfter: 2026-01-01T00:00:00Z, " + key + "}]", invalid("spec.trust[1].authorities[0].notAfter", "without a log nothing says when a key signed", "add tlog: Required, or remove it")},
		"window, no time":      {"match: [b/**], authorities: [{name: a, tlog: Required, notBefore: yesterday, " + key + "}]", invalid("spec.trust[1].authorities[0].notBefore", `"yesterday" is no time`, "write it as 2026-01-31T00:00:00Z")},
		"window, empty":        {"match: [b/**], authorities: [{name: a, tlog: Required, notBefore: 2026-01-01T00:00:00Z, notAfter: 2026-01-01T00:00:00Z, " + key + "}]", invalid("spec.trust[1].authorities[0].notAfter", "the authority may never have signed", "use a time after notBefore")},
		"revoked, no digest":   {"match: [b/**], authorities: [{name: a, revoked: [v7], " + key + "}]", invalid("spec.trust[1].authorities[0].revoked[0]", `"v7" is no digest`, "write the artifact's digest as sha256:<64 hex>")},
		"predicate type":       {"match: [b/**], " + two + ", attestations: [{authorities: [a]}]", invalid("spec.trust[1].attestations[0].predicateType", "required", "name the predicate type's URI")},
		"stranger attests":     {"match: [b/**], " + two + ", attestations: [{predicateType: x, authorities: [a, c]}]", invalid("spec.trust[1].attestations[0].authorities[1]", `"c" is not an authority of the rule`, "use a name from this rule's authorities")},
		"nobody attests":       {"match: [b/**], " + two + ", attestations: [{predicateType: x}]", invalid("spec.trust[1].attestations[0].authorities", "required", "name who of this rule's authorities may make it")},
		"attests twice":        {"match: [b/**], " + two + ", attestations: [{predicateType: x, authorities: [a, a]}]", invalid("spec.trust[1].attestations[0].authorities[1]", `"a" is listed twice`, "remove it")},
		"attests a signature":  {"match: [b/**], " + two + ", attestations: [{predicateType: https://sigstore.dev/cosign/sign/v1, authorities: [a]}]", invalid("spec.trust[1].attestations[0].predicateType", "this is the type of signatures", "use threshold and authorities of the rule")},
		"cosign's name":        {"match: [b/**], " + two + ", attestations: [{predicateType: slsaprovenance1, authorities: [a]}]", invalid("spec.trust[1].attestations[0].predicateType", `"slsaprovenance1" is cosign's name for it, and attestations have the URI`, "write https://slsa.dev/provenance/v1")},
		"attestation, all":     {"match: [b/**], " + two + ", attestations: [{predicateType: x, authorities: [a], rules: [predicate.a == 1], provenance: {run: predicate.run}}]", nil},
		"empty expression":     {"match: [b/**], " + two + ", attestations: [{predicateType: x, authorities: [a], rules: [\"\"]}]", invalid("spec.trust[1].attestations[0].rules[0]", "required", "write a CEL expression over predicate, such as predicate.metrics.auc >= 0.92")},
		"long expression":      {"match: [b/**], " + two + ", attestations: [{predicateType: x, authorities: [a], provenance: {run: " + strings.Repeat("a", 4097) + "}}]", invalid("spec.trust[1].attestations[0].provenance.run", "4097 bytes, at most 4096 are compiled", "shorten it")},
		"many attestations":    {"match: [b/**], " + two + ", attestations: [" + strings.Repeat("{predicateType: x, authorities: [a]}, ", 17) + "]", invalid("spec.trust[1].attestations", "17 attestations, at most 16 are looked for", "remove some")},
		"expressions in all":   {"match: [b/**], " + two + ", attestations: [" + strings.Repeat("{predicateType: x, authorities: [a], rules: ["+strings.Repeat("x,", 31)+"x]}, ", 8) + "{predicateType: x, authorities: [a], provenance: {run: x}}]", invalid("spec.trust", "257 expressions in all attestations, at most 256 are compiled", "join some with &&, or remove some")},
		"bytes in all":         {"match: [b/**], " + two + ", attestations: [{predicateType: x, authorities: [a], rules: [" + strings.Repeat(strings.Repeat("a", 4096)+",", 16) + "x]}]", invalid("spec.trust", "65537 bytes of expressions in all attestations, at most 65536 are compiled", "shorten some")},
		"as many as there may": {"match: [b/**], " + two + ", attestations: [" + strings.Repeat("{predicateType: x, authorities: [a], rules: ["+strings.Repeat("x,", 15)+"x]}, ", 16) + "]", nil},
		"many expressions":     {"match: [b/**], " + two + ", attestations: [{predicateType: x, authorities: [a], rules: [" + strings.Repeat("x,", 32) + "x]}]", invalid("spec.trust[1].attestations[0].rules", "33 expressions, at most 32 are evaluated", "join them with &&")},
		"provenance key":       {"match: [b/**], " + two + ", attestations: [{predicateType: x, authorities: [a], provenance: {digest: predicate.d}}]", invalid("spec.trust[1].attestations[0].provenance.digest", "modelfn writes the annotation modelfn.dev/digest itself", "use another key")},
		"attests only, idle":   {"match: [b/**], authorities: [{name: a, " + key + "}, {name: b, attestationsOnly: true, " + key + "}]", invalid("spec.trust[1].authorities[1].attestationsOnly", `no attestation names "b"`, "name it in an attestation of the rule, or remove it")},
		"nobody releases":      {"match: [b/**], authorities: [{name: a, attestationsOnly: true, " + key + "}], attestations: [{predicateType: x, authorities: [a]}]", invalid("spec.trust[1].authorities", "none of them can release a model", "list an authority without attestationsOnly")},
		"threshold, attesting": {"match: [b/**], threshold: 2, authorities: [{name: a, " + key + "}, {name: b, attestationsOnly: true, " + key + "}], attestations: [{predicateType: x, authorities: [b]}]", invalid("spec.trust[1].threshold", "2 of 1 authorities", "use 1 up to the number of authorities")},
		"claim binding":        {"match: [b/**], binding: Digest, " + two, invalid("spec.trust[1].binding", `"Digest" is not known`, "use one of Repository, Name")},
		"binding, ignored":     {"match: [b/**], binding: Repository, repositoryBinding: Ignored, " + two, invalid("spec.trust[1].binding", "repositoryBinding: Ignored says the opposite", "keep one of them")},
		"binding, mirror":      {"match: [b/**], binding: Name, repositoryBinding: Ignored, " + two, nil},
		"binding, unsigned":    {"match: [b/**], binding: Name, unsafeUnsigned: true", invalid("spec.trust[1].unsafeUnsigned", "a rule asks for signatures or does without", "remove it, or write a rule of its own for what has no signature")},
		"attests, unsigned":    {"match: [b/**], unsafeUnsigned: true, attestations: [{predicateType: x, authorities: [a]}]", append(invalid("spec.trust[1].unsafeUnsigned", "a rule asks for signatures or does without", "remove it, or write a rule of its own for what has no signature"), invalid("spec.trust[1].attestations[0].authorities[0]", `"a" is not an authority of the rule`, "use a name from this rule's authorities")...)},
		"long authority name":  {"match: [b/**], authorities: [{name: " + strings.Repeat("a", 64) + ", " + key + "}]", invalid("spec.trust[1].authorities[0].name", `"`+strings.Repeat("a", 64)+`" is no authority name`, "use lower-case letters, digits and '-'")},
		"authority name, full": {"match: [b/**], authorities: [{name: " + strings.Repeat("a", 63) + ", " + key + "}]", nil},
		"other PEM block":      {"match: [b/**], authorities: [{name: a, key: {pem: " + strings.ReplaceAll(examplePEM, "PUBLIC KEY", "RSA PUBLIC KEY") + "}}]", invalid("spec.trust[1].authorities[0].key.pem", `want a PEM block PUBLIC KEY, found "RSA PUBLIC KEY"`, "paste the content of cosign.pub, as a block (pem: |)")},
		"expressions, both":    {"match: [b/**], " + two + ", attestations: [{predicateType: x, authorities: [a], provenance: {run: x}, rules: [" + strings.Repeat("x,", 31) + "x]}]", invalid("spec.trust[1].attestations[0].rules", "33 expressions, at most 32 are evaluated", "join them with &&")},
		"expressions, full":    {"match: [b/**], " + two + ", attestations: [{predicateType: x, authorities: [a], provenance: {run: x}, rules: [" + strings.Repeat("x,", 30) + "x]}]", nil},
		"empty rule":           {"", append(invalid("spec.trust[1].match", "required", "list globs such as registry.example.com/models/**"), invalid("spec.trust[1].authorities", "required", "list who may sign")...)},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Decode([]byte(rule(tt.fields)), new(ModelPlatform))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestValidatePlatform(t *testing.T) {
	const (
		hostFix     = "write the host as references do, such as 127.0.0.1:5000"
		delegateFix = "delegate serving.defaults, serving.gateway, serving.kserve, serving.mode, or fields below them"
	)
	for name, tt := range map[string]struct {
		spec string
		want []FieldError
	}{
		"resolution":                      {"resolution: Offline", invalid("spec.resolution", `"Offline" is not known`, "use one of Locked, Online")},
		"host with scheme":                {"registries: [{host: \"http://a.example\"}]", invalid("spec.registries[0].host", `"http://a.example" is no registry host`, hostFix)},
		"host upper case":                 {"registries: [{host: A.example}]", invalid("spec.registries[0].host", `"A.example" is no registry host`, hostFix)},
		"host trailing dot":               {"registries: [{host: a.example.}]", invalid("spec.registries[0].host", `"a.example." is no registry host`, hostFix)},
		"host default port":               {"registries: [{host: \"a.example:443\"}]", invalid("spec.registries[0].host", `"a.example:443" is no registry host`, hostFix)},
		"host missing":                    {"registries: [{plainHTTP: true}]", invalid("spec.registries[0].host", `"" is no registry host`, hostFix)},
		"host twice":                      {"registries: [{host: a.example}, {host: a.example}]", invalid("spec.registries[1].host", `"a.example" is listed twice`, "merge the two entries")},
		"hosts":                           {"registries: [{host: \"127.0.0.1:5000\"}, {host: localhost}, {host: a-b.example}]", nil},
		"mode":                            {"serving: {mode: Serverless}", invalid("spec.serving.mode", `"Serverless" is not known`, "use one of Knative, Standard")},
		"version of KServe":               {"serving: {kserve: \"0.11\"}", invalid("spec.serving.kserve", `"0.11" is not known`, "use one of 0.17, 0.20")},
		"default replicas":                {"serving: {defaults: {replicas: {min: -2}}}", invalid("spec.serving.defaults.replicas.min", "-2 replicas", "use 0 or more")},
		"default resources":               {"serving: {defaults: {resources: {requests: {memory: -1Gi}}}}", invalid("spec.serving.defaults.resources.requests.memory", `"-1Gi" is below zero`, "use 0 or more")},
		"default runtime":                 {"serving: {defaults: {runtime: A}}", invalid("spec.serving.defaults.runtime", `"A" is no resource name`, "use the name of a ServingRuntime")},
		"engine":                          {"policy: {engine: OPA}", invalid("spec.policy.engine", `"OPA" is not known`, "use one of Kyverno, KyvernoClusterPolicy, ValidatingAdmissionPolicy, Gatekeeper, None")},
		"action":                          {"policy: {action: Warn}", invalid("spec.policy.action", `"Warn" is not known`, "use one of Deny, Audit")},
		"scope":                           {"policy: {scope: Cluster}", invalid("spec.policy.scope", `"Cluster" is not known`, "use one of Model, Platform")},
		"gap":                             {"policy: {onGap: Ignore}", invalid("spec.policy.onGap", `"Ignore" is not known`, "use one of Refuse, Warn")},
		"foreign kind":                    {"allowForeign: [{name: raw}]", invalid("spec.allowForeign[0].kind", "required", "name the kind to let through")},
		"delegates trust":                 {"delegate: [serving.defaults, trust]", invalid("spec.delegate[1]", `"trust" cannot be left to a repository`, delegateFix)},
		"delegates serving":               {"delegate: [serving]", invalid("spec.delegate[0]", `"serving" cannot be left to a repository`, delegateFix)},
		"delegates a typo":                {"delegate: [serving.default]", invalid("spec.delegate[0]", `"serving.default" cannot be left to a repository`, delegateFix)},
		"delegates what pods may load":    {"delegate: [serving.allowPredictorFields]", invalid("spec.delegate[0]", `"serving.allowPredictorFields" cannot be left to a repository`, delegateFix)},
		"delegates the initializer":       {"delegate: [serving.kit]", invalid("spec.delegate[0]", `"serving.kit" cannot be left to a repository`, delegateFix)},
		"delegates its image":             {"delegate: [serving.kit.image]", invalid("spec.delegate[0]", `"serving.kit.image" cannot be left to a repository`, delegateFix)},
		"delegates nothing":               {"delegate: [serving.]", invalid("spec.delegate[0]", `"serving." cannot be left to a repository`, delegateFix)},
		"delegates":                       {"delegate: [serving.defaults, serving.defaults.resources.limits, serving.mode]", nil},
		"delegates what servers are told": {"delegate: [serving.runtimes]", invalid("spec.delegate[0]", `"serving.runtimes" cannot be left to a repository`, delegateFix)},
		"delegates llm configs":           {"delegate: [serving.llmConfigs]", invalid("spec.delegate[0]", `"serving.llmConfigs" cannot be left to a repository`, delegateFix)},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Decode([]byte(platform(tt.spec)), new(ModelPlatform))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestPlatformDefaults: what a platform leaves out is the strict choice.
func TestPlatformDefaults(t *testing.T) {
	p := new(ModelPlatform)
	if errs := Decode([]byte(rule("match: [b/**], unsafeUnsigned: true")), p); len(errs) > 0 {
		t.Fatal(errs)
	}
	got := []string{
		p.Spec.Resolution, p.Spec.Trust[0].RepositoryBinding, p.Spec.Serving.Mode, p.Spec.Serving.KServe,
		p.Spec.Policy.Engine, p.Spec.Policy.Action, p.Spec.Policy.Scope, p.Spec.Policy.OnGap,
	}
	want := []string{ResolutionLocked, RepositoryBindingRequired, ModeKnative, "0.20", EngineKyverno, ActionDeny, ScopeModel, OnGapRefuse}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := p.Spec.Trust[0].Threshold; got != 1 {
		t.Errorf("threshold %d, want 1", got)
	}
}

// TestValidatePatches: what is served, by what, and what guards it is never left to a
// patch.
func TestValidatePatches(t *testing.T) {
	for entry, want := range map[string]string{
		"{kind: InferenceService, fields: [spec.predictor.maxReplicas, spec.predictor.nodeSelector.gpu, metadata.annotations.sidecar.istio.io/inject, metadata.labels.team]}": "",
		"{kind: HTTPRoute, fields: [spec.hostnames]}":                                               "",
		"{kind: NamespacedImageValidatingPolicy, fields: [spec.validationActions]}":                 "spec.allowPatches[0].kind",
		"{kind: ConfigMap, fields: [data]}":                                                         "spec.allowPatches[0].kind",
		"{fields: [spec.hostnames]}":                                                                "spec.allowPatches[0].kind",
		"{kind: HTTPRoute}":                                                                         "spec.allowPatches[0].fields",
		"{kind: InferenceService, fields: [spec]}":                                                  "spec.allowPatches[0].fields[0]",
		"{kind: InferenceService, fields: [spec.predictor.maxReplicas, spec.predictor]}":            "spec.allowPatches[0].fields[1]",
		"{kind: InferenceService, fields: [spec.predictor.model.storageUri]}":                       "spec.allowPatches[0].fields[0]",
		"{kind: InferenceService, fields: [spec.predictor.sklearn.storageUri]}":                     "spec.allowPatches[0].fields[0]",
		"{kind: InferenceService, fields: [metadata.name]}":                                         "spec.allowPatches[0].fields[0]",
		"{kind: InferenceService, fields: [metadata.labels]}":                                       "spec.allowPatches[0].fields[0]",
		"{kind: InferenceService, fields: [metadata.labels.]}":                                      "spec.allowPatches[0].fields[0]",
		"{kind: InferenceService, fields: [metadata.labels.modelfn.dev/deployment]}":                "spec.allowPatches[0].fields[0]",
		"{kind: InferenceService, fields: [metadata.annotations.serving.kserve.io/storageSecret]}":  "spec.allowPatches[0].fields[0]",
		"{kind: InferenceService, fields: [metadata.labels.internal.serving.kserve.io/localmodel]}": "spec.allowPatches[0].fields[0]",
		"{kind: InferenceService, fields: [metadata.labels.app.kubernetes.io/managed-by]}":          "spec.allowPatches[0].fields[0]",
	} {
		errs := Decode([]byte(platform("allowPatches: ["+entry+"]")), new(ModelPlatform))
		switch {
		case want == "" && len(errs) > 0:
			t.Errorf("%s: %v", entry, errs)
		case want != "" && (len(errs) != 1 || errs[0].Path != want || errs[0].Fix == ""):
			t.Errorf("%s: %v, want one about %s", entry, errs, want)
		}
	}
}
