package cluster

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"

	"github.com/modelfn/modelfn/e2e/internal/peer"
	"github.com/modelfn/modelfn/e2e/internal/process"
)

const loopback = "127.0.0.1"

func (c *Cluster) startAPIServer() error {
	binary, err := peer.Path(peer.KubeAPIServer)
	if err != nil {
		return err
	}
	if err := c.writeCredentials(); err != nil {
		return err
	}
	port, p, err := c.runOnPort("kube-apiserver", func(port string) process.Command {
		return process.Command{Path: binary, Args: []string{
			"--etcd-servers=" + c.etcd(),
			"--bind-address=" + loopback,
			"--advertise-address=" + loopback,
			"--secure-port=" + port,
			"--cert-dir=" + c.path("certs"),
			"--token-auth-file=" + c.path("tokens.csv"),
			"--authorization-mode=AlwaysAllow",
			// Some hundred Services of all tests that share a cluster.
			"--service-cluster-ip-range=10.0.0.0/16",
			"--service-account-issuer=https://kubernetes.default.svc",
			"--service-account-key-file=" + c.path("accounts.pem"),
			"--service-account-signing-key-file=" + c.path("accounts.pem"),
			// No controller makes the service accounts that it would ask for.
			"--disable-admission-plugins=ServiceAccount",
			"--endpoint-reconciler-type=none",
			// A CRD of two megabytes takes a while on a machine that compiles beside it.
			"--request-timeout=5m",
		}}
	})
	if err != nil {
		return err
	}
	if err := p.Await(func() error { return c.connect(port) }); err != nil {
		return fmt.Errorf("kube-apiserver: %w", err)
	}
	return nil
}

// writeCredentials writes whom the API server knows: one user, and the key that
// it signs service accounts with.
func (c *Cluster) writeCredentials() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	block := pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})
	if err := os.WriteFile(c.path("accounts.pem"), block, 0o600); err != nil {
		return err
	}
	return os.WriteFile(c.path("tokens.csv"), []byte(c.token+`,e2e,e2e,"system:masters"`+"\n"), 0o600)
}

// connect fails until the API server says that it is ready. It makes its own
// certificate while it starts; another server on this port would not have it.
func (c *Cluster) connect(port string) error {
	config := &rest.Config{
		Host:            "https://" + net.JoinHostPort(loopback, port),
		BearerToken:     c.token,
		TLSClientConfig: rest.TLSClientConfig{CAFile: c.path("certs", "apiserver.crt")},
		QPS:             -1, // nobody else is kept waiting
	}
	kinds, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return err
	}
	if err := kinds.RESTClient().Get().AbsPath("/readyz").Do(context.Background()).Error(); err != nil {
		return err
	}
	c.config = config
	c.mapper = restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(kinds))
	c.client, err = dynamic.NewForConfig(config)
	return err
}

// runOnPort starts a program on a free port. Another program may take that
// between choosing and using it, so it tries again.
func (c *Cluster) runOnPort(name string, command func(port string) process.Command) (string, *process.Process, error) {
	for range 5 {
		port, err := freePort()
		if err != nil {
			return "", nil, err
		}
		p, err := c.run(name, command(port))
		if err != nil {
			return "", nil, err
		}
		err = p.Await(func() error { return dials("tcp", net.JoinHostPort(loopback, port)) })
		if err == nil {
			return port, p, nil
		}
		if !strings.Contains(p.Printed(), "address already in use") {
			return "", nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return "", nil, fmt.Errorf("%s: each port was taken by another program", name)
}

func freePort() (string, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(loopback, "0"))
	if err != nil {
		return "", err
	}
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port), listener.Close()
}
