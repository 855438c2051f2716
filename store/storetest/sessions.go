// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/store"
)

// household adds a user x and a client a, to whom sessions may belong.
func household(t testing.TB, s store.Store) {
	t.Helper()
	must(t, s, create(clientOf("a")), join(userOf("x", email(1), email(2))))
}

func sessions(t *testing.T, s store.Store) {
	household(t, s)
	one := sessionOf("1", "x", "a")
	one.LastActiveAt, one.Strategy = now.Add(time.Minute), gatelatch.PhoneCode
	must(t, s, begin(one), begin(sessionOf("2", "x", "a")))
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		got, err := tx.Session(ctx, "sess_1")
		same(t, "a session", got, settled(one))
		_, missing := tx.Session(ctx, "sess_9")
		wantErr(t, "an unknown session", missing, gatelatch.ErrNotFound)
		return err
	})
}

func sessionConflicts(t *testing.T, s store.Store) {
	household(t, s)
	must(t, s, begin(sessionOf("1", "x", "a")))
	sameToken := sessionOf("2", "x", "a")
	sameToken.TokenHash = hashOf("session 1")
	sameID := sessionOf("1", "x", "a")
	sameID.TokenHash = hashOf("another")
	for what, c := range map[string]gatelatch.Session{"the same token": sameToken, "the same id": sameID} {
		err := s.InTx(t.Context(), func(tx flow.Tx) error { return tx.CreateSession(t.Context(), c) })
		wantErr(t, what, err, gatelatch.ErrConflict)
	}
}

func principal(t *testing.T, s store.Store) {
	household(t, s)
	must(t, s, create(clientOf("b")), join(userOf("y")))
	must(t, s, begin(sessionOf("1", "x", "a")), begin(sessionOf("2", "y", "b")))
	got, err := s.PrincipalByTokenHash(t.Context(), hashOf("session 1"))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "a principal", got, settled(session.Principal{
		User: userOf("x", email(1), email(2)), Session: sessionOf("1", "x", "a"), Client: clientOf("a"),
	}))
	got, err = s.PrincipalByTokenHash(t.Context(), hashOf("session 2"))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "a principal without an address", got, settled(session.Principal{
		User: userOf("y"), Session: sessionOf("2", "y", "b"), Client: clientOf("b"),
	}))
	late := userOf("z", email(7), email(8))
	late.Addresses[0].VerifiedAt, late.Addresses[0].ID = now.Add(time.Hour), "idn_0"
	must(t, s, join(late), begin(sessionOf("3", "z", "a")))
	got, err = s.PrincipalByTokenHash(t.Context(), hashOf("session 3"))
	if err != nil {
		t.Fatal(err)
	}
	late.Addresses[0], late.Addresses[1] = late.Addresses[1], late.Addresses[0]
	same(t, "the addresses of a principal", got.User, settled(late))
	_, err = s.PrincipalByTokenHash(t.Context(), hashOf("session 9"))
	wantErr(t, "an unknown token", err, gatelatch.ErrNotFound)
}

// principalSession is the session as the gate reads it.
func principalSession(t testing.TB, s store.Store, name string) gatelatch.Session {
	t.Helper()
	p, err := s.PrincipalByTokenHash(t.Context(), hashOf("session "+name))
	if err != nil {
		t.Fatal(err)
	}
	return p.Session
}

func touch(t *testing.T, s store.Store) {
	household(t, s)
	ended := sessionOf("2", "x", "a")
	ended.Status = gatelatch.SessionRevoked
	must(t, s, begin(sessionOf("1", "x", "a")), begin(ended))
	for _, c := range []struct {
		what string
		at   time.Time
		want time.Time
	}{
		{"forward", now.Add(time.Minute), now.Add(time.Minute)},
		{"back", now, now.Add(time.Minute)},
		{"by a microsecond", now.Add(time.Minute + time.Microsecond), now.Add(time.Minute + time.Microsecond)},
	} {
		touches := []session.Touch{{SessionID: "sess_2", At: c.at}, {SessionID: "sess_9", At: c.at}, {SessionID: "sess_1", At: c.at}}
		if err := s.TouchSessions(t.Context(), touches); err != nil {
			t.Fatal(err)
		}
		if got := principalSession(t, s, "1").LastActiveAt; !got.Equal(c.want) {
			t.Errorf("touched %s: last active at %v, want %v", c.what, got, c.want)
		}
	}
	same(t, "the user", readUser(t, s, "user_x").LastActiveAt, micro(now.Add(time.Minute+time.Microsecond)))
	same(t, "a revoked session that was touched", principalSession(t, s, "2"), settled(ended))
	if err := s.TouchSessions(t.Context(), nil); err != nil {
		t.Errorf("no touches: %v", err)
	}
	many := make([]session.Touch, 1000)
	for i := range many {
		many[i] = session.Touch{SessionID: "sess_1", At: now.Add(time.Hour + time.Duration(i)*time.Second)}
	}
	if err := s.TouchSessions(t.Context(), many); err != nil {
		t.Fatal(err)
	}
	if got, want := principalSession(t, s, "1").LastActiveAt, now.Add(time.Hour+999*time.Second); !got.Equal(want) {
		t.Errorf("many touches: last active at %v, want %v", got, want)
	}
	same(t, "the user after many touches", readUser(t, s, "user_x").LastActiveAt, micro(now.Add(time.Hour+999*time.Second)))
}

func endSession(t *testing.T, s store.Store) {
	household(t, s)
	must(t, s, begin(sessionOf("1", "x", "a")))
	for _, status := range []gatelatch.SessionStatus{gatelatch.SessionEnded, gatelatch.SessionRevoked, gatelatch.SessionActive} {
		if err := s.EndSession(t.Context(), "sess_1", status, now); err != nil {
			t.Fatal(err)
		}
		if got := principalSession(t, s, "1").Status; got != gatelatch.SessionEnded {
			t.Errorf("after an end with %q the status is %q", status, got)
		}
	}
	if err := s.EndSession(t.Context(), "sess_9", gatelatch.SessionEnded, now); err != nil {
		t.Errorf("the end of an unknown session: %v", err)
	}
}

func signingKeys(t *testing.T, s store.Store) {
	keys := make([]session.StoredKey, 0, 3)
	for i, id := range []string{"newest", "middle", "oldest"} {
		keys = append(keys, session.StoredKey{
			ID: id, Algorithm: "ES256", Sealed: []byte{0, byte(i), 0xff}, CreatedAt: now.Add(-time.Duration(i) * time.Hour),
		})
	}
	for _, i := range []int{1, 2, 0} {
		if err := s.PutSigningKey(t.Context(), keys[i]); err != nil {
			t.Fatal(err)
		}
	}
	wantErr(t, "a key id that is taken", s.PutSigningKey(t.Context(), keys[0]), gatelatch.ErrConflict)
	for _, want := range [][]session.StoredKey{keys, keys[:2], keys[:2]} {
		got, err := s.SigningKeys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		same(t, "the signing keys", got, settled(append([]session.StoredKey(nil), want...)))
		if err := s.DeleteSigningKeys(t.Context(), keys[1].CreatedAt); err != nil {
			t.Fatal(err)
		}
	}
}

// times checks precision, zone and the zero time where a time is a column.
func times(t *testing.T, s store.Store) {
	for i, at := range []time.Time{
		{},
		now,
		now.Add(999 * time.Nanosecond),
		time.Date(1969, 12, 31, 23, 59, 59, 999999999, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC),
	} {
		c := clientOf("a")
		c.ID, c.TokenHash = c.ID+string(rune('0'+i)), hashOf(at.String())
		c.CreatedAt, c.ExpireAt = at, at
		must(t, s, create(c))
		tx(t, s, func(ctx context.Context, tx flow.Tx) error {
			got, err := tx.ClientByTokenHash(ctx, c.TokenHash)
			same(t, "a time", got, settled(c))
			return err
		})
	}
}
