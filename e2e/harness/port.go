// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
)

// given are the ports handed out by this process, so that no two gates that
// start at the same time are given one port.
var given sync.Map

// FreePort returns a loopback port that nobody listens on. It is none of those
// that systems give to outgoing connections (RFC 6335 section 6, and Linux begins
// at 32768), or one of these could have it before it is used.
func FreePort(t testing.TB) int {
	t.Helper()
	l, port := listen(t)
	_ = l.Close()
	return port
}

// listen is [FreePort] for who listens there at once.
func listen(t testing.TB) (net.Listener, int) {
	t.Helper()
	for range 200 {
		port := 12000 + rand.IntN(20000)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		if _, taken := given.LoadOrStore(port, true); !taken {
			return l, port
		}
		_ = l.Close()
	}
	t.Fatal("no free port")
	return nil, 0
}
