package artifact

import "time"

// Bounds on what a registry, or a lock from a pull request, can make us read,
// keep and wait for. Each closes a way to exhaust a shared repo-server.
const (
	// maxManifest: go-containerregistry alone reads manifests up to 100 MiB.
	maxManifest = 4 << 20
	// maxConfig: a Kitfile may carry parameters, but not weights.
	maxConfig = 8 << 20
	// maxEvidence: a keyless bundle is about 7 KiB.
	maxEvidence = 1 << 20
	// maxCandidates: anybody with push rights can attach signatures; verifying
	// each costs time.
	maxCandidates = 64
	// maxAnswer bounds everything else: token, ping and error answers.
	maxAnswer = 1 << 20

	// attempts at a request that met a passing fault (408, 429, 5xx or a
	// broken connection).
	attempts = 4
	// firstDelay before the second attempt; it triples.
	firstDelay = 200 * time.Millisecond
	// silence is how long one answer may make no progress: a registry that accepts and
	// then says nothing must not use up the whole run's deadline.
	silence = 30 * time.Second
)
