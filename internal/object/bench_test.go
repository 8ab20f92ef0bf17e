package object

import (
	"testing"

	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"
	"sigs.k8s.io/yaml"
)

// service is an object of the size of what is generated for one model.
var service = Map{
	{"apiVersion", "serving.kserve.io/v1beta1"}, {"kind", "InferenceService"},
	{"metadata", Map{
		{"name", "fraud"}, {"namespace", "ml-serving"},
		{"labels", Map{{"app.kubernetes.io/managed-by", "modelfn"}, {"modelfn.dev/deployment", "fraud"}}},
		{"annotations", Map{
			{"modelfn.dev/digest", "sha256:4c3c6a5de2bb63623b72d845dc7dce7c9bbf64006624415d27056d269b47158b"},
			{"modelfn.dev/source", "kit://registry.example.com/models/fraud:v7"}, {"modelfn.dev/authorities", "release"},
		}},
	}},
	{"spec", Map{{"predictor", Map{
		{"minReplicas", 1}, {"maxReplicas", 4}, {"scaleMetric", "concurrency"}, {"scaleTarget", 20},
		{"model", Map{
			{"modelFormat", Map{{"name", "sklearn"}}}, {"storageUri", "kit://registry.example.com/models/fraud@sha256:4c3c6a5de2bb63623b72d845dc7dce7c9bbf64006624415d27056d269b47158b"},
			{"resources", Map{{"limits", Map{{"cpu", "2"}, {"memory", "4Gi"}}}}},
		}},
		{"tolerations", List{Map{{"key", "gpu"}, {"operator", "Exists"}}}},
	}}}},
}

// BenchmarkWrite is the writer beside the encoders that there are.
func BenchmarkWrite(b *testing.B) {
	tree := service.Any()
	for name, write := range map[string]func() ([]byte, error){
		"AppendYAML":       func() ([]byte, error) { return AppendYAML(nil, service), nil },
		"kyaml":            func() ([]byte, error) { return kyaml.Marshal(tree) },
		"sigs.k8s.io/yaml": func() ([]byte, error) { return yaml.Marshal(tree) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := write(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkRead is the reader beside the decoders that there are.
func BenchmarkRead(b *testing.B) {
	text := AppendYAML(nil, service)
	b.Run("Read", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, ok := Read(text); !ok {
				b.Fatal("it cannot tell")
			}
		}
	})
	for name, decode := range decoders {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var tree any
				if err := decode(text, &tree); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
