// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import (
	"context"
	"encoding/json"
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
	"github.com/gatelatch/gatelatch/passkey"
	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/store/memory"
	"github.com/gatelatch/gatelatch/wire"
)

const (
	deskOrigin = "https://app.example.com"
	deskBase   = "/.auth"

	adaMail  = "ada@example.com"
	bobMail  = "bob@example.com"
	newMail  = "new@example.com"
	adaPhone = "+12015550123"
	adaWord  = "correct horse battery staple"
)

// desk is the API over real flows on the memory store, for people who are signed in.
type desk struct {
	*flowtest.Gate
	t *testing.T
	h *frontendapi.Handler
}

func newDesk(t *testing.T, options ...func(*flow.Service)) *desk {
	t.Helper()
	usual := func(s *flow.Service) {
		s.Policy.Password, s.Policy.SecondFactor = flow.Optional, flow.Optional
		s.Policy.Fields.FirstName, s.Policy.Fields.LastName = flow.Optional, flow.Optional
		s.Passkeys = &passkey.Site{ID: "app.example.com", Name: "Acme", Origins: []string{deskOrigin}}
	}
	g := flowtest.New(t, memory.New(), append([]func(*flow.Service){usual}, options...)...)
	keys := &session.Keyring{Repo: g.Store, Encrypt: g.Keys.Encrypt}
	if err := keys.Refresh(context.Background(), []string{"ES256"}, g.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	key := wire.NewPublishableKey("app.example.com")
	manager := session.NewManager(session.Config{Repo: g.Store, Tokens: g.Tokens})
	g.Sessions = manager
	h := &frontendapi.Handler{
		Site: frontendapi.Site{
			Name: "Acme", Base: deskBase, Origins: []string{deskOrigin}, Email: true, Phone: true, PasswordMin: 8, Native: true,
		},
		Flow: g.Service, Account: &account.Service{Flow: g.Service, Issuer: "Acme"}, Sessions: manager,
		Rules: session.Rules{
			SecondFactor: g.Policy.SecondFactor == flow.Required, Passwords: g.Policy.TakesPasswords(), Terms: g.Policy.Terms.Version,
		},
		Jar: session.NewJar(true, "", 7*24*time.Hour), Cookies: session.ScriptCookies{Suffix: key.Suffix(), Secure: true},
		Tokens: g.Tokens, Minter: &session.Minter{Keys: keys, Algorithm: "ES256", Issuer: key.Issuer(), Party: deskOrigin},
		KeySet: keys.KeySet, ClientIP: func(*http.Request) netip.Addr { return netip.MustParseAddr("10.0.0.1") },
		Now: g.Clock.Now, Report: func(r *http.Request, err error) { t.Errorf("%s %s: %v", r.Method, r.URL.Path, err) },
	}
	return &desk{Gate: g, t: t, h: h}
}

// visitor is a browser on which somebody has just signed in.
type visitor struct {
	*desk
	token             session.Token
	userID, sessionID string
}

const chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"

// signedIn makes a user with an address, and a session of theirs.
func (d *desk) signedIn(email string) visitor {
	d.t.Helper()
	return d.on(d.AddUser(email).ID)
}

// on signs a user in on a new browser.
func (d *desk) on(userID string) visitor {
	d.t.Helper()
	v := visitor{desk: d, token: d.Tokens.New(session.ClientToken), userID: userID}
	now := d.Clock.Now()
	client := gatelatch.Client{
		ID: gatelatch.NewID(gatelatch.PrefixClient, now), TokenHash: v.token.Hash(), CreatedAt: now, ExpireAt: now.Add(session.ClientLifetime),
	}
	v.sessionID = gatelatch.NewID(gatelatch.PrefixSession, now)
	d.Tx(func(ctx context.Context, tx flow.Tx) error {
		if err := tx.CreateClient(ctx, client); err != nil {
			return err
		}
		return tx.CreateSession(ctx, gatelatch.Session{
			ID: v.sessionID, UserID: userID, ClientID: client.ID, TokenHash: d.Tokens.ForSession(v.sessionID).Hash(),
			Status: gatelatch.SessionActive, Strategy: gatelatch.EmailCode, FirstAt: now, UserAgent: chrome, IP: "192.0.2.7",
			CreatedAt: now, LastActiveAt: now, ExpireAt: now.Add(7 * 24 * time.Hour),
		})
	})
	return v
}

// young proves the session anew, with both steps.
func (v visitor) young() {
	v.t.Helper()
	v.Tx(func(ctx context.Context, tx flow.Tx) error {
		s, err := tx.Session(ctx, v.sessionID)
		if err != nil {
			return err
		}
		s.FirstAt, s.Second, s.SecondAt = v.Clock.Now(), gatelatch.TOTPCode, v.Clock.Now()
		return tx.MarkProven(ctx, s)
	})
}

// said is an answer.
type said struct {
	status int
	header http.Header
	raw    []byte
	// Response and Client are the two parts of an envelope.
	Response json.RawMessage `json:"response"`
	Client   json.RawMessage `json:"client"`
	Errors   []wire.Error    `json:"errors"`
}

// request makes one as a page of the site does: all but GET is POST.
func (v visitor) request(method, path string, fields ...string) *http.Request {
	v.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	target := deskOrigin + deskBase + "/v1" + path + "?_clerk_session_id=" + v.sessionID + "&__clerk_api_version=2026-05-12"
	if method == http.MethodGet {
		return v.bears(httptest.NewRequest(method, target, nil))
	}
	r := httptest.NewRequest(http.MethodPost, target+"&_method="+method, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", deskOrigin)
	r.Header.Set("User-Agent", chrome)
	return v.bears(r)
}

// bears adds the two cookies of the gate.
func (v visitor) bears(r *http.Request) *http.Request {
	r.AddCookie(&http.Cookie{Name: v.h.Jar.Client, Value: v.token.Reveal()})
	r.AddCookie(&http.Cookie{Name: v.h.Jar.Session, Value: v.Tokens.ForSession(v.sessionID).Reveal()})
	return r
}

func (v visitor) send(r *http.Request) said {
	v.t.Helper()
	w := httptest.NewRecorder()
	watched(v.t, v.h).ServeHTTP(w, r)
	s := said{status: w.Code, header: w.Header(), raw: w.Body.Bytes()}
	if w.Body.Len() > 0 && s.raw[0] == '{' {
		if err := json.Unmarshal(s.raw, &s); err != nil {
			v.t.Fatalf("%s %s: %v in %s", r.Method, r.URL.Path, err, s.raw)
		}
	}
	return s
}

func (v visitor) do(method, path string, fields ...string) said {
	v.t.Helper()
	return v.send(v.request(method, path, fields...))
}

// ok fails the test unless a call went well.
func (v visitor) ok(method, path string, fields ...string) said {
	v.t.Helper()
	s := v.do(method, path, fields...)
	if s.status != http.StatusOK {
		v.t.Fatalf("%s %s: %d %s", method, path, s.status, s.raw)
	}
	return s
}

// refused fails the test unless a call was refused for a reason, and returns it.
func (v visitor) refused(want gatelatch.Code, method, path string, fields ...string) wire.Error {
	v.t.Helper()
	s := v.do(method, path, fields...)
	if len(s.Errors) != 1 || s.Errors[0].Code != want || s.status != (gatelatch.Refusal{Code: want}).Status() {
		v.t.Fatalf("%s %s: %d %s, want %s", method, path, s.status, s.raw, want)
	}
	return s.Errors[0]
}

// field reads a text out of a resource.
func (s said) field(t *testing.T, name string) string {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal(s.Response, &all); err != nil {
		t.Fatalf("%v in %s", err, s.raw)
	}
	text, _ := all[name].(string)
	return text
}

// change returns the id of the change that adds an address, by which its code is
// found.
func (v visitor) change(addressID string) string {
	v.t.Helper()
	var id string
	v.Tx(func(ctx context.Context, tx flow.Tx) error {
		all, err := tx.Changes(ctx, v.userID, v.Clock.Now(), 100)
		for _, c := range all {
			if c.Factor.AddressID == addressID {
				id = c.ID
			}
		}
		return err
	})
	return id
}

// proves a new address by its code, and returns its id.
func (v visitor) proves(list, param, value string) string {
	v.t.Helper()
	id := v.ok("POST", list, param, value).field(v.t, "id")
	v.ok("POST", list+"/"+id+"/prepare_verification")
	v.ok("POST", list+"/"+id+"/attempt_verification", "code", v.Code(v.change(id)))
	return id
}
