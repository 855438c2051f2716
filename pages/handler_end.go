// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/gate"
	"github.com/gatelatch/gatelatch/session"
)

// proceed leads to the next page of an attempt: in place for our script, by a
// redirect otherwise, so that reloading does not post again.
func (v *visit) proceed(out flow.Outcome, n Notice) {
	view := v.attemptView(out)
	if v.scripted() && !v.leaves {
		view.Notice = n
		v.show(http.StatusOK, view)
		return
	}
	q := url.Values{}
	if n != NoticeNone {
		q.Set(paramNotice, string(n))
	}
	if v.way != "" {
		q.Set(paramWay, string(v.way))
	}
	target := view.Action
	if len(q) > 0 {
		target += "?" + q.Encode()
	}
	v.leave(target)
}

// refuse shows a page with what is wrong.
func (v *visit) refuse(view View, r *gatelatch.Refusal) {
	if r.RetryAfter > 0 {
		v.w.Header().Set("Retry-After", gate.Seconds(r.RetryAfter))
	}
	view.Refusal = r
	v.show(r.Status(), view)
}

// finish gives the browser its session and lets it go on. A session that the
// browser had before is over: there is a new one at every authentication. Where it
// may hold several, the flow has ended what this one takes the place of.
func (v *visit) finish(out flow.Outcome) {
	if err := v.endPrevious(out.Issued.Session.ID); err != nil {
		v.down(err)
		return
	}
	v.Jar.SetSession(v.w.Header(), out.Issued.Token)
	returnTo := ""
	switch {
	case out.SignIn != nil:
		returnTo = out.SignIn.ReturnTo
	case out.SignUp != nil:
		returnTo = out.SignUp.ReturnTo
	}
	v.leave(returnTo)
}

func (v *visit) endPrevious(newID string) error {
	if v.several() {
		return nil
	}
	l, err := v.Sessions.Authenticate(v.r.Context(), v.Jar.Read(v.r.Header), v.Idle, v.now)
	if err != nil || l == nil || l.Value(session.SessionID) == newID {
		return err
	}
	return v.Sessions.End(v.r.Context(), l, gatelatch.SessionEnded, v.now)
}

// signOut ends the session, and where a browser may hold several all that it sees.
// Buttons of the app post here too, so no form token
// is asked for; the origin is what counts, and SameSite guards the cookie.
func (v *visit) signOut() {
	if !v.sameOrigin() {
		v.fail(http.StatusForbidden)
		return
	}
	l, ok := v.live()
	if !ok {
		return
	}
	held, ok := v.accounts()
	if !ok {
		return
	}
	if err := v.endThis(l, held); err != nil {
		v.down(err)
		return
	}
	v.Jar.ClearSession(v.w.Header())
	v.w.Header().Set("Clear-Site-Data", `"cache"`)
	if kind := gate.Classify(v.r); kind == gate.Script && !v.scripted() {
		v.w.Header().Set("Cache-Control", "no-store")
		v.w.WriteHeader(http.StatusNoContent)
		return
	}
	v.leave(v.Site.Base + "/signed-out")
}

// signedOut says that somebody is signed out, to whom that is true: who has
// signed in again meanwhile goes on.
func (v *visit) signedOut() {
	switch l, ok := v.live(); {
	case !ok:
		return
	case l != nil:
		v.leave("")
		return
	}
	v.render(http.StatusOK, View{Page: PageSignedOut, ContinueURL: "/"}, pagePolicy)
}

// forget answers the signed-out page with nothing but the wish to drop what the
// browser keeps of this site. The answer to the sign-out has the same wish, but
// browsers put the app's page away for the Back button only after that.
func (v *visit) forget() {
	h := v.w.Header()
	h.Set("Content-Type", "text/css; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Length", "0")
	if v.r.Header.Get("Sec-Fetch-Site") == "same-origin" { // nobody else may wish that
		h.Set("Clear-Site-Data", `"cache"`)
	}
	v.w.WriteHeader(http.StatusOK)
}

// outbox shows what a development site would have sent, to the machine it runs
// on.
func (v *visit) outbox() {
	if v.Outbox == nil || !v.fromThisMachine() {
		v.fail(http.StatusNotFound)
		return
	}
	entries, err := v.Outbox()
	if err != nil {
		v.down(fmt.Errorf("%w: %w", errOutbox, err))
		return
	}
	v.render(http.StatusOK, View{Page: PageOutbox, Entries: entries}, pagePolicy)
}

// fromThisMachine reports a request that a browser on this machine has made to
// this very site: not one that a proxy or a tunnel passes on, and not one of a
// page elsewhere whose name was made to point here.
func (v *visit) fromThisMachine() bool {
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via"} {
		if v.r.Header.Get(name) != "" {
			return false
		}
	}
	peer, err := netip.ParseAddrPort(v.r.RemoteAddr)
	if err != nil || !peer.Addr().Unmap().IsLoopback() || !v.ClientIP(v.r).Unmap().IsLoopback() {
		return false
	}
	return slices.ContainsFunc(v.Origins, func(o string) bool {
		_, host, _ := strings.Cut(o, "://")
		return strings.EqualFold(host, v.r.Host)
	})
}

// asset serves a file whose name holds its hash, so it may be kept for ever.
func (v *visit) asset() {
	body, contentType, ok := v.Renderer.Asset(v.id)
	if !ok {
		v.fail(http.StatusNotFound)
		return
	}
	h := v.w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	_, _ = v.w.Write(body) // the visitor may be gone; there is nobody to tell
}

// keySet publishes the public signing keys (RFC 7517), for upstreams that
// check tokens.
func (v *visit) keySet() {
	body := v.KeySet()
	h := v.w.Header()
	h.Set("Content-Type", "application/jwk-set+json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("X-Content-Type-Options", "nosniff")
	_, _ = v.w.Write(body) // the caller may be gone; there is nobody to tell
}

// publicKey publishes the key that signs now, as PEM, for programs that take one
// key in their configuration.
func (v *visit) publicKey() {
	if v.PublicKey == nil {
		v.fail(http.StatusNotFound)
		return
	}
	body, err := v.PublicKey()
	if err != nil {
		v.down(err)
		return
	}
	h := v.w.Header()
	h.Set("Content-Type", "application/x-pem-file")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("X-Content-Type-Options", "nosniff")
	_, _ = v.w.Write(body) // the caller may be gone; there is nobody to tell
}
