package e2e_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/registry"
)

// An onslaught is what somebody does who may write to the repository and the
// registry, and has no key; and who refuses it where, for which reason.
type onslaught struct {
	name, how string
	// prepare attacks the application's directory and returns what a cluster would be
	// asked to take instead, if nobody had refused it before.
	prepare func(a *attacked, app string) (service, record *cluster.Object)
	ci      []string // the arguments of the command in CI that refuses it
	locked  bool     // the lock says so already
	online  bool     // the render that is attacked resolves tags by itself
	// The reasons, by where it is refused.
	refusedInCI, refusedAtRender, refusedAtAdmission string
}

const attackKustomization = `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [fraud.yaml, modelfn.lock.yaml]
`

// TestAttack is `make attack`: five attacks on one model, each of which is refused in
// CI, at render (by Argo CD's plugin server) and at admission (by the API server's own
// policies, or by Kyverno's), with the reason that whoever tries it reads.
func TestAttack(t *testing.T) {
	a, undo := newAttacked(t)
	defer undo()
	const (
		unsigned, unlocked, other = "has no signature", "not in the lock", "does not match any digest in statement"
		patched                   = "it was changed after modelfn generated it"
	)
	for _, o := range []onslaught{
		{
			name: "a moved tag", how: "fraud:v7 leads to other weights now",
			prepare: (*attacked).moveTag, ci: []string{"lock", "--update"}, online: true,
			refusedInCI: unsigned, refusedAtRender: unsigned, refusedAtAdmission: "digest",
		},
		{
			name: "swapped weights", how: "the deployment names the digest of other ones",
			prepare: (*attacked).swap, ci: []string{"lock"},
			refusedInCI: unsigned, refusedAtRender: unlocked, refusedAtAdmission: "digest by digest",
		},
		{
			name: "an edited lock", how: "it says that the tag is the other weights, and so would the record in the cluster",
			prepare: (*attacked).editLock, ci: []string{"verify"},
			refusedInCI: unsigned, refusedAtRender: unsigned, refusedAtAdmission: "must be signed by release",
		},
		{
			name: "a copied signature", how: "that of fraud:v7, attached to the other weights and put into the lock",
			prepare: (*attacked).copySignature, ci: []string{"lock", "--update"}, locked: true,
			refusedInCI: other, refusedAtRender: other, refusedAtAdmission: "must be signed by release",
		},
		{
			name: "a patched storageUri", how: "a kustomize patch over what was generated",
			prepare: (*attacked).patch, ci: []string{"build"},
			refusedInCI: patched, refusedAtRender: patched, refusedAtAdmission: "digest by digest",
		},
	} {
		t.Run(o.name, func(t *testing.T) { a.run(t, o) })
	}
}

// attacked is a platform team's world, and a model in it that nobody has attacked yet.
type attacked struct {
	world
	t        *testing.T
	app      string // with its lock
	platform string // a file outside of it
	trust    string // Kyverno's policies of the platform
	cluster  *cluster.Cluster
	rendered []*cluster.Object
	good     name.Digest
	evil     name.Digest // the same kit with other weights
	bundle   []byte      // the signature about good
}

func newAttacked(t *testing.T) (a *attacked, undo func()) {
	t.Helper()
	server, err := registry.Start()
	w := newWorld(t, server, err)
	a = &attacked{world: w, t: t, good: w.kit(t, "v7"), evil: w.kit(t, "evil"), cluster: bare.Get(t)}
	w.sign(t, bundle, a.good)
	platform := w.platform(t)
	platform["spec"].(map[string]any)["policy"] = map[string]any{"scope": "Platform"}
	a.platform = filepath.Join(t.TempDir(), "platform.yaml")
	write(t, a.platform, toYAML(t, platform))
	a.app = t.TempDir()
	deploy(t, a.app, "fraud", spec{"model": w.uri("kit://", "models/fraud:v7")})
	write(t, filepath.Join(a.app, "kustomization.yaml"), strings.Replace(attackKustomization, ", "+lockFile, "", 1))
	if locked := a.modelfn(a.app, "lock"); locked.ExitCode != 0 {
		t.Fatal(locked.Stderr)
	}
	a.bundle = unzipped(t, readLock(t, a.app)[w.uri("kit://", "models/fraud:v7")].Evidence[0].Data)
	a.rendered = parse(t, stdout(t, a.modelfn(a.app, "build")))

	keepParams(t, a.cluster)
	baseline := baselineOf(t, toYAML(t, platform))
	applied(t, a.cluster, baseline...)
	a.trust = w.rules(t, platform)
	return a, func() { removed(t, a.cluster, baseline) }
}

// modelfn runs with the platform's file, as in CI.
func (a *attacked) modelfn(app string, args ...string) host.Result {
	return a.world.run(a.t, app, append(args, "--platform", a.platform)...)
}

// run is one attack, and what becomes of it.
func (a *attacked) run(t *testing.T, o onslaught) {
	a.t = t
	app := a.copied()
	defer a.move(a.good)
	service, record := o.prepare(a, app)

	fmt.Printf("\n%s: %s\n", o.name, o.how)
	ci := a.modelfn(app, o.ci...)
	refusedWith(t, "CI: modelfn "+strings.Join(o.ci, " "), ci, o.refusedInCI)
	if o.ci[0] == "lock" && strings.Contains(read(t, filepath.Join(app, lockFile)), "\n    digest: "+a.evil.DigestStr()) && !o.locked {
		t.Error("the other weights are locked now")
	}
	platform := a.platform
	if o.online {
		platform = filepath.Join(t.TempDir(), "platform.yaml")
		write(t, platform, strings.Replace(read(t, a.platform), "\nspec:\n", "\nspec:\n  resolution: Online\n", 1))
		if locked := a.modelfn(app, "build"); stdout(t, locked) != stdout(t, a.modelfn(a.app, "build")) {
			t.Error("with the lock it renders something else than before")
		}
	}
	plugin := fmt.Sprintf("apiVersion: argoproj.io/v1alpha1\nkind: ConfigManagementPlugin\nmetadata: {name: modelfn}\nspec:\n  generate:\n    command: [%q, build, --require-sealed, --platform, %q, .]\n", a.world.modelfn, platform)
	refusedWith(t, "render: argocd-cmp-server", host.CMP(t, plugin, a.server.Env()).Generate(t, app, app), o.refusedAtRender)
	a.admission(t, service, record, o.refusedAtAdmission)
}

// refusedWith: nothing came out, for that reason.
func refusedWith(t *testing.T, where string, result host.Result, reason string) {
	t.Helper()
	var why string
	for line := range strings.Lines(result.Stderr) {
		if strings.Contains(line, reason) {
			_, cause, _ := strings.Cut(line, "error: ")
			for strings.Contains(cause, "error: ") { // what Argo CD says before
				_, cause, _ = strings.Cut(cause, "error: ")
			}
			why = strings.TrimSpace(cause)
			break
		}
	}
	if result.ExitCode == 0 || why == "" || strings.Contains(result.Stdout, "kind: InferenceService") {
		t.Errorf("%s: exit %d, want it refused for %q\n%s", where, result.ExitCode, reason, result.Stderr)
	}
	reports(where, why)
}

// admission asks the API server, and Kyverno about what that lets in.
func (a *attacked) admission(t *testing.T, service, record *cluster.Object, reason string) {
	t.Helper()
	home(t, a.cluster, record)
	applied(t, a.cluster, record)
	// The API server may not have seen the record yet; it has when it lets in what was rendered by it.
	allowed := changed(service.Object, map[string]any{"spec": map[string]any{"predictor": map[string]any{"model": map[string]any{
		"storageUri": fieldOf[string](t, record.Object, "data", "stable")}}}})
	allowed.SetAnnotations(map[string]string{"modelfn.dev/digest": strings.SplitN(fieldOf[string](t, record.Object, "data", "stable"), "@", 2)[1], "serving.kserve.io/deploymentMode": "Knative"})
	unrecorded := changed(allowed.Object, map[string]any{"spec": map[string]any{"predictor": map[string]any{"model": map[string]any{
		"storageUri": "kit://" + a.server.Host() + "/models/fraud@sha256:" + strings.Repeat("0", 64)}}}})
	unrecorded.SetAnnotations(map[string]string{"modelfn.dev/digest": "sha256:" + strings.Repeat("0", 64), "serving.kserve.io/deploymentMode": "Knative"})
	if err := cluster.Until(t.Context(), func() error {
		if _, err := a.cluster.CreateDry(t.Context(), unrecorded); err == nil || !strings.Contains(err.Error(), "digest by digest") {
			return fmt.Errorf("the record does not hold yet: %w", err)
		}
		_, err := a.cluster.CreateDry(t.Context(), allowed)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.cluster.CreateDry(t.Context(), service); err != nil {
		deniedBy(t, err, reason)
		reports("admission: kube-apiserver", err.Error())
		return
	}
	counts, output := a.kyverno(t, a.trust, toYAML(t, service.Object))
	if counts.Pass != 0 || counts.Fail != 1 || !strings.Contains(output, reason) {
		t.Errorf("Kyverno: %+v, want it refused for %q\n%s", counts, reason, output)
	}
	for line := range strings.Lines(output) {
		if strings.Contains(line, reason) {
			reports("admission: Kyverno", line)
			return
		}
	}
}

// reports prints who refused it, and why, for whoever watches.
func reports(where, why string) {
	why, _, _ = strings.Cut(why, "; fix:")
	if _, after, by := strings.Cut(why, "denied request: "); by {
		_, policy, _ := strings.Cut(why, "Policy '")
		policy, _, _ = strings.Cut(policy, "'")
		why = policy + ": " + after
	}
	fmt.Printf("  %-28s %s\n", where, strings.Join(strings.Fields(why), " "))
}

// copied is a copy of the application, to be attacked.
func (a *attacked) copied() string {
	dir := a.t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(a.app)); err != nil {
		a.t.Fatal(err)
	}
	return dir
}

// instead is what was rendered, in a namespace of its own, with another model.
func (a *attacked) instead(namespace, uri string) (service, record *cluster.Object) {
	home := map[string]any{"metadata": map[string]any{"namespace": namespace}}
	service = changed(ofKind(a.rendered, "InferenceService")["fraud"].Object, home)
	service = changed(service.Object, map[string]any{"spec": map[string]any{"predictor": map[string]any{"model": map[string]any{"storageUri": uri}}}})
	if _, digest, pinned := strings.Cut(uri, "@"); pinned {
		notes := service.GetAnnotations()
		notes["modelfn.dev/digest"] = digest
		service.SetAnnotations(notes)
	}
	return service, changed(ofKind(a.rendered, "ConfigMap")["modelfn-fraud"].Object, home)
}

func (a *attacked) evilURI() string { return "kit://" + a.evil.String() }

func (a *attacked) moveTag(app string) (service, record *cluster.Object) {
	a.move(a.evil)
	return a.instead("moved-tag", a.uri("kit://", "models/fraud:v7"))
}

// move moves the tag that the deployment names.
func (a *attacked) move(to name.Digest) {
	if err := a.publisher.Copy(a.t.Context(), "models/fraud@"+to.DigestStr(), "models/fraud:v7"); err != nil {
		a.t.Fatal(err)
	}
}

func (a *attacked) swap(app string) (service, record *cluster.Object) {
	deploy(a.t, app, "fraud", spec{"model": a.evilURI()})
	return a.instead("swapped-weights", a.evilURI())
}

func (a *attacked) editLock(app string) (service, record *cluster.Object) {
	a.lockEvil(app)
	service, record = a.instead("edited-lock", a.evilURI())
	// Who writes the lock writes what is rendered by it, too.
	return service, changed(record.Object, map[string]any{"data": map[string]any{"stable": a.evilURI()}})
}

// lockEvil lets the lock say that the tag is the other weights. Where it did, modelfn
// itself has written the entry, for a platform that wants no signature.
func (a *attacked) lockEvil(app string) {
	a.move(a.evil)
	defer a.move(a.good)
	own := filepath.Join(a.t.TempDir(), "own.yaml")
	platform := a.world.platform(a.t)
	platform["spec"].(map[string]any)["trust"] = []any{map[string]any{"match": []any{"**"}, "unsafeUnsigned": true}}
	write(a.t, own, toYAML(a.t, platform))
	if err := os.Remove(filepath.Join(app, lockFile)); err != nil {
		a.t.Fatal(err)
	}
	if result := a.world.run(a.t, app, "lock", "--platform", own); result.ExitCode != 0 {
		a.t.Fatal(result.Stderr)
	}
}

func (a *attacked) copySignature(app string) (service, record *cluster.Object) {
	evidence := a.evidence()
	service, record = a.editLock(app)
	lock := filepath.Join(app, lockFile)
	write(a.t, lock, strings.TrimRight(read(a.t, lock), "\n")+"\n"+evidence)
	if err := a.publisher.Attach(a.t.Context(), a.evil, "signature.json", "application/vnd.dev.sigstore.bundle.v0.3+json", a.bundle); err != nil {
		a.t.Fatal(err)
	}
	a.move(a.evil)
	service.SetNamespace("copied-signature")
	record.SetNamespace("copied-signature")
	return service, record
}

// evidence is that of the good model, as its lock has it.
func (a *attacked) evidence() string {
	locked := read(a.t, filepath.Join(a.app, lockFile))
	at := strings.Index(locked, "    evidence:\n")
	if at < 0 {
		a.t.Fatalf("no evidence in the lock:\n%s", locked)
	}
	return locked[at:]
}

func (a *attacked) patch(app string) (service, record *cluster.Object) {
	base := filepath.Join(app, "base")
	if err := os.CopyFS(base, os.DirFS(a.app)); err != nil {
		a.t.Fatal(err)
	}
	// The repository's copy of the platform is where modelfn stands among the transformers.
	write(a.t, filepath.Join(base, "platform.yaml"), strings.Replace(read(a.t, a.platform), "metadata:\n", "metadata:\n  annotations: {config.kubernetes.io/function: '"+ourImage+"'}\n", 1))
	write(a.t, filepath.Join(base, "kustomization.yaml"), attackKustomization+"transformers: [platform.yaml]\n")
	for _, file := range []string{"fraud.yaml", lockFile} {
		if err := os.Remove(filepath.Join(app, file)); err != nil {
			a.t.Fatal(err)
		}
	}
	write(a.t, filepath.Join(app, "kustomization.yaml"), fmt.Sprintf(`apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [base]
patches:
- target: {kind: InferenceService}
  patch: |-
    - {op: replace, path: /spec/predictor/model/storageUri, value: %q}
`, a.evilURI()))
	return a.instead("patched-uri", a.evilURI())
}

func unzipped(t *testing.T, data []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return data // small evidence stands as it is
	}
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
