// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"io"
	"net/http"
	"time"
)

const (
	// spareBody is what the HTTP server takes in by itself of a body that nobody
	// has read, in bytes.
	spareBody = 256 << 10
	// lingerBody and lingerTime bound what is taken in beyond that.
	lingerBody = 10 << 20
	lingerTime = 5 * time.Second
)

// linger takes in what is still being sent, up to a bound, after a request has
// been answered. A connection that is closed with bytes unread is reset, and a
// browser that is still sending then shows an error of its own in place of the
// answer (RFC 9112, section 9.6). HTTP/2 and later end one request by itself.
func linger(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength == 0 || r.ProtoMajor != 1 || r.Header["Expect"] != nil { // who expects a word first has sent nothing
		return
	}
	control := http.NewResponseController(w)
	// A server that cannot set deadlines has limits of its own.
	_ = control.SetReadDeadline(time.Now().Add(lingerTime))
	if _, err := io.CopyN(io.Discard, r.Body, spareBody); err != nil { // as a rule: the end
		return
	}
	_ = control.Flush() // who reads while it sends may stop now
	_, _ = io.CopyN(io.Discard, r.Body, lingerBody)
}
