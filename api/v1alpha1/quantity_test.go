package v1alpha1

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestQuantityIsCanonical: another spelling than the API server's would be a
// difference for ever.
func TestQuantityIsCanonical(t *testing.T) {
	for in, want := range map[string]Quantity{
		`"1000m"`: "1", `"500m"`: "500m", `"0.5"`: "500m", `"2048Mi"`: "2Gi", `"1024"`: "1024", `"1Ki"`: "1Ki",
		`"1e3"`: "1e3", `"1E"`: "1E", `".5"`: "500m", `"1e-2"`: "10e-3", `"1000k"`: "1M", `"0"`: "0", `"1.5Gi"`: "1536Mi",
		`2`: "2", `0.1`: "100m", `1.50`: "1500m", `4000000000`: "4G", `-1`: "-1",
	} {
		t.Run(in, func(t *testing.T) {
			var got Quantity
			if err := json.Unmarshal([]byte(in), &got); err != nil {
				t.Fatal(err)
			}
			if got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			again, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			var second Quantity
			if err := json.Unmarshal(again, &second); err != nil || second != got {
				t.Errorf("%q is read again as %q: %v", got, second, err)
			}
		})
	}
}

func TestQuantityRefuses(t *testing.T) {
	const fix = "correct the value"
	for name, tt := range map[string]struct{ value, message string }{
		"unit":                           {"4GB", `"4GB" is not a quantity such as 500m, 2 or 4Gi`},
		"text":                           {"plenty", `"plenty" is not a quantity such as 500m, 2 or 4Gi`},
		"empty":                          {`""`, `"" is not a quantity such as 500m, 2 or 4Gi`},
		"exponent that would take hours": {`"1e-999999999"`, `"1e-999999999" is not a quantity such as 500m, 2 or 4Gi`},
		"digits without end":             {`"` + strings.Repeat("1", 40) + `"`, `"` + strings.Repeat("1", 40) + `" is not a quantity such as 500m, 2 or 4Gi`},
		"space":                          {`" 1"`, `" 1" is not a quantity such as 500m, 2 or 4Gi`},
		"null":                           {"null", `"null" is not a quantity such as 500m, 2 or 4Gi`},
		"list":                           {"[1]", `"[1]" is not a quantity such as 500m, 2 or 4Gi`},
	} {
		t.Run(name, func(t *testing.T) {
			got := Decode([]byte(deployment("resources: {requests: {memory: "+tt.value+"}}")), new(ModelDeployment))
			want := []FieldError{{RuleInvalidField, "spec.resources.requests.memory", tt.message, fix}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
