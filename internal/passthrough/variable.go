package passthrough

import (
	"maps"
	"strings"

	"github.com/modelfn/modelfn/internal/pattern"
)

// Variables are environment variables with one reason.
type Variables struct {
	Why       string
	Variables map[string]Value
}

// Environment are the variables that any ModelDeployment may set.
func Environment() []Variables {
	return []Variables{
		{"threads of numeric libraries", map[string]Value{
			"OMP_NUM_THREADS": Integer, "MKL_NUM_THREADS": Integer, "OPENBLAS_NUM_THREADS": Integer, "BLIS_NUM_THREADS": Integer,
			"NUMEXPR_NUM_THREADS": Integer, "NUMEXPR_MAX_THREADS": Integer, "RAYON_NUM_THREADS": Integer,
			"TF_NUM_INTRAOP_THREADS": Integer, "TF_NUM_INTEROP_THREADS": Integer, "TOKENIZERS_PARALLELISM": Truth,
		}},
		{"memory", map[string]Value{"MALLOC_ARENA_MAX": Integer}},
		{"how much is logged", map[string]Value{
			"VLLM_LOGGING_LEVEL": Word, "TF_CPP_MIN_LOG_LEVEL": Integer, "NCCL_DEBUG": Word, "PYTHONUNBUFFERED": Integer,
		}},
		{"the clock on the wall, and the order of sets", map[string]Value{"TZ": Zone, "PYTHONHASHSEED": Integer}},
	}
}

// Set are the variables of all groups.
func Set() map[string]Value {
	out := map[string]Value{}
	for _, g := range Environment() {
		maps.Copy(out, g.Variables)
	}
	return out
}

var variableName = pattern.New(`^[A-Za-z_][A-Za-z0-9_]{0,127}$`)

// neverVariables begin variables that say what is loaded, from where, with which
// credentials, or by which code. Some servers read them in any case.
var neverVariables = []string{
	"AWS_", "AZ", "BASH", "CLIENT_ID", "CLIENT_SECRET", "DOCKER_", "ENV", "GCS_", "GIT_", "GOOGLE_", "HDFS_", "HF_", "HOME", "HUGGING", "IFS", "JAVA_", "_JAVA", "JDK_", "K_", "KITOPS_", "KSERVE_", "KUBERNETES_",
	"LD_", "LMCACHE_", "MLSERVER_", "MODEL", "NVIDIA_", "PATH", "PIPELINE_", "POD_", "PORT", "PROTOCOL", "PYTHON", "RAY_", "REQUESTS_", "S3_", "SERVED_",
	"SHELL", "SSL_", "STORAGE", "TENSOR_PARALLEL", "TMP", "TRANSFORMERS_", "TRITON", "TS_", "VLLM_ADDITIONAL", "VLLM_ALLOW", "VLLM_HOST", "VLLM_SERVER_DEV", "VLLM_TEST", "VLLM_WORKER", "XDG_",
}

// neverVariableParts stand in variables that name the same, or hold a whole command
// line: KServe starts vLLM with VLLM_ADDITIONAL_ARGS, Gunicorn reads
// GUNICORN_CMD_ARGS.
var neverVariableParts = []string{
	"ADAPTER", "ADDRESS", "ARGS", "CACHE", "COMMAND", "CONFIG", "CREDENTIAL", "ENDPOINT", "HUB", "LORA", "MODEL", "PATH", "PLUGIN", "PRELOAD", "PROXY", "REMOTE_CODE", "REPO", "SECRET", "TOKEN", "URI", "URL", "_CA_", "_DIR", "_FILE", "_HOME", "_LIBRARIES", "_OPTIONS", "_OPTS",
}

// neverVariable is why no platform may allow the variable, or nothing.
func neverVariable(name string) string {
	upper := strings.ToUpper(name)
	for _, start := range neverVariables {
		if strings.HasPrefix(upper, start) {
			return "variables of that beginning say what is loaded, from where, or by which code"
		}
	}
	for _, part := range neverVariableParts {
		if strings.Contains(upper, part) {
			return "a variable with " + part + " in its name says what is loaded, from where, or by which code"
		}
	}
	return ""
}
