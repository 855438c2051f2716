// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"net/http"
	"net/netip"
	"path/filepath"
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
	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/store"
	"github.com/gatelatch/gatelatch/store/sqlite"
)

const origin = "http://localhost"

// site is a gate on SQLite whose messages land in mailboxes in memory. Its
// limits are off: they are for strangers, and here everybody is one.
type site struct {
	store    store.Store
	pages    *pages.Handler
	sessions *session.Manager
	keys     gatelatch.Keys
	mail     mailboxes
}

func newSite(b *testing.B, options ...func(*flow.Service)) *site {
	b.Helper()
	st, err := sqlite.Open(filepath.Join(b.TempDir(), "gatelatch.db"))
	check(b, err)
	check(b, st.Migrate(b.Context()))
	keys, err := gatelatch.DeriveKeys(make([]byte, gatelatch.SiteSecretSize))
	check(b, err)
	s := &site{store: st, keys: keys}
	tokens := session.Tokens{Key: keys.Token}
	s.sessions = session.NewManager(session.Config{Repo: st, Tokens: tokens})
	queue := s.queue(b)
	service := s.flow(tokens, queue.Wake)
	for _, change := range options {
		change(service)
	}
	s.pages = &pages.Handler{
		Site: pages.Site{Name: "Bench", Base: "/.auth", Email: true, SignUp: true},
		Flow: service, Account: &account.Service{Flow: service}, Sessions: s.sessions, Idle: time.Hour,
		Jar: session.NewJar(false, "", time.Hour), Tokens: tokens, FormKey: keys.Form,
		Origins: []string{origin}, KeySet: func() []byte { return nil },
		ClientIP: func(*http.Request) netip.Addr { return netip.MustParseAddr("127.0.0.1") },
		Now:      time.Now,
	}
	s.pages.Renderer, err = pages.NewRenderer(s.pages.Site)
	check(b, err)
	return s
}

func (s *site) flow(tokens session.Tokens, wake func()) *flow.Service {
	policy := flow.DefaultPolicy()
	off := []limit.Rate{{}}
	return &flow.Service{
		Repo: s.store, Codes: flow.Codes{Key: s.keys.Code, Length: policy.Code.Length},
		Identifiers: identifier.Policy{Email: true}, Policy: policy, Tokens: tokens, BudgetKey: s.keys.Budget,
		Limits: limit.Policy{
			GuessesPerIdentifier: []limit.Rate{{Count: 10, Window: time.Hour}},
			SendsPerIdentifier:   off, SendsPerPrefix: off, SendsPerNetwork: off, StartsPerNetwork: off, MessagesPerSite: off,
		},
		Site: "bench", Now: time.Now, Wake: wake, Keys: s.keys, Sessions: s.sessions,
	}
}

// queue runs the delivery queue until the benchmark ends.
func (s *site) queue(b *testing.B) *delivery.Queue {
	q := delivery.NewQueue(delivery.QueueConfig{Repo: s.store, Now: time.Now, Workers: 64})
	codes := flow.Codes{Key: s.keys.Code, Length: 6}
	q.Register("bench", delivery.Site{
		Brand:   delivery.Brand{Name: "Bench", Host: "localhost", Origin: origin},
		Senders: map[delivery.Channel]delivery.Sender{delivery.Email: &s.mail},
		Code: func(m delivery.Queued) gatelatch.Secret {
			v := flow.Verification{Factor: flow.Factor{Strategy: m.Strategy, To: m.To}, Nonce: m.Nonce}
			return codes.Code(m.AttemptID, flow.Purpose(m.Purpose), v)
		},
	})
	ctx, stop := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { q.Run(ctx) })
	b.Cleanup(func() {
		stop()
		done.Wait()
		_ = s.store.Close()
	})
	return q
}

// mailboxes is a sender that keeps the code of each message for its reader.
type mailboxes struct{ boxes sync.Map }

func (m *mailboxes) box(address string) chan string {
	box, _ := m.boxes.LoadOrStore(address, make(chan string, 1))
	return box.(chan string)
}

// Send implements delivery.Sender.
func (m *mailboxes) Send(_ context.Context, message delivery.Message) error {
	if message.Code != "" { // what only tells something has no reader here
		m.box(message.To) <- message.Code.Reveal()
	}
	return nil
}

func check(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
