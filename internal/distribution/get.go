package distribution

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
)

// question is what is asked of a repository.
type question struct {
	url    *url.URL
	accept string
	// limit of a good answer in bytes.
	limit int64
	// digest that the answer must have, if any.
	digest string
}

type answer struct {
	body []byte
	// url that answered, after redirects, and its Link header.
	url  *url.URL
	link []string
}

// get asks with the repository's token. One that expired is renewed once.
func (r *repository) get(ctx context.Context, q question) (answer, error) {
	t, err := r.admission(ctx, nil)
	if err != nil {
		return answer{}, err
	}
	got, err := r.ask(ctx, q, t)
	if f, ok := errors.AsType[*fault](err); ok && f.direct && f.status == http.StatusUnauthorized && t.renewable {
		if t, err = r.admission(ctx, t); err != nil {
			return answer{}, err
		}
		got, err = r.ask(ctx, q, t)
	}
	return got, err
}

// ask sends a question until it is answered in full, within the attempts.
func (r *repository) ask(ctx context.Context, q question, t *ticket) (got answer, err error) {
	err = r.try(ctx, func() error {
		trip := &trip{
			registry: r.registry, subject: r.key + ": GET " + q.url.Path,
			authorization: t.authorization, credentials: t.credentials, limit: q.limit,
		}
		got, err = trip.ask(ctx, q)
		return err
	})
	if err != nil {
		return answer{}, err
	}
	return got, nil
}

func (t *trip) ask(ctx context.Context, q question) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, q.url.String(), nil)
	if err != nil {
		return answer{}, t.explain(err)
	}
	req.Header.Set("User-Agent", "modelfn")
	if q.accept != "" {
		req.Header.Set("Accept", q.accept)
	}
	client := http.Client{Transport: t, CheckRedirect: func(_ *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects {
			return errTooManyRedirects
		}
		return nil
	}}
	resp, err := client.Do(req)
	if err != nil {
		return answer{}, t.explain(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return answer{}, t.refusal(resp)
	}
	// It grows with what arrives: a Content-Length may promise anything.
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, t.explain(err)
	}
	if q.digest != "" && digestOf(raw) != q.digest {
		return answer{}, t.fault(resp.Request, lasting("the answer does not have that digest but "+digestOf(raw)))
	}
	return answer{raw, resp.Request.URL, resp.Header.Values("Link")}, nil
}
