package faultyregistry

import (
	"encoding/json"
	"encoding/pem"
	"fmt"

	"github.com/modelfn/modelfn/api/v1alpha1"
	"github.com/modelfn/modelfn/internal/lock"
	"github.com/modelfn/modelfn/internal/testsign"
)

// Platform is a ModelPlatform, of this resolution, that trusts what the registry holds
// and knows how to reach it.
func (r *Registry) Platform(resolution string) string {
	host := map[string]any{"host": r.Host}
	switch r.fault.Network {
	case Plain, Reversed, Closed, Nameless:
		host["plainHTTP"] = true
	case Public, TLS, Misnamed, Expired:
		host["caBundle"] = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: r.server.Certificate().Raw}))
	}
	exceptions, err := json.Marshal([]any{host})
	if err != nil {
		panic(err) // maps of text
	}
	return fmt.Sprintf(`apiVersion: modelfn.dev/v1alpha1
kind: ModelPlatform
metadata: {name: test}
spec:
  resolution: %s
  registries: %s
  trust:
  - match: [%s/models/**]
    authorities: [{name: release, key: {pem: %q}}]
`, resolution, exceptions, r.Host, testsign.ECDSA(Key).PEM())
}

// URI is the model.
func (r *Registry) URI() string { return "kit://" + r.Host + "/" + Repository + ":" + Tag }

// Deployment is a ModelDeployment of the model.
func (r *Registry) Deployment() string {
	return fmt.Sprintf(`apiVersion: modelfn.dev/v1alpha1
kind: ModelDeployment
metadata: {name: fraud, namespace: ml-serving}
spec: {model: %q}
`, r.URI())
}

// OldLock is the lock file from before the tag moved.
func (r *Registry) OldLock() []byte {
	d := new(v1alpha1.ModelDeployment)
	if errs := v1alpha1.Decode([]byte(r.Deployment()), d); len(errs) > 0 {
		panic(errs)
	}
	entry := r.old.Entry(r.URI(), testsign.ECDSA(Key).Bundle(r.old.Digest()))
	return lock.Marshal([]*v1alpha1.ModelLock{lock.New(d, []v1alpha1.LockedModel{entry})})
}
