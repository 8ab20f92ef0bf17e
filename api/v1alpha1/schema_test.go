package v1alpha1

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/invopop/jsonschema"
)

var update = flag.Bool("update", false, "write generated files instead of comparing them")

// TestSchemaIsFresh regenerates schema.json from the Go types and their
// comments.
func TestSchemaIsFresh(t *testing.T) {
	want := generateSchema(t)
	if *update {
		if err := os.WriteFile("schema.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(want), string(Schema)); diff != "" {
		t.Errorf("schema.json is stale, run `make generate` (-want +got):\n%s", diff)
	}
}

func generateSchema(t *testing.T) []byte {
	t.Helper()
	r := jsonschema.Reflector{
		Mapper: func(t reflect.Type) *jsonschema.Schema {
			switch t {
			case reflect.TypeFor[Bytes]():
				return &jsonschema.Schema{Type: "string", ContentEncoding: "base64"}
			case reflect.TypeFor[Predictor]():
				return &jsonschema.Schema{Ref: "#/$defs/PredictorFields"}
			case reflect.TypeFor[Quantity]():
				return &jsonschema.Schema{OneOf: []*jsonschema.Schema{{Type: "string"}, {Type: "number"}}}
			}
			return nil
		},
		// Required follows from Validate, not from omitempty.
		RequiredFromJSONSchemaTags: true,
	}
	if err := r.AddGoComments("github.com/modelfn/modelfn/api/v1alpha1", "."); err != nil {
		t.Fatal(err)
	}
	definitions := jsonschema.Definitions{}
	kinds := []struct {
		name   string
		object Object
	}{
		{KindModelDeployment, &ModelDeployment{}}, {KindModelPlatform, &ModelPlatform{}}, {KindModelLock, &ModelLock{}},
	}
	for name, d := range r.Reflect(&PredictorFields{}).Definitions {
		definitions[name] = d
	}
	// A platform may allow others.
	definitions["PredictorFields"].AdditionalProperties = nil
	var oneOf []*jsonschema.Schema
	for _, k := range kinds {
		// kustomize unpacks such a configuration of a function, and fails.
		if strings.HasSuffix(k.name, "List") {
			t.Errorf("the kind %s is taken for a list", k.name)
		}
		for name, d := range r.Reflect(k.object).Definitions {
			definitions[name] = d
		}
		d := definitions[k.name]
		d.Properties.Set("apiVersion", &jsonschema.Schema{Const: APIVersion})
		d.Properties.Set("kind", &jsonschema.Schema{Const: k.name})
		d.Required = []string{"apiVersion", "kind", "metadata", "spec"}
		oneOf = append(oneOf, &jsonschema.Schema{Ref: "#/$defs/" + k.name})
	}
	raw, err := json.MarshalIndent(&jsonschema.Schema{
		Version: jsonschema.Version, ID: "https://" + Group + "/v1alpha1/schema.json",
		Title: "modelfn", OneOf: oneOf, Definitions: definitions,
	}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(raw, '\n')
}

// TestSchemaCoversEveryField: the schema knows exactly the fields that Decode
// accepts.
func TestSchemaCoversEveryField(t *testing.T) {
	var schema struct {
		Defs map[string]struct {
			Properties           map[string]json.RawMessage `json:"properties"`
			AdditionalProperties json.RawMessage            `json:"additionalProperties"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(Schema, &schema); err != nil {
		t.Fatal(err)
	}
	for _, typ := range []reflect.Type{
		reflect.TypeFor[ModelDeploymentSpec](), reflect.TypeFor[Canary](), reflect.TypeFor[ModelPlatformSpec](),
		reflect.TypeFor[TrustRule](), reflect.TypeFor[LockedModel](), reflect.TypeFor[ImageRule](),
		reflect.TypeFor[Container](), reflect.TypeFor[Component](), reflect.TypeFor[Autoscaling](),
		reflect.TypeFor[Probe](), reflect.TypeFor[HTTPGet](), reflect.TypeFor[EnvVar](), reflect.TypeFor[Affinity](),
	} {
		d := schema.Defs[typ.Name()]
		for name := range jsonFields(typ) {
			if _, ok := d.Properties[name]; !ok {
				t.Errorf("%s.%s is not in the schema", typ.Name(), name)
			}
		}
		if len(d.Properties) != len(jsonFields(typ)) || !bytes.Equal(d.AdditionalProperties, []byte("false")) {
			t.Errorf("%s: the schema allows what Decode refuses", typ.Name())
		}
	}
}
