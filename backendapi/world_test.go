// SPDX-License-Identifier: Apache-2.0

package backendapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/backendapi"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
	"github.com/gatelatch/gatelatch/internal/pgtest"
	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/store"
	"github.com/gatelatch/gatelatch/store/memory"
	"github.com/gatelatch/gatelatch/store/postgres"
	"github.com/gatelatch/gatelatch/store/sqlite"
	"github.com/gatelatch/gatelatch/wire"
)

const (
	base  = "/.auth/backend"
	key   = "sk_live_a-secret-key-of-32-characters-or-more"
	spare = "sk_live_another-secret-key-of-32-characters--"
	idle  = 24 * time.Hour
)

// world is the API of a site, over HTTP, on a real store.
type world struct {
	t       testing.TB
	gate    *flowtest.Gate
	manager *session.Manager
	handler *backendapi.Handler
	server  *httptest.Server

	mu      sync.Mutex
	changes []backendapi.Change
}

func newWorld(t testing.TB, options ...func(*flow.Service)) *world {
	return newWorldOn(t, memory.New(), options...)
}

func onSQLite(t testing.TB, options ...func(*flow.Service)) *world {
	t.Helper()
	st, err := sqlite.Open(filepath.Join(t.TempDir(), "gate.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	if err := st.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return newWorldOn(t, st, options...)
}

func onPostgres(t testing.TB, options ...func(*flow.Service)) *world {
	t.Helper()
	st, err := postgres.Open(pgtest.Start(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	if err := st.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return newWorldOn(t, st, options...)
}

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// everyStore runs a test on each store.
func everyStore(t *testing.T, test func(t *testing.T, w *world), options ...func(*flow.Service)) {
	t.Helper()
	for name, world := range map[string]func(testing.TB, ...func(*flow.Service)) *world{
		"memory": newWorld, "sqlite": onSQLite, "postgres": onPostgres,
	} {
		t.Run(name, func(t *testing.T) { test(t, world(t, options...)) })
	}
}

func newWorldOn(t testing.TB, st store.Store, options ...func(*flow.Service)) *world {
	t.Helper()
	w := &world{t: t}
	var tokens session.Tokens
	options = append([]func(*flow.Service){func(s *flow.Service) {
		tokens = s.Tokens
		if w.manager == nil {
			w.manager = session.NewManager(session.Config{Repo: st, Tokens: tokens})
		}
		s.Sessions, s.Policy.Password = w.manager, flow.Optional
	}}, options...)
	w.gate = flowtest.New(t, st, options...)
	ring := &session.Keyring{Repo: st, Encrypt: w.gate.Keys.Encrypt}
	if err := ring.Refresh(t.Context(), []string{session.ES256}, w.gate.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	w.handler = &backendapi.Handler{
		Base: base, SignUpURL: "https://app.example.com/.auth/sign-up", SignInURL: "https://app.example.com/.auth/sign-in",
		FrontendURL: "https://app.example.com/.auth/v1",
		Keys:        []backendapi.SecretKey{{Name: "main", Value: key}, {Name: "spare", Value: spare}, {Name: "empty"}},
		Admin:       &admin.Service{Repo: st, Flow: w.gate.Service, Idle: idle}, Sessions: w.manager, Idle: idle, Tokens: tokens,
		Minter: &session.Minter{Keys: ring, Algorithm: session.ES256, Issuer: "https://app.example.com"},
		Templates: map[string]session.Template{
			"supabase": {Name: "supabase", Lifetime: time.Minute, Claims: map[string]string{"role": "authenticated", "email": "{user.email}"}},
		},
		KeySet: ring.KeySet, Allowed: []string{"https://friend.example"}, PublishableKey: wire.NewPublishableKey("app.example.com"),
		ClientIP: func(*http.Request) netip.Addr { return netip.MustParseAddr("192.0.2.1") }, Now: w.gate.Clock.Now,
		Observe: func(c backendapi.Change) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.changes = append(w.changes, c)
		},
		Report: func(_ *http.Request, err error) { t.Errorf("a machine failed: %v", err) },
	}
	w.server = httptest.NewServer(watched(t, w.handler))
	t.Cleanup(w.server.Close)
	return w
}

// answer is what came back.
type answer struct {
	t      testing.TB
	what   string
	status int
	header http.Header
	body   []byte
}

// list returns the body as a list of objects, or that of an envelope with its
// total.
func (a answer) list() (list []map[string]any, total int) {
	a.t.Helper()
	var envelope struct {
		Data  []map[string]any `json:"data"`
		Total int              `json:"total_count"`
	}
	if json.Unmarshal(a.body, &list) == nil {
		return list, len(list)
	}
	if err := json.Unmarshal(a.body, &envelope); err != nil || envelope.Data == nil {
		a.t.Fatalf("%s: no list: %s", a.what, a.body)
	}
	return envelope.Data, envelope.Total
}

// at follows names and indices, such as "email_addresses", 0, "id".
func (a answer) at(path ...any) any {
	a.t.Helper()
	var v any
	if err := json.Unmarshal(a.body, &v); err != nil {
		a.t.Fatalf("%s: %s", a.what, a.body)
	}
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[step]
		case int:
			l, _ := v.([]any)
			if step >= len(l) {
				return nil
			}
			v = l[step]
		}
	}
	return v
}

func (a answer) text(path ...any) string {
	a.t.Helper()
	s, _ := a.at(path...).(string)
	return s
}

func (a answer) id() string { a.t.Helper(); return a.text("id") }

// send makes a request. body is nil, text, or a value for JSON.
func (w *world) send(method, path string, body any, change ...func(*http.Request)) answer {
	w.t.Helper()
	var text string
	switch body := body.(type) {
	case nil:
	case string:
		text = body
	default:
		b, err := json.Marshal(body)
		if err != nil {
			w.t.Fatal(err)
		}
		text = string(b)
	}
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.server.URL+base+"/v1"+path, strings.NewReader(text))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Clerk-API-Version", "2026-05-12")
	for _, c := range change {
		c(r)
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer{w.t, method + " " + path, res.StatusCode, res.Header, got}
}

// ok makes a request that must be answered with 200, and exactly the type that SDKs
// compare.
func (w *world) ok(method, path string, body any) answer {
	w.t.Helper()
	a := w.send(method, path, body)
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "application/json" {
		w.t.Fatalf("%s: %d %s %s", a.what, a.status, a.header.Get("Content-Type"), a.body)
	}
	return a
}

// refused makes a request that must be refused with a status, a code, and the name
// of a field, which may be empty.
func (w *world) refused(status int, code gatelatch.Code, param, method, path string, body any, change ...func(*http.Request)) answer {
	w.t.Helper()
	a := w.send(method, path, body, change...)
	a.mustRefuse(status, code, param)
	return a
}

func (a answer) mustRefuse(status int, code gatelatch.Code, param string) {
	a.t.Helper()
	var e struct {
		Errors []struct {
			Code, Message string
			Long          string `json:"long_message"`
			Meta          struct {
				Param string `json:"param_name"`
			}
		}
		Trace string `json:"clerk_trace_id"`
	}
	if err := json.Unmarshal(a.body, &e); err != nil || len(e.Errors) != 1 {
		a.t.Fatalf("%s: %d %s", a.what, a.status, a.body)
	}
	got := e.Errors[0]
	if a.status != status || got.Code != string(code) || got.Meta.Param != param || got.Message == "" || got.Long == "" || e.Trace == "" {
		a.t.Errorf("%s: %d %s, want %d %s about %q", a.what, a.status, a.body, status, code, param)
	}
	if a.header.Get("Content-Type") != "application/json" {
		a.t.Errorf("%s: %s", a.what, a.header.Get("Content-Type"))
	}
}

type object = map[string]any

// user makes a user by an address.
func (w *world) user(email string) answer {
	w.t.Helper()
	return w.ok("POST", "/users", object{"email_address": []string{email}})
}

// signedIn gives a user a session in a browser of its own, whose pair of cookies is
// returned.
func (w *world) signedIn(userID string) (sessionID string, cookies session.Cookies) {
	w.t.Helper()
	now := w.gate.Clock.Now()
	token := w.gate.Tokens.New(session.ClientToken)
	c := gatelatch.Client{ID: gatelatch.NewID(gatelatch.PrefixClient, now), TokenHash: token.Hash(), CreatedAt: now, ExpireAt: now.AddDate(1, 0, 0)}
	s := gatelatch.Session{
		ID: gatelatch.NewID(gatelatch.PrefixSession, now), UserID: userID, ClientID: c.ID, Status: gatelatch.SessionActive,
		Strategy: gatelatch.EmailCode, FirstAt: now, CreatedAt: now, LastActiveAt: now, ExpireAt: now.AddDate(0, 0, 7), IP: "192.0.2.7",
		UserAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36",
	}
	s.TokenHash = w.gate.Tokens.ForSession(s.ID).Hash()
	err := w.handler.Admin.Repo.InTx(w.t.Context(), func(tx flow.Tx) error {
		if err := tx.CreateClient(w.t.Context(), c); err != nil {
			return err
		}
		return tx.CreateSession(w.t.Context(), s)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return s.ID, session.Cookies{Client: token.Reveal(), Session: w.gate.Tokens.ForSession(s.ID).Reveal()}
}

// passes reports whether the gate would let a pair of cookies pass.
func (w *world) passes(c session.Cookies) bool {
	w.t.Helper()
	l, err := w.manager.Authenticate(w.t.Context(), c, idle, w.gate.Clock.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	return l != nil
}

func (w *world) seen() []backendapi.Change {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]backendapi.Change(nil), w.changes...)
}

func pretty(t testing.TB, b []byte) string {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", "  "); err != nil {
		t.Fatalf("%s", b)
	}
	return fmt.Sprintln(out.String())
}
