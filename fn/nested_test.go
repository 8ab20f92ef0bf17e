package fn_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/lock"
	"github.com/modelfn/modelfn/internal/model"
	"github.com/modelfn/modelfn/internal/testsign"
)

// signedAs is a kit with the release key's signature.
func signedAs(m testsign.Model) testsign.Published {
	return testsign.Published{Model: m, Evidence: []artifact.Evidence{release.Bundle(m.Digest())}}
}

// chain publishes kits of which each names the one before; fraud:top is the last.
func chain(steps int) *testsign.Source {
	source := &testsign.Source{Published: map[string]testsign.Published{}}
	m := testsign.Kit("base", "1")
	source.Published["kit://"+fraud+":0"] = signedAs(m)
	for i := range steps {
		m = testsign.Tuned("tuned", fmt.Sprint(i), fraud+"@"+string(m.Digest()))
		source.Published[fmt.Sprintf("kit://%s:%d", fraud, i+1)] = signedAs(m)
	}
	source.Published["kit://"+fraud+":top"] = signedAs(m)
	return source
}

// TestNestedDepth: five steps, and no more.
func TestNestedDepth(t *testing.T) {
	locked, findings := lockAll(t, chain(5), fn.LockOptions{}, deployment("top"), platform())
	if got := digestsOf(locked.Locks); len(findings) > 0 || len(got) != 6 {
		t.Errorf("%d entries, %v; want the kit and five below it", len(got), findings)
	}
	_, findings = lockAll(t, chain(6), fn.LockOptions{}, deployment("top"), platform())
	wantRule(t, findings, "refused-artifact", "refers to other artifacts over more than 5 steps")
}

// TestNestedCount: 32 in all, on whatever step; what two name counts once.
func TestNestedCount(t *testing.T) {
	wide := func(n, more int) *testsign.Source {
		source := &testsign.Source{Published: map[string]testsign.Published{}}
		var data []map[string]any
		var references []string
		for i := range n {
			// The first names the second once more, and some of their own.
			inner := testsign.Kit("data", fmt.Sprint(i))
			if i < more {
				deep := testsign.Kit("deep", fmt.Sprint(i))
				source.Published[fmt.Sprintf("kit://%s:deep%d", fraud, i)] = signedAs(deep)
				inner = testsign.Tuned("data", fmt.Sprint(i), fraud+"@"+string(deep.Digest()))
			}
			source.Published[fmt.Sprintf("kit://%s:d%d", fraud, i)] = signedAs(inner)
			name := fraud + "@" + string(inner.Digest())
			data, references = append(data, map[string]any{"remotePath": name}), append(references, "kit://"+name)
		}
		top := testsign.KitWith(map[string]any{"model": map[string]any{"framework": "sklearn"}, "datasets": data})
		top.Summary.Format, top.Summary.References = "sklearn", references
		source.Published["kit://"+fraud+":top"] = signedAs(top)
		return source
	}
	if locked, findings := lockAll(t, wide(30, 2), fn.LockOptions{}, deployment("top"), platform()); len(findings) > 0 || len(digestsOf(locked.Locks)) != 33 {
		t.Errorf("%d entries, %v; want the kit and 32 others", len(digestsOf(locked.Locks)), findings)
	}
	_, findings := lockAll(t, wide(30, 3), fn.LockOptions{}, deployment("top"), platform())
	wantRule(t, findings, "refused-artifact", "refers to more than 32 other artifacts")
}

// TestNestedNamedTwice is asked for once, and has one entry.
func TestNestedNamedTwice(t *testing.T) {
	base := testsign.Kit("base", "1")
	name := fraud + "@" + string(base.Digest())
	top := testsign.KitWith(map[string]any{"model": map[string]any{"framework": "sklearn", "path": name}, "datasets": []map[string]any{{"remotePath": name}}})
	top.Summary.Format, top.Summary.References = "sklearn", []string{"kit://" + name, "kit://" + name}
	source := &testsign.Source{Published: map[string]testsign.Published{"kit://" + fraud + ":0": signedAs(base), "kit://" + fraud + ":top": signedAs(top)}}
	locked, findings := lockAll(t, source, fn.LockOptions{}, deployment("top"), platform())
	if got := digestsOf(locked.Locks); len(findings) > 0 || len(got) != 2 || len(source.Asked()) != 2 {
		t.Errorf("%d entries after %v, %v", len(got), source.Asked(), findings)
	}
	// Or each step would double the next one's work.
	p, _ := fn.Read(nil, parse(t, list("", deployment("top"), platform())).Items)
	chosen, _ := fn.Sources{}.Choose(p.Platforms)
	m := model.New(p.Deployments[0].ModelDeployment, p.Deployments[0].At, chosen)
	if r := fn.Pin(t.Context(), source, m, &m.Stable); r.Err != nil || len(r.Nested) != 1 {
		t.Errorf("%d nested, %v, want one", len(r.Nested), r.Err)
	}
}

// TestNestedEndsAtWhatIsNotTrusted: nothing is asked for on its word.
func TestNestedEndsAtWhatIsNotTrusted(t *testing.T) {
	source := chain(3)
	middle := source.Published["kit://"+fraud+":2"]
	source.Published["kit://"+fraud+":2"] = testsign.Published{Model: middle.Model}
	_, findings := lockAll(t, source, fn.LockOptions{}, deployment("top"), platform())
	wantRule(t, findings, "untrusted-model", "refers to another artifact: "+fraud+"@"+string(middle.Digest())+" has no signature")
	if asked := source.Asked(); len(asked) != 2 {
		t.Errorf("asked for %v, want the outer kit and the one that is not signed", asked)
	}
	source = chain(1)
	outer := source.Published["kit://"+fraud+":top"]
	source.Published["kit://"+fraud+":top"] = testsign.Published{Model: outer.Model}
	_, findings = lockAll(t, source, fn.LockOptions{}, deployment("top"), platform())
	wantRule(t, findings, "untrusted-model", string(outer.Digest())+" has no signature")
	if asked := source.Asked(); len(asked) != 1 {
		t.Errorf("asked for %v, want the outer kit, which is not signed", asked)
	}
}

// TestLockUpdatesOneOfTwo: that another deployment is held at its locked digest
// says nothing about the one that is updated.
func TestLockUpdatesOneOfTwo(t *testing.T) {
	a, b := strings.Replace(deployment("v7"), "name: fraud", "name: aaa", 1), strings.Replace(deployment("v7"), "name: fraud", "name: bbb", 1)
	withoutEvidence := world()[v7].Entry(v7)
	locks := append(own(t, lockFor(t, b)), lock.New(decode(t, a), []v1alpha1.LockedModel{withoutEvidence}))
	w := moved()
	w.Published[v7+"-as-it-was"] = world()[v7]
	locked, findings := lockAll(t, w, fn.LockOptions{Own: locks, Update: func(d *v1alpha1.ModelDeployment, _ string) bool { return d.Metadata.Name == "bbb" }}, a, b, platform())
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	for i, want := range []artifact.Digest{world()[v7].Digest(), world()[v8].Digest()} {
		if got := locked.Entries[i]; len(got) != 1 || got[0].Digest != string(want) {
			t.Errorf("deployment %d is locked to %v, want %s", i, got[0].Digest, want)
		}
	}
}

// gauge counts how many ask at once.
type gauge struct {
	artifact.Source
	mu        sync.Mutex
	now, most int
	release   chan struct{}
	full      sync.Once
}

func (g *gauge) count(by int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now += by
	if g.most = max(g.most, g.now); g.now == cap(g.release) {
		g.full.Do(func() { close(g.release) }) // as many as may are here
	}
}

func (g *gauge) Pin(ctx context.Context, ref artifact.Reference) (artifact.Pinned, error) {
	g.count(1)
	<-g.release
	defer g.count(-1)
	return g.Source.Pin(ctx, ref)
}

// TestJobs: as many models are asked about at once as is allowed, and no more.
func TestJobs(t *testing.T) {
	var items []string
	for i := range 20 {
		items = append(items, strings.Replace(deployment(fmt.Sprintf("v%d", i+100)), "name: fraud", fmt.Sprintf("name: d%d", i), 1))
	}
	p, _ := fn.Read(nil, parse(t, list("", append(items, platform())...)).Items)
	g := &gauge{Source: &testsign.Source{Published: world()}, release: make(chan struct{}, 7)}
	cfg := fn.Config{Jobs: 7, Online: func(v1alpha1.ModelPlatformSpec) (artifact.Source, error) { return g, nil }}
	if _, findings := fn.Lock(t.Context(), p, cfg, fn.LockOptions{}); len(findings) != 20 {
		t.Errorf("%d findings, want one for each", len(findings))
	}
	if g.most != 7 {
		t.Errorf("%d asked at once, want 7", g.most)
	}
}

// TestOnlineAsksTheHub: a branch becomes the commit that the hub names; the
// lock, from which a render without network works, refuses it.
func TestOnlineAsksTheHub(t *testing.T) {
	const commit = "0123456789abcdef0123456789abcdef01234567"
	hub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"sha":"` + commit + `"}`))
	}))
	t.Cleanup(hub.Close)
	host := strings.TrimPrefix(hub.URL, "http://")
	spec := "trust:\n- match: ['hf://acme/**']\n  unsafeUnsigned: true\nregistries:\n- {host: huggingface.co, mirror: '" + host + "'}\n- {host: '" + host + "', plainHTTP: true}\n"
	p := func(resolution string) string {
		return "apiVersion: modelfn.dev/v1alpha1\nkind: ModelPlatform\nmetadata:\n  name: prod\nspec:\n" + indented(2, spec+resolution)
	}
	d := strings.Replace(deployment("x", "format: {name: huggingface}"), "kit://"+fraud+":x", "hf://acme/fraud:main", 1)
	out := run(t, list("", d, p("resolution: Online")), fn.Config{})
	if text := out.Items.String(); !strings.Contains(text, "storageUri: hf://acme/fraud:"+commit) {
		t.Errorf("the commit is not rendered:\n%s", text)
	}
	pkg, _ := fn.Read(nil, parse(t, list("", d, p(""))).Items)
	_, findings := fn.Lock(t.Context(), pkg, fn.Config{}, fn.LockOptions{})
	wantRule(t, findings, "refused-artifact", `revision "main" moves`)
}
