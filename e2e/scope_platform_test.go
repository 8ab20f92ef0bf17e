package e2e_test

import (
	"crypto/elliptic"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/publish"
	"github.com/modelfn/modelfn/e2e/internal/registry"
)

const fleet = 500

// TestFleet: at scope Platform five hundred models bring nothing to a cluster but
// objects in their namespace, each with its record, by which the real API server
// holds it to its own digest. The webhooks are as many as the platform has rules.
func TestFleet(t *testing.T) {
	w, press := pressed(t, registry.WithoutReferrers())
	models, paths := map[string]spec{}, []string{}
	for i := range fleet {
		path := fmt.Sprintf("models/m%03d:v1", i)
		paths = append(paths, path)
		models[fmt.Sprintf("m%03d", i)] = spec{"model": w.uri("kit://", path)}
	}
	pressAll(t, press, pressBundle, paths)
	platform := w.platform(t)
	platform["spec"].(map[string]any)["policy"] = map[string]any{"scope": "Platform"}
	app := directory(t, platform, models)
	w.lock(t, app)
	rendered := parse(t, stdout(t, w.run(t, app, "build")))

	kinds := map[string]int{}
	for _, o := range rendered {
		kinds[o.GetKind()]++
		if o.GetNamespace() != "ml-serving" {
			t.Errorf("%s is in no namespace of a model", id(o))
		}
	}
	if len(kinds) != 2 || kinds["InferenceService"] != fleet || kinds["ConfigMap"] != fleet {
		t.Errorf("rendered: %v", kinds)
	}
	baseline := baselineOf(t, toYAML(t, platform))
	webhooks := ofKind(baseline, "ImageValidatingPolicy")
	if rules := len(platform["spec"].(map[string]any)["trust"].([]any)); len(webhooks) != rules {
		t.Errorf("%d policies have a webhook, for %d rules", len(webhooks), rules)
	}
	t.Logf("%d models: %d objects of the cluster, %d of them with a webhook", fleet, len(baseline), len(webhooks))

	c := bare.Get(t)
	keepParams(t, c)
	home(t, c, rendered[0])
	policies := applied(t, c, baseline...)
	defer removed(t, c, policies)
	services := ofKind(rendered, "InferenceService")
	for _, record := range ofKind(rendered, "ConfigMap") {
		applied(t, c, record)
	}
	names := slices.Sorted(maps.Keys(services))
	of := func(i int) *cluster.Object { return services[names[i%fleet]] }
	uri := func(o *cluster.Object) string {
		return fieldOf[string](t, o.Object, "spec", "predictor", "model", "storageUri")
	}
	// Everything about it is as for the next one, but not which it is.
	swapped := func(i int) *cluster.Object {
		o := changed(of(i).Object, map[string]any{"spec": map[string]any{"predictor": map[string]any{"model": map[string]any{"storageUri": uri(of(i + 1))}}}})
		notes := o.GetAnnotations()
		notes["modelfn.dev/digest"] = of(i + 1).GetAnnotations()["modelfn.dev/digest"]
		o.SetAnnotations(notes)
		return o
	}
	const recorded = "the model and its adapters must be those that were rendered for the deployment"
	if err := cluster.Until(t.Context(), func() error {
		if _, err := c.CreateDry(t.Context(), swapped(fleet-1)); err == nil || !strings.Contains(err.Error(), recorded) {
			return fmt.Errorf("not refused for its record: %w", err)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < fleet; i += 10 {
		if _, err := c.CreateDry(t.Context(), of(i)); err != nil {
			t.Errorf("%s: %v", names[i], err)
		}
		_, err := c.CreateDry(t.Context(), swapped(i))
		deniedBy(t, err, recorded)
	}
}

// keepParams binds a policy about nothing to ConfigMaps, for as long as the cluster
// runs: once no binding does, the API server never finds new ones again
// (kubernetes#130887).
func keepParams(t *testing.T, c *cluster.Cluster) {
	t.Helper()
	applied(t, c, parse(t, `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: keeps-parameters}
spec:
  paramKind: {apiVersion: v1, kind: ConfigMap}
  matchConstraints: {resourceRules: [{apiGroups: [nothing.example.com], apiVersions: ["*"], operations: [CREATE], resources: ["*"]}]}
  validations: [{expression: "true"}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: keeps-parameters}
spec: {policyName: keeps-parameters, paramRef: {selector: {}, parameterNotFoundAction: Allow}, validationActions: [Deny]}
`)...)
}

// TestTrustRulePolicies: what Kyverno demands at scope Platform, of whatever is there,
// by the first rule that matches.
func TestTrustRulePolicies(t *testing.T) {
	server, err := registry.Start(registry.WithoutReferrers())
	w := newTeam(t, server, err)
	public := func(label string) map[string]any {
		pem, err := w.keys[label].PublicPEM()
		if err != nil {
			t.Fatal(err)
		}
		return map[string]any{"name": label, "key": map[string]any{"pem": pem}}
	}
	push := func(path string, by ...string) name.Digest {
		t.Helper()
		digest := w.pack(t, path, w.publisher.ModelKit, publish.Kit{Name: "fraud", Framework: "sklearn", Path: "model.joblib", Model: []byte(path)})
		for _, label := range by {
			if err := w.publisher.SignBundle(t.Context(), w.keys[label], digest); err != nil {
				t.Fatal(err)
			}
		}
		return digest
	}
	revoked := push("models/fraud:revoked", "reviewer")
	one := func(label string, match string) map[string]any {
		return map[string]any{"match": []any{w.server.Host() + match}, "authorities": []any{public(label)}}
	}
	secret := one("builder", "/models/secret/**")
	twoOf := one("builder", "/models/two/**")
	twoOf["threshold"], twoOf["authorities"] = 2, []any{public("builder"), public("reviewer"), public("scanner")}
	open := map[string]any{"match": []any{w.server.Host() + "/models/open/**"}, "unsafeUnsigned": true}
	all := one("reviewer", "/models/**")
	all["authorities"].([]any)[0].(map[string]any)["revoked"] = []any{revoked.DigestStr()}
	platform := w.platform(t, secret, twoOf, open, all)
	inScope := func(more map[string]any) string {
		policy := map[string]any{"scope": "Platform"}
		for k, v := range more {
			policy[k] = v
		}
		platform["spec"].(map[string]any)["policy"] = policy
		return w.rules(t, platform)
	}
	strict, lax := inScope(nil), inScope(map[string]any{"onGap": "Warn"})
	if n := strings.Count(strict, "kind: ImageValidatingPolicy"); n != 4 { // the fifth rule is the world's own
		t.Errorf("%d policies, want 4: one for each rule that wants a signature", n)
	}

	service := func(uri string) string {
		return toYAML(t, object{
			"apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService",
			"metadata": map[string]any{"name": "fraud", "namespace": "ml-serving"},
			"spec": map[string]any{"predictor": map[string]any{"model": map[string]any{
				"modelFormat": map[string]any{"name": "sklearn"}, "storageUri": uri,
			}}},
		})
	}
	llm := func(uri string, adapters ...string) string {
		model := map[string]any{"uri": uri}
		var list []any
		for _, a := range adapters {
			list = append(list, map[string]any{"uri": a, "name": "a"})
		}
		if list != nil {
			model["lora"] = map[string]any{"adapters": list}
		}
		return toYAML(t, object{
			"apiVersion": "serving.kserve.io/v1alpha2", "kind": "LLMInferenceService",
			"metadata": map[string]any{"name": "assistant", "namespace": "ml-serving"},
			"spec":     map[string]any{"model": model},
		})
	}
	kit := func(d name.Digest) string { return "kit://" + d.String() }
	good := push("models/fraud:good", "reviewer")
	legacy := push("models/fraud:legacy")
	if err := w.publisher.SignLegacy(t.Context(), w.keys["reviewer"], legacy); err != nil {
		t.Fatal(err)
	}
	signedBy := func(who string) string { return "it must be signed by " + who }
	w.judgeRules(t, map[string]trial{
		"signed":                      {strict, service(kit(good)), ""},
		"signed as an image":          {strict, service("oci://" + good.String()), ""},
		"unsigned":                    {strict, service(kit(push("models/fraud:unsigned"))), signedBy("reviewer")},
		"by another rule's authority": {strict, service(kit(push("models/fraud:builder", "builder"))), signedBy("reviewer")},
		"revoked":                     {strict, service(kit(revoked)), signedBy("reviewer")},
		"the first rule decides":      {strict, service(kit(push("models/secret/fraud:v1", "reviewer"))), signedBy("builder")},
		"as the first rule wants":     {strict, service(kit(push("models/secret/fraud:v2", "builder"))), ""},
		"one of three":                {strict, service(kit(push("models/two/fraud:v1", "scanner"))), signedBy("2 of builder, reviewer, scanner")},
		"two of three":                {strict, service(kit(push("models/two/fraud:v2", "scanner", "builder"))), ""},
		"an older signature":          {strict, service(kit(legacy)), signedBy("reviewer")},
		"an older signature at will":  {lax, service(kit(legacy)), ""},
		"a language model":            {strict, llm(kit(good)), ""},
		"an unsigned language model":  {strict, llm(kit(push("models/llm:unsigned"))), signedBy("reviewer")},
		"an unsigned adapter":         {strict, llm(kit(good), kit(push("models/adapter:unsigned"))), signedBy("reviewer")},
		"an adapter twice":            {strict, llm(kit(good), kit(good), kit(good)), ""},
		"what needs no signature":     {strict, service(kit(push("models/open/fraud:v1"))), ""},
	})
	t.Run("what stays as it is", func(t *testing.T) {
		unsigned := service(kit(push("models/fraud:stays")))
		if counts, output := w.kyvernoWith(t, strict, unsigned, unchanged); counts != (host.Counts{}) {
			t.Errorf("judged: %+v\n%s", counts, output)
		}
	})
	for what, o := range map[string]string{
		"what has none":            service("s3://models/fraud"),
		"what is not pinned":       service("kit://" + w.server.Host() + "/models/fraud:unsigned"),
		"an exempt namespace":      strings.Replace(service(kit(push("models/fraud:exempt"))), "ml-serving", "exempt", 1),
		"what is served elsewhere": service("kit://registry.example.com/other@sha256:" + strings.Repeat("0", 64)),
	} {
		t.Run(what+" is not judged", func(t *testing.T) {
			if counts, output := w.kyverno(t, strict, o); counts.Pass+counts.Fail+counts.Error != 0 {
				t.Errorf("%+v\n%s", counts, output)
			}
		})
	}
}

// judgeRules puts trials before the policies of several rules: one refuses, or none of
// those that look.
func (w world) judgeRules(t *testing.T, trials map[string]trial) {
	t.Helper()
	for name, c := range trials {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			counts, output := w.kyverno(t, c.policy, c.service)
			switch refused := counts.Fail + counts.Error; {
			case c.reason == "" && (refused != 0 || counts.Pass == 0):
				t.Errorf("want it let in, got %+v\n%s", counts, output)
			case c.reason != "" && (refused != 1 || !strings.Contains(output, c.reason)):
				t.Errorf("want one refusal for %q, got %+v\n%s", c.reason, counts, output)
			}
		})
	}
}

// TestAttestedRulePolicies: what one rule's policy demands of adapters, of a key that
// hashes in its own way, and of who has revoked what he attested. An attestation by
// the releasing key is no signature, however little the platform is content with.
func TestAttestedRulePolicies(t *testing.T) {
	server, err := registry.Start(registry.WithoutReferrers())
	w := newTeam(t, server, err)
	private, err := ecdsaKey(elliptic.P384())()
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	w.key, err = w.publisher.ImportKey(t.Context(), "long", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	if err != nil {
		t.Fatal(err)
	}
	evaluation, build := sayings[0], sayings[1]
	prepared := func(tag string, signed, evaluated, built bool) name.Digest {
		d := w.kit(t, tag)
		if signed {
			w.sign(t, bundle, d)
		}
		if evaluated {
			w.attest(t, attest3, "evaluator", d, evaluationType, scored(0.95))
		}
		if built {
			w.attest(t, attest3, "builder", d, build.word, build.predicate)
		}
		return d
	}
	good, other, revoked := prepared("good", true, true, true), prepared("other", true, true, true), prepared("revoked", true, true, true)
	unbuilt, unsigned := prepared("unbuilt", true, true, false), prepared("unsigned", false, true, true)
	if err := w.publisher.Attest(t.Context(), w.key, unsigned, "https://example.com/review/v1", map[string]string{"ok": "yes"}); err != nil {
		t.Fatal(err)
	}
	first := func(onGap string) string {
		platform := w.demands(t, evaluation, build)
		spec := platform["spec"].(map[string]any)
		spec["policy"] = map[string]any{"scope": "Platform", "onGap": onGap}
		for _, a := range spec["trust"].([]any)[0].(map[string]any)["authorities"].([]any) {
			if a.(map[string]any)["name"] == "evaluator" {
				a.(map[string]any)["revoked"] = []any{revoked.DigestStr()}
			}
		}
		return toYAML(t, w.baseline(t, platform)["ImageValidatingPolicy <nil>/modelfn-trust-0"])
	}
	strict, lax := first("Refuse"), first("Warn")
	loads := func(model name.Digest, adapters ...name.Digest) string {
		list := []any{}
		for _, a := range adapters {
			list = append(list, map[string]any{"uri": "kit://" + a.String(), "name": "a"})
		}
		return toYAML(t, object{
			"apiVersion": "serving.kserve.io/v1alpha2", "kind": "LLMInferenceService",
			"metadata": map[string]any{"name": "assistant", "namespace": "ml-serving", "annotations": map[string]any{"modelfn.dev/training-run-id": "8f2c"}},
			"spec":     map[string]any{"model": map[string]any{"uri": "kit://" + model.String(), "lora": map[string]any{"adapters": list}}},
		})
	}
	w.judge(t, map[string]trial{
		"a key of its own hash":        {strict, loads(good), ""},
		"with an adapter":              {strict, loads(good, other), ""},
		"an adapter that is not built": {strict, loads(good, unbuilt), "adapters and images must be attested by builder"},
		"a model that is not built":    {strict, loads(unbuilt), mustBeBuilt},
		"a revoked evaluation":         {strict, loads(revoked), mustBeEvaluated},
		"an attestation by release":    {strict, loads(unsigned), mustBeSigned},
		"the same with less":           {lax, loads(unsigned), mustBeSigned},
	})
}
