package passthrough

import (
	"maps"
	"slices"
	"strings"

	"github.com/modelfn/modelfn/internal/pattern"
)

// Flags are arguments with one reason, and the shipped runtimes whose servers
// take them.
type Flags struct {
	Why      string
	Runtimes []string
	Flags    map[string]Value
}

var (
	huggingface = []string{"kserve-huggingfaceserver", "kserve-huggingfaceserver-multinode"}
	python      = append([]string{
		"kserve-autogluonserver", "kserve-lgbserver", "kserve-paddleserver", "kserve-pmmlserver",
		"kserve-predictiveserver", "kserve-sklearnserver", "kserve-xgbserver",
	}, huggingface...)
)

// Arguments are the flags that any ModelDeployment may set. A flag is compared as
// a whole: argparse takes any beginning that is unique for the flag itself
// (--model_d for --model_dir), so a list of what is forbidden would miss some.
// kserve-mlserver and kserve-torchserve have none: see NoArguments.
func Arguments() []Flags {
	return []Flags{
		{"how KServe's Python servers answer: processes, threads, timeouts, message sizes, logs", python, map[string]Value{
			"--workers": Integer, "--max_threads": Integer, "--max_asyncio_workers": Integer,
			"--enable_grpc": Truth, "--enable_latency_logging": Truth, "--timeout-keep-alive": Integer, "--event-loop": Word,
			"--grpc_max_send_message_length": Integer, "--grpc_max_receive_message_length": Integer,
		}},
		{"threads of boosted trees", []string{"kserve-lgbserver", "kserve-predictiveserver", "kserve-xgbserver"}, map[string]Value{
			"--nthread": Integer,
		}},
		{"what goes into the verified weights and comes out of them", huggingface, map[string]Value{
			"--task": Word, "--backend": Word, "--max_model_len": Integer,
			"--disable_lower_case": Switch, "--disable_special_tokens": Switch,
			"--return_token_type_ids": Switch, "--return_offsets_mapping": Switch,
			"--return_probabilities": Switch, "--return_raw_logits": Switch, "--disable_log_requests": Switch,
		}},
		{"vLLM's memory, batches and processors", append([]string{"kserve-vllmserver"}, huggingface...), map[string]Value{
			"--max-model-len": Integer, "--max-num-seqs": Integer, "--max-num-batched-tokens": Integer,
			"--max-logprobs": Integer, "--block-size": Integer, "--seed": Integer,
			"--gpu-memory-utilization": Number, "--swap-space": Number, "--cpu-offload-gb": Number,
			"--dtype": Word, "--kv-cache-dtype": Word, "--tool-call-parser": Word,
			"--tensor-parallel-size": Integer, "--pipeline-parallel-size": Integer,
			"--enable-prefix-caching": Switch, "--no-enable-prefix-caching": Switch,
			"--enable-chunked-prefill": Switch, "--no-enable-chunked-prefill": Switch,
			"--enable-auto-tool-choice": Switch, "--enforce-eager": Switch, "--disable-log-stats": Switch,
		}},
		{"threads and batches of TensorFlow Serving", []string{"kserve-tensorflow-serving"}, map[string]Value{
			"--rest_api_num_threads": Integer, "--rest_api_timeout_in_ms": Integer, "--enable_batching": Truth,
			"--tensorflow_session_parallelism": Integer, "--tensorflow_intra_op_parallelism": Integer,
			"--tensorflow_inter_op_parallelism": Integer,
		}},
		{"threads, memory and logs of Triton", []string{"kserve-tritonserver"}, map[string]Value{
			"--http-thread-count": Integer, "--buffer-manager-thread-count": Integer, "--pinned-memory-pool-byte-size": Integer,
			"--exit-timeout-secs": Integer, "--strict-readiness": Truth, "--log-verbose": Integer,
		}},
	}
}

// NoArguments is why a shipped runtime takes no argument at all, also none that a
// platform allows, or nothing.
func NoArguments(runtime string) string {
	switch runtime {
	case "kserve-mlserver":
		return "it would take the place of the image's whole command"
	case "kserve-torchserve":
		return "it would stand behind the command that starts TorchServe, whose arguments name models"
	}
	return ""
}

// Parallel are vLLM's flags, in their canonical spelling, that spread a model over
// GPUs, with what an LLM has instead of them. KServe writes them, and makes the pods
// that go with them.
func Parallel(flag string) string {
	field := map[string]string{
		"tensor_parallel_size": "tensor", "pipeline_parallel_size": "pipeline",
		"data_parallel_size": "data", "data_parallel_size_local": "dataLocal", "enable_expert_parallel": "expert",
	}[Canonical(flag)]
	if field == "" {
		return ""
	}
	return "llm.parallelism." + field
}

// Known are the flags of a shipped runtime. Without a name they are those of all,
// for a server that nobody knows: without those that it could take for others.
func Known(runtime string) map[string]Value {
	out := map[string]Value{}
	for _, g := range Arguments() {
		if runtime == "" || slices.Contains(g.Runtimes, runtime) {
			maps.Copy(out, g.Flags)
		}
	}
	if runtime == "" {
		maps.DeleteFunc(out, func(flag string, _ Value) bool { return neverFlag(flag) != "" })
	}
	return out
}

var flagName = pattern.New(`^--[A-Za-z0-9]([A-Za-z0-9_-]{0,62}[A-Za-z0-9])?$`)

// Canonical is a flag as one of its spellings: argparse and vLLM take - for _, and
// --no-x is said of what --x is.
func Canonical(flag string) string {
	name := strings.ReplaceAll(strings.ToLower(strings.TrimLeft(flag, "-")), "-", "_")
	return strings.TrimPrefix(name, "no_")
}

// neverFlags begin the flags of the shipped servers by which another model, or
// code, is loaded, or the model gets another name. The beginning of a beginning
// is refused too: a server may take it for the whole.
var neverFlags = []string{
	"adapter", "additional", "allowed", "api_key", "backend_config", "backend_directory", "batching_parameters", "chat_template", "code_revision", "collect", "command",
	"compilation", "config", "disable_auto_complete", "download", "enable_lora", "enable_prompt", "environment", "file_system", "framework", "fully_sharded",
	"generation_config", "grpc_port", "grpc_socket", "hf", "host", "http_port", "ignore_patterns", "kv_transfer", "load", "logits_processor",
	"lora", "mm_", "middleware", "model", "monitoring", "override", "platform", "plugin", "port", "predictor", "prefer_tflite", "prompt_adapter",
	"protocol", "ray_", "reasoning_parser_plugin", "repoagent", "repository", "response_role", "rest_api_port", "revision", "rope", "root", "saved_model",
	"scheduler_cls", "served", "skip_tokenizer", "spec", "ssl", "start", "tokenizer", "tool_parser_plugin", "trust", "ts_", "uds", "use_tflite", "worker_cls", "worker_extension",
}

// neverParts stand in flags that name a file, a directory, an address or code.
var neverParts = []string{
	"adapter", "address", "cls", "config", "_dir", "endpoint", "file", "lora", "model_", "path", "plugin", "repo", "template", "uri", "url",
}

// neverFlag is why no platform may allow the flag, or nothing.
func neverFlag(flag string) string {
	name := Canonical(flag)
	for _, start := range neverFlags {
		if strings.HasPrefix(name, start) || strings.HasPrefix(start, name) {
			return "it is, or may be taken for, a flag that names a model, code, or what loads them"
		}
	}
	for _, part := range neverParts {
		if strings.Contains(name, part) && name != "max_model_len" {
			return "it names a file, an address or code"
		}
	}
	return ""
}
