package artifact

import "strings"

// servingFormats maps what packers write as format or framework to the names
// by which KServe v0.20's shipped runtimes select.
var servingFormats = map[string]string{
	"sklearn": "sklearn", "scikit-learn": "sklearn",
	"xgboost": "xgboost", "lightgbm": "lightgbm",
	"huggingface": "huggingface", "transformers": "huggingface",
	"tensorflow": "tensorflow", "savedmodel": "tensorflow",
	"pytorch": "pytorch", "torchscript": "pytorch",
	"paddle": "paddle", "pmml": "pmml", "mlflow": "mlflow",
	"triton": "triton", "onnx": "onnx", "tensorrt": "tensorrt",
	"vllm": "vLLM", "autogluon": "autogluon",
}

// servingFormat is KServe's name, or "" when the text says nothing we know:
// then the ModelDeployment has to.
func servingFormat(text string) string {
	return servingFormats[strings.ToLower(strings.TrimSpace(text))]
}
