// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"

	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/gate"
	"github.com/gatelatch/gatelatch/session"
)

// safeReturn lets through where a visitor may go afterwards: a path of this
// origin that is not a step of the gate's own; empty means the front page.
func (v *visit) safeReturn(raw string) string {
	path, ok := gate.ReturnPath(raw)
	if !ok {
		return ""
	}
	if own, below := strings.CutPrefix(path, v.Site.Base+"/"); below && !isPlace(own) {
		return ""
	}
	return path
}

// isPlace reports a path below the gate's base that is more than a step: the
// account, and the tasks of a session.
func isPlace(own string) bool {
	own, _, _ = strings.Cut(own, "?")
	return own == "account" || strings.HasPrefix(own, "account/") || strings.HasPrefix(own, "tasks/")
}

// leave sends the visitor to a path of this origin.
func (v *visit) leave(path string) {
	if path == "" {
		path = "/"
	}
	v.w.Header().Set("Cache-Control", "no-store")
	if v.scripted() {
		v.w.Header().Set("Gatelatch-Location", path)
		v.w.WriteHeader(http.StatusNoContent)
		return
	}
	v.w.Header().Set("Location", path)
	v.w.WriteHeader(http.StatusSeeOther)
}

// show renders a page with a form: it gives the browser a client cookie if it
// has none, and binds the form to it.
func (v *visit) show(status int, view View) {
	view.Token, view.Way = v.formToken(v.client()), v.way
	v.render(status, view, pagePolicy)
}

// client returns the browser's client token, and gives it one if it has none
// that this gate made, or one that is another's.
func (v *visit) client() session.Token {
	if !v.given.IsZero() {
		return v.given
	}
	if t, ok := v.Tokens.Parse(session.ClientToken, v.Jar.Read(v.r.Header).Client); ok {
		if others, err := v.others(t); !others || err != nil { // a page alone begins nothing
			return t
		}
	}
	v.given = v.Tokens.New(session.ClientToken)
	v.Jar.SetClient(v.w.Header(), v.given)
	return v.given
}

// others reports a client on which somebody is signed in of whom this browser has no
// cookie: its own cookie may have been planted. Where a client holds one session, a
// new one ends the other's. Where it holds several, both would be held by whoever
// has the cookie of one.
func (v *visit) others(client session.Token) (bool, error) {
	if !v.several() {
		return false, nil
	}
	held, seen, err := v.around(client)
	return len(held.Principals) > 0 && len(seen.Principals) == 0, err
}

func (v *visit) caller(t session.Token) flow.Caller {
	return flow.Caller{Client: t, IP: v.ClientIP(v.r), UserAgent: v.r.UserAgent()}
}

func (v *visit) lang() string { return v.Renderer.Lang(v.r.Header.Get("Accept-Language")) }

// render writes a whole page, or 500 when a template of the operator's fails.
func (v *visit) render(status int, view View, policy string) {
	// Not the time of the request: a step taken meanwhile would lie in its future.
	view.Now, view.Lang = v.Now().UTC(), v.lang()
	view.Posted = view.Posted || v.r.Method == http.MethodPost && !v.scripted()
	if view.Action == "" {
		view.Action = v.Site.Base + "/sign-in"
	}
	var body bytes.Buffer
	if err := v.Renderer.Render(&body, view); err != nil {
		v.broken(err)
		return
	}
	h := v.w.Header()
	v.protect(h, policy)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(body.Len()))
	v.w.WriteHeader(status)
	_, _ = v.w.Write(body.Bytes()) // the visitor may be gone; there is nobody to tell
}

func (v *visit) broken(err error) {
	if v.Report != nil {
		v.Report(v.r, err)
	}
	http.Error(v.w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
}
