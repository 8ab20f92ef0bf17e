package passthrough

import (
	"slices"
	"strings"
	"testing"

	"github.com/modelfn/modelfn/internal/kserve"
)

// TestListedIsNeverForbidden: what any deployment may set is nothing that no
// platform may allow, and no server could take it for that.
func TestListedIsNeverForbidden(t *testing.T) {
	for _, g := range Arguments() {
		for flag := range g.Flags {
			// Those who have a --backend take it for itself, and no other is given it.
			if why := neverFlag(flag); why != "" && flag != "--backend" {
				t.Errorf("%s is listed, and refused to platforms: %s", flag, why)
			}
			if !flagName.MatchString(flag) {
				t.Errorf("%s is no flag", flag)
			}
		}
	}
	if Known("")["--backend"] != "" || Known("kserve-huggingfaceserver")["--backend"] == "" {
		t.Error("--backend is for those whose --backend is known")
	}
	// These are known letter for letter, where others of their beginning are refused.
	known := []string{"PYTHONUNBUFFERED", "PYTHONHASHSEED", "TOKENIZERS_PARALLELISM"}
	for name := range Set() {
		if why := neverVariable(name); why != "" && !slices.Contains(known, name) {
			t.Errorf("%s is listed, and refused to platforms: %s", name, why)
		}
	}
	for _, name := range append(Fields(), Widenable()...) {
		if why := neverField(name); why != "" {
			t.Errorf("%s is listed, and refused to platforms: %s", name, why)
		}
	}
}

// TestEachFlagIsOfARuntime: the runtimes in the tables are those that KServe
// ships, and no two groups say different things of one runtime's flag.
func TestEachFlagIsOfARuntime(t *testing.T) {
	of := map[string]Value{}
	for _, g := range Arguments() {
		if g.Why == "" || len(g.Flags) == 0 || len(g.Runtimes) == 0 {
			t.Errorf("an empty group: %+v", g)
		}
		for _, r := range g.Runtimes {
			if _, shipped := kserve.Of(kserve.Default).Find(r); !shipped {
				t.Errorf("%s is not shipped", r)
			}
		}
		for flag, value := range g.Flags {
			if was := of[flag]; was != "" && was != value {
				t.Errorf("%s is %s and %s", flag, was, value)
			}
			of[flag] = value
		}
	}
	for _, r := range []string{"kserve-mlserver", "kserve-torchserve"} {
		if flags := Known(r); len(flags) > 0 {
			t.Errorf("an argument would take the place of the command of %s: %v", r, flags)
		}
	}
}

// TestRefused: what a platform may allow, and why not.
func TestRefused(t *testing.T) {
	const (
		aModel   = "names a model"
		aFile    = "names a file, an address or code"
		loaded   = "what is loaded"
		another  = "another server"
		notAFlag = "no flag"
	)
	for name, why := range map[string]string{
		"shareProcessNamespace": "", "securityContext": "", "nodeSelector": "", "args.--my-flag": "", "args.--workers": "", "args.--quantization": "",
		"env.MY_VAR": "", "env.CUDA_DEVICE_ORDER": "", "env.TOKENIZERS_PARALLELISM": "", "args.--max_model_len": "",

		"model": aModel, "workerSpec": aModel, "storageUris": aModel, "storageContainerName": aModel, "huggingface": aModel,
		"initContainers": "write another model", "volumes": "write another model", "containers": "modelfn sets it", "env": "modelfn sets it",
		"labels": "pod injector", "annotations": "pod injector", "hostNetwork": "node's own", "hostAliases": another, "dnsConfig": another,
		"ephemeralContainers": "no such field", "": "no such field", "securityContext.privileged": "no such field", "spec.model": "no such field",

		// In any spelling that a server understands, and in each beginning that it
		// might complete.
		"args.--model_dir": aModel, "args.--model-dir": aModel, "args.--MODEL_DIR": aModel, "args.--mod": aModel, "args.--model": aModel,
		"args.--model_id": aModel, "args.--model_base_path": aModel, "args.--model-repository": aModel, "args.--m": aModel,
		"args.--trust_remote_code": aModel, "args.--tr": aModel, "args.--tokenizer-mode": aModel, "args.--download-dir": aModel,
		"args.--revision": aModel, "args.--code-revision": aModel, "args.--load-format": aModel, "args.--config": aModel, "args.--enable-lora": aModel,
		"args.--no-enable-lora": aModel, "args.--speculative-config": aModel, "args.--hf-overrides": aModel, "args.--served-model-name": aModel,
		"args.--framework": aModel, "args.--chat-template": aModel, "args.--middleware": aModel, "args.--worker-cls": aModel, "args.--platform_config_file": aModel,
		"args.--draft-model-x": aFile, "args.--my-adapter": aFile, "args.--log_file": aFile, "args.--fetch-url": aFile, "args.--ssl-keyfile": aModel, "args.--kv-config": aFile,
		"args.--backend-directory": aModel, "args.--backend": aModel, "args.--tool-parser-plugin": aModel, "args.--port": aModel, "args.--predictor_host": aModel,
		"args.--model_dir=s3://evil": notAFlag, "args.model_dir": notAFlag, "args.-m": notAFlag, "args.--": notAFlag, "args.--a b": notAFlag, "args.": notAFlag, "args.--x.y": notAFlag,

		"env.STORAGE_URI": loaded, "env.HF_HOME": loaded, "env.hf_endpoint": loaded, "env.MLSERVER_MODEL_URI": loaded, "env.Mlserver_Model_Uri": loaded,
		"env.PYTHONPATH": loaded, "env.PYTHONSTARTUP": loaded, "env.LD_LIBRARY_PATH": loaded, "env.LD_AUDIT": loaded, "env.REQUESTS_CA_BUNDLE": loaded, "env.MY_CA_FILE": loaded, "env.CURL_CA_BUNDLE": loaded, "env.AWS_ENDPOINT_URL": loaded, "env.S3_ENDPOINT": loaded,
		"env.https_proxy": loaded, "env.NO_PROXY": loaded, "env.PATH": loaded, "env.MODEL_ID": loaded, "env.MODEL_DIR": loaded, "env.PROTOCOL": loaded, "env.VLLM_PLUGINS": loaded,
		"env.VLLM_USE_MODELSCOPE": loaded, "env.VLLM_ALLOW_RUNTIME_LORA_UPDATING": loaded, "env.TENSOR_PARALLEL_SIZE": loaded, "env.NVIDIA_VISIBLE_DEVICES": loaded,
		"env.TRANSFORMERS_CACHE": loaded, "env.TS_MODEL_STORE": loaded, "env.SSL_CERT_FILE": loaded, "env.BASH_ENV": loaded, "env.ENV": loaded, "env.HOME": loaded,
		"env.VLLM_ADDITIONAL_ARGS": loaded, "env.GUNICORN_CMD_ARGS": loaded, "env.JAVA_TOOL_OPTIONS": loaded, "env._JAVA_OPTIONS": loaded, "env.JDK_JAVA_OPTIONS": loaded,
		"env.DP_ADDRESS": loaded, "env.VLLM_ALLOW_INSECURE_SERIALIZATION": loaded, "env.VLLM_SERVER_DEV_MODE": loaded, "env.VLLM_TEST_FORCE_LOAD_FORMAT": loaded,
		// The shell of an LLMInferenceService makes arguments of the first.
		"env.TORCH_HOME": loaded, "env.OMP_TOOL_LIBRARIES": loaded, "env.JAVA_OPTS": loaded,
		"env.A-B": "no variable", "env.A=B": "no variable", "env.": "no variable", "env.1A": "no variable",
	} {
		got, fix := Refused(name)
		if (got == "") != (why == "") || !strings.Contains(got, why) || got != "" && fix == "" {
			t.Errorf("%q: refused with %q (%s), want %q", name, got, fix, why)
		}
	}
}

// TestValues: no value can hold what a shell, a template or Kubernetes takes for
// its own, or a second argument.
func TestValues(t *testing.T) {
	for value := range forms {
		for _, text := range []string{
			"a b", "a\tb", "a\n", "\n", "$(X)", "$X", "`id`", "{{.Name}}", "a;b", "a|b", "a&b", "a>b", "'a'", `"a"`, `a\b`, "*", "?", "[a]", "~", "#", "!", "é", "\x00",
		} {
			if value.Takes(text) {
				t.Errorf("%s takes %q", value, text)
			}
		}
	}
	for value, texts := range map[Value][]string{
		Switch: {""}, Truth: {"true", "False"}, Integer: {"0", "8192"}, Number: {"0.92", "4"}, Word: {"bfloat16", "text-generation", "DEBUG"},
		Zone: {"UTC", "Europe/Berlin", "Etc/GMT+3", "America/Argentina/Buenos_Aires"}, Listed: {"", "a/b:c,d=e", "50%"},
	} {
		for _, text := range texts {
			if !value.Takes(text) {
				t.Errorf("%s does not take %q", value, text)
			}
		}
	}
	for value, texts := range map[Value][]string{
		Switch: {"x"}, Truth: {"1", "yes", ""}, Integer: {"", "-1", "1.5", "1e3", "0x1", strings.Repeat("9", 19)}, Number: {".5", "1e3", "-1"},
		Word: {"", "a/b", "-a", ".a", "s3://x", strings.Repeat("a", 64)}, Zone: {"/etc/passwd", "../x", ":x", "a//b", "a/b/c/d"},
	} {
		for _, text := range texts {
			if value.Takes(text) {
				t.Errorf("%s takes %q", value, text)
			}
		}
	}
}

// TestExpanded: what KServe or Kubernetes would put something else for.
func TestExpanded(t *testing.T) {
	for text, want := range map[string]string{"a{{b": "{{", "a}}b": "}}", "$(A)": "$(", "a": "", "{a}": "", "$A": ""} {
		if got := Expanded(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestKnative: what Knative refuses or wants a feature for may be set elsewhere,
// and is not both.
func TestKnative(t *testing.T) {
	all := append(Fields(), Widenable()...)
	refused := map[string]bool{}
	for _, g := range NotInKnative() {
		for _, name := range g.Names {
			refused[name] = true
			if !slices.Contains(all, name) {
				t.Errorf("%s cannot be set in any mode", name)
			}
		}
	}
	for name := range KnativeFeatures() {
		if refused[name] || !slices.Contains(all, name) {
			t.Errorf("%s needs a feature, and cannot be set", name)
		}
	}
}
