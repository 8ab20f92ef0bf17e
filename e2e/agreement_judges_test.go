package e2e_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/cluster"
	"github.com/modelfn/modelfn/e2e/internal/host"
	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// modelJudge says of a dispute whether it is admitted, and what it had to say. It
// fails the test when it cannot say that it looked.
type modelJudge struct {
	name string
	ask  func(c court, t *testing.T, d dispute) (admitted bool, said string)
	// like is whose opinion it has where it has none of its own.
	like string
}

// The names of the judges, as the table has them.
const (
	byVerify   = "`modelfn verify`"
	byBuild    = "`modelfn build`"
	byKyverno  = "Kyverno"
	byListed   = "Kyverno, if listed"
	byAPI      = "ValidatingAdmissionPolicy"
	byBaseline = "baseline"
	byScope    = "scope Platform"
	byCosign   = "cosign"
)

var judgesOfModels = []modelJudge{
	{byVerify, court.verify, ""},
	{byBuild, court.build, ""},
	{byKyverno, court.kyvernoCLI, ""},
	{byListed, court.kyvernoListed, ""},
	{byAPI, court.apiServer, byKyverno},
	{byBaseline, court.baseline, ""},
	{byScope, court.scopePlatform, ""},
	{byCosign, court.cosign, ""},
}

// verify looks at each version: all are trusted, or some is refused. One that it
// could not find out about is no verdict.
func (c court) verify(t *testing.T, d dispute) (bool, string) {
	t.Helper()
	result := c.run(t, c.apps[d.name], "verify", "-o", "json")
	var versions []struct{ Verdict string }
	if err := json.Unmarshal([]byte(result.Stdout), &versions); err != nil {
		t.Fatalf("%v:\n%s%s", err, result.Stdout, result.Stderr)
	}
	found := map[string]int{}
	for _, v := range versions {
		found[v.Verdict]++
	}
	of := 1
	if d.says["canary"] != nil {
		of++
	}
	if found["trusted"]+found["refused"] != of || len(versions) != of {
		t.Fatalf("it judged %v, want %d versions:\n%s", found, of, result.Stderr)
	}
	return found["refused"] == 0, result.Stderr
}

// build renders the model, or nothing at all.
func (c court) build(t *testing.T, d dispute) (bool, string) {
	t.Helper()
	app := c.apps[d.name]
	args := []string{"build"}
	if d.patch != "" {
		app = patched(t, app, d.patch)
		args = append(args, "outer", "--root", app)
	}
	result := c.run(t, app, args...)
	if result.ExitCode == 0 {
		if len(ofKind(parse(t, result.Stdout), "InferenceService")) != 1 {
			t.Fatalf("it rendered no model:\n%s", result.Stdout)
		}
	} else if result.ExitCode != 1 || result.Stdout != "" {
		t.Fatalf("exit %d:\n%s%s", result.ExitCode, result.Stdout, result.Stderr)
	}
	return result.ExitCode == 0, result.Stderr
}

// patched is a copy of an app whose outer kustomization patches what was rendered.
func patched(t *testing.T, app, patch string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "inner"), os.DirFS(app)); err != nil {
		t.Fatal(err)
	}
	platform := read(t, filepath.Join(app, "platform.yaml"))
	write(t, filepath.Join(dir, "inner", "platform.yaml"), strings.Replace(platform, "metadata:\n",
		"metadata:\n  annotations:\n    config.kubernetes.io/function: |\n      "+ourImage+"\n", 1))
	write(t, filepath.Join(dir, "inner", "kustomization.yaml"), "resources: ["+deploymentFile(t, app)+"]\ntransformers: [platform.yaml]\n")
	if err := os.Mkdir(filepath.Join(dir, "outer"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "outer", "kustomization.yaml"), "resources: [../inner]\npatches:\n- target: {kind: InferenceService}\n  patch: '"+patch+"'\n")
	return dir
}

// kyvernoCLI judges by the policy that was rendered.
func (c court) kyvernoCLI(t *testing.T, d dispute) (bool, string) {
	t.Helper()
	policy, o := c.before(t, d)
	return c.judged(t, policy, o)
}

// kyvernoListed judges by a policy that lists the very model, as if it had been
// rendered: whether it is signed decides, and not the list.
func (c court) kyvernoListed(t *testing.T, d dispute) (bool, string) {
	t.Helper()
	policy, o := c.before(t, d)
	is := func(o *cluster.Object) string {
		return fieldOf[string](t, o.Object, "spec", "predictor", "model", "storageUri")
	}
	was, now := is(c.rendered[d.of].service), is(o)
	identity := func(uri string) string { _, rest, _ := strings.Cut(uri, "://"); return rest }
	glob := func(uri string) string { repository, _, _ := strings.Cut(identity(uri), "@"); return repository + "@*" }
	listed := policy
	for _, of := range []func(string) string{func(uri string) string { return uri }, identity, glob} {
		listed = strings.ReplaceAll(listed, of(was), of(now))
	}
	if was == now || listed == policy {
		t.Fatalf("%s was in the place of %s already", now, was)
	}
	return c.judged(t, listed, o)
}

// before are the policy by which a dispute is judged, and the object in question.
func (c court) before(t *testing.T, d dispute) (policy string, o *cluster.Object) {
	t.Helper()
	return toYAML(t, c.rendered[d.of].beside["Kyverno"][0].Object), c.object(t, d)
}

func (c court) judged(t *testing.T, policy string, o *cluster.Object) (bool, string) {
	t.Helper()
	counts, output := c.kyverno(t, policy, toYAML(t, o.Object))
	switch {
	case counts == (host.Counts{Pass: 1}):
		return true, output
	case counts.Pass == 0 && counts.Fail+counts.Error == 1:
		return false, output
	}
	t.Fatalf("it judged nothing, or more than that: %+v\n%s", counts, output)
	return false, ""
}

// apiServer has the model's own policy judge, in a namespace that the baseline
// leaves out.
func (c court) apiServer(t *testing.T, d dispute) (bool, string) {
	t.Helper()
	return c.created(t, c.object(t, d), ownPolicy(c.rendered[d.of]))
}

// baseline judges where no model has a policy of its own.
func (c court) baseline(t *testing.T, d dispute) (bool, string) {
	t.Helper()
	o := c.object(t, d)
	o.SetNamespace(guardedNamespace)
	return c.created(t, o, "modelfn-models")
}

// scopePlatform judges by the baseline for a platform as a whole: what the API server
// lets in, Kyverno judges by the trust rules' policies.
func (c court) scopePlatform(t *testing.T, d dispute) (bool, string) {
	t.Helper()
	if admitted, said := c.baseline(t, d); !admitted {
		return false, said
	}
	return c.judged(t, c.trust, c.object(t, d))
}

// created asks the API server, which refuses by no other policy. convene has seen
// that all of them hold.
func (c court) created(t *testing.T, o *cluster.Object, policy string) (bool, string) {
	t.Helper()
	_, err := c.cluster.CreateDry(t.Context(), o)
	if err == nil {
		return true, ""
	}
	if !strings.Contains(err.Error(), "ValidatingAdmissionPolicy '"+policy+"' with binding '"+policy+"' denied request: ") {
		t.Fatalf("%s did not refuse it: %v", policy, err)
	}
	return false, err.Error()
}

// cosign is asked for a signature by the platform's key.
func (c court) cosign(t *testing.T, d dispute) (bool, string) {
	t.Helper()
	result := host.Run(t, host.Command{
		Path: host.Peer(t, peer.Cosign3),
		Args: []string{"verify", "--key", c.key.Public, "--insecure-ignore-tlog", "--allow-http-registry", "--allow-insecure-registry", d.subject},
		Env:  append(c.server.Env(), "HTTPS_PROXY=http://127.0.0.1:1", "DOCKER_CONFIG="+t.TempDir(), "HOME="+t.TempDir()),
	})
	if result.ExitCode != 0 {
		return false, result.Stderr
	}
	var signatures []any
	if err := json.Unmarshal([]byte(result.Stdout), &signatures); err != nil || len(signatures) == 0 {
		t.Fatalf("%d signatures, %v:\n%s%s", len(signatures), err, result.Stdout, result.Stderr)
	}
	return true, result.Stderr
}
