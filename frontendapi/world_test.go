// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

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
	"github.com/gatelatch/gatelatch/admission"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/frontendapi"
	"github.com/gatelatch/gatelatch/identifier"
	"github.com/gatelatch/gatelatch/limit"
	"github.com/gatelatch/gatelatch/passkey"
	"github.com/gatelatch/gatelatch/password"
	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/store"
	"github.com/gatelatch/gatelatch/store/memory"
	"github.com/gatelatch/gatelatch/wire"
)

const origin = "https://app.example.com"

// noon is when tests begin, half a second late: what is told in whole seconds must
// be rounded.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 500_000_000, time.UTC)

var errAway = errors.New("the store is away")

// shaky is the memory store with a switch, and the messages that were asked for, in
// their order.
type shaky struct {
	store.Store
	mu       sync.Mutex
	away     bool
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

func (s *shaky) PrincipalsByClient(ctx context.Context, h gatelatch.TokenHash, limit int) (gatelatch.Client, []session.Principal, error) {
	if err := s.ask(); err != nil {
		return gatelatch.Client{}, nil, err
	}
	return s.Store.PrincipalsByClient(ctx, h, limit)
}

func (s *shaky) set(away bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = away
}

// world is a site that speaks the API, with a clock of its own.
type world struct {
	t        testing.TB
	handler  *frontendapi.Handler
	sessions *session.Manager
	store    *shaky
	mu       sync.Mutex
	now      time.Time
	reports  []error
	mayFail  bool // answers with 5xx are expected
}

// setting is what a test may change before the world is made.
type setting struct {
	site      frontendapi.Site
	policy    flow.Policy
	ids       identifier.Policy
	limits    limit.Policy
	admission admission.Rules
	passwords password.Rules
	passkeys  *passkey.Site
	templates map[string]session.Template
}

func acme() frontendapi.Site {
	return frontendapi.Site{
		Name: "Acme", Base: "/.auth", Origins: []string{origin}, Allowed: []string{"https://spa.example.com"},
		Email: true, Phone: true, Native: true, Help: "mailto:help@example.com",
	}
}

func openToAll() flow.Policy {
	p := flow.DefaultPolicy()
	p.Fields.Email, p.Fields.Phone = flow.Optional, flow.Optional
	p.OneSession = true
	return p
}

func newWorld(t testing.TB, change ...func(*setting)) *world {
	t.Helper()
	s := setting{site: acme(), policy: openToAll(), ids: identifier.Policy{Email: true, Phone: true, Region: "US"}, limits: unlimited()}
	for _, c := range change {
		c(&s)
	}
	keys, err := gatelatch.DeriveKeys([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, store: &shaky{Store: memory.New()}, now: noon}
	tokens := session.Tokens{Key: keys.Token}
	w.sessions = session.NewManager(session.Config{Repo: w.store, Tokens: tokens})
	service := &flow.Service{
		Repo: w.store, Codes: flow.Codes{Key: keys.Code, Length: 6}, Identifiers: s.ids, Policy: s.policy, Limits: s.limits,
		Tokens: tokens, BudgetKey: keys.Budget, Site: "acme", Now: w.clock, Wake: func() {},
		Keys: keys, Hasher: cheapHasher(), PasswordRules: s.passwords, Passkeys: s.passkeys, Admission: s.admission, Sessions: w.sessions,
	}
	key := wire.NewPublishableKey("app.example.com")
	w.handler = &frontendapi.Handler{
		Site: s.site, Flow: service, Account: &account.Service{Flow: service}, Sessions: w.sessions,
		Rules: session.Rules{
			SecondFactor: s.policy.SecondFactor == flow.Required, NoPasskeys: s.passkeys == nil,
			Passwords: s.policy.TakesPasswords(), Terms: s.policy.Terms.Version,
		},
		Idle: 24 * time.Hour, Jar: session.NewJar(true, "", 7*24*time.Hour),
		Cookies: session.ScriptCookies{Suffix: key.Suffix(), Secure: true}, Tokens: tokens,
		Minter:    &session.Minter{Keys: ring(t), Algorithm: "RS256", Issuer: key.Issuer(), Party: origin},
		Templates: s.templates, KeySet: ring(t).KeySet,
		ClientIP: func(*http.Request) netip.Addr { return netip.MustParseAddr("203.0.113.7") }, Now: w.clock,
		Report: w.report,
	}
	return w
}

// ring holds the one signing key of all tests: an RSA key takes long to make.
var ring = func() func(testing.TB) *session.Keyring {
	var once sync.Once
	keys := &session.Keyring{Repo: memory.New()}
	return func(t testing.TB) *session.Keyring {
		t.Helper()
		once.Do(func() {
			if err := keys.Refresh(context.Background(), []string{"RS256"}, noon.Add(-24*time.Hour)); err != nil {
				t.Fatal(err)
			}
		})
		return keys
	}
}()

func (w *world) report(_ *http.Request, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reports = append(w.reports, err)
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// pass lets time go by.
func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// cheapHasher makes hashes that take no time: tests are about what follows.
func cheapHasher() *password.Hasher {
	return password.NewHasher(password.Params{Memory: 8, Iterations: 1, Parallelism: 1}, 2, 64)
}

// unlimited keeps the limits out of tests that are not about them.
func unlimited() limit.Policy {
	off := []limit.Rate{{}}
	return limit.Policy{
		GuessesPerIdentifier: off, SendsPerIdentifier: off, SendsPerPrefix: off, SendsPerNetwork: off, StartsPerNetwork: off, MessagesPerSite: off,
	}
}

func withPasswords(s *setting)  { s.policy.Password = flow.Optional }
func revealing(s *setting)      { s.policy.Reveal = true }
func closedSignUp(s *setting)   { s.policy.SignUp = flow.SignUpClosed }
func manySessions(s *setting)   { s.site.MultiSession, s.policy.OneSession = true, false }
func withoutNative(s *setting)  { s.site.Native = false }
func withSecondStep(s *setting) { s.policy.SecondFactor = flow.Optional }

// queued returns all messages with a code that were ever asked for, oldest first.
func (w *world) queued() []delivery.Queued {
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	var some []delivery.Queued
	for _, m := range w.store.messages {
		if m.Strategy != "" {
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
	return w.codeOf(all[len(all)-1])
}

func (w *world) codeOf(m delivery.Queued) string {
	v := flow.Verification{Factor: flow.Factor{Strategy: m.Strategy, To: m.To}, Nonce: m.Nonce}
	return w.handler.Flow.Codes.Code(m.AttemptID, flow.Purpose(m.Purpose), v).Reveal()
}

// wrong returns a code that is not the right one.
func (w *world) wrong() string {
	code := []byte(w.code())
	code[5] = '0' + (code[5]-'0'+1)%10
	return string(code)
}

// inTx changes the store behind the site's back.
func (w *world) inTx(fn func(context.Context, flow.Tx) error) {
	w.t.Helper()
	ctx := context.Background()
	if err := w.store.Store.InTx(ctx, func(tx flow.Tx) error { return fn(ctx, tx) }); err != nil {
		w.t.Fatal(err)
	}
}
