// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"net"
	"strings"
)

// upstream answers every request with one kilobyte, from a bare loop, so that
// it costs as little as it can.
type upstream struct {
	addr     string
	listener net.Listener
}

func startUpstream() (*upstream, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	u := &upstream{addr: l.Addr().String(), listener: l}
	go u.accept()
	return u, nil
}

func (u *upstream) close() { _ = u.listener.Close() }

func (u *upstream) accept() {
	answer := []byte("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1024\r\n\r\n" + strings.Repeat("x", 1024))
	for {
		c, err := u.listener.Accept()
		if err != nil {
			return
		}
		go serve(c, answer)
	}
}

func serve(c net.Conn, answer []byte) {
	defer c.Close()
	r := bufio.NewReaderSize(c, 16<<10)
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return
		}
		if !bytes.Equal(line, []byte("\r\n")) {
			continue
		}
		if _, err := c.Write(answer); err != nil {
			return
		}
	}
}
