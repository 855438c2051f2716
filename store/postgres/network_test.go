// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
)

// network stands between a store and its server, and can break.
type network struct {
	dsn    string
	server string

	mu     sync.Mutex
	broken bool
	conns  []net.Conn
}

// newNetwork listens on a port of its own and forwards to the server of a DSN,
// which must be a URL.
func newNetwork(t *testing.T, dsn string) *network {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil || !strings.HasPrefix(u.Scheme, "postgres") {
		if os.Getenv("CI") == "true" {
			t.Fatal("the DSN of the test server is not a URL")
		}
		t.Skip("the DSN of the test server is not a URL")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &network{server: u.Host}
	u.Host = l.Addr().String()
	n.dsn = u.String()
	var wg sync.WaitGroup
	wg.Go(func() { n.serve(l) })
	t.Cleanup(func() {
		_ = l.Close()
		n.down(true)
		wg.Wait()
	})
	return n
}

func (n *network) serve(l net.Listener) {
	var wg sync.WaitGroup
	defer wg.Wait()
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		s, err := net.Dial("tcp", n.server)
		if err != nil {
			_ = c.Close()
			continue
		}
		if !n.admit(c, s) {
			continue
		}
		wg.Go(func() { _, _ = io.Copy(c, s) })
		wg.Go(func() { _, _ = io.Copy(s, c) })
	}
}

// admit keeps both ends of a connection for the next cut.
func (n *network) admit(ends ...net.Conn) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.conns = append(n.conns, ends...)
	if n.broken {
		n.drop()
	}
	return !n.broken
}

// cut drops all connections.
func (n *network) cut() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.drop()
}

// down drops all connections, and new ones as well until it is up again.
func (n *network) down(broken bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.broken = broken
	n.drop()
}

func (n *network) drop() {
	for _, c := range n.conns {
		_ = c.Close()
	}
	n.conns = nil
}
