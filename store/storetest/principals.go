// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/store"
)

func clientsByID(t *testing.T, s store.Store) {
	must(t, s, create(clientOf("a")), create(clientOf("b")))
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		got, err := tx.Client(ctx, "client_b")
		same(t, "a client", got, settled(clientOf("b")))
		_, missing := tx.Client(ctx, "client_c")
		wantErr(t, "an unknown client", missing, gatelatch.ErrNotFound)
		return err
	})
}

func sessionsOfClient(t *testing.T, s store.Store) {
	household(t, s)
	must(t, s, create(clientOf("b")), join(userOf("y", email(8))))
	over, one, two, three := sessionOf("3", "x", "a"), sessionOf("1", "x", "a"), sessionOf("2", "y", "a"), sessionOf("5", "x", "a")
	over.Status = gatelatch.SessionReplaced
	one.ExpireAt, three.CreatedAt = now.Add(time.Hour), now.Add(time.Minute)
	must(t, s, begin(over), begin(three), begin(one), begin(two), begin(sessionOf("4", "y", "b")))
	list := func(what, clientID string, at time.Time, limit int, want ...gatelatch.Session) {
		t.Helper()
		tx(t, s, func(ctx context.Context, tx flow.Tx) error {
			got, err := tx.ClientSessions(ctx, clientID, at, limit)
			same(t, what, len(got), len(want))
			if len(want) > 0 {
				same(t, what, got, settled(want))
			}
			return err
		})
	}
	list("the live sessions of a client", "client_a", now, 200, three, two, one)
	list("the newest two", "client_a", now, 2, three, two)
	list("none", "client_a", now, 0)
	list("at the end of one", "client_a", one.ExpireAt, 200, three, two)
	list("just before", "client_a", one.ExpireAt.Add(-time.Microsecond), 200, three, two, one)
	list("the sessions of an unknown client", "client_z", now, 200)
}

// principalsByClient: every session comes with its own user and all addresses of
// that user, also when one user has several sessions in a row.
func principalsByClient(t *testing.T, s store.Store) {
	full, bare := userOf("x", email(1), email(2), email(3)), userOf("y")
	inColumn.fill(reflect.ValueOf(&full.Metadata).Elem(), 1)
	full.ExternalID, full.Banned = "ext", true
	must(t, s, create(clientOf("a")), create(clientOf("b")), create(clientOf("c")), join(full), join(bare))
	var want []session.Principal
	for i, user := range []gatelatch.User{full, full, bare, full, bare, bare} {
		sess := sessionOf(name(i), user.ID[len("user_"):], "a")
		sess.CreatedAt = now.Add(-time.Duration(i/2) * time.Minute) // two of a moment, the higher id first
		if i == 5 {
			sess.ExpireAt = now.Add(-time.Hour) // whoever asks sees to the limits
		}
		must(t, s, begin(sess))
		want = append(want, session.Principal{User: user, Session: sess, Client: clientOf("a")})
	}
	for i := 0; i < len(want); i += 2 {
		want[i], want[i+1] = want[i+1], want[i]
	}
	ended := sessionOf("ended", "x", "a")
	ended.Status = gatelatch.SessionRemoved
	must(t, s, begin(ended), begin(sessionOf("other", "x", "b")))
	for _, limit := range []int{6, 100, 1, 3, 0, -1} {
		c, got, err := s.PrincipalsByClient(t.Context(), clientOf("a").TokenHash, limit)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "the client", c, settled(clientOf("a")))
		wanted := settled(append([]session.Principal(nil), want[:min(max(limit, 0), len(want))]...))
		same(t, "how many are signed in", len(got), len(wanted))
		for i := range got {
			same(t, "who is signed in", got[i], wanted[i])
		}
	}
	c, got, err := s.PrincipalsByClient(t.Context(), clientOf("c").TokenHash, 9)
	same(t, "a client where nobody is signed in", c, settled(clientOf("c")))
	if len(got) != 0 || err != nil {
		t.Errorf("nobody is %+v, %v", got, err)
	}
	_, _, err = s.PrincipalsByClient(t.Context(), hashOf("nobody"), 9)
	wantErr(t, "an unknown client", err, gatelatch.ErrNotFound)
}

// principalsAreCopies: what a reader does to a principal stays with the reader.
func principalsAreCopies(t *testing.T, s store.Store) {
	household(t, s)
	must(t, s, begin(sessionOf("1", "x", "a")), begin(sessionOf("2", "x", "a")))
	for range 2 {
		_, got, err := s.PrincipalsByClient(t.Context(), clientOf("a").TokenHash, 9)
		if err != nil || len(got) != 2 {
			t.Fatalf("%d principals, %v", len(got), err)
		}
		for _, p := range got {
			same(t, "the user", p.User, settled(userOf("x", email(1), email(2))))
		}
		got[0].User.Addresses[0].Value = "changed by its reader"
		same(t, "the user of the other session", got[1].User, settled(userOf("x", email(1), email(2))))
	}
}

// touchUsers: a user was active when any of the live sessions was.
func touchUsers(t *testing.T, s store.Store) {
	household(t, s)
	must(t, s, join(userOf("y", email(8))), join(userOf("z", email(9))))
	ended := sessionOf("4", "z", "a")
	ended.Status = gatelatch.SessionEnded
	must(t, s, begin(sessionOf("1", "x", "a")), begin(sessionOf("2", "x", "a")), begin(sessionOf("3", "y", "a")), begin(ended))
	for _, c := range []struct {
		touches []session.Touch
		x, y    time.Time
	}{
		{[]session.Touch{{SessionID: "sess_1", At: now.Add(2 * time.Minute)}, {SessionID: "sess_2", At: now.Add(time.Minute)}}, now.Add(2 * time.Minute), time.Time{}},
		{[]session.Touch{{SessionID: "sess_2", At: now.Add(time.Minute + time.Second)}, {SessionID: "sess_4", At: now}}, now.Add(2 * time.Minute), time.Time{}},
		{[]session.Touch{{SessionID: "sess_3", At: now}, {SessionID: "sess_2", At: now.Add(time.Hour)}, {SessionID: "sess_9", At: now}}, now.Add(time.Hour), now},
	} {
		if err := s.TouchSessions(t.Context(), c.touches); err != nil {
			t.Fatal(err)
		}
		for user, want := range map[string]time.Time{"user_x": c.x, "user_y": c.y, "user_z": {}} {
			if got := readUser(t, s, user).LastActiveAt; !got.Equal(want) {
				t.Errorf("%s was active at %v, want %v", user, got, want)
			}
		}
	}
	if err := s.TouchSessions(t.Context(), []session.Touch{{SessionID: "sess_1\x00", At: now}}); err == nil {
		same(t, "an id that is no text", readUser(t, s, "user_x").LastActiveAt, micro(now.Add(time.Hour)))
	}
}

// touchAndEnd: those who touch sessions of the same users in any order, and those
// who end them with their users locked, all come to an end.
func touchAndEnd(t *testing.T, s store.Store) {
	const users = 4
	must(t, s, create(clientOf("a")))
	for i := range users {
		must(t, s, join(userOf(name(i), email(i))))
	}
	var touches []session.Touch
	for i := range 2 * users {
		must(t, s, begin(sessionOf(name(i), name((i*3)%users), "a")))
		touches = append(touches, session.Touch{SessionID: "sess_" + name(i), At: now.Add(time.Hour)})
	}
	all(t, together(crowd, func(i int) error {
		if i%4 != 0 {
			part := touches[i%len(touches):]
			return s.TouchSessions(t.Context(), part)
		}
		return s.InTx(t.Context(), func(tx flow.Tx) error {
			u, err := tx.User(t.Context(), "user_"+name(i/4%users))
			if err != nil {
				return err
			}
			if _, err := tx.EndSessions(t.Context(), u.ID, "", gatelatch.SessionRevoked, now); err != nil {
				return err
			}
			return tx.PutUser(t.Context(), u)
		})
	}))
	live, err := s.Users(t.Context(), admin.UserQuery{})
	if err != nil || len(live) != users {
		t.Errorf("%d users, %v", len(live), err)
	}
}
