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
	"github.com/gatelatch/gatelatch/account"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/identifier"
	"github.com/gatelatch/gatelatch/limit"
	"github.com/gatelatch/gatelatch/pages"
	"github.com/gatelatch/gatelatch/passkey"
	"github.com/gatelatch/gatelatch/password"
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

func (s *shaky) InReadTx(ctx context.Context, fn func(flow.Tx) error) error {
	if err := s.ask(); err != nil {
		return err
	}
	return s.Store.InReadTx(ctx, fn)
}

func (s *shaky) PrincipalByTokenHash(ctx context.Context, h gatelatch.TokenHash) (session.Principal, error) {
	if err := s.ask(); err != nil {
		return session.Principal{}, err
	}
	return s.Store.PrincipalByTokenHash(ctx, h)
}

func (s *shaky) PrincipalsByClient(ctx context.Context, h gatelatch.TokenHash, limit int) (gatelatch.Client, []session.Principal, error) {
	if err := s.ask(); err != nil {
		return gatelatch.Client{}, nil, err
	}
	return s.Store.PrincipalsByClient(ctx, h, limit)
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
	rules    session.Rules
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
	// passwords are the rules for new ones; passkeys is the site as browsers know
	// it, nil where there are none.
	passwords password.Rules
	passkeys  *passkey.Site
}

func newWorld(t testing.TB, change ...func(*setting)) *world {
	t.Helper()
	s := setting{site: acme(), policy: flow.DefaultPolicy(), ids: identifier.Policy{Email: true}, limits: unlimited()}
	s.policy.OneSession = true // as sites have it unless they say otherwise
	for _, c := range change {
		c(&s)
	}
	renderer := rendererOf(t, s.site)
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
		Keys: keys, Hasher: cheapHasher(), PasswordRules: s.passwords, Passkeys: s.passkeys, Sessions: w.sessions,
	}
	w.rules = session.Rules{
		SecondFactor: s.policy.SecondFactor == flow.Required, NoPasskeys: s.passkeys == nil,
		Passwords: s.policy.TakesPasswords(), Terms: s.policy.Terms.Version,
	}
	w.handler = &pages.Handler{
		Site: s.site, Renderer: renderer, Flow: service, Account: &account.Service{Flow: service}, Sessions: w.sessions, Idle: 24 * time.Hour, Jar: session.NewJar(true, "", 7*24*time.Hour),
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

// manySessions lets a browser hold several sessions.
func manySessions(s *setting) { s.policy.OneSession = false }

func closedSignUp(s *setting) { s.site.SignUp, s.policy.SignUp = false, flow.SignUpClosed }

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
	case l.Task(w.rules) != "":
		w.handler.Task(rw, r, l.Task(w.rules), r.URL.RequestURI())
	case r.URL.Path == "/payroll" && !w.now.Before(l.Proven().LastAt().Add(10*time.Minute)):
		w.handler.AskAgain(rw, r, r.URL.RequestURI(), flow.LevelFirst)
	case r.URL.Path == "/vault" && l.Proven().SecondAt.IsZero():
		w.handler.AskAgain(rw, r, r.URL.RequestURI(), flow.LevelSecond)
	default:
		_, _ = rw.Write([]byte("the app, for " + l.Value(session.UserEmail) + l.Value(session.UserPhone)))
	}
}

// cheapHasher makes hashes that take no time: tests are about what follows.
func cheapHasher() *password.Hasher {
	return password.NewHasher(password.Params{Memory: 8, Iterations: 1, Parallelism: 1}, 2, 64)
}

// withPasswords lets people have a password; everybody must have one when asked
// to.
func withPasswords(s *setting) { s.policy.Password = flow.Required }

// pass lets time go by.
func (w *world) pass(d time.Duration) { w.now = w.now.Add(d) }

// queued returns all messages with a code that were ever asked for, oldest
// first.
func (w *world) queued() []delivery.Queued { return w.messages(true) }

// notices returns all messages that only tell something.
func (w *world) notices() []delivery.Queued { return w.messages(false) }

func (w *world) messages(withCode bool) []delivery.Queued {
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	var some []delivery.Queued
	for _, m := range w.store.messages {
		if (m.Strategy != "") == withCode {
			some = append(some, m)
		}
	}
	return some
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
