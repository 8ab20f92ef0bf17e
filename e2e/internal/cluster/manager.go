package cluster

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	clientcmd "k8s.io/client-go/tools/clientcmd/api/v1"
	"k8s.io/client-go/util/cert"

	"github.com/modelfn/modelfn/e2e/internal/peer"
	"github.com/modelfn/modelfn/e2e/internal/process"
)

// kserveManager is one of KServe's controller managers.
type kserveManager struct {
	// name of the peer, and of its directory.
	name string
	// webhooks is the file of its webhooks among KServe's, and args what it needs
	// besides a port for them.
	webhooks string
	args     []string
}

// startManager runs a controller manager and makes the API server ask its
// webhooks.
func (c *Cluster) startManager(ctx context.Context, m kserveManager) error {
	binary, err := peer.Path(m.name)
	if err != nil {
		return err
	}
	if err := c.writeKubeconfig(); err != nil {
		return err
	}
	authority, err := c.writeServingCertificate(m.name)
	if err != nil {
		return err
	}
	port, _, err := c.runOnPort(m.name, func(port string) process.Command {
		return process.Command{
			Path: binary,
			Args: append([]string{"-webhook-port=" + port, "-metrics-addr=0", "-health-probe-addr=0"}, m.args...),
			Env: []string{
				"KUBECONFIG=" + c.path("kubeconfig"),
				"POD_NAMESPACE=" + namespace,
				"TMPDIR=" + c.path("certificates", m.name), // it looks for its certificate in there
			},
		}
	})
	if err != nil {
		return err
	}
	return c.applyWebhooks(ctx, m.webhooks, port, authority)
}

// writeServingCertificate returns the certificate that callers are to trust.
func (c *Cluster) writeServingCertificate(manager string) ([]byte, error) {
	dir := c.path("certificates", manager, "k8s-webhook-server", "serving-certs")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	certificate, key, err := cert.GenerateSelfSignedCertKey(loopback, []net.IP{net.ParseIP(loopback)}, nil)
	if err != nil {
		return nil, err
	}
	return certificate, errors.Join(
		os.WriteFile(filepath.Join(dir, "tls.crt"), certificate, 0o600),
		os.WriteFile(filepath.Join(dir, "tls.key"), key, 0o600),
	)
}

// Kubeconfig is a file that leads programs to the API server.
func (c *Cluster) Kubeconfig() (string, error) { return c.path("kubeconfig"), c.writeKubeconfig() }

// writeKubeconfig writes how programs reach the API server, as JSON, which is
// YAML too.
func (c *Cluster) writeKubeconfig() error {
	content, err := json.Marshal(clientcmd.Config{
		APIVersion: "v1", Kind: "Config", CurrentContext: "e2e",
		Clusters: []clientcmd.NamedCluster{{Name: "e2e", Cluster: clientcmd.Cluster{
			Server: c.config.Host, CertificateAuthority: c.config.CAFile,
		}}},
		AuthInfos: []clientcmd.NamedAuthInfo{{Name: "e2e", AuthInfo: clientcmd.AuthInfo{Token: c.token}}},
		Contexts:  []clientcmd.NamedContext{{Name: "e2e", Context: clientcmd.Context{Cluster: "e2e", AuthInfo: "e2e"}}},
	})
	if err != nil {
		return err
	}
	return os.WriteFile(c.path("kubeconfig"), content, 0o600)
}

// applyWebhooks registers the webhooks that KServe ships. In a cluster they are
// reached through a Service; here there is none.
func (c *Cluster) applyWebhooks(ctx context.Context, file, port string, authority []byte) error {
	dir, err := c.kserve.Files.Dir()
	if err != nil {
		return err
	}
	configurations, err := readObjects(filepath.Join(dir, file))
	if err != nil {
		return err
	}
	for _, configuration := range configurations {
		webhooks, _, err := unstructured.NestedSlice(configuration.Object, "webhooks")
		if err != nil {
			return err
		}
		for _, webhook := range webhooks {
			if err := reachAt(webhook, port, authority); err != nil {
				return fmt.Errorf("%s: %w", configuration.GetName(), err)
			}
		}
		configuration.Object["webhooks"] = webhooks
	}
	return c.applyAll(ctx, configurations)
}

func reachAt(webhook any, port string, authority []byte) error {
	w, ok := webhook.(map[string]any)
	if !ok {
		return errors.New("a webhook is not an object")
	}
	path, _, err := unstructured.NestedString(w, "clientConfig", "service", "path")
	if err != nil {
		return err
	}
	w["clientConfig"] = map[string]any{
		"url":      "https://" + net.JoinHostPort(loopback, port) + path,
		"caBundle": base64.StdEncoding.EncodeToString(authority),
	}
	return nil
}
