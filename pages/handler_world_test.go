// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/identifier"
	"github.com/gatelatch/gatelatch/limit"
	"github.com/gatelatch/gatelatch/pages"
	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/store"
	"github.com/gatelatch/gatelatch/store/memory"
)

const origin = "https://app.example.com"

var errAway = errors.New("the store is away")

// shaky is the memory store with a switch, a count of what it was asked to do,
// and the messages that were asked for, in their order.
type shaky struct {
	store.Store
	mu       sync.Mutex
	away     bool
	calls    int
	messages []delivery.Queued
}

// noting hears what a transaction enqueues.
type noting struct {
	flow.Tx
	messages []delivery.Queued
}

func (n *noting) Enqueue(ctx context.Context, m delivery.Queued) error {
	n.messages = append(n.messages, m)
	return n.Tx.Enqueue(ctx, m)
}

func (s *shaky) ask() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	if s.away {
		return errAway
	}
	return nil
}

func (s *shaky) InTx(ctx context.Context, fn func(flow.Tx) error) error {
	if err := s.ask(); err != nil {
		return err
	}
	var n noting
	err := s.Store.InTx(ctx, func(tx flow.Tx) error {
		n = noting{Tx: tx}
		return fn(&n)
	})
	if err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.messages = append(s.messages, n.messages...)
	}
	return err
}

func (s *shaky) PrincipalByTokenHash(ctx context.Context, h gatelatch.TokenHash) (session.Principal, error) {
	if err := s.ask(); err != nil {
		return session.Principal{}, err
	}
	return s.Store.PrincipalByTokenHash(ctx, h)
}

func (s *shaky) EndSession(ctx context.Context, id string, status gatelatch.SessionStatus, at time.Time) error {
	if err := s.ask(); err != nil {
		return err
	}
	return s.Store.EndSession(ctx, id, status, at)
}

func (s *shaky) set(away bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = away
}

func (s *shaky) asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// world is a whole site: a gate in front of an app, with a clock of its own.
type world struct {
	t        testing.TB
	handler  *pages.Handler
	sessions *session.Manager
	store    *shaky
	now      time.Time
	reports  []error
	secrets  map[string]bool // what must never stand in a URL
	mayFail  bool            // answers with 5xx are expected
}

// setting is what a test may change before the world is made.
type setting struct {
	site   pages.Site
	policy flow.Policy
	ids    identifier.Policy
	limits limit.Policy
}

func newWorld(t testing.TB, change ...func(*setting)) *world {
	t.Helper()
	s := setting{site: acme(), policy: flow.DefaultPolicy(), ids: identifier.Policy{Email: true}, limits: unlimited()}
	for _, c := range change {
		c(&s)
	}
	renderer, err := pages.NewRenderer(s.site)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := gatelatch.DeriveKeys([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, store: &shaky{Store: memory.New()}, now: noon, secrets: map[string]bool{}}
	now, tokens := func() time.Time { return w.now }, session.Tokens{Key: keys.Token}
	w.sessions = session.NewManager(session.Config{Repo: w.store, Tokens: tokens})
	service := &flow.Service{
		Repo: w.store, Codes: flow.Codes{Key: keys.Code, Length: 6}, Identifiers: s.ids, Policy: s.policy, Limits: s.limits,
		Tokens: tokens, BudgetKey: keys.Budget, Site: "acme", Now: now, Wake: func() {},
	}
	w.handler = &pages.Handler{
		Site: s.site, Renderer: renderer, Flow: service, Sessions: w.sessions, Idle: 24 * time.Hour, Jar: session.NewJar(true, "", 7*24*time.Hour),
		Tokens: tokens, FormKey: keys.Form, Origins: []string{origin}, KeySet: func() []byte { return []byte(`{"keys":[]}`) },
		ClientIP: func(*http.Request) netip.Addr { return netip.MustParseAddr("203.0.113.7") }, Now: now,
		Report: func(_ *http.Request, err error) { w.reports = append(w.reports, err) },
	}
	return w
}

// unlimited keeps the limits out of tests that are not about them.
func unlimited() limit.Policy {
	off := []limit.Rate{{}}
	return limit.Policy{
		GuessesPerIdentifier: off, SendsPerIdentifier: off, SendsPerPrefix: off, SendsPerNetwork: off, StartsPerNetwork: off, MessagesPerSite: off,
	}
}

func closedSignUp(s *setting) { s.site.SignUp, s.policy.SignUpOpen = false, false }

// ServeHTTP is the gate: its own pages under the base, the sign-in page at any
// other URL without a session, and otherwise the app.
func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if len(r.URL.Path) >= 7 && r.URL.Path[:7] == "/.auth/" {
		w.handler.ServeHTTP(rw, r)
		return
	}
	l, err := w.sessions.Authenticate(r.Context(), w.handler.Jar.Read(r.Header), w.handler.Idle, w.now)
	switch {
	case err != nil:
		w.handler.Error(rw, r, http.StatusServiceUnavailable, 5*time.Second)
	case l == nil:
		w.handler.Challenge(rw, r, r.URL.RequestURI(), r.Method == http.MethodPost)
	default:
		_, _ = rw.Write([]byte("the app, for " + l.Value(session.UserEmail) + l.Value(session.UserPhone)))
	}
}

// pass lets time go by.
func (w *world) pass(d time.Duration) { w.now = w.now.Add(d) }

// queued returns all messages that were ever asked for, oldest first.
func (w *world) queued() []delivery.Queued {
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	return w.store.messages
}

// code returns the code of the newest message, as its recipient reads it.
func (w *world) code() string {
	w.t.Helper()
	all := w.queued()
	if len(all) == 0 {
		w.t.Fatal("no message was sent")
	}
	m := all[len(all)-1]
	v := flow.Verification{Factor: flow.Factor{Strategy: m.Strategy, To: m.To}, Nonce: m.Nonce}
	code := w.handler.Flow.Codes.Code(m.AttemptID, flow.Purpose(m.Purpose), v).Reveal()
	w.secrets[code] = true
	return code
}

// wrong returns a code that is not the right one.
func (w *world) wrong() string {
	code := []byte(w.code())
	code[5] = '0' + (code[5]-'0'+1)%10
	return string(code)
}

// user reports whether an address has a user.
func (w *world) user(email string) bool {
	w.t.Helper()
	err := w.store.Store.InTx(context.Background(), func(tx flow.Tx) error {
		_, err := tx.UserByIdentifier(context.Background(), gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: email})
		return err
	})
	if err != nil && !errors.Is(err, gatelatch.ErrNotFound) {
		w.t.Fatal(err)
	}
	return err == nil
}
