package v1alpha1

import "testing"

// TestUnknownInQuery: a slip of the pen is found, and PromQL's own braces are let be.
func TestUnknownInQuery(t *testing.T) {
	for query, want := range map[string]string{
		`sum(rate(requests{namespace="{namespace}", pod=~"{name}-.*"}[1m]))`: "",
		`up{job="{nam}"}`:            "{nam}",
		`up{job="{Name}"}`:           "{Name}",
		`up{job="{names}"}`:          "{names}",
		`up{namespace="{namespce}"}`: "{namespce}",
		`up{job='{nam}'}`:            "{nam}",
		`up{job="\\"}{nam}`:          "{nam}",
		`up{name}`:                   "", // it is filled in, and what becomes of it says Prometheus
		`up{ns}`:                     "{ns}",
		`{model}`:                    "{model}",
		`up{path="/a\"b/{id}"}`:      "",
		"up{path=`/a\\`} + up{ns}":   "{ns}",
		`rate(http{handler="/v1/models/{model_name}:predict"}[1m])`: "",
		`rate(http{handler="/users/{id}"}[1m])`:                     "",
		`rate(http{path=~"/a{2}/.*"}[1m])`:                          "",
		`up{job="a",name="b"}`:                                      "",
		`up{}`:                                                      "",
		`{"http.requests"}`:                                         "",
	} {
		if got := unknownInQuery(query); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}
