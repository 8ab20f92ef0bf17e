package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// namespace is the one that KServe looks for its settings in.
const namespace = "kserve"

// WithKServe runs KServe's controller manager in Standard mode, with the
// runtimes and storage containers that KServe ships and with its webhooks.
func WithKServe() Option {
	return func(c *Cluster) error {
		ctx, cancel := context.WithTimeout(context.Background(), startup)
		defer cancel()
		if err := c.installKServe(ctx); err != nil {
			return fmt.Errorf("installing KServe: %w", err)
		}
		return c.startManager(ctx, kserveManager{name: c.kserve.Manager, webhooks: "config/webhook/manifests.yaml"})
	}
}

func (c *Cluster) installKServe(ctx context.Context) error {
	dir, err := c.kserve.Files.Dir()
	if err != nil {
		return err
	}
	if _, err := c.Apply(ctx, newNamespace(namespace)); err != nil {
		return err
	}
	settings, err := readObjects(filepath.Join(dir, "config/configmap/inferenceservice.yaml"))
	if err != nil {
		return err
	}
	for _, o := range settings {
		if err := standardMode(o); err != nil {
			return err
		}
	}
	runtimes, err := kustomize(filepath.Join(dir, "config/runtimes"))
	if err != nil {
		return err
	}
	storage, err := kustomize(filepath.Join(dir, "config/storagecontainers"))
	if err != nil {
		return err
	}
	if err := released(dir, settings, storage); err != nil {
		return err
	}
	return c.applyAll(ctx, settings, runtimes, storage)
}

// released gives the image that fetches models its release's tag, as KServe's charts
// do: in config/ it is the latest.
func released(dir string, lists ...[]*Object) error {
	content, err := os.ReadFile(filepath.Join(dir, "charts/kserve-resources/values.yaml"))
	if err != nil {
		return err
	}
	var values struct {
		KServe struct {
			Version string
			Storage struct{ Image string }
		}
	}
	if err := yaml.Unmarshal(content, &values); err != nil {
		return err
	}
	image := []byte(values.KServe.Storage.Image + ":")
	for _, list := range lists {
		for i, o := range list {
			text, err := o.MarshalJSON()
			if err != nil {
				return err
			}
			changed := bytes.ReplaceAll(text, append(image, "latest"...), append(image, values.KServe.Version...))
			list[i] = new(Object)
			if err := list[i].UnmarshalJSON(changed); err != nil {
				return err
			}
			if bytes.Equal(text, changed) {
				return fmt.Errorf("%s %s: no %slatest", o.GetKind(), o.GetName(), image)
			}
		}
	}
	return nil
}

// standardMode changes the shipped settings as KServe's documentation of that
// mode says: no Knative, and routes of the Gateway API.
func standardMode(settings *Object) error {
	for _, change := range []struct {
		key, field string
		value      any
	}{
		{"deploy", "defaultDeploymentMode", "Standard"},
		{"ingress", "enableGatewayApi", true},
	} {
		text, _, err := unstructured.NestedString(settings.Object, "data", change.key)
		if err != nil {
			return err
		}
		var setting map[string]any
		if err := json.Unmarshal([]byte(text), &setting); err != nil {
			return fmt.Errorf("%s: %w", change.key, err)
		}
		setting[change.field] = change.value
		changed, err := json.Marshal(setting)
		if err != nil {
			return err
		}
		if err := unstructured.SetNestedField(settings.Object, string(changed), "data", change.key); err != nil {
			return err
		}
	}
	return nil
}

// applyAll applies objects in their order.
func (c *Cluster) applyAll(ctx context.Context, lists ...[]*Object) error {
	for _, list := range lists {
		for _, o := range list {
			if _, err := c.Apply(ctx, o); err != nil {
				return fmt.Errorf("%s %s: %w", o.GetKind(), o.GetName(), err)
			}
		}
	}
	return nil
}

func newNamespace(name string) *Object {
	var o Object
	o.SetAPIVersion("v1")
	o.SetKind("Namespace")
	o.SetName(name)
	return &o
}

func readObjects(file string) ([]*Object, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return Parse(bytes.NewReader(content))
}

// kustomize builds a directory of KServe's, which gives images their names.
func kustomize(dir string) ([]*Object, error) {
	binary, err := peer.Path(peer.Kustomize)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(binary, "build", dir)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	output, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("kustomize build %s: %w: %s", dir, err, stderr.String())
	}
	return Parse(bytes.NewReader(output))
}
