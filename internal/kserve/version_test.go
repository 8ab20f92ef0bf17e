package kserve

import (
	"slices"
	"testing"
)

// TestSelect: e2e asks KServe itself; here are the cases that decide.
func TestSelect(t *testing.T) {
	for name, test := range map[string]struct{ version, format, of, protocol, want, states string }{
		"v1 unasked":             {"0.20", "sklearn", "", "", "kserve-sklearnserver", ""},
		"the higher priority":    {"0.20", "sklearn", "", "v2", "kserve-mlserver", "v2"},
		"v2 only":                {"0.20", "onnx", "", "", "kserve-tritonserver", "v2"},
		"another for v2":         {"0.20", "tensorflow", "", "v2", "kserve-tritonserver", "v2"},
		"never chosen unasked":   {"0.20", "pytorch", "", "", "kserve-torchserve", ""},
		"any protocol":           {"0.20", "vLLM", "", "grpc-v2", "kserve-vllmserver", ""},
		"nobody speaks it":       {"0.20", "sklearn", "", "grpc-v1", "", ""},
		"no runtime for it":      {"0.20", "keras", "", "", "", ""},
		"several nodes unasked":  {"0.20", "huggingface", "", "", "kserve-huggingfaceserver", ""},
		"older":                  {"0.17", "onnx", "", "", "kserve-tritonserver", "v2"},
		"not there yet":          {"0.17", "vLLM", "", "", "", ""},
		"a version of it":        {"0.20", "sklearn", "1", "", "kserve-sklearnserver", ""},
		"an older version of it": {"0.20", "sklearn", "0", "", "kserve-mlserver", "v2"},
		"no such version of it":  {"0.20", "sklearn", "2", "", "", ""},
		"no such version":        {"0.18", "sklearn", "", "", "", ""},
	} {
		got, found := Of(test.version).Select(Asked{test.format, test.of, test.protocol})
		if got.Name != test.want || found != (test.want != "") || found && got.Protocol() != test.states {
			t.Errorf("%s: %q which states %q, want %q and %q", name, got.Name, got.Protocol(), test.want, test.states)
		}
	}
}

// TestRuntimesAreWhole: each is found by its name, can be told a name, and loads
// something.
func TestRuntimesAreWhole(t *testing.T) {
	for _, v := range Versions() {
		for _, r := range v.Runtimes() {
			if got, found := v.Find(r.Name); !found || got.Name != r.Name {
				t.Errorf("%s: %s is not found", v.Name, r.Name)
			}
			if !r.Named.Known() || len(r.Formats) == 0 {
				t.Errorf("%s: %s: named %v, formats %v", v.Name, r.Name, r.Named, r.Formats)
			}
			for format := range r.Formats {
				if len(r.Versions(format)) == 0 || r.Loads(format, "no such version") || r.Loads("no such format", "") {
					t.Errorf("%s: %s: versions %v of %s", v.Name, r.Name, r.Versions(format), format)
				}
			}
		}
		if _, found := v.Find("my-own"); found {
			t.Errorf("%s: a runtime that nobody ships is found", v.Name)
		}
		if formats := v.Formats(); !slices.IsSorted(formats) || !slices.Contains(formats, "onnx") {
			t.Errorf("%s: formats %v", v.Name, formats)
		}
	}
}

// TestVersions: the default is one of them, and what no version has is of none.
func TestVersions(t *testing.T) {
	if Of(Default).Name != Default {
		t.Errorf("%q, the default, is no version", Default)
	}
	autogluon := func(v Version) bool { _, found := v.Select(Asked{Format: "autogluon"}); return found }
	if got := Names(autogluon); !slices.Equal(got, []string{"0.20"}) {
		t.Errorf("versions that load autogluon: %v", got)
	}
	if got := Names(func(v Version) bool { return v.LLM.RouteGroups }); !slices.Equal(got, []string{"0.20"}) {
		t.Errorf("versions with groups of routes: %v", got)
	}
}

// TestSameRuntimes: no version chooses another runtime for what an older one
// loads. If one did, moving a platform to it would start pods anew.
func TestSameRuntimes(t *testing.T) {
	for _, older := range Versions() {
		for _, format := range older.Formats() {
			for _, protocol := range []string{"", "v1", "v2", "grpc-v1", "grpc-v2"} {
				was, loads := older.Select(Asked{Format: format, Protocol: protocol})
				is, _ := Of(Default).Select(Asked{Format: format, Protocol: protocol})
				if loads && was.Name != is.Name {
					t.Errorf("%s %q: %s in %s, and %s in %s", format, protocol, was.Name, older.Name, is.Name, Default)
				}
			}
		}
	}
}

// TestFitting: what may be named is more than what is chosen unasked.
func TestFitting(t *testing.T) {
	for name, test := range map[string]struct {
		asked Asked
		want  []string
	}{
		"priority 0 too":     {Asked{Format: "pytorch"}, []string{"kserve-torchserve", "kserve-tritonserver"}},
		"by the version":     {Asked{Format: "sklearn", Version: "0"}, []string{"kserve-mlserver"}},
		"by the protocol":    {Asked{"sklearn", "1", "v1"}, []string{"kserve-predictiveserver", "kserve-sklearnserver"}},
		"another spelling":   {Asked{Format: "SKLearn"}, nil},
		"nobody speaks it":   {Asked{Format: "onnx", Protocol: "v1"}, nil},
		"any protocol":       {Asked{"vLLM", "", "grpc-v1"}, []string{"kserve-vllmserver"}},
		"no such version":    {Asked{Format: "onnx", Version: "1.16"}, nil},
		"one of one version": {Asked{Format: "pmml", Version: "3"}, []string{"kserve-pmmlserver"}},
	} {
		if got := Of(Default).Fitting(test.asked); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}
