package artifact

// Bounds on what a registry, or a lock from a pull request, can make us read
// and keep; each closes a way to exhaust a shared repo-server. How much of a
// manifest is read, and how long is waited, is package distribution's.
const (
	// maxConfig: a Kitfile may carry parameters, but not weights.
	maxConfig = 8 << 20
	// maxEvidence: a keyless bundle is about 7 KiB.
	maxEvidence = 1 << 20
	// maxCandidates: anybody with push rights can attach signatures; verifying
	// each costs time.
	maxCandidates = 64
)
