package v1alpha1

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestBytesHasOneSpelling: a character of a lock that could change unnoticed
// would be a character that nobody checks.
func TestBytesHasOneSpelling(t *testing.T) {
	for name, tt := range map[string]struct{ value, message string }{
		"line break":        {`"aGVs\nbG8="`, "not canonical base64"},
		"carriage return":   {`"aGVsbG8=\r"`, "not canonical base64"},
		"stray last bits":   {`"aGVsbG9="`, "not base64: illegal base64 data at input byte 7"},
		"no padding":        {`"aGVsbG8"`, "not base64: illegal base64 data at input byte 4"},
		"URL alphabet":      {`"_-8="`, "not base64: illegal base64 data at input byte 0"},
		"another character": {`"aGVs bG8="`, "not base64: illegal base64 data at input byte 4"},
		"number":            {"17", "not a base64 string: json: cannot unmarshal number into Go value of type string"},
	} {
		t.Run(name, func(t *testing.T) {
			got := Decode([]byte(lockOf("models:\n- {uri: a, digest: b, manifest: AAAA}\n- {uri: c, digest: d, manifest: AAAA, evidence: [{data: AAAA}, {data: "+tt.value+"}]}")), new(ModelLock))
			want := []FieldError{{RuleInvalidField, "spec.models[1].evidence[1].data", tt.message, "correct the value"}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestBytesRoundTrip(t *testing.T) {
	for _, want := range []string{"", "h", "he", "hel", "\x00\xff\xfe", strings.Repeat("x", 1000)} {
		raw, err := json.Marshal(Bytes(want))
		if err != nil {
			t.Fatal(err)
		}
		var got Bytes
		if err := json.Unmarshal(raw, &got); err != nil || string(got) != want {
			t.Errorf("%q became %q: %v", want, got, err)
		}
	}
}
