// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/gate"
	"github.com/gatelatch/gatelatch/session"
)

// proceed leads to the next page of an attempt: in place for our script, by a
// redirect otherwise, so that reloading does not post again.
func (v *visit) proceed(out flow.Outcome, n Notice) {
	view := v.attemptView(out)
	if v.scripted() {
		view.Notice = n
		v.show(http.StatusOK, view)
		return
	}
	target := view.Action
	if n != NoticeNone {
		target += "?" + url.Values{paramNotice: {string(n)}}.Encode()
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
// browser had before is over: there is a new one at every authentication.
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
	l, err := v.Sessions.Authenticate(v.r.Context(), v.Jar.Read(v.r.Header), v.Idle, v.now)
	if err != nil || l == nil || l.Value(session.SessionID) == newID {
		return err
	}
	return v.Sessions.End(v.r.Context(), l, gatelatch.SessionEnded, v.now)
}

// signOut ends the session. Buttons of the app post here too, so no form token
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
	if l != nil {
		if err := v.Sessions.End(v.r.Context(), l, gatelatch.SessionEnded, v.now); err != nil {
			v.down(err)
			return
		}
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

func (v *visit) signedOut() {
	v.render(http.StatusOK, View{Page: PageSignedOut, ContinueURL: "/"}, pagePolicy)
}

// account shows who is signed in, with a button that ends it.
func (v *visit) account() {
	l, ok := v.live()
	switch {
	case !ok:
	case l == nil:
		v.Challenge(v.w, v.r, v.Site.Base+"/account", false)
	default:
		v.show(http.StatusOK, View{
			Page: PageAccount, Action: v.Site.Base + "/sign-out", ContinueURL: "/", Account: accountOf(l),
		})
	}
}

func accountOf(l *session.Live) *Account {
	return &Account{
		Name: l.Value(session.UserName), Email: l.Value(session.UserEmail),
		Phone: l.Value(session.UserPhone), SignedInAt: l.SignedInAt(),
	}
}

// outbox shows what a development site would have sent, to the machine it runs
// on.
func (v *visit) outbox() {
	if v.Outbox == nil || !v.ClientIP(v.r).Unmap().IsLoopback() {
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
