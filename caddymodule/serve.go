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

	"github.com/gatelatch/gatelatch/gate"
	"github.com/gatelatch/gatelatch/session"
)

const (
	// maxBody bounds what is read of a request to the gate's own pages.
	maxBody = 64 << 10
	// bodyDeadline is how long such a body may take to arrive.
	bodyDeadline = 10 * time.Second
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
		g.identity.Strip(r)
		return next.ServeHTTP(w, r)
	case gate.Ours:
		metrics.decided(decidedOwn)
		g.own(w, r, asked)
	default:
		metrics.decided(decidedMalformed)
		g.pages.Error(w, r, http.StatusBadRequest, 0)
	}
	return nil
}

// own serves the gate's own pages. Nobody may keep a connection busy with a
// body that never ends or never comes.
func (g *running) own(w http.ResponseWriter, r *http.Request, asked *url.URL) {
	if r.Method == http.MethodPost {
		// A server that cannot set deadlines has limits of its own.
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyDeadline))
	}
	own := *r
	own.URL, own.Body = asked, http.MaxBytesReader(w, r.Body, maxBody)
	g.pages.ServeHTTP(w, &own)
}

// guard lets a request pass when its session is live and owes nothing.
func (g *running) guard(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler, asked *url.URL) error {
	now := time.Now()
	live, err := g.authenticate(r, now)
	if err != nil {
		g.unavailable(w, r, err)
		return nil
	}
	if s := g.judge(r, asked, live, now); s.state != gate.Live {
		return g.refuse(w, r, next, asked, s)
	}
	switch {
	case g.foreign(r):
		metrics.decided(gate.Forbidden)
		gate.AnswerForbidden(w)
		return nil
	case longLived(r):
		return g.stream(w, r, next, asked, live)
	}
	return g.admit(w, r, next, live, now)
}

func (g *running) authenticate(r *http.Request, now time.Time) (*session.Live, error) {
	return g.sessions.Authenticate(r.Context(), g.jar.Read(r.Header), g.idle, now)
}

// admit tells the upstream who sent the request. What the client says about
// that is gone before.
func (g *running) admit(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler, live *session.Live, now time.Time) error {
	var token []string
	if g.minter != nil {
		var err error
		if token, err = g.minter.Header(live, now); err != nil {
			g.unavailable(w, r, err)
			return nil
		}
	}
	g.identity.Strip(r)
	g.identity.Admit(r, live, token)
	if repl, ok := r.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer); ok {
		repl.Map(live.Placeholders())
	}
	metrics.passed.Inc()
	return next.ServeHTTP(w, r)
}

// stream passes a request that stays open, and cuts it when its session ends.
// The session is looked at once more after the request is attached: it may have
// ended just before.
func (g *running) stream(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler, asked *url.URL, live *session.Live) error {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer g.sessions.Streams.Attach(live.Value(session.SessionID), live.ExpireAt(), cancel)()
	now := time.Now()
	again, err := g.authenticate(r, now)
	if err != nil {
		g.unavailable(w, r, err)
		return nil
	}
	if s := g.judge(r, asked, again, now); s.state != gate.Live {
		return g.refuse(w, r, next, asked, s)
	}
	return g.admit(w, r.WithContext(ctx), next, again, now)
}

// longLived reports requests that stay open: upgrades and event streams.
func longLived(r *http.Request) bool {
	if upgrades(r) {
		return true
	}
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
