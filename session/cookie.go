// SPDX-License-Identifier: Apache-2.0

package session

import (
	"iter"
	"net/http"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch"
)

// ClientLifetime is how long a client is remembered: the longest life that
// browsers grant a cookie (RFC 6265bis 5.5).
const ClientLifetime = 400 * 24 * time.Hour

// The names of the two cookies, without prefix.
const (
	clientName  = "gatelatch_client"
	sessionName = "gatelatch_session"
)

// Jar knows the gate's two cookies on one site: their names, their attributes,
// and how to find and remove them in a request.
type Jar struct {
	// Client and Session are the cookie names.
	Client, Session string
	// Scripts are the cookies of Clerk's SDKs, which go when the session does; nil
	// for a site without them. Set it before the Jar is used.
	Scripts  *ScriptCookies
	secure   bool
	domain   string
	lifetime time.Duration
}

// NewJar returns the cookies of a site. On https they are host-bound by their
// __Host- prefix, or shared with subdomains as __Secure- when domain is set; on
// plain http, which is for localhost, they have no prefix. lifetime is that of
// the session cookie; expiry in the cookie is tidiness, the session row decides.
func NewJar(https bool, domain string, lifetime time.Duration) Jar {
	prefix := ""
	switch {
	case https && domain != "":
		prefix = "__Secure-"
	case https:
		prefix = "__Host-"
	}
	return Jar{
		Client: prefix + clientName, Session: prefix + sessionName,
		secure: https, domain: domain, lifetime: lifetime,
	}
}

// Cookies are the texts of the two cookies of one request; empty when absent.
type Cookies struct{ Client, Session string }

// Read finds the two cookies. Two of one name mean that somebody else wrote
// one of them; that name then counts as absent.
func (j Jar) Read(h http.Header) Cookies {
	var c Cookies
	var clients, sessions int
	for _, line := range h["Cookie"] {
		for line != "" {
			var pair string
			pair, line, _ = strings.Cut(line, ";")
			name, value, _ := strings.Cut(trimSpace(pair), "=")
			switch name {
			case j.Client:
				c.Client = value
				clients++
			case j.Session:
				c.Session = value
				sessions++
			}
		}
	}
	if clients > 1 {
		c.Client = ""
	}
	if sessions > 1 {
		c.Session = ""
	}
	return c
}

// Strip removes the gate's cookies from a request, so that the upstream, its
// logs and its error pages never hold them. Other cookies stay as they were.
func (j Jar) Strip(h http.Header) {
	lines := h["Cookie"]
	if len(lines) == 1 && j.alone(lines[0]) {
		delete(h, "Cookie")
		return
	}
	kept := lines[:0]
	for _, line := range lines {
		if rest := without(line); rest != "" {
			kept = append(kept, rest)
		}
	}
	if len(kept) == 0 {
		delete(h, "Cookie")
		return
	}
	h["Cookie"] = kept
}

// alone reports the line that most requests have: the two cookies, in either
// order, and nothing else. It is a short cut and may miss.
func (j Jar) alone(line string) bool {
	if len(line) != len(j.Client)+len(j.Session)+2*tokenLength+len("=; =") {
		return false
	}
	first, second, _ := strings.Cut(line, "; ")
	return pair(first, j.Client) && pair(second, j.Session) || pair(first, j.Session) && pair(second, j.Client)
}

// pair reports a cookie of a name with a value as long as a token.
func pair(s, name string) bool {
	return len(s) == len(name)+1+tokenLength && s[:len(name)] == name && s[len(name)] == '=' && strings.IndexByte(s, ';') < 0
}

// without returns a Cookie line less the gate's pairs. A line of which one
// piece is left, the usual case, is cut without copying.
func without(line string) string {
	first, pieces := "", 0
	var joined strings.Builder
	for piece := range foreign(line) {
		switch pieces++; pieces {
		case 1:
			first = piece
		case 2:
			joined.Grow(len(line))
			joined.WriteString(first)
			fallthrough
		default:
			joined.WriteString(piece)
		}
	}
	if pieces > 1 {
		return tidy(joined.String())
	}
	return tidy(first)
}

// foreign yields the longest pieces of a Cookie line that hold none of the
// gate's pairs.
func foreign(line string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for start, at := 0, 0; at < len(line); {
			next := len(line)
			if i := strings.IndexByte(line[at:], ';'); i >= 0 {
				next = at + i + 1
			}
			mine := ours(strings.TrimSuffix(line[at:next], ";"))
			if mine && start < at && !yield(line[start:at]) {
				return
			}
			if mine {
				start = next
			}
			at = next
			if at == len(line) && start < at {
				yield(line[start:])
			}
		}
	}
}

// ours reports a pair that holds a cookie of this gate, or of one on another
// site that shares its store: with any prefix, in any case, and with white space
// around the name, since browsers match the prefix without regard to case (RFC
// 6265bis 4.1.3) and some servers the whole name.
func ours(pair string) bool {
	name, _, _ := strings.Cut(pair, "=")
	name = trimSpace(name)
	if len(name) < len(clientName) {
		return false
	}
	if strings.HasPrefix(name, "__") {
		if i := strings.IndexByte(name, '-'); i > 0 {
			name = name[i+1:]
		}
	}
	return strings.EqualFold(name, clientName) || strings.EqualFold(name, sessionName)
}

func tidy(s string) string { return strings.Trim(s, "; \t") }

func trimSpace(s string) string { return strings.Trim(s, " \t") }

// SetClient gives the browser its client cookie.
func (j Jar) SetClient(h http.Header, t Token) {
	h.Add("Set-Cookie", j.cookie(j.Client, t.Reveal(), ClientLifetime).String())
}

// SetSession gives the browser its session cookie.
func (j Jar) SetSession(h http.Header, t Token) {
	h.Add("Set-Cookie", j.cookie(j.Session, t.Reveal(), j.lifetime).String())
}

// ClearSession takes the session cookie back, and what scripts read of it; the
// client cookie stays.
func (j Jar) ClearSession(h http.Header) {
	h.Add("Set-Cookie", j.cookie(j.Session, "", -time.Second).String())
	if j.Scripts != nil {
		j.Scripts.Clear(h)
	}
}

func (j Jar) cookie(name, value string, life time.Duration) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: "/", Domain: j.domain, MaxAge: int(life / time.Second),
		Secure: j.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

// Issued is a session that was just made, with its token: for Set-Cookie, once.
type Issued struct {
	Session gatelatch.Session
	Token   Token
}
