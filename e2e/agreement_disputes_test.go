package e2e_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
	"github.com/modelfn/modelfn/e2e/internal/publish"
)

// dispute is what is put before all judges.
type dispute struct {
	name string
	// trusted is what the platform's trust says of it.
	trusted bool
	// says is of the ModelDeployment; patch is what an outer kustomization does to
	// what is rendered of it.
	says  spec
	patch string
	// of is whose policies judge the object: its own, where it is rendered.
	of string
	// change makes of that object what somebody would have the cluster admit.
	change func(o *cluster.Object) error
	// subject is what cosign is asked about.
	subject string
	// locked is rendered by its lock, whatever happens afterwards.
	locked     bool
	afterwards func()
	opinions   map[string]opinion
}

// Why judges differ; docs/policy.md has each once.
const (
	noteListed    = "The policy rendered beside it lists it."
	noteSame      = "It is no other model: the policy is the one before."
	noteBaseline  = "The baseline knows no signatures: CEL fetches nothing. Any digest in a trusted repository passes; the model's own policy says which."
	noteObject    = "cosign judges artifacts, and no object."
	noteCopied    = "cosign and Kyverno do not compare the repository that a legacy signature names; `verify` and `build` do, so that no policy lists it."
	noteNoRule    = "cosign and Kyverno are told a key, and not where it counts: that no rule matches is known to `verify`, `build` and the baseline, and no policy lists it."
	noteResolved  = "It resolves the tag and goes by the digest. In an object a tag is refused: what it leads to may change after it was admitted."
	noteMoved     = "cosign looks where the tag leads now. What was locked is served until somebody locks anew, which judges it anew."
	noteServable  = "It is signed as the platform demands. `verify` and `build` refuse it as nothing that KServe loads, neither kit nor image, so that no policy lists it."
	noteUnsayable = "A ModelDeployment has no field for it, and `verify` reads no patches."
	noteAnyCosign = "cosign v3 takes any bundle by the key for a signature, whatever it attests."
	noteAnyBundle = "In a policy for a legacy signature, Kyverno takes any bundle by the key for one. Such a policy is rendered, and lists a digest, only where `build` has found a legacy signature of it."
)

// disputes publishes what is in dispute.
func (c court) disputes(t *testing.T) []dispute {
	t.Helper()
	signed := func(tag string, format signing) name.Digest {
		digest := c.kit(t, tag)
		c.sign(t, format, digest)
		return digest
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	sample := func(kind publish.Kind) name.Digest {
		artifact, err := c.publisher.Sample(t.Context(), kind, "models/fraud")
		must(err)
		c.sign(t, bundle, artifact.Digest)
		return artifact.Digest
	}
	v7, v8 := signed("v7", legacy), signed("v8", bundle)
	signed("moved", legacy)
	unsigned, strangers, attested := c.kit(t, "unsigned"), c.kit(t, "strangers"), c.kit(t, "attested")
	stranger, err := c.publisher.NewKey(t.Context(), "stranger")
	must(err)
	must(c.publisher.SignLegacy(t.Context(), stranger, strangers))
	must(c.publisher.Attest(t.Context(), c.key, attested, "https://example.com/review/v1", map[string]string{"ok": "yes"}))
	must(c.publisher.CopyLegacy(t.Context(), "models/fraud:v7", "models/copy:v7"))
	must(c.publisher.CopyReferrers(t.Context(), "models/fraud:v8", "models/copy:v8"))
	must(c.publisher.CopyReferrers(t.Context(), "models/fraud:v8", "elsewhere/fraud:v8"))
	index, pack, plain := sample(publish.KindIndex), sample(publish.KindModelPack), sample(publish.KindPlain)
	at := func(path string, digest name.Digest) string { return c.uri("", path) + "@" + digest.DigestStr() }
	fraud := func(tag string) string { return c.uri("kit://", "models/fraud:"+tag) }
	kit := func(tag string) spec { return spec{"model": fraud(tag)} }
	canary := func(tag string) spec {
		return spec{"model": fraud("v7"), "canary": map[string]any{"model": fraud(tag), "weight": 10}}
	}
	told := func(field string, value any) spec {
		return spec{"model": fraud("v7"), "predictor": map[string]any{field: value}}
	}

	admitted := map[string]opinion{byVerify: yes(), byBuild: yes(), byKyverno: yes(), byListed: silent(noteListed), byBaseline: yes(), byCosign: yes()}
	// refused has the same reasons from most, unless it has others.
	refused := func(because string, others map[string]opinion) map[string]opinion {
		out := map[string]opinion{
			byVerify: no(because), byBuild: no(because), byKyverno: no(notVerified), byListed: no(mustBeSigned),
			byBaseline: yes(noteBaseline), byCosign: no("no signatures found"),
		}
		maps.Copy(out, others)
		return out
	}
	// shaped is refused for what the object is, by the same model.
	shaped := func(because, guard, baseline string) map[string]opinion {
		return map[string]opinion{
			byVerify: no(because), byBuild: no(because), byKyverno: no(guard), byListed: silent(noteSame),
			byBaseline: no(baseline), byCosign: silent(noteObject),
		}
	}
	const good, goodBundle, goodCanary = "signed (legacy)", "signed (bundle)", "signed canary"
	const unpinned, noRule, isAttestation = "the model must be named by digest", "no trust rule of platform prod admits the model", `an attestation of type "https://example.com/review/v1" is no signature`
	list := []dispute{
		{name: good, trusted: true, says: kit("v7"), subject: v7.String(), opinions: admitted},
		{name: goodBundle, trusted: true, says: kit("v8"), subject: v8.String(), opinions: admitted},
		{name: goodCanary, trusted: true, says: canary("v8"), subject: v8.String(), opinions: admitted},
		{
			name: "index of images", trusted: true, subject: index.String(), opinions: admitted,
			says: spec{"model": c.uri("oci://", "models/fraud:"+string(publish.KindIndex))},
		},
		{name: "ModelPack", trusted: true, says: kit(string(publish.KindModelPack)), subject: pack.String(), opinions: admitted},
		{
			name: "copied with its bundle", trusted: true, subject: at("models/copy", v8), opinions: admitted,
			says: spec{"model": c.uri("kit://", "models/copy:v8")},
		},
		{
			name: "tag, moved since it was locked", trusted: true, locked: true, says: kit("moved"), subject: c.uri("", "models/fraud:moved"),
			afterwards: func() { must(c.publisher.Copy(t.Context(), "models/fraud:unsigned", "models/fraud:moved")) },
			opinions: map[string]opinion{
				byVerify: yes(), byBuild: yes(), byKyverno: yes(), byListed: silent(noteListed), byBaseline: yes(),
				byCosign: no("no signatures found", noteMoved),
			},
		},
		{
			name: "tag", of: good, says: kit("v7"), change: naming(fraud("v7")), subject: c.uri("", "models/fraud:v7"),
			opinions: refused("", map[string]opinion{
				byVerify: yes(noteResolved), byBuild: yes(noteResolved), byBaseline: no(unpinned), byCosign: yes(noteResolved),
			}),
		},
		{
			name: "unsigned", of: good, says: kit("unsigned"), change: naming("kit://" + unsigned.String()), subject: unsigned.String(),
			opinions: refused("has no signature", nil),
		},
		{
			name: "unsigned canary", of: goodCanary, says: canary("unsigned"), change: naming("kit://" + unsigned.String()), subject: unsigned.String(),
			opinions: refused("spec.canary.model: "+unsigned.String()+" has no signature", nil),
		},
		{
			name: "unsigned, as `oci+native://`", of: good, says: spec{"model": c.uri("oci+native://", "models/fraud:unsigned")},
			change: naming("oci+native://" + unsigned.String()), subject: unsigned.String(),
			opinions: refused(`scheme "oci+native" is not supported`, map[string]opinion{byBaseline: no(unpinned)}),
		},
		{
			name: "wrong key", of: good, says: kit("strangers"), change: naming("kit://" + strangers.String()), subject: strangers.String(),
			opinions: refused("made by no authority of spec.trust[0]", map[string]opinion{byCosign: no("invalid signature")}),
		},
		{
			name: "attestation only", of: goodBundle, says: kit("attested"), change: naming("kit://" + attested.String()), subject: attested.String(),
			opinions: refused(isAttestation, map[string]opinion{byCosign: yes(noteAnyCosign)}),
		},
		{
			name: "attestation only, where a legacy signature was", of: good, says: kit("attested"), change: naming("kit://" + attested.String()), subject: attested.String(),
			opinions: refused(isAttestation, map[string]opinion{byListed: yes(noteAnyBundle), byCosign: yes(noteAnyCosign)}),
		},
		{
			name: "copied with its legacy signature", of: good, says: spec{"model": c.uri("kit://", "models/copy:v7")},
			change: naming("kit://" + at("models/copy", v7)), subject: at("models/copy", v7),
			opinions: refused("it is about another repository", map[string]opinion{byListed: yes(noteCopied), byCosign: yes(noteCopied)}),
		},
		{
			name: "repository without a rule", of: goodBundle, says: spec{"model": c.uri("kit://", "elsewhere/fraud:v8")},
			change: naming("kit://" + at("elsewhere/fraud", v8)), subject: at("elsewhere/fraud", v8),
			opinions: refused("no trust rule of the platform matches", map[string]opinion{
				byListed: yes(noteNoRule), byBaseline: no(noRule), byCosign: yes(noteNoRule),
			}),
		},
		{
			name: "empty config", of: goodBundle, says: spec{"model": c.uri("oci://", "models/fraud:"+string(publish.KindPlain))},
			change: naming("oci://" + plain.String()), subject: plain.String(),
			opinions: refused("neither an image nor a ModelKit nor a ModelPack", map[string]opinion{
				byListed: yes(noteServable), byBaseline: yes(noteServable), byCosign: yes(noteServable),
			}),
		},
		{
			name: "`s3://`", of: good, says: spec{"model": "s3://bucket/model"}, change: naming("s3://bucket/model"),
			opinions: refused("no trust rule of the platform matches", map[string]opinion{byBaseline: no(noRule), byCosign: silent(noteObject)}),
		},
		{
			name: "`storageUris`", of: good, says: told("storageUris", []any{map[string]any{"uri": "s3://bucket/model"}}),
			change:   setting([]any{map[string]any{"uri": "s3://bucket/model", "mountPath": "/mnt/models"}}, "spec", "predictor", "storageUris"),
			opinions: shaped(`"storageUris" is not on the allow-list`, onlyModel, onlyModel),
		},
		{
			name: "hostile argument", of: good, says: told("args", []any{"--model_dir=s3://bucket/model"}),
			change: setting([]any{"--model_dir=s3://bucket/model"}, "spec", "predictor", "model", "args"),
			opinions: shaped(`"--model_dir" is not on the allow-list`, onlyModel,
				"the model's server may be told only arguments that are listed"),
		},
		{
			name: "annotation of a local model", of: good, says: kit("v7"),
			patch:  `[{"op": "add", "path": "/metadata/annotations/internal.serving.kserve.io~1localmodel", "value": "other"}]`,
			change: setting("other", "metadata", "annotations", "internal.serving.kserve.io/localmodel"),
			opinions: map[string]opinion{
				byVerify: silent(noteUnsayable), byBuild: no("it was changed after modelfn generated it: metadata.annotations.internal.serving.kserve.io/localmodel"),
				byKyverno: no("the annotations of KServe's local model cache must not redirect the model"), byListed: silent(noteSame),
				byBaseline: no("labels and annotations of KServe's may only be those that are rendered"), byCosign: silent(noteObject),
			},
		},
		{
			name: "missing annotation", of: good, says: spec{"model": fraud("v7"), "provenance": nil},
			change:   setting("", "metadata", "annotations", "modelfn.dev/training-run-id"),
			opinions: shaped("missing-provenance: ", "annotations are required: modelfn.dev/training-run-id", "annotations are required: modelfn.dev/training-run-id"),
		},
	}
	for i := range list {
		if list[i].trusted {
			list[i].of = list[i].name
		}
	}
	return list
}

// naming has an object load another model, and say so.
func naming(uri string) func(o *cluster.Object) error {
	return func(o *cluster.Object) error {
		if _, digest, pinned := strings.Cut(uri, "@"); pinned {
			annotations := o.GetAnnotations()
			annotations["modelfn.dev/digest"] = digest
			o.SetAnnotations(annotations)
		}
		return setting(uri, "spec", "predictor", "model", "storageUri")(o)
	}
}
