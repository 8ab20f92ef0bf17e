package distribution

import (
	"context"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// ticket is what lets us into a repository.
type ticket struct {
	// authorization is the header's value; empty where none is wanted.
	authorization string
	// renewable tickets are tokens of a token endpoint, which expire.
	renewable bool
	// credentials tells where they come from, or where they were looked for.
	credentials string
}

const (
	errRealm         = lasting("it names a token endpoint that is no http or https URL")
	errToken         = lasting("its token endpoint's answer holds no token")
	errTokenRedirect = lasting("its token endpoint redirects too often or to a private address")
)

// admission is the repository's ticket: there is one, which is made anew where
// it is the stale one that the registry did not accept any more.
func (r *repository) admission(ctx context.Context, stale *ticket) (*ticket, error) {
	g, err := r.greeting.get(ctx, nil, r.ping)
	if err != nil {
		return nil, err
	}
	return r.ticket.get(ctx, stale, func(ctx context.Context) (*ticket, error) { return r.admit(ctx, g) })
}

// admit finds credentials and turns them into a ticket.
func (r *repository) admit(ctx context.Context, g *greeting) (*ticket, error) {
	found, err := r.client.keychain.find(ctx, hostKey("https", r.name.RegistryStr()), r.name.RepositoryStr())
	if err != nil {
		return nil, err
	}
	t := &ticket{credentials: found.source}
	auth := found.auth
	switch {
	case auth.RegistryToken != "":
		t.authorization = "Bearer " + auth.RegistryToken
	case strings.EqualFold(g.Scheme, "bearer"):
		token, err := r.exchange(ctx, g, found)
		if err != nil {
			return nil, err
		}
		t.authorization, t.renewable = "Bearer "+token, true
	case auth.Username != "" && auth.Password != "":
		// Also where the ping wanted none: some registries let anybody ping, and
		// ask for a login at private repositories.
		t.authorization = "Basic " + base64.StdEncoding.EncodeToString([]byte(auth.Username+":"+auth.Password))
	}
	return t, nil
}

// exchange fetches a token. The endpoint is on the host that the registry names,
// within the same rules as a redirect: those are the trip's.
func (r *repository) exchange(ctx context.Context, g *greeting, found credentials) (string, error) {
	subject := r.key + ": token for " + r.name.RepositoryStr()
	realm, err := url.Parse(g.Parameters["realm"])
	if err != nil || realm.Host == "" || realm.Scheme != "https" && realm.Scheme != "http" {
		return "", &fault{subject: subject, cause: errRealm}
	}
	// go-containerregistry refuses private addresses other than the registry's
	// own, which would keep an on-premises registry from the endpoint beside it:
	// to it, the endpoint is the registry.
	endpoint, err := name.NewRegistry(realm.Host, name.StrictValidation)
	if err != nil {
		return "", &fault{subject: subject, cause: errRealm}
	}
	if realm.Scheme == "http" && !g.Insecure {
		return "", &fault{subject: subject, cause: errDowngrade}
	}
	auth := authn.Anonymous
	if found.auth != (authn.AuthConfig{}) {
		auth = authn.FromConfig(found.auth)
	}
	var token string
	err = r.try(ctx, func() error {
		t := &trip{
			registry: r.registry, subject: subject, credentials: found.source,
			tokenHost: keyOf(realm), limit: maxToken,
		}
		t.public.Store(g.public)
		got, err := transport.Exchange(ctx, endpoint, auth, t, []string{r.name.Scope(transport.PullScope)}, g.Challenge)
		if err != nil {
			return t.explainExchange(err)
		}
		if token = got.AccessToken; token == "" {
			token = got.Token
		}
		if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
			// It would be part of a header.
			return &fault{subject: subject, cause: errToken}
		}
		return nil
	})
	return token, err
}

// explainExchange keeps the endpoint's answer out of the error: where it is not
// understood, go-containerregistry quotes it, and there may be a token in it.
func (t *trip) explainExchange(err error) *fault {
	_, answered := errors.AsType[*transport.Error](err)
	_, failed := errors.AsType[*fault](err)
	_, redirected := errors.AsType[*url.Error](err)
	switch {
	case answered || failed:
	case redirected:
		err = errTokenRedirect
	default:
		err = errToken
	}
	return t.explain(err)
}
