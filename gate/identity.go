// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"github.com/gatelatch/gatelatch/session"
)

// familyPrefix is the family of identity headers. All of it is taken from
// every request, also names that this site does not use: an upstream may
// believe them.
const familyPrefix = "remote-"

// usualLength is how long header names may be without a copy on the heap.
const usualLength = 64

// Identity is how a site tells its upstream who somebody is.
type Identity struct {
	headers []identityHeader
	token   string
	own     map[string]struct{} // folded names outside the family
	initial [256]bool           // first bytes of all names to look at, folded
	jar     session.Jar
}

type identityHeader struct {
	name  string
	field session.Field
}

// NewIdentity returns the identity of a site: which header holds which field,
// and which header holds the signed token (none when empty).
func NewIdentity(headers map[string]session.Field, token string, jar session.Jar) *Identity {
	i := &Identity{token: textproto.CanonicalMIMEHeaderKey(token), jar: jar, own: map[string]struct{}{"forwarded": {}}}
	for name, field := range headers {
		i.headers = append(i.headers, identityHeader{textproto.CanonicalMIMEHeaderKey(name), field})
		i.own[fold(name)] = struct{}{}
	}
	if token != "" {
		i.own[fold(token)] = struct{}{}
	}
	i.initial[familyPrefix[0]] = true
	for name := range i.own {
		i.initial[name[0]] = true
	}
	return i
}

// fold maps the spellings that some upstreams read as one name onto each
// other: case, and whatever is no letter or digit, which CGI turns into "_".
func fold(name string) string {
	var b [usualLength]byte
	return string(appendFolded(b[:0], name))
}

func appendFolded(b []byte, name string) []byte {
	for i := range len(name) {
		b = append(b, foldByte(name[i]))
	}
	return b
}

func foldByte(c byte) byte {
	switch {
	case 'A' <= c && c <= 'Z':
		return c + 'a' - 'A'
	case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
		return c
	}
	return '-'
}

// claims reports whether a header name, in any spelling and of any length, is
// one by which the gate speaks.
func (i *Identity) claims(name string) bool {
	if name == "" || !i.initial[foldByte(name[0])] {
		return false
	}
	var b [usualLength]byte
	folded := appendFolded(b[:0], name)
	if len(folded) >= len(familyPrefix) && string(folded[:len(familyPrefix)]) == familyPrefix {
		return true
	}
	_, ok := i.own[string(folded)]
	return ok
}

// Strip takes from a request everything by which it could pass for somebody:
// the identity headers in every spelling, trailers, hop-by-hop lists that name
// them, and the gate's own cookies. It runs before anything else, on public
// paths too.
func (i *Identity) Strip(r *http.Request) {
	var upgrade, connection bool // noted on the way: most requests have neither
	for name := range r.Header {
		switch {
		case i.claims(name):
			delete(r.Header, name)
		case name == "Upgrade" || name == "Http2-Settings":
			upgrade = true
		case name == "Connection":
			connection = true
		}
	}
	if r.Trailer != nil {
		r.Trailer = nil
		delete(r.Header, "Trailer")
	}
	if upgrade {
		stripUpgrade(r.Header)
	}
	if connection {
		i.stripConnection(r.Header, r.Header["Connection"])
	}
	i.jar.Strip(r.Header)
}

// stripUpgrade lets through no upgrade but to WebSocket. Behind one to h2c the
// client would speak to the upstream past the gate, as anybody it likes.
func stripUpgrade(h http.Header) {
	upgrade, ok := h["Upgrade"]
	if !ok && h["Http2-Settings"] == nil {
		return
	}
	delete(h, "Http2-Settings")
	if len(upgrade) == 1 && strings.EqualFold(upgrade[0], "websocket") {
		return
	}
	delete(h, "Upgrade")
	if h["Connection"] != nil {
		h["Connection"] = without(h["Connection"], "upgrade", "http2-settings")
	}
}

// without returns a list header less some names, as one line.
func without(lines []string, names ...string) []string {
	var kept []string
	for _, line := range lines {
		for name := range strings.SplitSeq(line, ",") {
			name = strings.TrimSpace(name)
			if name != "" && !slices.Contains(names, strings.ToLower(name)) {
				kept = append(kept, name)
			}
		}
	}
	return []string{strings.Join(kept, ", ")}
}

// stripConnection keeps a client from having the gate's headers removed on the
// way, as a hop-by-hop list would do (RFC 9110 7.6.1).
func (i *Identity) stripConnection(h http.Header, values []string) {
	if len(values) == 1 && harmless(values[0]) {
		return
	}
	var kept []string
	for _, line := range values {
		for name := range strings.SplitSeq(line, ",") {
			if name = strings.TrimSpace(name); name != "" && !i.claims(name) && !strings.EqualFold(name, "cookie") {
				kept = append(kept, name)
			}
		}
	}
	if kept == nil {
		delete(h, "Connection")
		return
	}
	h["Connection"] = []string{strings.Join(kept, ", ")}
}

func harmless(connection string) bool {
	switch connection {
	case "keep-alive", "close", "Upgrade", "upgrade", "Keep-Alive":
		return true
	}
	return false
}

// Admit tells the upstream who sent a stripped request. A field that the user
// does not have leaves its header absent. token may be nil.
//
// The request gets a list of values of its own, in one allocation: handlers
// behind the gate may edit headers in place, and what the session holds is
// shared by all its requests.
func (i *Identity) Admit(r *http.Request, l *session.Live, token []string) {
	values := make([]string, 0, len(i.headers)+1)
	set := func(name, value string) {
		values = append(values, value)
		r.Header[name] = values[len(values)-1 : len(values) : len(values)]
	}
	for _, h := range i.headers {
		if value := l.Value(h.field); value != "" {
			set(h.name, value)
		}
	}
	if i.token != "" && len(token) > 0 {
		set(i.token, token[0])
	}
}
