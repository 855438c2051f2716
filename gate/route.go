// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"net/http"
	"path"
	"strings"
	"unicode/utf8"
)

// Route says whose a path is.
type Route uint8

// The routes. The zero value is the one that needs a session.
const (
	Protected Route = iota
	// Ours is a path under the gate's own prefix.
	Ours
	// Public paths pass without a session.
	Public
	// Malformed paths are refused before anything looks at them.
	Malformed
)

// Routes is the gate's map of a site.
type Routes struct {
	// Base is the prefix of the gate's own paths, without a slash at its end.
	Base string
	// Other is one more such prefix, elsewhere; empty for none.
	Other string
	// Public lists exact paths, and prefixes that end in "*".
	Public []string
}

// Route tells whose a request is. Only a path in its one plain spelling can be
// the gate's or public; every other spelling needs a session, so that no two
// readings of one path can lead around the gate.
func (m Routes) Route(r *http.Request) Route {
	p := r.URL.Path
	if malformed(p) {
		return Malformed
	}
	switch {
	case (below(m.Base, p) || m.Other != "" && below(m.Other, p)) && plain(r):
		return Ours
	case m.public(p) && plain(r):
		return Public
	}
	return Protected
}

// below reports whether a path is a prefix, or lies below it.
func below(prefix, p string) bool {
	return strings.HasPrefix(p, prefix) && (len(p) == len(prefix) || p[len(prefix)] == '/')
}

func (m Routes) public(p string) bool {
	for _, pattern := range m.Public {
		prefix, isPrefix := strings.CutSuffix(pattern, "*")
		if p == pattern || isPrefix && strings.HasPrefix(p, prefix) {
			return true
		}
	}
	return false
}

// malformed reports paths that no honest client sends: not absolute, with
// control characters, or not UTF-8.
func malformed(p string) bool {
	if p == "" || p[0] != '/' {
		return true
	}
	ascii := true
	for i := range len(p) {
		switch c := p[i]; {
		case c < 0x20 || c == 0x7f:
			return true
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	return !ascii && !utf8.ValidString(p)
}

// plain reports whether a path is spelled in the one way that every server
// reads alike: in origin form, without empty, "." or ".." segments, backslashes,
// parameters, or anything that a second round of decoding would change.
func plain(r *http.Request) bool {
	p := r.URL.Path
	if r.URL.Scheme != "" || r.URL.Host != "" || strings.ContainsAny(p, `\;%?#`) || strings.Contains(p, "//") {
		return false
	}
	if clean := path.Clean(p); clean != p && clean+"/" != p {
		return false
	}
	return !disguised(r.URL.RawPath)
}

// disguised reports percent-encodings of what needs none, or of "/": another
// spelling of the same path to some servers and another path to others. RawPath
// is empty when the default encoding of Path says the same.
func disguised(raw string) bool {
	for i := 0; i+2 < len(raw); i++ {
		if raw[i] != '%' {
			continue
		}
		if c := unhex(raw[i+1])<<4 | unhex(raw[i+2]); c == '/' || unreserved(c) {
			return true
		}
	}
	return false
}

// unreserved reports the characters of RFC 3986 2.3.
func unreserved(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~'
}

// unhex returns the value of a hexadecimal digit. RawPath holds no other after
// a percent sign.
func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}
