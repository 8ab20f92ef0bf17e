package distribution

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
)

const (
	errOtherHost = lasting("its list of referrers goes on at another host")
	errEndless   = lasting("its list of referrers has too many pages")
)

// referrersAPI tells whether a registry has the API.
type referrersAPI struct{ missing bool }

// errUnsettled: an answer that says nothing about other repositories.
const errUnsettled = lasting("whether it has the referrers API is open")

// referrers asks the API, and the fallback tag where there is none. Whoever asks
// a registry first finds out which, and the others wait for that: each would ask
// in vain.
func (r *repository) referrers(ctx context.Context, digest string) ([]Descriptor, error) {
	if err := checkDigest(digest); err != nil {
		return nil, err
	}
	var list []Descriptor
	var err error
	asked := false
	ask := func(ctx context.Context) (*referrersAPI, error) {
		asked = true
		list, err = r.pages(ctx, digest)
		missing, settled := lacksReferrers(err)
		if !settled {
			return nil, errUnsettled
		}
		return &referrersAPI{missing}, nil
	}
	api, _ := r.api.get(ctx, nil, ask)
	if api != nil && api.missing {
		return r.tagged(ctx, digest)
	}
	if !asked {
		list, err = r.pages(ctx, digest)
	}
	if missing, _ := lacksReferrers(err); missing {
		return r.tagged(ctx, digest)
	}
	return list, err
}

// lacksReferrers tells whether there is no API to ask, and whether that holds of
// the whole registry. The specification's answer is 404; some registries say 400
// or 406, which may be about one digest.
func lacksReferrers(err error) (missing, settled bool) {
	if err == nil {
		return false, true
	}
	f, ok := errors.AsType[*fault](err)
	if !ok || !f.direct {
		return false, false
	}
	switch f.status {
	case http.StatusBadRequest, http.StatusNotAcceptable:
		return true, false
	case http.StatusNotFound:
		// "No such repository" says nothing about the host's other ones.
		return true, !slices.Contains(f.codes, "NAME_UNKNOWN") && !slices.Contains(f.codes, "MANIFEST_UNKNOWN")
	}
	return false, false
}

// pages collects the API's list.
func (r *repository) pages(ctx context.Context, digest string) ([]Descriptor, error) {
	var list []Descriptor
	at, left := r.url("referrers/"+digest), int64(maxReferrers)
	bad := func(reason error) error {
		return unavailable(&fault{subject: r.key + ": GET " + at.Path, cause: reason})
	}
	for range maxPages {
		got, err := r.get(ctx, question{url: at, accept: "application/vnd.oci.image.index.v1+json", limit: min(left, maxManifest)})
		if err != nil {
			return nil, unavailable(err)
		}
		page, there, err := parseIndex(got.body, maxListed-len(list))
		switch {
		case errors.Is(err, errTooMany):
			return nil, fmt.Errorf("%s@%s: %w", r.name, digest, err)
		case err != nil:
			return nil, bad(err)
		case !there:
			return nil, bad(errIndex)
		}
		list, left = append(list, page...), left-int64(len(got.body))
		next, err := nextPage(got.url, got.link)
		if err != nil {
			return nil, bad(err)
		}
		if next == nil {
			return list, nil
		}
		if !r.own(next) {
			// It would be asked with our token, and its list taken for this
			// registry's.
			return nil, bad(errOtherHost)
		}
		at = next
	}
	return nil, bad(errEndless)
}

// tagged reads the list under the fallback tag. What is no index is no list: a
// tag may be anything, and some registries (GitLab's) take sha256-... for the
// digest itself and answer with the subject.
func (r *repository) tagged(ctx context.Context, digest string) ([]Descriptor, error) {
	tag := fallbackTag(digest)
	got, err := r.get(ctx, question{url: r.url("manifests/" + tag), accept: manifestTypes, limit: maxManifest})
	switch {
	case no(err):
		return nil, nil
	case err != nil:
		return nil, unavailable(err)
	case digestOf(got.body) == digest:
		return nil, nil
	}
	list, _, err := parseIndex(got.body, maxListed)
	if err != nil {
		return nil, fmt.Errorf("%s:%s: %w", r.name, tag, err)
	}
	return list, nil
}

// own tells whether a URL is the registry's.
func (r *registry) own(u *url.URL) bool {
	return u.Scheme == r.scheme && keyOf(u) == r.key && u.User == nil
}
