package fn_test

import (
	"strings"
	"testing"

	"github.com/modelfn/modelfn/artifact"
	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/testsign"
)

// TestVerify: each version gets the findings about itself, and what is wrong with
// the deployment is the stable version's.
func TestVerify(t *testing.T) {
	d := strings.Replace(deployment("v7", canary), "fraud:v8", "fraud:unsigned", 1)
	p, _ := fn.Read(nil, parse(t, list("", d, lockFor(t, d), platform("provenance: {required: [run]}"))).Items)
	got, findings := fn.Verify(t.Context(), p, fn.Config{})
	if len(findings) > 0 || len(got) != 2 {
		t.Fatalf("%d results, %v", len(got), findings)
	}
	stable, second := got[0], got[1]
	if stable.Role != "stable" || stable.Outcome != fn.Refused || len(stable.Findings) != 1 || stable.Findings[0].Rule != "missing-provenance" || strings.Join(stable.Authorities, ",") != "release" {
		t.Errorf("stable: %+v", stable)
	}
	if second.Role != "canary" || second.Outcome != fn.Refused || len(second.Findings) != 1 || second.Findings[0].Rule != "untrusted-model" || len(second.Authorities) > 0 {
		t.Errorf("canary: %+v", second)
	}
	if want := string(world()[v7].Digest()); stable.Digest != want || stable.Deployment != "ml-serving/fraud" {
		t.Errorf("%s at %s, want %s", stable.Deployment, stable.Digest, want)
	}
}

// TestVerifyUnknown: what a registry does not say is no refusal.
func TestVerifyUnknown(t *testing.T) {
	p, _ := fn.Read(nil, parse(t, list("", deployment("v7"), platform("resolution: Online"))).Items)
	got, _ := fn.Verify(t.Context(), p, online(&testsign.Source{Err: artifact.ErrUnavailable}))
	if len(got) != 1 || got[0].Outcome != fn.Unknown || got[0].Findings.ExitCode() != 3 {
		t.Errorf("%+v", got)
	}
}
