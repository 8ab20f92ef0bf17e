package faultyregistry

import (
	"net"
	"net/http"
	"slices"
	"time"
)

// Secret stands wherever a fault lets the server say something of its own: nothing
// that a server said may be read by a user, or stored.
const Secret = "hunter2"

// Fault is one thing that a registry, or the network before it, does wrong.
type Fault struct {
	// Family and Name are the row of the table.
	Family, Name string
	// At is the request that is answered wrongly.
	At At
	// Answer is the wrong answer; nil where it is not HTTP that fails.
	Answer Answer
	// Times is how often it is given, in one run; always when 0.
	Times int32
	// Network is how the registry is reached.
	Network Network
	// Speak talks to each connection, in the place of HTTP.
	Speak func(net.Conn, *Registry)
	// Timeout is the --timeout by which a fault without an end must end.
	Timeout time.Duration
	// Exit is the exit code that it deserves.
	Exit int
	// Varies is what to say in the table in place of a message that is different
	// from machine to machine.
	Varies string
}

// Answer answers a request in the place of the registry.
type Answer func(w http.ResponseWriter, req *http.Request, r *Registry)

// Network is how a registry is reached.
type Network int

const (
	// Plain is plain HTTP on the loopback interface, as the platform lists it.
	Plain Network = iota
	// Public is TLS under a public name, through a proxy: the registry may not
	// lead to private addresses.
	Public
	// TLS is TLS on the loopback interface, by a certificate that the platform lists.
	TLS
	// Untrusted is TLS by a certificate of nobody's.
	Untrusted
	// Misnamed is TLS by a certificate for another host.
	Misnamed
	// Expired is TLS by an old one.
	Expired
	// Mistaken is plain HTTP where the platform says nothing, so that TLS is spoken.
	Mistaken
	// Reversed is TLS where the platform lists plain HTTP.
	Reversed
	// Closed is a port where nobody listens.
	Closed
	// Nameless is a host that does not resolve.
	Nameless
)

// At is a kind of request.
type At string

// What modelfn asks for, in this order.
const (
	Everything At = "everything"
	Ping       At = "ping"
	Token      At = "token"
	Manifest   At = "manifest"
	Config     At = "config"
	Referrers  At = "referrers"
	// Signature is the manifest of what is attached.
	Signature At = "signature"
	// Evidence is its blob.
	Evidence At = "evidence"
)

// Faults is the table.
func Faults() []Fault {
	return slices.Concat(statuses(), connections(), lengths(), lies(), tokens(), redirects(), lists(), protocols())
}

// family marks faults as belonging together.
func family(name string, faults ...Fault) []Fault {
	for i := range faults {
		faults[i].Family = name
	}
	return faults
}

// Exit codes, as finding has them.
const (
	fine    = 0
	refused = 1
	unknown = 3
)
