package cluster

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/modelfn/modelfn/e2e/internal/peer"
)

// startup bounds what is done before the first test.
const startup = 2 * time.Minute

// loadCRDs returns when all custom kinds are served.
func (c *Cluster) loadCRDs() error {
	crds, err := c.readCRDs()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), startup)
	defer cancel()
	loading, loadingCtx := errgroup.WithContext(ctx)
	loading.SetLimit(2) // more at once only make the largest miss the server's deadline
	for _, crd := range crds {
		loading.Go(func() error {
			if _, err := c.Create(loadingCtx, crd); err != nil {
				return fmt.Errorf("%s: %w", crd.GetName(), err)
			}
			return nil
		})
	}
	if err := loading.Wait(); err != nil {
		return err
	}
	return c.AwaitKinds(ctx, crds)
}

// crdsOf are KServe's with their whole schemas (config/crd/minimal has none, so it
// would judge nothing), the Gateway API's, those of Kyverno's policies and of
// exceptions, those of Gatekeeper that are nobody's templates, and what KServe
// makes for KEDA.
func (c *Cluster) crdsOf() []source {
	return []source{
		{c.kserve.Files, []string{"config/crd/full/serving.kserve.io_*.yaml", "config/crd/full/*/serving.kserve.io_*.yaml"}},
		{peer.GatewayAPIFiles, []string{"config/crd/standard/gateway.networking.k8s.io_*.yaml"}},
		{peer.KyvernoFiles, []string{"config/crds/policies.kyverno.io/*.yaml", "config/crds/kyverno/kyverno.io_policies.yaml", "config/crds/kyverno/kyverno.io_policyexceptions.yaml"}},
		{peer.GatekeeperFiles, []string{"config/crd/bases/constrainttemplate-*.yaml", "config/crd/bases/config.gatekeeper.sh_configs.yaml"}},
		{peer.KEDAFiles, []string{"config/crd/bases/keda.sh_scaledobjects.yaml"}},
	}
}

// source are the files of a module that match patterns.
type source struct {
	files    peer.Files
	patterns []string
}

func (c *Cluster) crdFiles() ([]string, error) {
	var files []string
	for _, s := range c.crdsOf() {
		dir, err := s.files.Dir()
		if err != nil {
			return nil, err
		}
		for _, pattern := range s.patterns {
			found, err := filepath.Glob(filepath.Join(dir, pattern))
			if err != nil {
				return nil, err
			}
			if len(found) == 0 {
				return nil, fmt.Errorf("%s: no CRDs in %s", s.files, pattern)
			}
			files = append(files, found...)
		}
	}
	return files, nil
}

func (c *Cluster) readCRDs() ([]*Object, error) {
	files, err := c.crdFiles()
	if err != nil {
		return nil, err
	}
	var all []*Object
	for _, file := range files {
		objects, err := readObjects(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for _, o := range objects {
			// The Gateway API ships a policy about its own upgrades beside them.
			if o.GetKind() == "CustomResourceDefinition" {
				all = append(all, o)
			}
		}
	}
	return all, nil
}

// AwaitKinds returns when discovery lists the kinds, the last thing that happens
// after their CRDs were created. To read the CRDs themselves until they say that
// they are established would be megabytes a time.
func (c *Cluster) AwaitKinds(ctx context.Context, crds []*Object) error {
	return poll(ctx, func() error {
		c.mapper.Reset()
		for _, crd := range crds {
			group, _, _ := unstructured.NestedString(crd.Object, "spec", "group")
			kind, _, _ := unstructured.NestedString(crd.Object, "spec", "names", "kind")
			if _, err := c.mapper.RESTMapping(schema.GroupKind{Group: group, Kind: kind}); err != nil {
				return err
			}
		}
		return nil
	})
}
