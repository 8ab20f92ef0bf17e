package plugin_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/fn"
	"github.com/modelfn/modelfn/internal/finding"
	"github.com/modelfn/modelfn/internal/plugin"
)

func TestParameters(t *testing.T) {
	const started = "ARGOCD_APP_NAME=models"
	flag := plugin.Statement{Name: plugin.AllowCanary, Value: "false", By: "--allow-canary"}
	cases := map[string]struct {
		reason  string
		environ []string
		flags   []plugin.Statement
		want    fn.Application
		refused string
	}{
		"nothing":    {reason: "Argo CD writes null where there are none", environ: []string{started, "ARGOCD_APP_PARAMETERS=null"}},
		"no list":    {reason: "an empty list is none", environ: []string{started, "ARGOCD_APP_PARAMETERS=[]"}},
		"left empty": {reason: "the user interface leaves a field empty", environ: []string{started, `ARGOCD_APP_PARAMETERS=[{"name":"namespace","string":""}]`}},
		"both": {
			reason:  "as Argo CD hands them over: as JSON, and each once more",
			environ: []string{started, `ARGOCD_APP_PARAMETERS=[{"name":"namespace","string":"a"},{"name":"allowCanary","string":"false"}]`, "PARAM_NAMESPACE=a", "PARAM_ALLOWCANARY=false"},
			want:    fn.Application{Namespace: "a", NoCanary: true},
		},
		"not the same": {
			reason:  "Argo CD makes each variable of its parameter: another value came from elsewhere",
			environ: []string{started, `ARGOCD_APP_PARAMETERS=[{"name":"allowCanary","string":"true"}]`, "PARAM_ALLOWCANARY=false"},
			refused: `allowCanary: the parameter allowCanary says "true", and the variable PARAM_ALLOWCANARY says "false"`,
		},
		"a typo": {
			reason:  "it would be ignored in silence, and the canary taken",
			environ: []string{started, "ARGOCD_ENV_MODELFN_ALLOWCANARY=false"},
			refused: `modelfn knows no "MODELFN_ALLOWCANARY"`,
		},
		"by variables": {
			reason: "spec.source.plugin.env", environ: []string{started, "ARGOCD_ENV_MODELFN_NAMESPACE=a", "ARGOCD_ENV_MODELFN_ALLOW_CANARY=true", "ARGOCD_ENV_OTHER=x"},
			want: fn.Application{Namespace: "a"},
		},
		"by flags": {reason: "plugin.yaml's own command", flags: []plugin.Statement{flag}, want: fn.Application{NoCanary: true}},
		"a flag says no": {
			reason:  "what the platform team wrote into plugin.yaml is not the Application's to change",
			environ: []string{started, "ARGOCD_ENV_MODELFN_ALLOW_CANARY=true"}, flags: []plugin.Statement{flag},
			refused: `allowCanary: --allow-canary says "false", and the variable MODELFN_ALLOW_CANARY says "true"`,
		},
		"twice": {
			reason:  "one of the two would be ignored in silence",
			environ: []string{started, `ARGOCD_APP_PARAMETERS=[{"name":"namespace","string":"a"},{"name":"namespace","string":"b"}]`},
			refused: `namespace: the parameter namespace says "a", and the parameter namespace says "b"`,
		},
		"null parameter": {reason: "a parameter without a value says nothing", environ: []string{started, `ARGOCD_APP_PARAMETERS=[{"name":"namespace"}]`}},
		"a map": {
			reason: "", environ: []string{started, `ARGOCD_APP_PARAMETERS=[{"name":"namespace","map":{"a":"b"}}]`},
			refused: "namespace: a list or a map, where text is expected",
		},
		"a number": {
			reason: "every value is text", environ: []string{started, `ARGOCD_APP_PARAMETERS=[{"name":"allowCanary","string":false}]`},
			refused: "ARGOCD_APP_PARAMETERS cannot be read",
		},
		"neither":     {reason: "yes is no boolean here", environ: []string{started, "ARGOCD_ENV_MODELFN_ALLOW_CANARY=yes"}, refused: `allowCanary: "yes" is neither true nor false`},
		"a namespace": {reason: "", environ: []string{started, "ARGOCD_ENV_MODELFN_NAMESPACE=../a"}, refused: `namespace: "../a" is not a namespace name`},
		"trust": {
			reason: "whom to trust is never the Application's", environ: []string{started, `ARGOCD_APP_PARAMETERS=[{"name":"trust","string":"mine.pem"}]`},
			refused: "an Application does not choose whom to trust",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, findings := plugin.Parameters(c.environ, c.flags...)
			if c.refused == "" {
				if len(findings) > 0 || got != c.want {
					t.Errorf("%s: got %+v, want %+v, findings %v", c.reason, got, c.want, findings)
				}
				return
			}
			if !findings.Refused() || !strings.Contains(findings[0].String(), c.refused) {
				t.Errorf("%s: want %q, got %v", c.reason, c.refused, findings)
			}
		})
	}
}

// FuzzParameters: whatever an Application says, it is understood as one of the few
// things that there are to say, or refused; and nothing it says is printed raw.
func FuzzParameters(f *testing.F) {
	f.Add("null", "", "")
	f.Add(`[{"name":"namespace","string":"a"},{"name":"allowCanary","string":"false"}]`, "a", "false")
	f.Add(`[{"name":"platform","map":{"a":"\u001b[2J::error::"}}]`, "A", "yes")
	f.Add(`[{"name":"namespace","array":[]}]`, "", "TRUE")
	f.Add(strings.Repeat("[", 10000), "", "")
	f.Fuzz(func(t *testing.T, raw, namespace, canary string) {
		got, findings := plugin.Parameters([]string{
			"ARGOCD_APP_NAME=models", "ARGOCD_APP_PARAMETERS=" + raw,
			"ARGOCD_ENV_MODELFN_NAMESPACE=" + namespace, "ARGOCD_ENV_MODELFN_ALLOW_CANARY=" + canary,
		})
		if got.Namespace != "" && !v1alpha1.IsNamespace(got.Namespace) {
			t.Errorf("the namespace is %q", got.Namespace)
		}
		if !findings.Refused() && (namespace != "" && got.Namespace != namespace || canary == "false" && !got.NoCanary) {
			t.Errorf("%q and %q were heard as %+v", namespace, canary, got)
		}
		for _, line := range plugin.Told(findings) {
			if finding.Neutralise(line) != line {
				t.Errorf("raw: %q", line)
			}
		}
	})
}

// TestTold: a refusal tells its causes only, few and short, since Argo CD keeps
// them in the Application's status.
func TestTold(t *testing.T) {
	warning := finding.Finding{Rule: "w", Severity: finding.Warning, Message: "careful"}
	if diff := cmp.Diff([]string{"warning: w: careful"}, plugin.Told(finding.List{warning})); diff != "" {
		t.Errorf("a success (-want +got):\n%s", diff)
	}
	refusal := finding.Finding{Rule: "e", Severity: finding.Error, Message: "no"}
	if diff := cmp.Diff([]string{"error: e: no"}, plugin.Told(finding.List{warning, refusal})); diff != "" {
		t.Errorf("a refusal (-want +got):\n%s", diff)
	}
	long := finding.Finding{Rule: "e", Severity: finding.Error, Message: strings.Repeat("é", 1<<20)}
	told := plugin.Told(slices.Repeat(finding.List{long}, 1000))
	if size := len(strings.Join(told, "\n")); size > 100<<10 {
		t.Errorf("%d bytes", size)
	}
	if last := told[len(told)-1]; !strings.HasPrefix(last, "... and 980 more: ") {
		t.Errorf("the last line is %q", last)
	}
}

func TestAnnounce(t *testing.T) {
	var p fn.Package
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		d := new(v1alpha1.ModelDeployment)
		d.Metadata.Name = name
		p.Deployments = append(p.Deployments, fn.Deployment{ModelDeployment: d})
	}
	p.Deployments[0].Metadata.Namespace = "ml"
	raw, err := plugin.Announce(p)
	if err != nil {
		t.Fatal(err)
	}
	var got []struct{ Name, Tooltip string }
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].Name != plugin.Namespace || got[0].Tooltip != "6 of 7 ModelDeployments name no namespace: b, c, d, e, f and 1 more" {
		t.Errorf("announced: %s", raw)
	}
	if raw, err := plugin.Announce(fn.Package{}); err != nil || string(raw) != "[]" {
		t.Errorf("announced of nothing: %s, %v", raw, err)
	}
}
