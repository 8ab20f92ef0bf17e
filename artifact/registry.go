package artifact

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/modelfn/modelfn/api/v1alpha1"
)

// Registry is the Source that asks registries. It keeps one puller, so that
// connections and tokens are reused.
type Registry struct {
	puller    *remote.Puller
	plainHTTP map[string]bool
}

var _ Source = (*Registry)(nil)

// NewRegistry makes a Registry with the platform's exceptions. Credentials come
// from the docker configuration and go only to the registry they belong to.
func NewRegistry(exceptions []v1alpha1.Registry) (*Registry, error) {
	plainHTTP := map[string]bool{}
	for _, e := range exceptions {
		plainHTTP[e.Host] = e.PlainHTTP
	}
	puller, err := remote.NewPuller(
		remote.WithTransport(newTransport(plainHTTP)),
		remote.WithAuthFromKeychain(authn.DefaultKeychain),
		remote.WithUserAgent("modelfn"),
		remote.WithJobs(maxCandidates),
		// Retries are the transport's, which knows Retry-After and deadlines.
		remote.WithRetryStatusCodes(),
		remote.WithRetryBackoff(remote.Backoff{Steps: 1}),
	)
	if err != nil {
		return nil, err
	}
	return &Registry{puller: puller, plainHTTP: plainHTTP}, nil
}

// Pin resolves the reference once; everything after goes by the digest.
func (r *Registry) Pin(ctx context.Context, ref Reference) (Pinned, error) {
	host, _, _ := strings.Cut(ref.repository, "/")
	repo, err := ref.repo(r.plainHTTP[host])
	if err != nil {
		return Pinned{}, fmt.Errorf("%s: %w", ref, err)
	}
	rawManifest, err := r.manifest(ctx, repo, ref.identifier())
	if err != nil {
		return Pinned{}, fmt.Errorf("%s: %w", ref, err)
	}
	m, err := parseManifest(rawManifest)
	if err != nil {
		return Pinned{}, fmt.Errorf("%s: %w", ref, err)
	}
	rawConfig, err := r.blob(ctx, repo, m.Config.Digest, maxConfig)
	if err != nil {
		return Pinned{}, fmt.Errorf("%s: config: %w", ref, err)
	}
	artifact, err := newArtifact(ref, rawManifest, rawConfig)
	if err != nil {
		return Pinned{}, fmt.Errorf("%s: %w", ref, err)
	}
	evidence, err := r.evidence(ctx, repo, artifact.digest)
	if err != nil {
		return Pinned{}, fmt.Errorf("%s: evidence: %w", ref, err)
	}
	return Pinned{artifact, evidence}, nil
}

// identifier is what to ask the registry for: the digest where there is one.
func (r Reference) identifier() string {
	if r.Pinned() {
		return string(r.digest)
	}
	return r.tag
}

// manifest fetches raw manifest bytes by tag or digest.
func (r *Registry) manifest(ctx context.Context, repo name.Repository, identifier string) ([]byte, error) {
	var ref name.Reference = repo.Tag(identifier)
	if strings.HasPrefix(identifier, "sha256:") {
		ref = repo.Digest(identifier)
	}
	got, err := r.puller.Get(ctx, ref)
	if err != nil {
		return nil, classify(err)
	}
	return got.Manifest, nil
}

// blob fetches a blob of at most limit bytes and checks its digest.
func (r *Registry) blob(ctx context.Context, repo name.Repository, digest string, limit int64) ([]byte, error) {
	want, err := ParseDigest(digest)
	if err != nil {
		return nil, err
	}
	// A blob that a manifest names and the registry does not have is the
	// registry's fault: no classify, which would call it not pushed.
	layer, err := r.puller.Layer(ctx, repo.Digest(digest))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	body, err := layer.Compressed()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer body.Close()
	raw, err := io.ReadAll(io.LimitReader(body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if int64(len(raw)) > limit {
		return nil, fmt.Errorf("%w: blob %s is longer than %d bytes", ErrUnavailable, digest, limit)
	}
	if DigestOf(raw) != want {
		return nil, fmt.Errorf("%w: blob %s does not have that digest", ErrUnavailable, digest)
	}
	return raw, nil
}

// classify turns a registry's error into one of the sentinels. "No" is the
// registry's answer only for 404 about a manifest or blob (a token endpoint's
// 404 says nothing about the artifact); everything else may be different next
// time.
func classify(err error) error {
	if te, ok := errors.AsType[*transport.Error](err); ok && te.StatusCode == http.StatusNotFound && bound(te.Request.URL.Path) != maxAnswer {
		return fmt.Errorf("%w (%s)", ErrNotFound, te.Request.URL.Host)
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// evidence collects what is attached to the digest: the legacy .sig tag, and
// Sigstore bundles found through the referrers API or its fallback tag.
func (r *Registry) evidence(ctx context.Context, repo name.Repository, digest Digest) ([]Evidence, error) {
	legacy, err := r.legacy(ctx, repo, digest)
	if err != nil {
		return nil, err
	}
	bundles, err := r.bundles(ctx, repo, digest)
	if err != nil {
		return nil, err
	}
	found := append(legacy, bundles...)
	if len(found) > maxCandidates {
		return nil, errTooMany
	}
	return sortEvidence(found), nil
}

var errTooMany = fmt.Errorf("more than %d signatures and attestations are attached to it: remove stray ones from the registry", maxCandidates)

func (r *Registry) legacy(ctx context.Context, repo name.Repository, digest Digest) ([]Evidence, error) {
	raw, err := r.manifest(ctx, repo, "sha256-"+digest.Hex()+".sig")
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var m manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, fmt.Errorf("signature manifest: %w", err)
	}
	var found []Evidence
	for _, layer := range m.Layers {
		if layer.MediaType != typeSimpleSigning {
			continue
		}
		if len(found) == maxCandidates {
			return nil, errTooMany
		}
		payload, err := r.blob(ctx, repo, layer.Digest, maxEvidence)
		if err != nil {
			return nil, err
		}
		e, err := newLegacy(layer, payload)
		if err != nil {
			return nil, err
		}
		found = append(found, e)
	}
	return found, nil
}

func (r *Registry) bundles(ctx context.Context, repo name.Repository, digest Digest) ([]Evidence, error) {
	index, err := remote.Referrers(repo.Digest(string(digest)), remote.WithContext(ctx), remote.Reuse(r.puller))
	if err != nil {
		return nil, classify(err)
	}
	raw, err := index.RawManifest()
	if err != nil {
		return nil, classify(err)
	}
	var list manifest
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, fmt.Errorf("referrers: %w", err)
	}
	if len(list.Manifests) > maxCandidates {
		return nil, errTooMany
	}
	var found []Evidence
	for _, d := range list.Manifests {
		// The descriptor's artifactType is not to be relied on (cosign's
		// fallback index says application/vnd.oci.empty.v1+json): open each.
		if _, err := ParseDigest(d.Digest); err != nil {
			return nil, fmt.Errorf("referrers: %w", err)
		}
		raw, err := r.manifest(ctx, repo, d.Digest)
		if errors.Is(err, ErrNotFound) {
			continue // a stale entry of a fallback index
		}
		if err != nil {
			return nil, err
		}
		var m manifest
		if err := json.Unmarshal(raw, &m); err != nil {
			continue // somebody else's referrer, not evidence of a kind we know
		}
		for _, layer := range m.Layers {
			if !strings.HasPrefix(layer.MediaType, TypeBundle) {
				continue
			}
			if len(found) == maxCandidates {
				return nil, errTooMany
			}
			data, err := r.blob(ctx, repo, layer.Digest, maxEvidence)
			if err != nil {
				return nil, err
			}
			found = append(found, Evidence{layer.MediaType, data})
		}
	}
	return found, nil
}
