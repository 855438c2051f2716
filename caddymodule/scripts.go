// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/gate"
)

// What is in here concerns sites with the Frontend API: programs written with
// Clerk's SDKs look for the user in cookies and tokens of their own kind.

// bearer returns who sends a request without the gate's session cookie, such as an
// app on a phone sends it: with a session token of the Frontend API. The token says
// who it is, and the session itself whether it still lives. What is no such token
// counts as no session: it may be a key that the app hands out.
func (g *running) bearer(r *http.Request, now time.Time) (sender, error) {
	text, ok := bearerToken(r.Header)
	if !ok {
		return sender{}, nil
	}
	claims, ok := g.minter.Verify(text, now)
	if !ok {
		return sender{}, nil
	}
	live, err := g.sessions.BySession(r.Context(), claims, g.idle, now)
	if live == nil || err != nil {
		return sender{}, err
	}
	return sender{live, &brought{gatelatch.Secret(text), []string{"Bearer " + text}, claims.ExpireAt}}, nil
}

// bearerToken returns the token of a request (RFC 6750 2.1). Two such headers are
// none.
func bearerToken(h http.Header) (string, bool) {
	values := h["Authorization"]
	if len(values) != 1 {
		return "", false
	}
	scheme, token, found := strings.Cut(values[0], " ")
	return token, found && token != "" && strings.EqualFold(scheme, "bearer")
}

// open makes a request to a public path ready for the upstream. Nobody is told to it
// by identity headers. Where programs look for their own cookies they find true
// ones: those of the session that would let the request in, or that there is none.
// Such a path never fails for want of an answer.
func (g *running) open(r *http.Request, asked *url.URL) {
	if g.scripts == nil {
		g.identity.Strip(r)
		return
	}
	now := time.Now()
	from, err := g.authenticate(r, now)
	if err != nil {
		g.report(r, err)
	}
	told := from.live != nil && g.judge(r, asked, from.live, now).state == gate.Live
	g.identity.Strip(r)
	if told {
		err = g.replaceScripts(r, from, now)
		if err == nil {
			return
		}
		g.report(r, err)
	}
	g.scripts.Replace(r.Header, "", 0)
}

// tellScripts puts true cookies into a request that passes, and gives the browser
// new ones with the answer to a navigation, when its own would not do: the page may
// ask other servers with them before its script has started. Whoever has come with
// a signed token alone gets no other for it: it is good for as long as it says. It
// returns what the answer is to be written to.
func (g *running) tellScripts(w http.ResponseWriter, r *http.Request, from sender, now time.Time) (http.ResponseWriter, error) {
	if from.by == nil && gate.Classify(r) == gate.Navigation {
		before := len(w.Header()["Set-Cookie"])
		if err := g.scripts.Renew(w.Header(), r.Header, g.minter, from.live, now); err != nil {
			return w, err
		}
		if len(w.Header()["Set-Cookie"]) > before {
			w = privately(w)
		}
	}
	return w, g.replaceScripts(r, from, now)
}

// replaceScripts puts true cookies into a request.
func (g *running) replaceScripts(r *http.Request, from sender, now time.Time) error {
	if from.by != nil {
		g.scripts.Replace(r.Header, from.by.token, from.live.SignedInAt().Unix())
		return nil
	}
	return g.scripts.ReplaceFor(r.Header, g.minter, from.live, now)
}
