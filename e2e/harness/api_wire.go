// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"io"
	"net"
	"sync"
	"testing"
)

// Wire leads to a server, and can be cut and mended.
type Wire struct {
	to string
	l  net.Listener

	mu    sync.Mutex
	cut   bool
	conns map[net.Conn]bool
}

// NewWire returns a wire to an address of this machine, which lasts until the test
// ends.
func NewWire(t testing.TB, to string) *Wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &Wire{to: to, l: l, conns: map[net.Conn]bool{}}
	go w.serve()
	t.Cleanup(func() {
		_ = l.Close()
		w.Cut()
	})
	return w
}

// Addr is the end to connect to.
func (w *Wire) Addr() string { return w.l.Addr().String() }

// Cut ends all connections, and from now on new ones at once.
func (w *Wire) Cut() { w.set(true) }

// Mend lets new connections through again.
func (w *Wire) Mend() { w.set(false) }

func (w *Wire) set(cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cut = cut; !cut {
		return
	}
	for c := range w.conns {
		_ = c.Close() // it may be closed already
	}
	clear(w.conns)
}

func (w *Wire) serve() {
	for {
		near, err := w.l.Accept()
		if err != nil {
			return
		}
		go w.join(near)
	}
}

func (w *Wire) join(near net.Conn) {
	far, err := net.Dial("tcp", w.to)
	if err != nil || !w.keep(near, far) {
		_ = near.Close() // nobody is at the other end
		if far != nil {
			_ = far.Close()
		}
		return
	}
	go pump(near, far)
	pump(far, near)
}

// keep notes a pair of connections, unless the wire is cut.
func (w *Wire) keep(pair ...net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range pair {
		w.conns[c] = !w.cut
	}
	return !w.cut
}

func pump(to, from net.Conn) {
	_, _ = io.Copy(to, from) // the end of one side is the end of both
	_ = to.Close()
	_ = from.Close()
}
