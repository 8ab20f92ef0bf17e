package distribution

import (
	"crypto/x509"
	"fmt"
	"sync"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// fallbackRoots gives TLS the roots that Mozilla ships where the system has none, as
// in an image with nothing but this program in it; the system's win where there are.
// It is the package above bundle, but that this reads 150 certificates only in a
// process that is about to contact a registry.
var fallbackRoots = sync.OnceFunc(func() {
	pool := x509.NewCertPool()
	for root := range bundle.Roots() {
		certificate, err := x509.ParseCertificate(root.Certificate)
		if err != nil {
			panic(fmt.Sprintf("distribution: a built-in root: %v", err))
		}
		if root.Constraint == nil {
			pool.AddCert(certificate)
		} else {
			pool.AddCertWithConstraint(certificate, root.Constraint)
		}
	}
	x509.SetFallbackRoots(pool)
})
