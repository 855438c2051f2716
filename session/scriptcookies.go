// SPDX-License-Identifier: Apache-2.0

package session

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch"
)

// The names of the cookies that Clerk's SDKs read, without suffix.
const (
	scriptToken   = "__session"
	scriptUpdated = "__client_uat"
)

// scriptLife is how long scripts' cookies are kept, as clerk-js keeps them. What
// they say is over long before.
const scriptLife = 365 * 24 * time.Hour

// ScriptCookies are the cookies of Clerk's SDKs that scripts and backends read:
// __session with a signed token, and __client_uat with the Unix seconds at which
// the client's sessions last changed; each also under a name with a suffix. They
// let nobody in here: the gate asks for its own cookies.
type ScriptCookies struct {
	Suffix string // see wire.PublishableKey
	Domain string // of __client_uat; empty for the host alone
	Secure bool
}

// SetUpdatedAt sets both cookies that say when the client's sessions changed; 0
// when it has none.
func (c ScriptCookies) SetUpdatedAt(answer http.Header, seconds int64) {
	value := strconv.FormatInt(seconds, 10)
	for _, name := range c.names(scriptUpdated) {
		c.put(answer, name, value, c.Domain, scriptLife)
	}
}

// UpdatedAt reports whether a request has that value in both cookies, each once.
func (c ScriptCookies) UpdatedAt(request http.Header, seconds int64) bool {
	v := c.read(request)
	want := strconv.FormatInt(seconds, 10)
	return v.once() && v.updated[0] == want && v.updated[1] == want
}

// SetToken sets both cookies with the signed token. Scripts write them too, so
// they are bound to the host and open to scripts, as clerk-js has them.
func (c ScriptCookies) SetToken(answer http.Header, token gatelatch.Secret) {
	for _, name := range c.names(scriptToken) {
		c.put(answer, name, token.Reveal(), "", scriptLife)
	}
}

// Clear takes the token back and says that the client has no session.
func (c ScriptCookies) Clear(answer http.Header) {
	for _, name := range c.names(scriptToken) {
		c.put(answer, name, "", "", -time.Second)
	}
	c.SetUpdatedAt(answer, 0)
}

// put sets a cookie, in place of one of that name which the answer sets already.
func (c ScriptCookies) put(answer http.Header, name, value, domain string, life time.Duration) {
	kept := answer["Set-Cookie"][:0:0]
	for _, line := range answer["Set-Cookie"] {
		if !strings.HasPrefix(line, name+"=") {
			kept = append(kept, line)
		}
	}
	cookie := http.Cookie{ //nolint:gosec // G124: scripts read and write them, and nobody gets in here by them
		Name: name, Value: value, Path: "/", Domain: domain, MaxAge: int(life / time.Second),
		Secure: c.Secure, SameSite: http.SameSiteLaxMode,
	}
	answer["Set-Cookie"] = append(kept, cookie.String())
}

func (c ScriptCookies) names(base string) [2]string { return [2]string{base, base + "_" + c.Suffix} }

// Replace takes these cookies from a request to the upstream, and puts true ones
// there; with an empty token it says that nobody is signed in.
func (c ScriptCookies) Replace(request http.Header, token gatelatch.Secret, seconds int64) {
	c.replace(request, c.pairs(token, seconds))
}

// ReplaceFor is Replace for a live session, with a token that is minted about
// once a minute: the one that [Minter.Header] returns as well.
func (c *ScriptCookies) ReplaceFor(request http.Header, m *Minter, l *Live, now time.Time) error {
	t, err := m.current(l, c, renewBefore, now)
	if err != nil {
		return err
	}
	pairs := t.pairs
	if pairs == "" { // minted by way of Header
		pairs = c.pairs(t.token(), l.signedIn)
	}
	c.replace(request, pairs)
	return nil
}

func (t *minted) token() gatelatch.Secret {
	return gatelatch.Secret(strings.TrimPrefix(t.header[0], bearer))
}

// Renew gives the browser of a live session these cookies, where those that it has
// are missing, of somebody else, or half over. It writes nothing when they are good.
func (c *ScriptCookies) Renew(answer, request http.Header, m *Minter, l *Live, now time.Time) error {
	v := c.read(request)
	if !c.freshToken(v, m, l, now) {
		t, err := m.current(l, c, tokenLife/2, now)
		if err != nil {
			return err
		}
		c.SetToken(answer, t.token())
	}
	if !v.knows(l.signedIn, now) {
		c.SetUpdatedAt(answer, l.signedIn)
	}
	return nil
}

// freshToken reports whether a browser holds a token of this very session with at
// least half of its life before it, the same in both cookies.
func (c *ScriptCookies) freshToken(v scriptValues, m *Minter, l *Live, now time.Time) bool {
	if !v.once() || v.token[0] == "" || v.token[0] != v.token[1] {
		return false
	}
	claims, ok := m.Verify(v.token[0], now)
	return ok && claims.SessionID == l.Value(SessionID) && now.Before(claims.IssuedAt.Add(tokenLife/2))
}

// pairs writes all four cookies as they stand in a request. Without a token there
// are two.
func (c ScriptCookies) pairs(token gatelatch.Secret, seconds int64) string {
	updated, session := c.names(scriptUpdated), c.names(scriptToken)
	if token == "" {
		return updated[0] + "=0; " + updated[1] + "=0"
	}
	at := strconv.FormatInt(seconds, 10)
	return session[0] + "=" + token.Reveal() + "; " + session[1] + "=" + token.Reveal() + "; " + updated[0] + "=" + at + "; " + updated[1] + "=" + at
}

// replace puts pairs where these cookies were. Other cookies stay, in one line: a
// second one is not what upstreams expect (RFC 6265 5.4).
func (c ScriptCookies) replace(request http.Header, pairs string) {
	var line strings.Builder
	for _, l := range request["Cookie"] {
		for l != "" {
			var pair string
			pair, l, _ = strings.Cut(l, ";")
			if pair = trimSpace(pair); pair == "" || c.mine(pair) {
				continue
			}
			if line.Len() == 0 {
				line.Grow(len(l) + len(pair) + len(pairs) + len("; "))
			}
			line.WriteString(pair)
			line.WriteString("; ")
		}
	}
	line.WriteString(pairs)
	request["Cookie"] = []string{line.String()}
}

// mine reports a pair of these cookies, however its name is written: some servers
// read names without regard to case.
func (c ScriptCookies) mine(pair string) bool {
	name, _, _ := strings.Cut(pair, "=")
	name = trimSpace(name)
	return c.named(name, scriptToken) || c.named(name, scriptUpdated)
}

// named reports a name with or without the suffix.
func (c ScriptCookies) named(name, base string) bool {
	if len(name) < len(base) || !strings.EqualFold(name[:len(base)], base) {
		return false
	}
	rest := name[len(base):]
	return rest == "" || rest[0] == '_' && strings.EqualFold(rest[1:], c.Suffix)
}

// scriptValues are the cookies of one request: without the suffix, and with it.
type scriptValues struct {
	token, updated [2]string
	tokens, times  [2]int // how often each is there
}

// once reports that no cookie is there twice.
func (v *scriptValues) once() bool {
	return v.tokens[0] < 2 && v.tokens[1] < 2 && v.times[0] < 2 && v.times[1] < 2
}

// knows reports whether both cookies tell one moment since the session began. It
// need not be that one: another session of the client may be newer.
func (v *scriptValues) knows(since int64, now time.Time) bool {
	at, err := strconv.ParseInt(v.updated[0], 10, 64)
	return err == nil && v.once() && v.updated[0] == v.updated[1] && at >= since && at <= now.Unix()
}

func (c ScriptCookies) read(h http.Header) scriptValues {
	var v scriptValues
	tokens, times := c.names(scriptToken), c.names(scriptUpdated)
	for _, line := range h["Cookie"] {
		for line != "" {
			var pair string
			pair, line, _ = strings.Cut(line, ";")
			name, value, _ := strings.Cut(trimSpace(pair), "=")
			for i := range 2 {
				switch name {
				case tokens[i]:
					v.token[i] = value
					v.tokens[i]++
				case times[i]:
					v.updated[i] = value
					v.times[i]++
				}
			}
		}
	}
	return v
}
