// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"io"
	"net/http"
	"slices"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// private keeps an answer with a token in it from caches that several share: they may
// keep one with Set-Cookie (RFC 9111 7.3), and none that says private. It says so once
// more as the header goes out, since what stands behind the gate may set it anew. A
// browser gets such an answer about once a minute; all others are written as they are.
type private struct {
	caddyhttp.ResponseWriterWrapper
}

func privately(w http.ResponseWriter) *private {
	p := &private{caddyhttp.ResponseWriterWrapper{ResponseWriter: w}}
	p.say()
	return p
}

func (p *private) say() {
	if h := p.Header(); !slices.Contains(h["Cache-Control"], "private") {
		h.Add("Cache-Control", "private")
	}
}

// WriteHeader implements [http.ResponseWriter]. Early hints come before the header.
func (p *private) WriteHeader(status int) {
	if status >= http.StatusOK {
		p.say()
	}
	p.ResponseWriterWrapper.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (p *private) Write(b []byte) (int, error) {
	p.say()
	return p.ResponseWriterWrapper.Write(b)
}

// ReadFrom implements [io.ReaderFrom].
func (p *private) ReadFrom(r io.Reader) (int64, error) {
	p.say()
	return p.ResponseWriterWrapper.ReadFrom(r)
}
