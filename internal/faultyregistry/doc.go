// Package faultyregistry is a registry that does one thing wrong: a real one in
// process (internal/testsign), before which a Fault answers. The faults are a table,
// a family of them per file; what modelfn does about each is docs/faults.md. Only
// tests use it.
package faultyregistry
