package main

import (
	"context"
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/kserve/kserve/pkg/apis/serving/v1beta1"
)

// judge is KServe as one installation configures it.
type judge struct {
	services *v1beta1.InferenceServicesConfig
	deploy   *v1beta1.DeployConfig
	security *v1beta1.SecurityConfig
}

// verdict is without a reason in Refused when KServe takes the object.
type verdict struct {
	Defaulted *v1beta1.InferenceService `json:"defaulted,omitempty"`
	Warnings  []string                  `json:"warnings,omitempty"`
	Refused   string                    `json:"refused,omitempty"`
}

func newJudge(file string) (judge, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return judge{}, err
	}
	var config corev1.ConfigMap
	if err := yaml.UnmarshalStrict(content, &config); err != nil {
		return judge{}, fmt.Errorf("%s: %w", file, err)
	}
	var j judge
	if j.services, err = v1beta1.NewInferenceServicesConfig(&config); err != nil {
		return judge{}, err
	}
	if j.deploy, err = v1beta1.NewDeployConfig(&config); err != nil {
		return judge{}, err
	}
	j.security, err = v1beta1.NewSecurityConfig(&config)
	return j, err
}

// of defaults and then validates: the validator knows the deployment modes only
// by the names that the defaulter gives them.
func (j judge) of(document []byte) verdict {
	var service v1beta1.InferenceService
	if err := yaml.UnmarshalStrict(document, &service); err != nil {
		return verdict{Refused: err.Error()}
	}
	service.DefaultInferenceService(j.services, j.deploy, j.security, nil, nil)
	warnings, err := (&v1beta1.InferenceServiceValidator{}).ValidateCreate(context.Background(), &service)
	v := verdict{Defaulted: &service, Warnings: warnings}
	if err != nil {
		v.Refused = err.Error()
	}
	return v
}
