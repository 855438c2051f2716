// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/gate"
	"github.com/gatelatch/gatelatch/session"
)

// changePassword is where password managers look for the page on which a
// password is changed (W3C, A Well-Known URL for Changing Passwords).
const changePassword = "/.well-known/change-password"

func (g *running) serve(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	asked := asked(r)
	if g.passwords && asked.Path == changePassword {
		metrics.decided(decidedOwn)
		g.pages.ChangePassword(w, r)
		return nil
	}
	switch g.routes.Route(&http.Request{URL: asked}) {
	case gate.Protected:
		return g.guard(w, r, next, asked)
	case gate.Public:
		metrics.decided(decidedPublic)
		g.open(r, asked)
		return next.ServeHTTP(w, r)
	case gate.Ours:
		g.own(w, r, asked)
	default:
		metrics.decided(decidedMalformed)
		g.pages.Error(w, r, http.StatusBadRequest, 0)
	}
	return nil
}

// guard lets a request pass when its session is live and owes nothing.
func (g *running) guard(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler, asked *url.URL) error {
	now := time.Now()
	from, err := g.authenticate(r, now)
	if err != nil {
		g.unavailable(w, r, err)
		return nil
	}
	if s := g.judge(r, asked, from.live, now); s.state != gate.Live {
		return g.refuse(w, r, next, asked, s)
	}
	upgrade := upgrades(r)
	switch {
	case upgrade && g.foreign(r):
		metrics.decided(gate.Forbidden)
		gate.AnswerForbidden(w)
		return nil
	case upgrade || listens(r):
		return g.stream(w, r, next, asked, from)
	}
	return g.admit(w, r, next, from, now)
}

// sender is who a request comes from, and how that was shown.
type sender struct {
	live *session.Live // nil for nobody
	// by is the signed token that has shown it; nil where the gate's own cookies have.
	by *brought
}

// brought is a signed token that a request has come with.
type brought struct {
	token  gatelatch.Secret
	header []string // as the value of a header
	until  time.Time
}

func (g *running) authenticate(r *http.Request, now time.Time) (sender, error) {
	cookies := g.jar.Read(r.Header)
	if g.scripts != nil && cookies.Session == "" {
		return g.bearer(r, now)
	}
	live, err := g.sessions.Authenticate(r.Context(), cookies, g.idle, now)
	return sender{live: live}, err
}

// admit tells the upstream who sent the request. What the client says about
// that is gone before.
func (g *running) admit(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler, from sender, now time.Time) error {
	token, err := g.tokenFor(from, now)
	if err != nil {
		g.unavailable(w, r, err)
		return nil
	}
	g.identity.Strip(r)
	g.identity.Admit(r, from.live, token)
	if g.scripts != nil {
		if w, err = g.tellScripts(w, r, from, now); err != nil {
			g.unavailable(w, r, err)
			return nil
		}
	}
	if repl, ok := r.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer); ok {
		repl.Map(from.live.Placeholders())
	}
	metrics.passed.Inc()
	return next.ServeHTTP(w, r)
}

// tokenFor is the signed token that the upstream gets, as the value of a header. A
// request that was shown by such a token brings that one on, and no other: an app
// that shows its headers would else hand out the next one, for ever.
func (g *running) tokenFor(from sender, now time.Time) ([]string, error) {
	switch {
	case g.minter == nil:
		return nil, nil
	case from.by != nil:
		return from.by.header, nil
	}
	return g.minter.Header(from.live, now)
}

// stream passes a request that stays open, and cuts it when its session ends, or the
// signed token that it has come with. The session is looked at once more after the
// request is attached: it may have ended just before.
func (g *running) stream(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler, asked *url.URL, from sender) error {
	end := streamEnd(from.live.ExpireAt(), from.by)
	ctx, cancel := context.WithDeadline(r.Context(), end)
	defer cancel()
	defer g.sessions.Streams.Attach(from.live.Value(session.SessionID), end, cancel)()
	now := time.Now()
	again, err := g.authenticate(r, now)
	if err != nil {
		g.unavailable(w, r, err)
		return nil
	}
	if s := g.judge(r, asked, again.live, now); s.state != gate.Live {
		return g.refuse(w, r, next, asked, s)
	}
	return g.admit(w, r.WithContext(ctx), next, again, now)
}

// streamEnd is when a request that stays open is cut at the latest.
func streamEnd(session time.Time, by *brought) time.Time {
	if by != nil && by.until.Before(session) {
		return by.until
	}
	return session
}

// listens reports requests for event streams, which stay open as upgrades do.
func listens(r *http.Request) bool {
	for _, accept := range r.Header["Accept"] {
		if strings.Contains(accept, "text/event-stream") {
			return true
		}
	}
	return false
}

// asked returns the address as the browser sent it. Rewrites come before the
// gate, and what they make of an address, such as the /index.html of an app of
// one page, is for the app: it decides neither whose a path is nor where
// somebody goes after signing in.
func asked(r *http.Request) *url.URL {
	if original, ok := r.Context().Value(caddyhttp.OriginalRequestCtxKey).(http.Request); ok && original.URL != nil {
		return original.URL
	}
	return r.URL
}

// unavailable answers when it cannot be told who somebody is. Nobody passes on
// a guess.
func (g *running) unavailable(w http.ResponseWriter, r *http.Request, err error) {
	metrics.decided(gate.Unavailable)
	g.report(r, err)
	switch gate.Classify(r) {
	case gate.Navigation, gate.FormPost:
		g.pages.Error(w, r, http.StatusServiceUnavailable, gate.StorePause)
	default:
		gate.AnswerUnavailable(w, gate.StorePause)
	}
}
