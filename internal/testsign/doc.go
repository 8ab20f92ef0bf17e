// Package testsign makes signed model artifacts for tests: keys, signatures,
// manifests, a small Sigstore, and a registry that serves them. All of it is
// real in form and the same in every run, since a key follows from its name; no
// private key is stored, and none guards anything.
package testsign
