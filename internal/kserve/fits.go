package kserve

import "slices"

// formatVersions are those of the formats that runtimes load, as their manifests
// have them. No two runtimes list other versions of one format unless they are
// here by name.
var formatVersions = map[string][]string{
	"autogluon": {"1"}, "huggingface": {"1"}, "lightgbm": {"4"}, "mlflow": {"1", "2"}, "onnx": {"1"}, "paddle": {"2"},
	"pmml": {"3", "4"}, "pytorch": {"1"}, "sklearn": {"1"}, "tensorflow": {"1", "2"}, "tensorrt": {"8"}, "triton": {"2"},
	"vLLM": {"1"}, "xgboost": {"2"},

	"kserve-mlserver/sklearn": {"0", "1"}, "kserve-mlserver/xgboost": {"1", "2"}, "kserve-mlserver/lightgbm": {"3", "4"},
}

// Versions of a format that the runtime loads; none where it does not load it.
func (r Runtime) Versions(format string) []string {
	if _, loads := r.Formats[format]; !loads {
		return nil
	}
	if own := formatVersions[r.Name+"/"+format]; own != nil {
		return own
	}
	return formatVersions[format]
}

// Loads tells whether KServe lets the runtime be named for a format, and a version
// of it unless that is empty. It compares both letter for letter.
func (r Runtime) Loads(format, version string) bool {
	_, loads := r.Formats[format]
	return loads && (version == "" || slices.Contains(r.Versions(format), version))
}

// Speaks tells whether KServe lets the runtime be named with a protocol.
func (r Runtime) Speaks(protocol string) bool {
	return len(r.Protocols) == 0 || slices.Contains(r.Protocols, protocol)
}

// Fitting are the runtimes that KServe lets be named, by name.
func (v Version) Fitting(a Asked) []string {
	var out []string
	for _, r := range v.Runtimes() {
		if r.Loads(a.Format, a.Version) && (a.Protocol == "" || r.Speaks(a.Protocol)) {
			out = append(out, r.Name)
		}
	}
	return out
}

// FormatVersions are those of a format that a shipped runtime loads, sorted.
func (v Version) FormatVersions(format string) []string {
	var out []string
	for _, r := range v.runtimes {
		out = append(out, r.Versions(format)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
