// Package distribution reads manifests, blobs and referrers from OCI registries:
// with as few requests as possible, within bounds, and without ever sending a
// credential, or a request of ours, where a registry should not be able to send
// it. Names, credentials and tokens are go-containerregistry's; the GETs are
// its own.
package distribution
