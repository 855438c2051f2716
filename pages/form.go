// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/gate"
	"github.com/gatelatch/gatelatch/session"
)

const (
	// maxBody bounds a form, in bytes.
	maxBody = 64 << 10
	// maxFields bounds the number of fields of a form.
	maxFields = 100
)

// form is a decoded body: each field once.
type form map[string]string

// given returns a field that the form has, nil when it has not.
func (f form) given(name string) *string {
	if value, ok := f[name]; ok {
		return &value
	}
	return nil
}

// readForm decodes the body of a POST. It returns the status to answer with
// when the body is not a plain form: each field once, valid UTF-8, no control
// characters.
func readForm(w http.ResponseWriter, r *http.Request) (form, int) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/x-www-form-urlencoded" {
		return nil, http.StatusUnsupportedMediaType
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, http.StatusRequestEntityTooLarge
	case err != nil:
		return nil, http.StatusBadRequest
	}
	f, ok := parseForm(string(body))
	if !ok {
		return nil, http.StatusBadRequest
	}
	return f, 0
}

func parseForm(body string) (form, bool) {
	if strings.Count(body, "&") >= maxFields {
		return nil, false
	}
	values, err := url.ParseQuery(body)
	if err != nil {
		return nil, false
	}
	f := make(form, len(values))
	for name, all := range values {
		if len(all) != 1 || !printable(name) || !printable(all[0]) {
			return nil, false
		}
		f[name] = all[0]
	}
	return f, true
}

func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return r < 0x20 && r != '\t' && r != '\r' && r != '\n' || r == 0x7f
	})
}

// formToken binds a form to the browser that got it. It is the same in all of
// a browser's tabs, and worthless in another browser.
func (v *visit) formToken(client session.Token) gatelatch.Secret {
	hash := client.Hash()
	mac := hmac.New(sha256.New, v.FormKey[:])
	mac.Write(hash[:])
	return gatelatch.Secret(base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:24]))
}

// post reads a form that this gate gave to this browser. When it is anything
// else the answer has been given and nothing was done: a form from another
// site, of another browser, or from before the cookie was lost.
func (v *visit) post() (form, session.Token, bool) {
	if !v.sameOrigin() {
		v.fail(http.StatusForbidden)
		return nil, session.Token{}, false
	}
	f, status := readForm(v.w, v.r)
	if status != 0 {
		v.fail(status)
		return nil, session.Token{}, false
	}
	client, ok := v.Tokens.Parse(session.ClientToken, v.Jar.Read(v.r.Header).Client)
	want := v.formToken(client).Reveal()
	if !ok || subtle.ConstantTimeCompare([]byte(want), []byte(f[ParamFormToken])) != 1 {
		v.stale(f, v.unusable())
		return nil, session.Token{}, false
	}
	others, err := v.others(client)
	switch {
	case err != nil:
		v.down(err)
		return nil, session.Token{}, false
	case others:
		v.stale(f, NoticeStale)
		return nil, session.Token{}, false
	}
	return f, client, true
}

// unusable says why a form cannot be used. A browser that has lost its cookie has one
// again by the next try; one that takes none never gets further, and has to be told.
func (v *visit) unusable() Notice {
	if v.r.Header.Get("Cookie") == "" {
		return NoticeCookies
	}
	return NoticeStale
}

// stale offers the first page again in place of a form that cannot be used.
func (v *visit) stale(f form, n Notice) {
	view := v.staleView(strings.TrimPrefix(v.r.URL.Path, v.Site.Base), f)
	view.Notice = n
	v.show(http.StatusForbidden, view)
}

func (v *visit) staleView(own string, f form) View {
	returnTo := v.safeReturn(f[ParamReturnTo])
	switch {
	case strings.HasPrefix(own, "/link/"):
		return v.linkView(linkToken(f[ParamToken]))
	case strings.HasPrefix(own, "/not-me/"):
		return v.notMeView(linkToken(f[ParamToken]))
	case own == "/sign-in" && f[ParamStep] == StepTicket:
		return v.ticketView(linkToken(f[ParamToken]), returnTo)
	case own == "/verify":
		return v.verifyView(returnTo, readLevel(f[ParamLevel]))
	case strings.HasPrefix(own, "/tasks/"):
		if view, ok := v.taskView(gatelatch.Task(v.id), returnTo); ok {
			return view
		}
	case own == choosePath || own == "/account" || strings.HasPrefix(own, "/account/"):
		return View{Page: PageError, StatusCode: http.StatusForbidden, ContinueURL: v.r.URL.Path}
	}
	return v.firstPage(strings.HasPrefix(own, "/sign-up"), f)
}

// sameOrigin refuses unsafe requests that another site has caused. A request that
// does not say is left to the form token, and to SameSite. A name by which the site
// is reached and that nobody listed is its own as well: the host is where the
// browser sent the request.
func (v *visit) sameOrigin() bool {
	own := v.Origins
	if len(own) > 0 {
		scheme, _, _ := strings.Cut(own[0], "://")
		own = append(own[:len(own):len(own)], scheme+"://"+v.r.Host)
	}
	from, _ := gate.Origins{Own: own}.Page(v.r.Header)
	return !from.Refused()
}
