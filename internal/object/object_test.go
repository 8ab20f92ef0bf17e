package object

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSetLeavesOutWhatIsEmpty: the API server drops some empty collections, and
// Argo CD would show the difference for ever.
func TestSetLeavesOutWhatIsEmpty(t *testing.T) {
	var m Map
	m.Set("a", nil)
	m.Set("b", "")
	m.Set("c", Map{})
	m.Set("d", List{})
	m.Set("zero", 0)
	m.Set("false", false)
	if diff := cmp.Diff(Map{{"zero", 0}, {"false", false}}, m); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if m.Get("zero") != 0 || m.Get("a") != nil {
		t.Errorf("Get: %v, %v", m.Get("zero"), m.Get("a"))
	}
}

func TestFromAny(t *testing.T) {
	var tree any
	if err := json.Unmarshal([]byte(`{"b":[1,1.5,null,"x",{"z":null,"y":true}],"a":{},"c":null}`), &tree); err != nil {
		t.Fatal(err)
	}
	want := Map{{"a", Map{}}, {"b", List{json.Number("1"), json.Number("1.5"), nil, "x", Map{{"y", true}}}}}
	if diff := cmp.Diff(any(want), FromAny(tree)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestObject(t *testing.T) {
	o := Object{
		APIVersion: "v1", Kind: "ConfigMap", Name: "x", Namespace: "y",
		Labels: map[string]string{"b": "2", "a": "1"}, Body: Map{{"data", Map{{"k", "v"}}}},
	}
	wantYAML := "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n  namespace: \"y\"\n  labels:\n    a: \"1\"\n    b: \"2\"\ndata:\n  k: v\n"
	if diff := cmp.Diff(wantYAML, string(o.YAML())); diff != "" {
		t.Errorf("YAML (-want +got):\n%s", diff)
	}
	wantJSON := `{"apiVersion":"v1","data":{"k":"v"},"kind":"ConfigMap","metadata":{"labels":{"a":"1","b":"2"},"name":"x","namespace":"y"}}`
	got, err := o.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wantJSON, string(got)); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}
