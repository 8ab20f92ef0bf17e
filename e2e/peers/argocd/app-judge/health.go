package main

import (
	"context"
	"os"

	"github.com/argoproj/argo-cd/v3/common"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/lua"
	"github.com/argoproj/argo-cd/v3/util/settings"
	"github.com/argoproj/gitops-engine/pkg/health"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes/fake"
	"sigs.k8s.io/yaml"
)

// healthy is the answer to health; no status means that Argo CD knows none for the
// kind, and waits for nothing.
type healthy struct{ Status, Message string }

func (j judge) health(ctx context.Context, objects []*unstructured.Unstructured) error {
	overrides, err := j.overrides(ctx)
	if err != nil {
		return err
	}
	for _, o := range objects {
		var answer healthy
		status, err := health.GetResourceHealth(o, lua.ResourceHealthOverrides(overrides))
		if err != nil {
			return err
		}
		if status != nil {
			answer = healthy{string(status.Status), status.Message}
		}
		if err := j.answers.Encode(answer); err != nil {
			return err
		}
	}
	return nil
}

// overrides are the customizations of argocd-cm, read as Argo CD does.
func (j judge) overrides(ctx context.Context) (map[string]v1alpha1.ResourceOverride, error) {
	var stored corev1.ConfigMap
	if j.settings != "" {
		content, err := os.ReadFile(j.settings)
		if err != nil {
			return nil, err
		}
		if err := yaml.UnmarshalStrict(content, &stored); err != nil {
			return nil, err
		}
	}
	of := map[string]string{"app.kubernetes.io/part-of": "argocd"}
	stored.ObjectMeta = metav1.ObjectMeta{Name: common.ArgoCDConfigMapName, Namespace: "argocd", Labels: of}
	secret := corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: common.ArgoCDSecretName, Namespace: "argocd", Labels: of}}
	return settings.NewSettingsManager(ctx, fake.NewClientset(&stored, &secret), "argocd").GetResourceOverrides()
}
