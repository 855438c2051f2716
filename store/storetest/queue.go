// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/store"
)

func messageOf(i int) delivery.Queued {
	return delivery.Queued{
		ID: fmt.Sprintf("msg_%03d", i), Site: "site", AttemptID: "sia_1", Purpose: "sign-in",
		Strategy: gatelatch.EmailCode, To: email(i), Display: "Shown", Nonce: []byte{0, 0xff, byte(i)},
		AskedAt: now, NextAt: now.Add(time.Duration(i) * time.Second), ExpireAt: now.Add(10 * time.Minute), Tries: i,
	}
}

func enqueue(t testing.TB, s store.Store, messages ...delivery.Queued) {
	t.Helper()
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		for _, m := range messages {
			if err := tx.Enqueue(ctx, m); err != nil {
				return err
			}
		}
		return nil
	})
}

func claim(t testing.TB, s store.Store, at, until time.Time, limit int) []delivery.Queued {
	t.Helper()
	got, err := s.ClaimMessages(t.Context(), at, until, limit)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func ids(messages []delivery.Queued) []string {
	var ids []string
	for _, m := range messages {
		ids = append(ids, m.ID)
	}
	return ids
}

// next is when the queue wants to be looked at.
func next(t testing.TB, s store.Store) (time.Time, bool) {
	t.Helper()
	at, found, err := s.NextMessageAt(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return at, found
}

func queue(t *testing.T, s store.Store) {
	if at, found := next(t, s); found || !at.IsZero() {
		t.Errorf("an empty queue is due at %v", at)
	}
	if got := claim(t, s, now, now.Add(time.Minute), 10); len(got) != 0 {
		t.Errorf("claimed from an empty queue: %v", got)
	}
	bare := delivery.Queued{ID: "msg_bare", NextAt: now.Add(time.Hour)}
	enqueue(t, s, messageOf(3), messageOf(1), messageOf(2), bare)
	if at, found := next(t, s); !found || !at.Equal(messageOf(1).NextAt) {
		t.Errorf("the queue is due at %v, %v", at, found)
	}
	same(t, "nothing due", ids(claim(t, s, now.Add(time.Second-time.Microsecond), now.Add(time.Minute), 10)), []string(nil))
	same(t, "a limit of none", ids(claim(t, s, now.Add(time.Hour), now.Add(time.Hour), 0)), []string(nil))
	got := claim(t, s, now.Add(3*time.Second), now.Add(time.Minute), 2)
	same(t, "the claimed messages", got, settled([]delivery.Queued{messageOf(1), messageOf(2)}))
	same(t, "the rest", claim(t, s, now.Add(3*time.Second), now.Add(time.Minute), 2), settled([]delivery.Queued{messageOf(3)}))
	if at, _ := next(t, s); !at.Equal(now.Add(time.Minute)) {
		t.Errorf("after the claims the queue is due at %v", at)
	}
	last := claim(t, s, now.Add(time.Hour), now.Add(2*time.Hour), 9)
	same(t, "a bare message", last[len(last)-1], settled(bare))
	err := s.InTx(t.Context(), func(tx flow.Tx) error { return tx.Enqueue(t.Context(), messageOf(1)) })
	wantErr(t, "a message id that is taken", err, gatelatch.ErrConflict)
}

func claimsReleased(t *testing.T, s store.Store) {
	enqueue(t, s, messageOf(0), messageOf(5))
	claim(t, s, now, now.Add(time.Hour), 9)
	if err := s.ReleaseMessages(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	if got := claim(t, s, now, now.Add(time.Hour), 9); len(got) != 2 {
		t.Errorf("%d of 2 messages are due again", len(got))
	}
}

func claimsLapse(t *testing.T, s store.Store) {
	enqueue(t, s, messageOf(0))
	until := now.Add(time.Minute)
	for _, c := range []struct {
		what string
		at   time.Time
		want int
	}{
		{"at first", now, 1},
		{"while it is claimed", now.Add(time.Second), 0},
		{"just before the claim ends", until.Add(-time.Microsecond), 0},
		{"when the claim ends", until, 1},
		{"while it is claimed again", until.Add(59 * time.Second), 0},
	} {
		if got := claim(t, s, c.at, c.at.Add(time.Minute), 10); len(got) != c.want {
			t.Errorf("%s %d messages were claimed, want %d", c.what, len(got), c.want)
		}
	}
}

// noDoubleClaim: 16 workers claim 200 messages, and none twice.
func noDoubleClaim(t *testing.T, s store.Store) {
	const messages, workers = 200, 16
	for i := range messages {
		m := messageOf(i)
		m.NextAt = now
		enqueue(t, s, m)
	}
	var (
		mu    sync.Mutex
		times = map[string]int{}
	)
	all(t, together(workers, func(int) error {
		for empty := 0; empty < 3; {
			got, err := s.ClaimMessages(t.Context(), now, now.Add(time.Hour), 7)
			if err != nil {
				return err
			}
			if len(got) > 7 {
				return errors.New("claimed more than the limit")
			}
			if len(got) == 0 {
				empty++
			}
			mu.Lock()
			for _, m := range got {
				times[m.ID]++
			}
			mu.Unlock()
		}
		return nil
	}))
	for len(times) < messages { // what a worker left because another was at it
		got := claim(t, s, now, now.Add(time.Hour), messages)
		if len(got) == 0 {
			break
		}
		for _, m := range got {
			times[m.ID]++
		}
	}
	for id, n := range times {
		if n != 1 {
			t.Errorf("%s was claimed %d times", id, n)
		}
	}
	if len(times) != messages {
		t.Errorf("%d of %d messages were claimed", len(times), messages)
	}
}

func retryAndDelete(t *testing.T, s store.Store) {
	enqueue(t, s, messageOf(1), messageOf(2), messageOf(3))
	later := now.Add(time.Hour)
	if err := s.RetryMessage(t.Context(), "msg_002", later, 9); err != nil {
		t.Fatal(err)
	}
	if err := s.RetryMessage(t.Context(), "msg_999", later, 9); err != nil {
		t.Errorf("a retry of an unknown message: %v", err)
	}
	if err := s.DeleteMessages(t.Context(), []string{"msg_999", "msg_003", "msg_001", "msg_001"}); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteMessages(t.Context(), nil); err != nil {
		t.Errorf("no ids: %v", err)
	}
	want := messageOf(2)
	want.NextAt, want.Tries = later, 9
	same(t, "the message that is left", claim(t, s, later, later.Add(time.Hour), 10), settled([]delivery.Queued{want}))
}
