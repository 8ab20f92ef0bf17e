module modelfn.dev/peers/source-controller

go 1.26.8

require github.com/fluxcd/source-controller v1.9.5

replace (
	// The version that it requires is not on the proxy.
	github.com/fluxcd/pkg/artifact => github.com/fluxcd/pkg/artifact v0.18.1
	// source-controller's own
	github.com/opencontainers/go-digest => github.com/opencontainers/go-digest v1.0.1-0.20220411205349-bde1400a84be
)
