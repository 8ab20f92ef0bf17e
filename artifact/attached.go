package artifact

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

var (
	errTooMany = fmt.Errorf("more than %d signatures, attestations and other referrers are attached to it: remove stray ones from the registry", maxCandidates)
	errTooMuch = fmt.Errorf("signatures and attestations of more than %d bytes are attached to it: remove stray ones from the registry", maxAttached)
)

// Wants is what evidence is still wanted about an artifact.
type Wants struct{ Signatures, Attestations bool }

// attach looks for evidence where cosign puts it, while some is wanted: Sigstore
// bundles first, since an admission engine that finds a bundle does not look at
// legacy signatures. What was not asked for is named in Skipped.
func (r *Registry) attach(ctx context.Context, p *Pinned) error {
	left := budget(maxAttached)
	first := r.wants(*p)
	signatures := func(w Wants) bool { return w.Signatures }
	type place struct {
		name   string
		wanted func(Wants) bool
		look   func(context.Context, Artifact, *budget) ([]Evidence, error)
	}
	places := []place{
		{"bundles", func(w Wants) bool { return w.Signatures || w.Attestations }, r.bundles},
		{"legacy signatures", signatures, r.signatures},
		{"legacy attestations", func(w Wants) bool { return w.Attestations }, r.attestations},
	}
	if _, ok := p.signatureLayer(); ok {
		places = append(places, place{"the model signature among the layers", signatures, r.modelSignature})
	}
	for _, place := range places {
		if !place.wanted(r.wants(*p)) {
			if place.wanted(first) {
				p.Skipped = append(p.Skipped, place.name)
			}
			continue
		}
		found, err := place.look(ctx, p.Artifact, &left)
		if err != nil {
			return err
		}
		if p.Evidence = sortEvidence(append(p.Evidence, found...)); len(p.Evidence) > maxCandidates {
			return errTooMany
		}
	}
	return nil
}

// budget is how many bytes of evidence may still be fetched about an artifact. It
// is looked at before the next piece: 64 artifacts are asked about at once.
type budget int

func (b *budget) spend(data []byte) error {
	if *b -= budget(len(data)); *b < 0 {
		return errTooMuch
	}
	return nil
}

// bundles are the Sigstore bundles that refer to the artifact.
func (r *Registry) bundles(ctx context.Context, a Artifact, left *budget) ([]Evidence, error) {
	list, err := r.client.Referrers(ctx, a.Repository(), string(a.digest))
	if err != nil {
		return nil, err
	}
	if len(list) > maxCandidates {
		return nil, errTooMany
	}
	var found []Evidence
	fetched := 0
	for _, d := range list {
		// The descriptor's artifactType is not to be relied on (cosign's
		// fallback index says application/vnd.oci.empty.v1+json): open each.
		raw, err := r.client.Manifest(ctx, a.Repository(), d.Digest)
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
			if fetched++; fetched > maxCandidates {
				return nil, errTooMany
			}
			data, err := r.client.Blob(ctx, a.Repository(), layer.Digest, maxEvidence)
			if err == nil {
				err = left.spend(data)
			}
			if err != nil {
				return nil, err
			}
			// What is no bundle proves nothing, whoever attached it.
			if e := (Evidence{MediaType: layer.MediaType, Data: data}); e.checkForm() == nil {
				found = append(found, e)
			}
		}
	}
	return found, nil
}

// signatures are those under the .sig tag.
func (r *Registry) signatures(ctx context.Context, a Artifact, left *budget) ([]Evidence, error) {
	return r.legacy(ctx, a, ".sig", typeSimpleSigning, left)
}

// attestations are those under the .att tag.
func (r *Registry) attestations(ctx context.Context, a Artifact, left *budget) ([]Evidence, error) {
	return r.legacy(ctx, a, ".att", typeEnvelope, left)
}

// legacy are the layers of one type under the tag that cosign makes of a digest.
func (r *Registry) legacy(ctx context.Context, a Artifact, suffix, mediaType string, left *budget) ([]Evidence, error) {
	raw, err := r.client.Manifest(ctx, a.Repository(), "sha256-"+a.digest.Hex()+suffix)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var m manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, fmt.Errorf("%s manifest: %w", suffix, err)
	}
	var found []Evidence
	for _, layer := range m.Layers {
		if layer.MediaType != mediaType {
			continue
		}
		if len(found) == maxCandidates {
			return nil, errTooMany
		}
		payload := expectedPayload(a, layer.Digest)
		if payload == nil {
			if payload, err = r.client.Blob(ctx, a.Repository(), layer.Digest, maxEvidence); err != nil {
				return nil, err
			}
		}
		e, err := newLegacy(layer, payload)
		if err == nil {
			err = left.spend(e.Data)
		}
		if err != nil {
			return nil, err
		}
		// What cannot be one proves nothing, whoever attached it.
		if e.checkForm() == nil {
			found = append(found, e)
		}
	}
	return found, nil
}
