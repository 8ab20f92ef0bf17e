package fn_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/lock"
	"github.com/modelfn/modelfn/internal/testsign"
)

const v7, v8 = "kit://" + fraud + ":v7", "kit://" + fraud + ":v8"

// lockAll locks a package of these items.
func lockAll(t *testing.T, source *testsign.Source, o fn.LockOptions, items ...string) (fn.Locked, finding.List) {
	t.Helper()
	p, findings := fn.Read(nil, parse(t, list("", items...)).Items)
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	return fn.Lock(t.Context(), p, online(source), o)
}

// own decodes a lock file of one lock.
func own(t *testing.T, text string) []*v1alpha1.ModelLock {
	t.Helper()
	l := new(v1alpha1.ModelLock)
	if errs := v1alpha1.Decode([]byte(text), l); len(errs) > 0 {
		t.Fatal(errs)
	}
	return []*v1alpha1.ModelLock{l}
}

// moved is a world in which v7 names what v8 named.
func moved() *testsign.Source {
	w := world()
	w[v7] = testsign.Published{Model: w[v8].Model, Evidence: w[v8].Evidence}
	return &testsign.Source{Published: w}
}

// digestsOf are the entries as uri@digest with the kinds of their evidence.
func digestsOf(locks []*v1alpha1.ModelLock) []string {
	var out []string
	for _, l := range locks {
		for _, m := range l.Spec.Models {
			line := m.URI + "@" + m.Digest
			for _, e := range m.Evidence {
				line += " " + strings.TrimPrefix(e.MediaType, "application/vnd.")
			}
			out = append(out, line)
		}
	}
	return out
}

func TestLockWritesWhatRenderTakes(t *testing.T) {
	d := deployment("v7", canary)
	source := &testsign.Source{Published: world()}
	locked, findings := lockAll(t, source, fn.LockOptions{}, d, platform())
	wantFirstCanary(t, findings)
	if diff := cmp.Diff(lockFor(t, d), string(lock.Marshal(locked.Locks))); diff != "" {
		t.Errorf("lock (-want +got):\n%s", diff)
	}
	run(t, list("", d, platform(), string(lock.Marshal(locked.Locks))), fn.Config{})
	if got := changes(locked); len(got) != 2 || !strings.HasPrefix(got[0], "ml-serving/fraud  v7  sha256:") || !strings.HasSuffix(got[0], "  signed by release") {
		t.Errorf("changes %q", got)
	}
}

// TestLockKeepsWhatHolds: without --update nothing is asked for what is locked,
// though the tag has moved.
func TestLockKeepsWhatHolds(t *testing.T) {
	d := deployment("v7", canary)
	source := moved()
	locked, findings := lockAll(t, source, fn.LockOptions{Own: own(t, lockFor(t, d))}, d, platform())
	wantFirstCanary(t, findings)
	if diff := cmp.Diff(lockFor(t, d), string(lock.Marshal(locked.Locks))); diff != "" {
		t.Errorf("lock (-before +after):\n%s", diff)
	}
	if asked := source.Asked(); len(asked) > 0 {
		t.Errorf("asked for %v", asked)
	}
}

func every(*v1alpha1.ModelDeployment, string) bool { return true }

// changes are the changes as they are printed.
func changes(l fn.Locked) []string {
	var out []string
	for _, c := range l.Changes {
		out = append(out, c.String())
	}
	return out
}

func TestLockUpdateResolvesAgain(t *testing.T) {
	d := deployment("v7")
	w := moved()
	locked, findings := lockAll(t, w, fn.LockOptions{Own: own(t, lockFor(t, d)), Update: every}, d, platform())
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	want := []string{v7 + "@" + string(w.Published[v7].Digest()) + " dev.sigstore.bundle.v0.3+json"}
	if diff := cmp.Diff(want, digestsOf(locked.Locks)); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}

// TestLockFetchesEvidenceAgain: under a new platform the locked signature no
// longer holds. The one that the new platform wants is fetched for the digest
// that is locked, not for what the tag names by now.
func TestLockFetchesEvidenceAgain(t *testing.T) {
	d := deployment("v7")
	w := moved()
	before := world()[v7]
	w.Published[v7+"-as-it-was"] = testsign.Published{Model: before.Model, Evidence: append(before.Evidence, ci.Bundle(before.Digest()))}
	locked, findings := lockAll(t, w, fn.LockOptions{Own: own(t, lockFor(t, d))}, d, trusting(ci))
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	// The signature that the policy does not need is not kept.
	want := []string{v7 + "@" + string(before.Digest()) + " dev.sigstore.bundle.v0.3+json"}
	if diff := cmp.Diff(want, digestsOf(locked.Locks)); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	if got := changes(locked); len(got) != 1 || !strings.Contains(got[0], "  evidence renewed  signed by ") || !strings.Contains(got[0], "left out what the policy does not need: ") {
		t.Errorf("changes %q", got)
	}
}

// TestLockDropsWhatNobodyNames: the canary that ended leaves the lock.
func TestLockDropsWhatNobodyNames(t *testing.T) {
	with, without := deployment("v7", canary), deployment("v7")
	locked, findings := lockAll(t, &testsign.Source{}, fn.LockOptions{Own: own(t, lockFor(t, with))}, without, platform())
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	if diff := cmp.Diff(lockFor(t, without), string(lock.Marshal(locked.Locks))); diff != "" {
		t.Errorf("lock (-want +got):\n%s", diff)
	}
}

// TestLockWritesNoBasesEntries: what a base has locked is not written again in
// the overlay: it follows the base when that is updated.
func TestLockWritesNoBasesEntries(t *testing.T) {
	base := lockFor(t, deployment("v7"))
	locked, findings := lockAll(t, &testsign.Source{}, fn.LockOptions{}, deployment("v7"), base, platform())
	if len(findings) > 0 || len(locked.Locks) > 0 || len(locked.Entries) != 1 || len(locked.Entries[0]) != 1 {
		t.Errorf("%d locks, %d entries, %v", len(locked.Locks), len(locked.Entries), findings)
	}
	locked, findings = lockAll(t, &testsign.Source{Published: world()}, fn.LockOptions{}, deployment("v7", canary), base, platform())
	wantFirstCanary(t, findings)
	if got := digestsOf(locked.Locks); len(got) != 1 || !strings.HasPrefix(got[0], v8+"@") || len(locked.Entries[0]) != 2 {
		t.Errorf("%v, %v; want one lock of the canary alone", got, findings)
	}
}

// TestLockOwnEntryBesideAnotherBase: the directory's own lock stays although a
// base locks the same URI to something else.
func TestLockOwnEntryBesideAnotherBase(t *testing.T) {
	d := deployment("v7")
	entry := world()[v8].Entry(v7, world()[v8].Evidence...)
	base := string(lock.Marshal([]*v1alpha1.ModelLock{lock.New(decode(t, strings.Replace(d, "name: fraud", "name: base", 1)), []v1alpha1.LockedModel{entry})}))
	locked, findings := lockAll(t, &testsign.Source{}, fn.LockOptions{Own: own(t, lockFor(t, d))}, d, base, platform())
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	if diff := cmp.Diff(lockFor(t, d), string(lock.Marshal(locked.Locks))); diff != "" {
		t.Errorf("lock (-before +after):\n%s", diff)
	}
}

// TestLockRefusedModelKeepsItsEntry: nothing is written for it. Without the
// entry, the next run would resolve the tag anew, which has moved.
func TestLockRefusedModelKeepsItsEntry(t *testing.T) {
	d := deployment("v7")
	before := lockFor(t, d)
	for name, test := range map[string]struct {
		platform string
		update   bool
		rule     string
	}{
		"another key":                  {trusting(testsign.ECDSA("nobody")), false, "untrusted-model"},
		"update to what is not signed": {platform(), true, "untrusted-model"},
	} {
		source := moved()
		source.Published[v7] = testsign.Published{Model: source.Published[v7].Model} // and nobody signed it
		options := fn.LockOptions{Own: own(t, before)}
		if test.update {
			options.Update = every
		}
		locked, findings := lockAll(t, source, options, d, test.platform)
		if !findings.Refused() || findings[0].Rule != test.rule {
			t.Errorf("%s: %v, want %s", name, findings, test.rule)
		}
		if diff := cmp.Diff(before, string(lock.Marshal(locked.Locks))); diff != "" {
			t.Errorf("%s: lock (-before +after):\n%s", name, diff)
		}
	}
}

// TestLockRefusedKitKeepsWhatItRefersTo: its entries go together.
func TestLockRefusedKitKeepsWhatItRefersTo(t *testing.T) {
	d := deployment("twice")
	before := lockFor(t, d)
	if n := strings.Count(before, "- uri: "); n != 3 {
		t.Fatalf("%d entries, want the kit and two below it", n)
	}
	locked, findings := lockAll(t, &testsign.Source{Published: world()}, fn.LockOptions{Own: own(t, before)}, d, trusting(testsign.ECDSA("nobody")))
	if !findings.Refused() || findings[0].Rule != "untrusted-model" {
		t.Errorf("%v, want untrusted-model", findings)
	}
	if diff := cmp.Diff(before, string(lock.Marshal(locked.Locks))); diff != "" {
		t.Errorf("lock (-before +after):\n%s", diff)
	}
}

// TestLockGoesNotBack: a tag that names an older model again, validly signed once,
// is not followed unasked: not while the lock holds, nor when its evidence has to
// be fetched again, nor when the model is refused.
func TestLockGoesNotBack(t *testing.T) {
	w := world()
	newer := w[v8]
	d := deployment("v7")
	before := lock.New(decode(t, d), []v1alpha1.LockedModel{newer.Entry(v7, newer.Evidence...)})
	both := testsign.Published{Model: newer.Model, Evidence: append(newer.Evidence, ci.Bundle(newer.Digest()))}
	for name, test := range map[string]struct {
		platform  string
		published testsign.Published
		asked     int
		rule      string
	}{
		"the lock holds":   {platform(), newer, 0, ""},
		"evidence renewed": {trusting(ci), both, 1, ""},
		"refused":          {trusting(testsign.ECDSA("nobody")), newer, 1, "untrusted-model"},
	} {
		t.Run(name, func(t *testing.T) {
			source := &testsign.Source{Published: world()} // v7 is the older one there
			source.Published[v8] = test.published
			locked, findings := lockAll(t, source, fn.LockOptions{Own: []*v1alpha1.ModelLock{before}}, d, test.platform)
			if test.rule == "" && len(findings) > 0 || test.rule != "" && (len(findings) != 1 || findings[0].Rule != test.rule) {
				t.Errorf("%v, want %q", findings, test.rule)
			}
			if got := digestsOf(locked.Locks); len(got) != 1 || !strings.HasPrefix(got[0], v7+"@"+string(newer.Digest())) {
				t.Errorf("entries %v, want the newer digest", got)
			}
			if asked := source.Asked(); len(asked) != test.asked {
				t.Errorf("asked for %v", asked)
			}
		})
	}
}

// TestLockRefusedModelGetsNoEntry: the others do.
func TestLockRefusedModelGetsNoEntry(t *testing.T) {
	toy := strings.Replace(deployment("unsigned"), "name: fraud", "name: toy", 1)
	locked, findings := lockAll(t, &testsign.Source{Published: world()}, fn.LockOptions{}, deployment("v7"), toy, platform())
	wantRule(t, findings, "untrusted-model", "has no signature")
	if got := digestsOf(locked.Locks); len(got) != 1 || !strings.HasPrefix(got[0], v7+"@") {
		t.Errorf("entries %v", got)
	}
	if len(locked.Entries) != 2 || len(locked.Entries[1]) != 0 {
		t.Errorf("entries %v, want them by deployment", locked.Entries)
	}
}

// TestLockFaults: what could not be found out is Unknown, so that the caller
// leaves the file alone; what the registry denies is not.
func TestLockFaults(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		rule string
		code int
	}{
		"unavailable": {artifact.ErrUnavailable, "registry-unavailable", finding.ExitUnknown},
		"not found":   {artifact.ErrNotFound, "not-found", finding.ExitRefused},
		"refused":     {fmt.Errorf("an index in an index"), "refused-artifact", finding.ExitRefused},
	} {
		locked, findings := lockAll(t, &testsign.Source{Err: test.err}, fn.LockOptions{}, deployment("v7"), platform())
		wantRule(t, findings, test.rule, test.err.Error())
		if findings.ExitCode() != test.code || len(locked.Locks) > 0 {
			t.Errorf("%s: exit code %d with %d locks", name, findings.ExitCode(), len(locked.Locks))
		}
	}
}

// TestLockEditedIsNotRepairedUnasked: neither by itself, nor because another
// version of the deployment is resolved.
func TestLockEditedIsNotRepairedUnasked(t *testing.T) {
	edited := own(t, strings.Replace(lockFor(t, deployment("v7")), `version: "7.0.0"`, `version: "7.0.1"`, 1))
	for name, d := range map[string]string{"alone": deployment("v7"), "beside a new canary": deployment("v7", canary)} {
		source := moved()
		_, findings := lockAll(t, source, fn.LockOptions{Own: edited}, d, platform())
		wantRule(t, findings, "lock-edited", "version is not what the manifest and config say")
		for _, uri := range source.Asked() {
			if uri == v7 {
				t.Errorf("%s: %s was resolved again", name, uri)
			}
		}
	}
	if _, findings := lockAll(t, moved(), fn.LockOptions{Own: edited, Update: every}, deployment("v7"), platform()); len(findings) > 0 {
		t.Errorf("--update: %v", findings)
	}
}

// TestLockEditedInline: nor because another deployment resolves the same URI.
func TestLockEditedInline(t *testing.T) {
	_, spec, _ := strings.Cut(strings.Replace(lockFor(t, deployment("v7")), `version: "7.0.0"`, `version: "7.0.1"`, 1), "spec:\n")
	toy := strings.Replace(deployment("v7"), "name: fraud", "name: toy", 1)
	locked, findings := lockAll(t, moved(), fn.LockOptions{}, deployment("v7")+"  lock:\n"+indented(2, spec), toy, platform())
	wantRule(t, findings, "lock-edited", "version is not what the manifest and config say")
	if got := locked.Entries; len(got) != 2 || len(got[0]) != 1 || got[0][0].Version != "7.0.1" || len(got[1]) != 1 || got[1][0].Version == "7.0.1" {
		t.Errorf("%d deployments with entries, want the edited one as it is, and one for the other deployment", len(got))
	}
}

// TestLockAmbiguous: two bases that disagree are one finding, not two.
func TestLockAmbiguous(t *testing.T) {
	base := func(name string, m testsign.Published) string {
		d := decode(t, strings.Replace(deployment("v7"), "name: fraud", "name: "+name, 1))
		return string(lock.Marshal([]*v1alpha1.ModelLock{lock.New(d, []v1alpha1.LockedModel{m.Entry(v7, m.Evidence...)})}))
	}
	items := []string{deployment("v7"), base("one", world()[v7]), base("two", world()[v8]), platform()}
	_, findings := lockAll(t, &testsign.Source{Published: world()}, fn.LockOptions{}, items...)
	wantRule(t, findings, "ambiguous-lock", v7+" is locked to sha256:")
}

// TestLockAsksOncePerURI: two deployments of one model ask once.
func TestLockAsksOncePerURI(t *testing.T) {
	source := &testsign.Source{Published: world()}
	toy := strings.Replace(deployment("v7"), "name: fraud", "name: toy", 1)
	locked, findings := lockAll(t, source, fn.LockOptions{}, deployment("v7"), toy, platform())
	if len(findings) > 0 || len(locked.Locks) != 2 {
		t.Fatalf("%d locks, %v", len(locked.Locks), findings)
	}
	if asked := source.Asked(); len(asked) != 1 {
		t.Errorf("asked for %v", asked)
	}
}
