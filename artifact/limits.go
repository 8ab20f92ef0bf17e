package artifact

// Bounds on what a registry, or a lock from a pull request, can make us read
// and keep; each closes a way to exhaust a shared repo-server. How much of a
// manifest is read, and how long is waited, is package distribution's.
const (
	// maxConfig: a Kitfile may carry parameters, but not weights.
	maxConfig = 8 << 20
	// maxEvidence: a keyless bundle is about 7 KiB.
	maxEvidence = 1 << 20
	// maxPacked is for a piece as a lock holds it: what cannot be compressed
	// grows by some bytes.
	maxPacked = maxEvidence + 1<<10
	// maxExpansion is how many times its packed size a piece may have: a bundle
	// has 1.6 times, attestations that repeat themselves up to about 8.
	maxExpansion = 16
	// maxAttached is for all evidence about one artifact together.
	maxAttached = 4 << 20
	// maxBundleEntries: each signature, timestamp and log entry of a bundle is
	// verified, and an empty one takes three bytes.
	maxBundleEntries = 32
	// maxObjects bounds the JSON objects of a bundle or envelope: each takes two
	// bytes, and a hundred times as much once it is decoded, under whichever
	// spelling of its field. A bundle of maxBundleEntries has fewer.
	maxObjects = 1024
	// maxList bounds every list in a manifest, config or Kitfile: layers become
	// files of the lock.
	maxList = 2048
	// maxIndex is for the manifests and configs of an index's images together:
	// they all go into the lock.
	maxIndex = 8 << 20
	// maxText is the longest name, version, license or architecture that is
	// repeated: annotations of one object may have 256 KiB in all.
	maxText = 256
	// maxReferences bounds what one kit may refer to.
	maxReferences = 32
	// heavy is how many artifacts of more than light bytes are pinned at once.
	heavy = 4
	light = 1 << 20
	// maxCandidates: anybody with push rights can attach signatures; verifying
	// each costs time.
	maxCandidates = 64
)
