package kserve

import "strings"

// GRPCPort is where a shipped runtime answers gRPC; 0 where it does not, or where
// that stands in the artifact (kserve-torchserve reads config.properties). None of
// them names it in its containers' ports, so KServe's Services do not lead to it
// unless the InferenceService names it.
func GRPCPort(runtime string) int {
	switch runtime {
	case "kserve-tritonserver", "kserve-tensorflow-serving":
		return 9000
	}
	return 0
}

// IsGRPC tells whether an inference protocol is asked by gRPC.
func IsGRPC(protocol string) bool { return strings.HasPrefix(protocol, "grpc-") }
