// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"net"
	"sync"
	"testing"
)

// given are the ports handed out by this process, so that no two gates that
// start at the same time are given one port.
var given sync.Map

// FreePort returns a loopback port that nobody listens on.
func FreePort(t testing.TB) int {
	t.Helper()
	for range 50 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		_ = l.Close()
		if _, taken := given.LoadOrStore(port, true); !taken {
			return port
		}
	}
	t.Fatal("no free port")
	return 0
}
