package distribution

import "time"

// Bounds on what a registry can make us read, keep and wait for. Each closes a
// way to exhaust a repo-server that others share, or to hold up its run.
const (
	// maxManifest: a registry may stream a manifest that never ends.
	maxManifest = 4 << 20
	// maxReferrers is for all pages of one list together: each page for itself
	// would allow maxPages times as much.
	maxReferrers = 8 << 20
	// maxListed referrers: anybody with push rights can attach what he likes, and
	// a list of two million empty descriptors still fits into maxManifest.
	maxListed = 1000
	// maxPages: each page can name a next one, for ever.
	maxPages = 32
	// maxToken: a token endpoint is whatever host the registry names.
	maxToken = 64 << 10
	// maxAnswer bounds everything else: pings, redirects and error pages.
	maxAnswer = 1 << 20
	// maxProblem is how much of an error page is read for its code.
	maxProblem = 64 << 10
	// maxHeader: net/http alone reads 10 MiB of header.
	maxHeader = 256 << 10
	// maxRedirects: two hosts may send us to each other for ever.
	maxRedirects = 10
	// maxDockerConfig and maxHelper: a docker configuration and what a credential
	// helper prints are small; a wrong path may lead to anything.
	maxDockerConfig = 1 << 20
	maxHelper       = 64 << 10

	// attempts at a request that met a passing fault.
	attempts = 4
	// firstDelay before the second attempt; it triples.
	firstDelay = 200 * time.Millisecond
	// maxWait is how long a Retry-After is obeyed, also without a deadline.
	maxWait = 5 * time.Minute
	// silence is how long one answer may make no progress: a registry that
	// accepts and then says nothing must not use up the whole run's deadline.
	silence = 30 * time.Second
	// dialTimeout for a connection, and again for its TLS handshake.
	dialTimeout = 10 * time.Second
	// helperTimeout: a credential helper may ask somebody who is not there.
	helperTimeout = 30 * time.Second
	// idlePerHost is how many connections wait for the next request: the
	// callers' concurrency, or they would connect anew each time.
	idlePerHost = 64
)
