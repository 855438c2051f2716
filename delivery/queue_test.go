// SPDX-License-Identifier: Apache-2.0

package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/store"
	"github.com/gatelatch/gatelatch/store/memory"
)

const theCode = "483920"

var errAway = errors.New("away")

// flaky is the memory store, with calls that a test can make fail.
type flaky struct {
	store.Store
	mu           sync.Mutex
	noClaim, del bool
}

func (f *flaky) set(claim, del bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.noClaim, f.del = claim, del
}

func (f *flaky) ClaimMessages(ctx context.Context, now, until time.Time, limit int) ([]delivery.Queued, error) {
	f.mu.Lock()
	away := f.noClaim
	f.mu.Unlock()
	if away {
		return nil, errAway
	}
	return f.Store.ClaimMessages(ctx, now, until, limit)
}

func (f *flaky) DeleteMessages(ctx context.Context, ids []string) error {
	f.mu.Lock()
	away := f.del
	f.mu.Unlock()
	if away {
		return errAway
	}
	return f.Store.DeleteMessages(ctx, ids)
}

// sender notes what it is given and answers as it is told.
type sender struct {
	mu       sync.Mutex
	sent     []delivery.Message
	at       []time.Time
	now, top int
	answer   func(ctx context.Context, m delivery.Message) error
}

func (s *sender) Send(ctx context.Context, m delivery.Message) error {
	s.mu.Lock()
	s.sent, s.at = append(s.sent, m), append(s.at, time.Now())
	s.now++
	s.top = max(s.top, s.now)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.now--
	}()
	if s.answer == nil {
		return nil
	}
	return s.answer(ctx, m)
}

func (s *sender) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sent)
}

func (s *sender) times(since time.Time) []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []time.Duration
	for _, at := range s.at {
		list = append(list, at.Sub(since))
	}
	return list
}

// workbench is a queue with everything around it, inside a bubble of fake time.
type workbench struct {
	t      *testing.T
	store  *flaky
	mail   *sender
	text   *sender
	queue  *delivery.Queue
	start  time.Time
	mu     sync.Mutex
	events []delivery.SendEvent
	stop   context.CancelFunc
	ended  chan struct{}
}

// work runs test in a bubble; the bubble fails a test that leaves goroutines
// behind, and so proves that Run returns and leaks none.
func work(t *testing.T, test func(b *workbench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &workbench{t: t, store: &flaky{Store: memory.New()}, mail: &sender{}, text: &sender{}, start: time.Now()}
		b.queue = b.newQueue()
		b.queue.Register("acme", b.site())
		defer b.end()
		test(b)
	})
}

func (b *workbench) newQueue() *delivery.Queue {
	return delivery.NewQueue(delivery.QueueConfig{Repo: b.store, Now: time.Now, Observer: func(e delivery.SendEvent) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.events = append(b.events, e)
	}})
}

func (b *workbench) site() delivery.Site {
	return delivery.Site{
		Brand:   delivery.Brand{Name: "Acme", Host: "app.example.com"},
		Senders: map[delivery.Channel]delivery.Sender{delivery.Email: b.mail, delivery.SMS: b.text},
		Code:    func(delivery.Queued) gatelatch.Secret { return theCode },
	}
}

func (b *workbench) run() {
	ctx, cancel := context.WithCancel(context.Background())
	b.stop, b.ended = cancel, make(chan struct{})
	queue, ended := b.queue, b.ended
	go func() { defer close(ended); queue.Run(ctx) }()
	synctest.Wait()
}

// end stops Run and waits for it.
func (b *workbench) end() {
	if b.stop == nil {
		return
	}
	b.stop()
	<-b.ended
	b.stop = nil
}

// after lets time pass.
func (b *workbench) after(d time.Duration) {
	time.Sleep(d) // fake time: it passes at once
	synctest.Wait()
}

func (b *workbench) enqueue(id string, to gatelatch.Identifier, life time.Duration) {
	b.t.Helper()
	now := time.Now().UTC()
	b.put(delivery.Queued{
		ID: id, Site: "acme", AttemptID: "sia_1", Purpose: "sign_in", Strategy: gatelatch.CodeStrategy(to.Kind), To: to, Display: to.Value,
		Nonce: []byte("0123456789abcdef"), AskedAt: now, NextAt: now, ExpireAt: now.Add(life),
	})
}

func (b *workbench) put(m delivery.Queued) {
	b.t.Helper()
	err := b.store.InTx(context.Background(), func(tx flow.Tx) error { return tx.Enqueue(context.Background(), m) })
	if err != nil {
		b.t.Fatal(err)
	}
	b.queue.Wake()
}

func jo() gatelatch.Identifier {
	return gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: "jo@example.com"}
}

func number() gatelatch.Identifier {
	return gatelatch.Identifier{Kind: gatelatch.PhoneNumber, Value: "+12015550123"}
}

// empty reports whether nothing waits any more.
func (b *workbench) empty() bool {
	_, waits, err := b.store.NextMessageAt(context.Background())
	return err == nil && !waits
}

// results counts the events by result; none of them may show code or address.
func (b *workbench) results() map[string]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	counts := map[string]int{}
	for _, e := range b.events {
		counts[e.Result]++
		for _, secret := range []string{theCode, jo().Value, number().Value} {
			if strings.Contains(fmt.Sprintf("%+v", e), secret) {
				b.t.Errorf("an event shows %q: %+v", secret, e)
			}
		}
	}
	return counts
}

func TestAMessageIsSentOnce(t *testing.T) {
	work(t, func(b *workbench) {
		b.run()
		b.enqueue("msg_1", jo(), 10*time.Minute)
		synctest.Wait()
		if b.mail.count() != 1 || !b.empty() {
			t.Fatalf("sent %d times at once, forgotten: %v", b.mail.count(), b.empty())
		}
		m := b.mail.sent[0]
		if m.ID != "msg_1" || m.To != "jo@example.com" || m.Channel != delivery.Email || !strings.Contains(m.Text, theCode) || m.Code.Reveal() != theCode {
			t.Errorf("%+v", m)
		}
		b.after(time.Hour)
		if b.mail.count() != 1 || b.text.count() != 0 || fmt.Sprint(b.results()) != "map[sent:1]" {
			t.Errorf("%d, %d, %v", b.mail.count(), b.text.count(), b.results())
		}
	})
}

func TestRetriesBackOffWithinTheLifeOfTheCode(t *testing.T) {
	work(t, func(b *workbench) {
		b.mail.answer = func(context.Context, delivery.Message) error { return errAway }
		b.enqueue("msg_1", jo(), 5*time.Minute)
		b.run()
		b.after(time.Hour)
		want := []time.Duration{0, 1, 3, 7, 15, 31, 63, 123, 183, 243}
		for i := range want {
			want[i] *= time.Second
		}
		got := b.mail.times(b.start)
		if !slices.EqualFunc(got, want, func(a, w time.Duration) bool { return a >= w && a < w+time.Second }) {
			t.Errorf("tries after %v, want %v", got, want)
		}
		if r := b.results(); r["retry"] != 10 || r["expired"] != 1 || len(r) != 2 || !b.empty() {
			t.Errorf("%v, forgotten: %v", r, b.empty())
		}
		for _, m := range b.mail.sent {
			if m.ID != "msg_1" {
				t.Errorf("a repeat is called %s", m.ID)
			}
		}
	})
}

func TestARetryThatSucceedsIsTheLast(t *testing.T) {
	work(t, func(b *workbench) {
		b.mail.answer = func(context.Context, delivery.Message) error {
			if b.mail.count() < 3 {
				return errAway
			}
			return nil
		}
		b.enqueue("msg_1", jo(), 10*time.Minute)
		b.run()
		b.after(time.Hour)
		if b.mail.count() != 3 || !b.empty() {
			t.Errorf("sent %d times, forgotten: %v", b.mail.count(), b.empty())
		}
	})
}

func TestWhatCannotBeSentIsDropped(t *testing.T) {
	for name, row := range map[string]struct {
		life   time.Duration
		answer error
		tries  int
		result string
	}{
		"refused for good": {10 * time.Minute, delivery.Permanent(errAway), 1, "refused"},
		"refused, wrapped": {10 * time.Minute, fmt.Errorf("smtp: %w", delivery.Permanent(errAway)), 1, "refused"},
		"expired":          {0, nil, 0, "expired"},
		"expired long ago": {-time.Hour, nil, 0, "expired"},
	} {
		t.Run(name, func(t *testing.T) {
			work(t, func(b *workbench) {
				b.mail.answer = func(context.Context, delivery.Message) error { return row.answer }
				b.enqueue("msg_1", jo(), row.life)
				b.run()
				b.after(time.Hour)
				if b.mail.count() != row.tries || b.results()[row.result] != 1 || !b.empty() {
					t.Errorf("%d tries, %v, forgotten: %v", b.mail.count(), b.results(), b.empty())
				}
			})
		})
	}
}

func TestManyMessagesGoOutOnceEach(t *testing.T) {
	work(t, func(b *workbench) {
		const n = 1000
		b.mail.answer = func(context.Context, delivery.Message) error { time.Sleep(50 * time.Millisecond); return nil }
		for i := range n {
			b.enqueue(fmt.Sprintf("msg_%04d", i), jo(), 10*time.Minute)
		}
		b.run()
		second := b.newQueue() // another process on the same store
		second.Register("acme", b.site())
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan struct{})
		go func() { defer close(ended); second.Run(ctx) }()
		b.after(time.Minute)
		stop()
		<-ended
		ids := map[string]int{}
		for _, m := range b.mail.sent {
			ids[m.ID]++
		}
		if len(ids) != n || b.mail.count() != n || !b.empty() {
			t.Errorf("%d messages sent %d times, forgotten: %v", len(ids), b.mail.count(), b.empty())
		}
		if b.mail.top > 16 {
			t.Errorf("%d at the same time on two processes of 8 workers each", b.mail.top)
		}
	})
}

func TestRunLeavesNoGoroutines(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	s := memory.New()
	q := delivery.NewQueue(delivery.QueueConfig{Repo: s, Now: time.Now})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); q.Run(ctx) }()
	for range 100 {
		q.Wake()
	}
	stop()
	<-ended
}
