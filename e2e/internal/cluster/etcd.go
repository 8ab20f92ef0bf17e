package cluster

import (
	"net"

	"github.com/modelfn/modelfn/e2e/internal/peer"
	"github.com/modelfn/modelfn/e2e/internal/process"
)

// startEtcd serves on sockets: there is no port that another program could take.
func (c *Cluster) startEtcd() error {
	binary, err := peer.Path(peer.Etcd)
	if err != nil {
		return err
	}
	p, err := c.run("etcd", process.Command{Path: binary, Args: []string{
		"--data-dir=" + c.path("etcd", "data"),
		"--listen-client-urls=" + c.etcd(),
		"--listen-peer-urls=unix://" + c.path("etcd", "peer.sock"),
		// Asked for, to be a host and port, and used by nobody.
		"--advertise-client-urls=http://localhost:2379",
		"--unsafe-no-fsync", // it ends with the tests
		"--log-level=warn",
	}})
	if err != nil {
		return err
	}
	return p.Await(func() error { return dials("unix", c.path("etcd", "client.sock")) })
}

// etcd is where etcd serves the API server.
func (c *Cluster) etcd() string { return "unix://" + c.path("etcd", "client.sock") }

func dials(network, address string) error {
	conn, err := net.Dial(network, address)
	if err != nil {
		return err
	}
	return conn.Close()
}
