package kserve

import "strings"

// AsksHub tells whether a shipped runtime's server, told the name of a model or of
// a tokenizer in the files that it loads, asks the model hub for it.
func AsksHub(runtime string) bool {
	return runtime == VLLM || strings.HasPrefix(runtime, "kserve-huggingfaceserver")
}
