// Package artifact turns a model's URI into an Artifact that carries a digest:
// through the lock (Locked) or from the registry (Registry), both behind
// Source. Everything known about an Artifact is derived from its raw manifest
// and config, whose hashes are checked here; only this package can make one.
package artifact
