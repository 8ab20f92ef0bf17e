// Package cluster runs a real kube-apiserver and etcd on loopback, with the
// CRDs of KServe, the Gateway API and Kyverno, and on request KServe's real controller manager.
// Nothing else runs: there is no node, and no controller of Kubernetes' own, so
// that a Deployment stays as it was made.
package cluster

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/modelfn/modelfn/e2e/internal/peer"
	"github.com/modelfn/modelfn/e2e/internal/process"
)

// Cluster is one API server and what runs around it.
type Cluster struct {
	dir     string
	kserve  peer.KServe
	token   string // of the one user, who may do everything
	config  *rest.Config
	client  dynamic.Interface
	mapper  meta.ResettableRESTMapper
	running []server
}

type server struct {
	name string
	*process.Process
}

// Option adds to a cluster.
type Option func(*Cluster) error

// Start returns when the API server serves all kinds, those of that KServe among
// them. Whoever starts a cluster
// stops it.
func Start(kserve peer.KServe, opts ...Option) (*Cluster, error) {
	// The path of a socket may have 108 bytes at most, which a test's own
	// directory would spend.
	dir, err := os.MkdirTemp("", "cluster")
	if err != nil {
		return nil, err
	}
	c := &Cluster{dir: dir, kserve: kserve, token: rand.Text()}
	steps := []Option{(*Cluster).startEtcd, (*Cluster).startAPIServer, (*Cluster).loadCRDs}
	for _, step := range append(steps, opts...) {
		if err := step(c); err != nil {
			return nil, errors.Join(err, c.Stop())
		}
	}
	return c, nil
}

// Stop ends all programs, the last one first.
func (c *Cluster) Stop() error {
	var errs []error
	for i := len(c.running) - 1; i >= 0; i-- {
		errs = append(errs, c.running[i].Kill())
	}
	return errors.Join(append(errs, os.RemoveAll(c.dir))...)
}

// run starts a program in a directory of its own, named after it.
func (c *Cluster) run(name string, command process.Command) (*process.Process, error) {
	command.Dir = c.path(name)
	if err := os.MkdirAll(command.Dir, 0o755); err != nil {
		return nil, err
	}
	// Unbounded, the API server grows to two gigabytes while it learns the CRDs. What
	// it knows then takes 700 MiB: with less it does nothing but collect garbage.
	command.Env = append(command.Env, "GOMEMLIMIT=1400MiB")
	p, err := process.Start(command)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	c.running = append(c.running, server{name, p})
	return p, nil
}

func (c *Cluster) path(elem ...string) string {
	return filepath.Join(append([]string{c.dir}, elem...)...)
}
