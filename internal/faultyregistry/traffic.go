package faultyregistry

import (
	"net"
	"sync/atomic"
)

// traffic counts what clients take.
type traffic struct {
	connections atomic.Int32
	written     atomic.Int64
}

func (t *traffic) reset() {
	t.connections.Store(0)
	t.written.Store(0)
}

// counting is a listener whose connections are counted, and handed to a fault that
// speaks no HTTP.
type counting struct {
	net.Listener
	r *Registry
}

func (l *counting) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		// What lies in the kernel's buffers counts as taken: keep them small.
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetWriteBuffer(64 << 10)
		}
		l.r.traffic.connections.Add(1)
		conn = &counted{conn, &l.r.traffic}
		if l.r.fault.Speak == nil || !l.r.armed.Load() {
			return conn, nil
		}
		l.r.struck.Add(1)
		go func() {
			defer conn.Close()
			l.r.fault.Speak(conn, l.r)
		}()
	}
}

type counted struct {
	net.Conn
	traffic *traffic
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.traffic.written.Add(int64(n))
	return n, err
}
