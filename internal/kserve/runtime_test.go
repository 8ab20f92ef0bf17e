package kserve

import (
	"slices"
	"testing"
)

// TestSelect: e2e asks KServe itself; here are the cases that decide.
func TestSelect(t *testing.T) {
	for name, test := range map[string]struct{ format, protocol, want, states string }{
		"v1 unasked":            {"sklearn", "", "kserve-sklearnserver", ""},
		"the higher priority":   {"sklearn", "v2", "kserve-mlserver", "v2"},
		"v2 only":               {"onnx", "", "kserve-tritonserver", "v2"},
		"another for v2":        {"tensorflow", "v2", "kserve-tritonserver", "v2"},
		"never chosen unasked":  {"pytorch", "", "kserve-torchserve", ""},
		"any protocol":          {"vLLM", "grpc-v2", "kserve-vllmserver", ""},
		"nobody speaks it":      {"sklearn", "grpc-v1", "", ""},
		"no runtime for it":     {"keras", "", "", ""},
		"several nodes unasked": {"huggingface", "", "kserve-huggingfaceserver", ""},
	} {
		got, found := Select(test.format, test.protocol)
		if got.Name != test.want || found != (test.want != "") || found && got.Protocol() != test.states {
			t.Errorf("%s: %q which states %q, want %q and %q", name, got.Name, got.Protocol(), test.want, test.states)
		}
	}
}

// TestRuntimesAreWhole: each is found by its name, can be told a name, and loads
// something.
func TestRuntimesAreWhole(t *testing.T) {
	for _, r := range Runtimes() {
		if got, found := Find(r.Name); !found || got.Name != r.Name {
			t.Errorf("%s is not found", r.Name)
		}
		if !r.Named.Known() || len(r.Formats) == 0 {
			t.Errorf("%s: named %v, formats %v", r.Name, r.Named, r.Formats)
		}
	}
	if _, found := Find("my-own"); found {
		t.Error("a runtime that nobody ships is found")
	}
	if formats := Formats(); !slices.IsSorted(formats) || !slices.Contains(formats, "onnx") {
		t.Errorf("formats %v", formats)
	}
}
