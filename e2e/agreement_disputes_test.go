package e2e_test

import (
	"maps"
	"slices"
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
	noteBaseline  = "The baseline knows no signatures: CEL fetches nothing. Any digest in a trusted repository passes; the model's own policy says which, and at scope Platform the rule's whether it is signed."
	noteObject    = "cosign judges artifacts, and no object."
	noteCopied    = "cosign and Kyverno do not compare the repository that a legacy signature names; `verify` and `build` do, so that no policy lists it."
	noteNoRule    = "cosign and Kyverno are told a key, and not where it counts: that no rule matches is known to `verify`, `build` and the baseline, and no policy lists it."
	noteResolved  = "It resolves the tag and goes by the digest. In an object a tag is refused: what it leads to may change after it was admitted."
	noteMoved     = "cosign looks where the tag leads now. What was locked is served until somebody locks anew, which judges it anew."
	noteServable  = "It is signed as the platform demands. `verify` and `build` refuse it as nothing that KServe loads, neither kit nor image, so that no policy lists it."
	noteUnsayable = "A ModelDeployment has no field for it, and `verify` reads no patches."
	noteBundles   = "At scope Platform bundles are demanded before there is a model, and `build` refuses a model with an older signature there."
	noteAnyCosign = "cosign v3 takes any bundle by the key for a signature, whatever it attests."
	noteAnyBundle = "In a policy for a legacy signature, Kyverno takes any bundle by the key for one. Such a policy is rendered, and lists a digest, only where `build` has found a legacy signature of it."
)

// exhibits are the artifacts in dispute.
type exhibits struct {
	v7, v8, unsigned, strangers, attested, index, pack, plain name.Digest
}

// exhibit publishes them: in models/fraud, and copies elsewhere.
func (c court) exhibit(t *testing.T) exhibits {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	signed := func(tag string, format signing) name.Digest {
		digest := c.kit(t, tag)
		c.sign(t, format, digest)
		return digest
	}
	sample := func(kind publish.Kind) name.Digest {
		artifact, err := c.publisher.Sample(t.Context(), kind, "models/fraud")
		must(err)
		c.sign(t, bundle, artifact.Digest)
		return artifact.Digest
	}
	signed("moved", legacy)
	e := exhibits{
		v7: signed("v7", legacy), v8: signed("v8", bundle), unsigned: c.kit(t, "unsigned"),
		strangers: c.kit(t, "strangers"), attested: c.kit(t, "attested"),
		index: sample(publish.KindIndex), pack: sample(publish.KindModelPack), plain: sample(publish.KindPlain),
	}
	stranger, err := c.publisher.NewKey(t.Context(), "stranger")
	must(err)
	must(c.publisher.SignLegacy(t.Context(), stranger, e.strangers))
	must(c.publisher.Attest(t.Context(), c.key, e.attested, "https://example.com/review/v1", map[string]string{"ok": "yes"}))
	must(c.publisher.CopyLegacy(t.Context(), "models/fraud:v7", "models/copy:v7"))
	must(c.publisher.CopyReferrers(t.Context(), "models/fraud:v8", "models/copy:v8"))
	must(c.publisher.CopyReferrers(t.Context(), "models/fraud:v8", "elsewhere/fraud:v8"))
	return e
}

// The disputes whose rendered objects and policies others are judged by.
const good, goodBundle, goodCanary = "signed (legacy)", "signed (bundle)", "signed canary"

// disputes are all of them, in the table's order.
func (c court) disputes(t *testing.T) []dispute {
	t.Helper()
	e := c.exhibit(t)
	trusted := c.trustedOnes(t, e)
	for i := range trusted {
		trusted[i].trusted, trusted[i].of = true, trusted[i].name
	}
	return slices.Concat(trusted, c.untrustedOnes(e), c.misplaced(e), c.misshapen())
}

// fraud is the URI of a kit, and serving a deployment of it.
func (c court) fraud(tag string) string { return c.uri("kit://", "models/fraud:"+tag) }

func (c court) serving(tag string) spec { return spec{"model": c.fraud(tag)} }

// canary is a deployment of v7 with another one as its canary.
func (c court) canary(tag string) spec {
	return spec{"model": c.fraud("v7"), "canary": map[string]any{"model": c.fraud(tag), "weight": 10}}
}

func (c court) sample(kind publish.Kind) spec {
	return spec{"model": c.uri("oci://", "models/fraud:"+string(kind))}
}

// copied is an artifact's name in another repository.
func (c court) copied(path string, digest name.Digest) string {
	return c.uri("", path) + "@" + digest.DigestStr()
}

// opinions are all judges', unless it is another.
func opinions(all, others map[string]opinion) map[string]opinion {
	all = maps.Clone(all)
	maps.Copy(all, others)
	return all
}

// trustedOnes are admitted by what is rendered of them.
func (c court) trustedOnes(t *testing.T, e exhibits) []dispute {
	admitted := map[string]opinion{
		byVerify: yes(), byBuild: yes(), byKyverno: yes(), byListed: silent(noteListed), byBaseline: yes(), byScope: yes(), byCosign: yes(),
	}
	older := no(mustBeSigned, noteBundles)
	move := func() {
		if err := c.publisher.Copy(t.Context(), "models/fraud:unsigned", "models/fraud:moved"); err != nil {
			t.Fatal(err)
		}
	}
	return []dispute{
		{name: good, says: c.serving("v7"), subject: e.v7.String(), opinions: opinions(admitted, map[string]opinion{byScope: older})},
		{name: goodBundle, says: c.serving("v8"), subject: e.v8.String(), opinions: admitted},
		{name: goodCanary, says: c.canary("v8"), subject: e.v8.String(), opinions: admitted},
		{name: "index of images", says: c.sample(publish.KindIndex), subject: e.index.String(), opinions: admitted},
		{name: "ModelPack", says: c.serving(string(publish.KindModelPack)), subject: e.pack.String(), opinions: admitted},
		{
			name: "copied with its bundle", says: spec{"model": c.uri("kit://", "models/copy:v8")},
			subject: c.copied("models/copy", e.v8), opinions: admitted,
		},
		{
			name: "tag, moved since it was locked", says: c.serving("moved"), locked: true, afterwards: move,
			subject:  c.uri("", "models/fraud:moved"),
			opinions: opinions(admitted, map[string]opinion{byScope: older, byCosign: no("no signatures found", noteMoved)}),
		},
	}
}

// refused is what most say of a model that is not verified, besides why it is not.
func refused(because string, others map[string]opinion) map[string]opinion {
	return opinions(map[string]opinion{
		byVerify: no(because), byBuild: no(because), byKyverno: no(notVerified), byListed: no(mustBeSigned),
		byBaseline: yes(noteBaseline), byScope: no(mustBeSigned), byCosign: no("no signatures found"),
	}, others)
}

const (
	unpinned = "the model must be named by digest"
	noRule   = "no trust rule of platform prod admits the model"
)

// untrustedOnes have no signature that counts.
func (c court) untrustedOnes(e exhibits) []dispute {
	const attestation = `an attestation of type "https://example.com/review/v1" is no signature`
	unsigned, attested := naming("kit://"+e.unsigned.String()), naming("kit://"+e.attested.String())
	return []dispute{
		{
			name: "tag", of: good, says: c.serving("v7"), change: naming(c.fraud("v7")), subject: c.uri("", "models/fraud:v7"),
			opinions: refused("", map[string]opinion{
				byVerify: yes(noteResolved), byBuild: yes(noteResolved), byBaseline: no(unpinned), byScope: no(unpinned), byCosign: yes(noteResolved),
			}),
		},
		{
			name: "unsigned", of: good, says: c.serving("unsigned"), change: unsigned, subject: e.unsigned.String(),
			opinions: refused("has no signature", nil),
		},
		{
			name: "unsigned canary", of: goodCanary, says: c.canary("unsigned"), change: unsigned, subject: e.unsigned.String(),
			opinions: refused("spec.canary.model: "+e.unsigned.String()+" has no signature", nil),
		},
		{
			name: "unsigned, as `oci+native://`", of: good, says: spec{"model": c.uri("oci+native://", "models/fraud:unsigned")},
			change: naming("oci+native://" + e.unsigned.String()), subject: e.unsigned.String(),
			opinions: refused(`scheme "oci+native" is not supported`, map[string]opinion{byBaseline: no(unpinned), byScope: no(unpinned)}),
		},
		{
			name: "wrong key", of: good, says: c.serving("strangers"), change: naming("kit://" + e.strangers.String()), subject: e.strangers.String(),
			opinions: refused("made by no authority of spec.trust[0]", map[string]opinion{byCosign: no("invalid signature")}),
		},
		{
			name: "attestation only", of: goodBundle, says: c.serving("attested"), change: attested, subject: e.attested.String(),
			opinions: refused(attestation, map[string]opinion{byCosign: yes(noteAnyCosign)}),
		},
		{
			name: "attestation only, where a legacy signature was", of: good, says: c.serving("attested"), change: attested, subject: e.attested.String(),
			opinions: refused(attestation, map[string]opinion{byListed: yes(noteAnyBundle), byCosign: yes(noteAnyCosign)}),
		},
	}
}

// misplaced is signed, or nobody could sign it, and has no business where it is.
func (c court) misplaced(e exhibits) []dispute {
	copied, elsewhere := c.copied("models/copy", e.v7), c.copied("elsewhere/fraud", e.v8)
	return []dispute{
		{
			name: "copied with its legacy signature", of: good, says: spec{"model": c.uri("kit://", "models/copy:v7")},
			change: naming("kit://" + copied), subject: copied,
			opinions: refused("it is about another repository", map[string]opinion{byListed: yes(noteCopied), byCosign: yes(noteCopied)}),
		},
		{
			name: "repository without a rule", of: goodBundle, says: spec{"model": c.uri("kit://", "elsewhere/fraud:v8")},
			change: naming("kit://" + elsewhere), subject: elsewhere,
			opinions: refused("no trust rule of the platform matches", map[string]opinion{
				byListed: yes(noteNoRule), byBaseline: no(noRule), byScope: no(noRule), byCosign: yes(noteNoRule),
			}),
		},
		{
			name: "empty config", of: goodBundle, says: c.sample(publish.KindPlain), change: naming("oci://" + e.plain.String()), subject: e.plain.String(),
			opinions: refused("neither an image nor a ModelKit nor a ModelPack", map[string]opinion{
				byListed: yes(noteServable), byBaseline: yes(noteServable), byScope: yes(noteServable), byCosign: yes(noteServable),
			}),
		},
		{
			name: "`s3://`", of: good, says: spec{"model": "s3://bucket/model"}, change: naming("s3://bucket/model"),
			opinions: refused("no trust rule of the platform matches", map[string]opinion{byBaseline: no(noRule), byScope: no(noRule), byCosign: silent(noteObject)}),
		},
	}
}

// misshapen is the verified model, in an object that makes something else of it.
func (c court) misshapen() []dispute {
	shaped := func(because, guard, baseline string) map[string]opinion {
		return map[string]opinion{
			byVerify: no(because), byBuild: no(because), byKyverno: no(guard), byListed: silent(noteSame),
			byBaseline: no(baseline), byScope: no(baseline), byCosign: silent(noteObject),
		}
	}
	told := func(field string, value any) spec {
		return spec{"model": c.fraud("v7"), "predictor": map[string]any{field: value}}
	}
	const redirected, required = "internal.serving.kserve.io/localmodel", "annotations are required: modelfn.dev/training-run-id"
	return []dispute{
		{
			name: "`storageUris`", of: good, says: told("storageUris", []any{map[string]any{"uri": "s3://bucket/model"}}),
			change:   setting([]any{map[string]any{"uri": "s3://bucket/model", "mountPath": "/mnt/models"}}, "spec", "predictor", "storageUris"),
			opinions: shaped(`"storageUris" is not on the allow-list`, onlyModel, onlyModel),
		},
		{
			name: "hostile argument", of: good, says: told("args", []any{"--model_dir=s3://bucket/model"}),
			change:   setting([]any{"--model_dir=s3://bucket/model"}, "spec", "predictor", "model", "args"),
			opinions: shaped(`"--model_dir" is not on the allow-list`, onlyModel, "the model's server may be told only arguments that are listed"),
		},
		{
			name: "annotation of a local model", of: good, says: c.serving("v7"),
			patch:  `[{"op": "add", "path": "/metadata/annotations/internal.serving.kserve.io~1localmodel", "value": "other"}]`,
			change: setting("other", "metadata", "annotations", redirected),
			opinions: opinions(shaped("it was changed after modelfn generated it: metadata.annotations."+redirected,
				"the annotations of KServe's local model cache must not redirect the model",
				"labels and annotations of KServe's may only be those that are rendered"), map[string]opinion{byVerify: silent(noteUnsayable)}),
		},
		{
			name: "missing annotation", of: good, says: spec{"model": c.fraud("v7"), "provenance": nil},
			change:   setting("", "metadata", "annotations", "modelfn.dev/training-run-id"),
			opinions: shaped("missing-provenance: ", required, required),
		},
	}
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
