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

func putTrust(c gatelatch.ClientTrust) func(context.Context, flow.Tx) error {
	return func(ctx context.Context, tx flow.Tx) error { return tx.PutClientTrust(ctx, c) }
}

func trustOf(user, client string, used time.Time) gatelatch.ClientTrust {
	return gatelatch.ClientTrust{
		UserID: "user_" + user, ClientID: "client_" + client, TrustedAt: now, LastUsedAt: used,
		UserAgent: "Mozilla/5.0 (" + client + ")", IP: "192.0.2.7",
	}
}

// trustsOf are the trusts of a user, by what follows "client_".
func trustsOf(t testing.TB, s store.Store, user string) []gatelatch.ClientTrust {
	t.Helper()
	var all []gatelatch.ClientTrust
	tx(t, s, func(ctx context.Context, tx flow.Tx) (err error) {
		all, err = tx.ClientTrusts(ctx, "user_"+user)
		return err
	})
	return all
}

func clientTrusts(t *testing.T, s store.Store) {
	for _, name := range []string{"a", "b", "c", "d"} {
		must(t, s, create(clientOf(name)))
	}
	must(t, s, join(userOf("x", email(1))), join(userOf("y", email(2))))
	a, b := trustOf("x", "a", now), trustOf("x", "b", now.Add(time.Hour))
	c, d := trustOf("x", "c", now.Add(-time.Hour)), trustOf("x", "d", now)
	other := trustOf("y", "a", now)
	must(t, s, putTrust(a), putTrust(b), putTrust(c), putTrust(d), putTrust(other))
	same(t, "the trusts", trustsOf(t, s, "x"), settled([]gatelatch.ClientTrust{b, a, d, c}))
	a.TrustedAt, a.LastUsedAt, a.UserAgent, a.IP = now.Add(time.Hour), now.Add(2*time.Hour), "curl/8", "2001:db8::1"
	must(t, s, putTrust(a))
	same(t, "with one renewed", trustsOf(t, s, "x"), settled([]gatelatch.ClientTrust{a, b, d, c}))
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		if err := tx.DeleteClientTrust(ctx, "user_x", "client_none"); err != nil {
			return err
		}
		return tx.DeleteClientTrust(ctx, "user_x", "client_b")
	})
	same(t, "with one deleted", trustsOf(t, s, "x"), settled([]gatelatch.ClientTrust{a, d, c}))
	for _, step := range []struct {
		except string
		want   []gatelatch.ClientTrust
	}{{"client_d", []gatelatch.ClientTrust{d}}, {"", nil}, {"", nil}} {
		tx(t, s, func(ctx context.Context, tx flow.Tx) error {
			return tx.DeleteClientTrusts(ctx, "user_x", step.except)
		})
		same(t, "all deleted but "+step.except, trustsOf(t, s, "x"), settled(step.want))
	}
	same(t, "somebody else's", trustsOf(t, s, "y"), settled([]gatelatch.ClientTrust{other}))
	must(t, s, putTrust(a), putTrust(b))
	for _, client := range []string{"client_a", "client_a", "client_none"} {
		tx(t, s, func(ctx context.Context, tx flow.Tx) error { return tx.DeleteTrustsOfClient(ctx, client) })
		same(t, "all of one client's deleted", trustsOf(t, s, "x"), settled([]gatelatch.ClientTrust{b}))
		same(t, "all of one client's deleted, somebody else's", trustsOf(t, s, "y"), settled([]gatelatch.ClientTrust(nil)))
	}
}

// touchTrust: a request keeps the trust of its user and client alive, and no
// other.
func touchTrust(t *testing.T, s store.Store) {
	household(t, s)
	must(t, s, create(clientOf("b")), join(userOf("y", email(8))))
	ended := sessionOf("2", "x", "b")
	ended.Status = gatelatch.SessionEnded
	must(t, s, begin(sessionOf("1", "x", "a")), begin(ended), begin(sessionOf("3", "y", "b")))
	for _, trust := range []gatelatch.ClientTrust{trustOf("x", "a", now), trustOf("x", "b", now), trustOf("y", "a", now)} {
		must(t, s, putTrust(trust))
	}
	for _, at := range []time.Time{now.Add(time.Hour), now.Add(time.Minute), now.Add(-time.Hour)} {
		touches := []session.Touch{{SessionID: "sess_1", At: at}, {SessionID: "sess_2", At: at}, {SessionID: "sess_3", At: at}}
		if err := s.TouchSessions(t.Context(), touches); err != nil {
			t.Fatal(err)
		}
		want := settled([]gatelatch.ClientTrust{trustOf("x", "a", now.Add(time.Hour)), trustOf("x", "b", now)})
		same(t, "the trusts of the user", trustsOf(t, s, "x"), want)
	}
	same(t, "another client of the other user", trustsOf(t, s, "y"), settled([]gatelatch.ClientTrust{trustOf("y", "a", now)}))
}
