// SPDX-License-Identifier: Apache-2.0

package delivery

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/gatelatch/gatelatch"
)

const (
	// sendTimeout bounds one call of a sender.
	sendTimeout = 30 * time.Second
	// stopGrace is how long a call under way may go on when the queue is ending.
	stopGrace = 3 * time.Second
	// claimFor is how long a claimed message is left alone by other workers; it
	// exceeds sendTimeout, so a message is sent twice only if a process died
	// between sending and forgetting it.
	claimFor = 45 * time.Second
	// batch is how many messages are claimed at once.
	batch = 64
	// idlePoll is the longest sleep of an idle queue, for messages whose wake-up
	// was lost or that another process left behind.
	idlePoll = 5 * time.Second
	// faultPause is the sleep after the store could not be reached.
	faultPause = time.Second
)

// Site is how one site sends: its name in messages, its senders, and how the
// code of a queued message is found again.
type Site struct {
	Brand   Brand
	Senders map[Channel]Sender
	Code    func(Queued) gatelatch.Secret
	// Link returns the address, with its origin, that a message leads to; empty for
	// none. Like a code, it is made when the message is sent and stands nowhere.
	Link func(Queued) gatelatch.Secret
}

// SendEvent tells what became of one try, without code or address.
type SendEvent struct {
	Site      string
	Channel   Channel
	MessageID string
	AttemptID string
	// Result is "sent", "retry", "refused" (for good), "expired" or "error".
	Result string
	Took   time.Duration
	Err    error
}

// QueueConfig is what a Queue needs. Observer may be nil; Workers is how many
// messages of one site and channel are sent at the same time, 8 by default.
type QueueConfig struct {
	Repo     Repo
	Now      func() time.Time
	Observer func(SendEvent)
	Workers  int
}

// Queue sends what the flows put into the store. It is durable: a message
// leaves the store only when a sender has taken it, has refused it for good, or
// its code has expired. So a crash may send a message twice, and loses none.
type Queue struct {
	config QueueConfig
	wake   chan struct{}

	mu     sync.RWMutex
	sites  map[string]Site
	routes map[string]*route // by site and channel
}

// NewQueue returns a queue that does nothing before Run.
func NewQueue(c QueueConfig) *Queue {
	if c.Workers <= 0 {
		c.Workers = 8
	}
	if c.Observer == nil {
		c.Observer = func(SendEvent) {}
	}
	return &Queue{
		config: c, wake: make(chan struct{}, 1),
		sites: make(map[string]Site), routes: make(map[string]*route),
	}
}

// Register adds a site, or replaces it after a change of configuration.
func (q *Queue) Register(name string, s Site) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sites[name] = s
}

// Unregister removes a site. Its messages wait for it until their codes expire.
func (q *Queue) Unregister(name string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.sites, name)
}

func (q *Queue) site(name string) (Site, bool) {
	q.mu.RLock()
	defer q.mu.RUnlock()
	s, ok := q.sites[name]
	return s, ok
}

// Wake says that there may be something to send. It never blocks.
func (q *Queue) Wake() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// Run sends until ctx is done, and returns when the tries under way have
// ended. It must run once at a time; several processes may each run one on the
// same store.
func (q *Queue) Run(ctx context.Context) {
	done := make(chan string, batch)
	var tries, cleaner sync.WaitGroup
	cleaner.Go(func() { q.forget(ctx, done) })
	q.pump(ctx, func(h held) {
		if r := q.route(h.message); r.accept(h) {
			tries.Go(func() { q.work(ctx, r, h, done) })
		}
	})
	tries.Wait()
	close(done)
	cleaner.Wait()
}

// pump claims what is due and hands it out.
func (q *Queue) pump(ctx context.Context, hand func(held)) {
	for ctx.Err() == nil {
		now := q.config.Now()
		claimed, err := q.config.Repo.ClaimMessages(ctx, now, now.Add(claimFor), batch)
		if err != nil {
			q.report(ctx, SendEvent{Result: "error", Err: fmt.Errorf("claiming messages: %w", err)})
			q.sleep(ctx, faultPause)
			continue
		}
		for _, m := range claimed {
			hand(held{m, now.Add(claimFor - sendTimeout)})
		}
		if len(claimed) < batch {
			q.sleep(ctx, q.untilNext(ctx))
		}
	}
}

// work sends one message and then those that wait on its route.
func (q *Queue) work(ctx context.Context, r *route, h held, done chan<- string) {
	for ok := true; ok; h, ok = r.next(q.config.Now()) {
		if q.try(ctx, h.message) {
			done <- h.message.ID
		}
		if ctx.Err() != nil {
			r.abandon()
			return
		}
	}
}

func (q *Queue) route(m Queued) *route {
	key := m.Site + " " + string(ChannelFor(m.To.Kind))
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.routes[key] == nil {
		q.routes[key] = &route{workers: q.config.Workers}
	}
	return q.routes[key]
}

// untilNext returns how long nothing will be due.
func (q *Queue) untilNext(ctx context.Context) time.Duration {
	at, ok, err := q.config.Repo.NextMessageAt(ctx)
	if err != nil || !ok {
		return idlePoll
	}
	return min(max(at.Sub(q.config.Now()), 10*time.Millisecond), idlePoll)
}

func (q *Queue) sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-q.wake:
	case <-t.C:
	}
}

// forget deletes finished messages, as many at a time as have gathered.
func (q *Queue) forget(ctx context.Context, done <-chan string) {
	for id := range done {
		ids := gather(id, done)
		if err := q.delete(ctx, ids); err != nil {
			q.report(ctx, SendEvent{Result: "error", Err: fmt.Errorf("forgetting sent messages: %w", err)})
		}
	}
}

func gather(first string, more <-chan string) []string {
	ids := []string{first}
	for len(ids) < batch {
		select {
		case id, ok := <-more:
			if !ok {
				return ids
			}
			ids = append(ids, id)
		default:
			return ids
		}
	}
	return ids
}

// delete must outlast ctx: what was sent shall not be sent again because the
// process is stopping. A store that is briefly away is asked again while the
// claim holds.
func (q *Queue) delete(ctx context.Context, ids []string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), claimFor-sendTimeout)
	defer cancel()
	for {
		err := q.config.Repo.DeleteMessages(ctx, ids)
		if err == nil {
			return nil
		}
		t := time.NewTimer(faultPause)
		select {
		case <-ctx.Done():
			t.Stop()
			return err
		case <-t.C:
		}
	}
}

// report keeps quiet about calls that only failed because the queue is ending.
func (q *Queue) report(ctx context.Context, e SendEvent) {
	if e.Result == "error" && ctx.Err() != nil {
		return
	}
	q.config.Observer(e)
}
