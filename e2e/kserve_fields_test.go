package e2e_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/e2e/internal/peer"
	shipped "github.com/modelfn/modelfn/internal/kserve"
)

// TestFieldsOfVersions: what a version can say is what the definitions of its
// release have, and each has the fields that are let through.
func TestFieldsOfVersions(t *testing.T) {
	for _, release := range []peer.KServe{peer.KServe017, peer.KServe020} {
		t.Run(release.Version, func(t *testing.T) {
			dir, err := release.Files.Dir()
			if err != nil {
				t.Fatal(err)
			}
			service := specOf(t, dir, "serving.kserve.io_inferenceservices.yaml", "v1beta1")
			for _, field := range letThrough(t) {
				if !has(service, "predictor", field) {
					t.Errorf("spec.predictor.%s is let through, and this version has no such field", field)
				}
			}
			llm, can := specOf(t, dir, "llmisvc/serving.kserve.io_llminferenceservices.yaml", "v1alpha2"), shipped.Of(release.Version).LLM
			for _, field := range []string{"group", "weight"} {
				if has(llm, "router", "route", field) != can.RouteGroups {
					t.Errorf("spec.router.route.%s: the table says %t", field, can.RouteGroups)
				}
			}
			for _, field := range []string{"maxRank", "maxAdapters", "maxCpuAdapters"} {
				if has(llm, "model", "lora", field) != can.AdapterLimits {
					t.Errorf("spec.model.lora.%s: the table says %t", field, can.AdapterLimits)
				}
			}
			// The field is there before anything acts on it.
			if !has(llm, "model", "lora", "adapters") {
				t.Error("there is no spec.model.lora.adapters")
			}
			_, err = os.Stat(filepath.Join(dir, "pkg/controller/v1alpha2/llmisvc/workload_lora.go"))
			if (err == nil) != can.Adapters {
				t.Errorf("adapters: the table says %t, the sources %v", can.Adapters, err)
			}
		})
	}
}

// letThrough are the fields of the predictor that a rendered policy lets through.
func letThrough(t *testing.T) []string {
	t.Helper()
	listed := regexp.MustCompile(`object\.spec\.predictor\.all\(k, k in \[([^\]]*)\]`)
	match := listed.FindStringSubmatch(read(t, "../testdata/kserve-017-canary/expected.yaml"))
	if match == nil {
		t.Fatal("no policy lists the predictor's fields: is it written in another way?")
	}
	var out []string
	for field := range strings.SplitSeq(match[1], ",") {
		out = append(out, strings.Trim(field, "' \n"))
	}
	return out
}

// specOf is the schema of a kind's spec in one of its versions.
func specOf(t *testing.T, kserve, file, version string) map[string]any {
	t.Helper()
	definitions := parse(t, read(t, filepath.Join(kserve, "config/crd/full", file)))
	for _, v := range fieldOf[[]any](t, definitions[0].Object, "spec", "versions") {
		if v := v.(map[string]any); v["name"] == version {
			return fieldOf[map[string]any](t, v, "schema", "openAPIV3Schema", "properties", "spec")
		}
	}
	t.Fatalf("%s has no version %s", file, version)
	return nil
}

// has tells whether a schema has a field at a path.
func has(schema map[string]any, path ...string) bool {
	for _, field := range path {
		properties, _ := schema["properties"].(map[string]any)
		below, ok := properties[field].(map[string]any)
		if !ok {
			return false
		}
		schema = below
	}
	return true
}
