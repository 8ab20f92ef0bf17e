package e2e_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
)

// followed is a cluster that follows what is released, as examples/flux says.
type followed struct {
	released
	cluster *cluster.Cluster
	// objects of the example, by kind and name.
	objects map[string]*cluster.Object
}

// follow runs Flux's controllers. What is changed in the example is where the
// registry is, who signs, and how long Flux waits.
func follow(t *testing.T, args ...string) followed {
	t.Helper()
	f := followed{newReleased(t), bare.Get(t), map[string]*cluster.Object{}}
	f.cluster.Flux(t, f.server.Env(), args...)
	pem, err := f.key.PublicPEM()
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range append(example(t, "models.yaml"), parse(t, fmt.Sprintf(
		"apiVersion: v1\nkind: Secret\nmetadata: {name: release, namespace: ml-serving}\nstringData: {release.pub: %q}\n", pem))...) {
		f.objects[o.GetKind()+" "+o.GetName()] = o
		switch o.GetKind() {
		case "OCIRepository":
			set(t, o, "oci://"+f.repository(), "spec", "url")
			set(t, o, "1s", "spec", "interval")
			unstructured.RemoveNestedField(o.Object, "spec", "verify", "matchOIDCIdentity")
			set(t, o, "release", "spec", "verify", "secretRef", "name")
		case "Kustomization":
			unstructured.RemoveNestedField(o.Object, "spec", "dependsOn")
			set(t, o, "1s", "spec", "retryInterval")
			set(t, o, "30s", "spec", "timeout")
		}
		home(t, f.cluster, o)
	}
	return f
}

// example is what a file of the example holds.
func example(t *testing.T, file string) []*cluster.Object {
	t.Helper()
	return parse(t, read(t, filepath.Join(fluxExamples, file)))
}

func set(t *testing.T, o *cluster.Object, value any, path ...string) {
	t.Helper()
	if err := unstructured.SetNestedField(o.Object, value, path...); err != nil {
		t.Fatal(err)
	}
}

// apply applies objects of the example, which go when the test ends.
func (f followed) apply(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		o := f.objects[name]
		if o == nil {
			t.Fatalf("%s is not in the example", name)
		}
		if _, err := f.cluster.Apply(t.Context(), o); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		t.Cleanup(func() { gone(t, f.cluster, o) })
	}
}

// gone deletes an object, and waits for what Flux does then.
func gone(t *testing.T, c *cluster.Cluster, o *cluster.Object) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context()) // it is over when a test is
	if err := c.Delete(ctx, o); err != nil {
		t.Errorf("%s: %v", id(o), err)
	}
	if err := c.AwaitGone(ctx, o); err != nil {
		t.Errorf("%s: %v", id(o), err)
	}
}

// until waits for a condition of an object of the example, with this in its message,
// and returns the object.
func (f followed) until(t *testing.T, name, condition, status, message string) *cluster.Object {
	t.Helper()
	got, err := f.cluster.Await(t.Context(), f.objects[name], func(o *cluster.Object) error {
		conditions, _, err := unstructured.NestedSlice(o.Object, "status", "conditions")
		for _, c := range conditions {
			c := c.(map[string]any)
			if c["type"] == condition && c["status"] == status && strings.Contains(fmt.Sprint(c["reason"], ": ", c["message"]), message) {
				return err
			}
		}
		return fmt.Errorf("%s is not %s=%s %q: %v", name, condition, status, message, conditions)
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// TestFluxStoresTheExample: the API server takes each object as it is written, by
// the definitions of Flux's controllers.
func TestFluxStoresTheExample(t *testing.T) {
	c := bare.Get(t)
	c.FluxKinds(t)
	for _, file := range []string{"models.yaml", "baseline.yaml"} {
		for _, o := range example(t, file) {
			home(t, c, o)
			stored, err := c.DryRun(t.Context(), o)
			if err != nil {
				t.Errorf("%s: %s: %v", file, id(o), err)
			} else if diff := cmp.Diff(content(o), content(stored)); diff != "" {
				t.Logf("%s: %s: defaults: -written, +stored:\n%s", file, id(o), diff)
			}
		}
	}
}

const source, flow = "OCIRepository models", "Kustomization models"

// TestFluxVerifies: Flux's source-controller takes what release.sh has published, and
// nothing that was pushed past it, though it is under the same tag.
func TestFluxVerifies(t *testing.T) {
	f := follow(t)
	stdout(t, f.release(t))
	f.apply(t, "Secret release", source)
	ready := f.until(t, source, "Ready", "True", "stored artifact")
	f.until(t, source, "SourceVerified", "True", "verified signature")
	revision := fieldOf[string](t, ready.Object, "status", "artifact", "revision")

	for name, push := range map[string]func(*testing.T, string){
		"another rendering": func(t *testing.T, dir string) {
			file := filepath.Join(dir, "rendered.yaml")
			write(t, file, strings.ReplaceAll(read(t, file), "maxReplicas: 4", "maxReplicas: 40"))
			f.flux(t, "push", "artifact", "oci://"+f.repository()+":prod", "--path", dir, "--source", "x", "--revision", "x")
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			f.flux(t, "pull", "artifact", "oci://"+f.repository()+":prod", "--output", dir)
			push(t, dir)
			refused := f.until(t, source, "SourceVerified", "False", "no matching signatures")
			if now := fieldOf[string](t, refused.Object, "status", "artifact", "revision"); now != revision {
				t.Errorf("%s is stored, and not %s", now, revision)
			}
		})
	}
}

// TestFluxApplies: kustomize-controller applies what was signed and nothing else, is
// ready when KServe and Kyverno are, and prunes what is released no more.
func TestFluxApplies(t *testing.T) {
	f := follow(t)
	stdout(t, f.release(t))
	f.apply(t, "Secret release", source, "ServiceAccount models", "Role models", "RoleBinding models", flow)
	rendered := ofAll(parse(t, stdout(t, f.run(t, f.app, "build", "--platform", f.env["PLATFORM"]))))
	for name, o := range rendered {
		stored, err := f.cluster.Await(t.Context(), o, cluster.Exists)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		labels := stored.GetLabels()
		for _, own := range []string{"name", "namespace"} {
			if labels["kustomize.toolkit.fluxcd.io/"+own] == "" {
				t.Errorf("%s: labels %v: not Flux's", name, labels)
			}
			delete(labels, "kustomize.toolkit.fluxcd.io/"+own)
		}
		stored.SetLabels(labels)
		if diff := cmp.Diff(content(o), content(stored)); diff != "" {
			t.Errorf("%s: -rendered, +applied:\n%s", name, diff)
		}
	}
	f.until(t, flow, "Ready", "True", "Applied revision")
}

// TestFluxCannotWait: why the example does not wait. Flux takes an InferenceService
// without a status for ready; and KServe gives it the observed generation of the
// Deployment that it makes, which to Flux is one that is not ready.
func TestFluxCannotWait(t *testing.T) {
	f := follow(t)
	stdout(t, f.release(t))
	set(t, f.objects[flow], true, "spec", "wait")
	set(t, f.objects[flow], "5s", "spec", "timeout")
	f.apply(t, "Secret release", source, "ServiceAccount models", "Role models", "RoleBinding models", flow)
	// KServe has said nothing about it.
	f.until(t, flow, "Ready", "True", "Applied revision")

	file := filepath.Join(f.app, "fraud.yaml")
	write(t, file, strings.Replace(read(t, file), "max: 4", "max: 5", 1))
	f.env["REVISION"] = "main@sha1:" + strings.Repeat("0b", 20)
	service := ofAll(parse(t, stdout(t, f.run(t, f.app, "build", "--platform", f.env["PLATFORM"]))))["InferenceService fraud"]
	const ready = `{"conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z"}],"observedGeneration":%d}`
	f.status(t, service, fmt.Sprintf(ready, 7))
	stdout(t, f.release(t))
	f.until(t, flow, "Ready", "False", "InferenceService/ml-serving/fraud status: 'InProgress'")
	f.status(t, service, fmt.Sprintf(ready, 2))
	f.until(t, flow, "Ready", "True", "Applied revision")
}

// TestFluxRecords: kustomize-controller asks for all objects of a stage whether they
// would be let in before it applies the first. At scope Platform another model is not,
// before its record is changed: records need a stage of their own.
func TestFluxRecords(t *testing.T) {
	for args, want := range map[string]struct{ ready, message string }{
		"":                                     {"False", "its ConfigMap modelfn-<name> lists them, and has to be there first"},
		"--custom-apply-stage-kinds=ConfigMap": {"True", "Applied revision"},
	} {
		t.Run(args, func(t *testing.T) {
			f := follow(t, strings.Fields(args)...)
			platform := read(t, f.env["PLATFORM"]) + "  policy: {scope: Platform, onGap: Warn}\n"
			write(t, f.env["PLATFORM"], platform)
			keepParams(t, f.cluster)
			policies := applied(t, f.cluster, baselineOf(t, platform)...)
			defer removed(t, f.cluster, policies)
			deployment, _, _ := strings.Cut(quickstart(t, "fraud.yaml"), "  canary:")
			write(t, filepath.Join(f.app, "fraud.yaml"), deployment)
			stdout(t, f.release(t))
			f.apply(t, "Secret release", source, "ServiceAccount models", "Role models", "RoleBinding models", flow)
			first := f.until(t, flow, "Ready", "True", "Applied revision")

			write(t, filepath.Join(f.app, "fraud.yaml"), strings.Replace(deployment, ":v7", ":v8", 1))
			f.env["REVISION"] = "main@sha1:" + strings.Repeat("0b", 20)
			second := strings.TrimSpace(stdout(t, f.release(t)))
			digest := second[strings.LastIndex(second, "@"):]
			if strings.Contains(fmt.Sprint(first.Object["status"]), digest) {
				t.Fatalf("%s was released before", digest)
			}
			_, err := f.cluster.Await(t.Context(), f.objects[flow], func(o *cluster.Object) error {
				if last := fieldOf[string](t, o.Object, "status", "lastAttemptedRevision"); !strings.HasSuffix(last, digest) {
					return fmt.Errorf("%s, and not %s", last, digest)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			f.until(t, flow, "Ready", want.ready, want.message)
		})
	}
}

// ofAll are objects by kind and name.
func ofAll(objects []*cluster.Object) map[string]*cluster.Object {
	out := map[string]*cluster.Object{}
	for _, o := range objects {
		out[o.GetKind()+" "+o.GetName()] = o
	}
	return out
}

// status is what a controller that does not run would say.
func (f followed) status(t *testing.T, o *cluster.Object, status string) {
	t.Helper()
	if err := f.cluster.SetStatus(t.Context(), o, status); err != nil {
		t.Fatalf("%s: %v", id(o), err)
	}
}
