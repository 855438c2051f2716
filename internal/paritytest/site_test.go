// SPDX-License-Identifier: Apache-2.0

package paritytest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/account"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/frontendapi"
	"github.com/gatelatch/gatelatch/internal/flowtest"
	"github.com/gatelatch/gatelatch/pages"
	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/store/memory"
	"github.com/gatelatch/gatelatch/wire"
)

const (
	origin = "https://app.example.com"
	base   = "/.auth"
)

// site is one gate with both views.
type site struct {
	*flowtest.Gate
	t     *testing.T
	pages *pages.Handler
	api   *frontendapi.Handler
}

func newSite(t *testing.T, change func(*flow.Service)) *site {
	t.Helper()
	g := flowtest.New(t, memory.New(), func(s *flow.Service) {
		s.Policy.Password, s.Policy.OneSession = flow.Optional, true
		change(s)
	})
	sessions := session.NewManager(session.Config{Repo: g.Store, Tokens: g.Tokens})
	g.Service.Sessions = sessions
	renderer, err := pages.NewRenderer(pages.Site{Name: "Acme", Base: base, Email: true, SignUp: true})
	if err != nil {
		t.Fatal(err)
	}
	keys := &session.Keyring{Repo: g.Store, Encrypt: g.Keys.Encrypt}
	if err := keys.Refresh(context.Background(), []string{"ES256"}, g.Clock.Now()); err != nil { // no SDK looks at these tokens
		t.Fatal(err)
	}
	ip := func(*http.Request) netip.Addr { return netip.MustParseAddr("203.0.113.7") }
	report := func(r *http.Request, err error) { t.Errorf("%s %s: %v", r.Method, r.URL.Path, err) }
	jar, accounts, key := session.NewJar(true, "", 7*24*time.Hour), &account.Service{Flow: g.Service}, wire.NewPublishableKey("app.example.com")
	return &site{
		Gate: g, t: t,
		pages: &pages.Handler{
			Site: pages.Site{Name: "Acme", Base: base, Email: true, SignUp: true}, Renderer: renderer, Flow: g.Service, Account: accounts,
			Sessions: sessions, Idle: 24 * time.Hour, Jar: jar, Tokens: g.Tokens, FormKey: g.Keys.Form, Origins: []string{origin},
			KeySet: keys.KeySet, ClientIP: ip, Now: g.Clock.Now, Report: report,
		},
		api: &frontendapi.Handler{
			Site: frontendapi.Site{Name: "Acme", Base: base, Origins: []string{origin}, Email: true}, Flow: g.Service,
			Account: accounts, Sessions: sessions, Rules: session.Rules{Passwords: true}, Idle: 24 * time.Hour, Jar: jar,
			Cookies: session.ScriptCookies{Suffix: key.Suffix(), Secure: true}, Tokens: g.Tokens,
			Minter: &session.Minter{Keys: keys, Algorithm: "ES256", Issuer: key.Issuer(), Party: origin},
			KeySet: keys.KeySet, ClientIP: ip, Now: g.Clock.Now, Report: report,
		},
	}
}

// browser keeps cookies, of whichever view.
type browser struct {
	*site
	cookies map[string]string
}

func (s *site) browser() *browser { return &browser{site: s, cookies: map[string]string{}} }

// send posts fields given as name, value, name, value; without any it reads.
func (b *browser) send(path string, header http.Header, fields ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	method := http.MethodPost
	if len(fields) == 0 {
		method = http.MethodGet
	}
	r := httptest.NewRequest(method, origin+base+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", origin)
	r.Header.Set("User-Agent", "parity")
	for name, values := range header {
		r.Header[name] = values
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	rec := httptest.NewRecorder()
	if strings.HasPrefix(path, "/v1/") {
		b.api.ServeHTTP(rec, r)
	} else {
		b.pages.ServeHTTP(rec, r)
	}
	for _, c := range rec.Result().Cookies() { //nolint:bodyclose // a recorder's body
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
			continue
		}
		b.cookies[c.Name] = c.Value
	}
	return rec
}

// inbox returns all messages with a code, oldest first.
func (b *browser) code() string {
	b.t.Helper()
	b.Fetch()
	for i := len(b.Inbox) - 1; i >= 0; i-- {
		if b.Inbox[i].Strategy != "" {
			return b.CodeIn(b.Inbox[i])
		}
	}
	b.t.Fatal("no code was sent")
	return ""
}

// client returns the browser's client; false for one that is not recorded.
func (b *browser) client(ctx context.Context, tx flow.Tx) (gatelatch.Client, bool) {
	t, ok := b.Tokens.Parse(session.ClientToken, b.cookies[b.api.Jar.Client])
	if !ok {
		return gatelatch.Client{}, false
	}
	c, err := tx.ClientByTokenHash(ctx, t.Hash())
	return c, err == nil
}
