// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/store"
)

// endedAt: a session says when it was ended, by whichever way, and keeps to the
// first.
func endedAt(t *testing.T, s store.Store) {
	household(t, s)
	for _, name := range []string{"1", "2", "3", "4"} {
		must(t, s, begin(sessionOf(name, "x", "a")))
	}
	at := now.Add(time.Minute)
	if err := s.EndSession(t.Context(), "sess_1", gatelatch.SessionEnded, at); err != nil {
		t.Fatal(err)
	}
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		if err := tx.EndSession(ctx, "sess_1", gatelatch.SessionRevoked, at.Add(time.Hour)); err != nil {
			return err
		}
		if err := tx.EndSession(ctx, "sess_2", gatelatch.SessionRevoked, at); err != nil {
			return err
		}
		_, err := tx.EndSessions(ctx, "user_x", "sess_4", gatelatch.SessionRevoked, at)
		return err
	})
	for name, want := range map[string]time.Time{"1": at, "2": at, "3": at, "4": {}} {
		if got := principalSession(t, s, name).EndedAt; !got.Equal(micro(want)) {
			t.Errorf("session %s was ended at %v, want %v", name, got, want)
		}
	}
}

// sweepNeighbours: a session that is over stays while another of its client lives
// on that began before it was over; no longer, and beside no other.
func sweepNeighbours(t *testing.T, s store.Store) {
	household(t, s)
	must(t, s, create(clientOf("b")))
	end := now.Add(time.Hour)
	add := func(name, client string, change func(*gatelatch.Session)) {
		sess := sessionOf(name, "x", client)
		sess.CreatedAt, sess.ExpireAt = now, end
		change(&sess)
		must(t, s, begin(sess))
	}
	later := func(sess *gatelatch.Session) {
		sess.CreatedAt, sess.ExpireAt = now.Add(30*time.Minute), end.Add(time.Hour)
	}
	add("expired", "a", func(*gatelatch.Session) {})
	add("ended", "a", func(sess *gatelatch.Session) {
		sess.Status, sess.EndedAt = gatelatch.SessionRevoked, now.Add(40*time.Minute)
	})
	add("before", "a", func(sess *gatelatch.Session) {
		sess.Status, sess.EndedAt = gatelatch.SessionReplaced, now.Add(30*time.Minute)
	})
	add("elsewhere", "b", func(*gatelatch.Session) {})
	add("lives", "a", later)
	for _, c := range []struct {
		what string
		at   time.Time
		want int
	}{
		{"while the neighbour lives", end, 2},
		{"once more", end, 0},
		{"when it is over", end.Add(time.Hour), 3},
	} {
		if n := sweep(t, s, c.at, 100); n != c.want {
			t.Errorf("%s %d sessions were swept, want %d", c.what, n, c.want)
		}
	}
}
