// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/store"
)

// found checks what a query finds, page by page: the names of the rows in their
// order, and how many there are in all, wherever the page stands.
func found[T any](t testing.TB, what string, id func(T) string, find func(admin.Slice) ([]T, int, error), want string) {
	t.Helper()
	names := strings.Fields(want)
	for _, limit := range []int{1, 2, 1000} {
		for offset := 0; offset <= len(names)+1; offset++ {
			rows, all, err := find(admin.Slice{Offset: offset, Limit: limit})
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			var got []string
			for _, row := range rows {
				_, name, _ := strings.Cut(id(row), "_")
				got = append(got, name)
			}
			wanted := names[min(offset, len(names)):min(offset+limit, len(names))]
			if !slices.Equal(got, wanted) || all != len(names) {
				t.Errorf("%s, %d after %d: got %v of %d, want %v of %d", what, limit, offset, got, all, wanted, len(names))
			}
		}
	}
}

func findSessions(t *testing.T, s store.Store) {
	household(t, s)
	must(t, s, create(clientOf("b")), join(userOf("y", email(8))))
	idle, end := 24*time.Hour, now.Add(48*time.Hour)
	for i, c := range []struct {
		user, client string
		status       gatelatch.SessionStatus
		active       time.Time
		expire       time.Time
	}{
		{"x", "a", "active", end.Add(-time.Hour), end.Add(time.Hour)},               // 0 active
		{"x", "b", "active", end.Add(-idle), end.Add(time.Hour)},                    // 1 abandoned, at the very instant
		{"y", "a", "active", end.Add(-idle + time.Microsecond), end.Add(time.Hour)}, // 2 active, just
		{"y", "b", "active", end.Add(-time.Hour), end},                              // 3 expired, at the very instant
		{"x", "a", "active", end.Add(-2 * idle), end.Add(-time.Hour)},               // 4 expired, and not abandoned
		{"x", "a", "ended", now, end.Add(time.Hour)},                                // 5
		{"y", "a", "revoked", now, end.Add(-time.Hour)},                             // 6
		{"y", "b", "replaced", now, end.Add(time.Hour)},                             // 7
		{"x", "b", "removed", now, end.Add(time.Hour)},                              // 8
	} {
		sess := sessionOf(name(i)[3:], c.user, c.client)
		sess.Status, sess.LastActiveAt, sess.ExpireAt = c.status, c.active, c.expire
		must(t, s, begin(sess))
	}
	for _, c := range []struct {
		q    admin.SessionQuery
		want string
	}{
		{admin.SessionQuery{}, "8 7 6 5 4 3 2 1 0"},
		{admin.SessionQuery{UserID: "user_x"}, "8 5 4 1 0"},
		{admin.SessionQuery{ClientID: "client_b"}, "8 7 3 1"},
		{admin.SessionQuery{UserID: "user_y", ClientID: "client_b"}, "7 3"},
		{admin.SessionQuery{UserID: "user_z"}, ""},
		{admin.SessionQuery{UserID: "\x00"}, ""},
		{admin.SessionQuery{ClientID: "\xff"}, ""},
		{admin.SessionQuery{Status: "active", Idle: idle}, "2 0"},
		{admin.SessionQuery{Status: "active"}, "2 1 0"},
		{admin.SessionQuery{Status: "abandoned", Idle: idle}, "1"},
		{admin.SessionQuery{Status: "abandoned"}, ""},
		{admin.SessionQuery{Status: "expired", Idle: idle}, "4 3"},
		{admin.SessionQuery{Status: "expired"}, "4 3"},
		{admin.SessionQuery{Status: "ended", Idle: idle}, "5"},
		{admin.SessionQuery{Status: "revoked"}, "6"},
		{admin.SessionQuery{Status: "replaced"}, "7"},
		{admin.SessionQuery{Status: "removed"}, "8"},
		{admin.SessionQuery{Status: "pending"}, ""},
		{admin.SessionQuery{Status: "\x00"}, ""},
		{admin.SessionQuery{Status: "expired", UserID: "user_x"}, "4"},
		{admin.SessionQuery{Status: "active", UserID: "user_x", ClientID: "client_a", Idle: idle}, "0"},
	} {
		c.q.Now = end
		found(t, string(c.q.Status)+" of "+c.q.UserID+c.q.ClientID, func(s gatelatch.Session) string { return s.ID },
			func(page admin.Slice) ([]gatelatch.Session, int, error) {
				c.q.Slice = page
				return s.FindSessions(t.Context(), c.q)
			}, c.want)
	}
	rows, _, err := s.FindSessions(t.Context(), admin.SessionQuery{Status: "removed"})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "a session", rows, []gatelatch.Session{principalSession(t, s, "8")})
}

func findClients(t *testing.T, s store.Store) {
	find := func(page admin.Slice) ([]gatelatch.Client, int, error) { return s.FindClients(t.Context(), page) }
	id := func(c gatelatch.Client) string { return c.ID }
	found(t, "no clients", id, find, "")
	must(t, s, create(clientOf("b")), create(clientOf("a")), create(clientOf("c")))
	found(t, "the clients", id, find, "c b a")
	rows, all, err := find(admin.Slice{})
	if err != nil || all != 3 {
		t.Fatal(all, err)
	}
	same(t, "the clients", rows, settled([]gatelatch.Client{clientOf("c"), clientOf("b"), clientOf("a")}))
	rows, all, err = find(admin.Slice{Offset: -1, Limit: -1})
	if err != nil || all != 3 || len(rows) != 3 {
		t.Errorf("a page that begins before the first: %d of %d, %v", len(rows), all, err)
	}
}

func findInvitations(t *testing.T, s store.Store) {
	at := now.Add(24 * time.Hour)
	for i, c := range []struct {
		email                                      int
		display                                    string
		createdIn, expireIn, acceptedIn, revokedIn time.Duration
	}{
		{3, "Grace.MÜLLER@Example.com", 0, 48 * time.Hour, 0, 0},          // 0 pending
		{1, "a_b@example.com", time.Hour, 24 * time.Hour, 0, 0},           // 1 expired, at the very instant
		{2, "100%@example.com", time.Hour, 72 * time.Hour, 1, 0},          // 2 accepted
		{5, "shown", time.Hour, 30 * time.Hour, 0, 1},                     // 3 revoked
		{4, "shown", 2 * time.Hour, 48 * time.Hour, time.Hour, time.Hour}, // 4 both: accepted
	} {
		inv := invitationOf(name(i)[3:], email(c.email), now.Add(c.createdIn))
		inv.Display, inv.ExpireAt = c.display, now.Add(c.expireIn)
		if c.acceptedIn > 0 {
			inv.AcceptedAt = now.Add(c.acceptedIn)
		}
		if c.revokedIn > 0 {
			inv.RevokedAt = now.Add(c.revokedIn)
		}
		must(t, s, putInvitation(inv))
	}
	for _, c := range []struct {
		q    admin.InvitationQuery
		want string
	}{
		{admin.InvitationQuery{}, "0 1 2 4"},
		{admin.InvitationQuery{Order: "created_at"}, "0 1 2 4"},
		{admin.InvitationQuery{Descending: true}, "4 2 1 0"},
		{admin.InvitationQuery{Order: "expires_at"}, "1 0 4 2"},
		{admin.InvitationQuery{Order: "expires_at", Descending: true}, "2 4 0 1"},
		{admin.InvitationQuery{Order: "email_address"}, "1 2 0 4"},
		{admin.InvitationQuery{Order: "email_address", Descending: true}, "4 0 2 1"},
		{admin.InvitationQuery{Order: "id; DROP TABLE users"}, "0 1 2 4"},
		{admin.InvitationQuery{Status: "pending"}, "0"},
		{admin.InvitationQuery{Status: "expired"}, "1"},
		{admin.InvitationQuery{Status: "accepted"}, "2 4"},
		{admin.InvitationQuery{Status: "revoked"}, "3"},
		{admin.InvitationQuery{Status: "lost"}, ""},
		{admin.InvitationQuery{Status: "revoked", Search: "SHOWN"}, "3"},
		{admin.InvitationQuery{Search: "shown"}, "4"},
		{admin.InvitationQuery{Search: "müller@EX"}, "0"},
		{admin.InvitationQuery{Search: "USER1@example"}, "1"},
		{admin.InvitationQuery{Search: " user2 "}, "2"},
		{admin.InvitationQuery{Search: "_"}, "1"},
		{admin.InvitationQuery{Search: "%"}, "2"},
		{admin.InvitationQuery{Search: "!"}, ""},
		{admin.InvitationQuery{Search: "com\nshown"}, ""},
		{admin.InvitationQuery{Search: "\x00"}, ""},
		{admin.InvitationQuery{Search: "\xff"}, ""},
	} {
		c.q.Now = at
		found(t, c.q.Status+" "+c.q.Order+" "+c.q.Search, func(i gatelatch.Invitation) string { return i.ID },
			func(page admin.Slice) ([]gatelatch.Invitation, int, error) {
				c.q.Slice = page
				return s.FindInvitations(t.Context(), c.q)
			}, c.want)
	}
}

func findWaiting(t *testing.T, s store.Store) {
	for i, c := range []struct {
		email                             int
		display                           string
		createdIn, approvedIn, rejectedIn time.Duration
	}{
		{3, "Grace.MÜLLER@Example.com", time.Hour, 0, 0}, // 0 pending
		{1, "shown", time.Hour, 2 * time.Hour, 0},        // 1 invited
		{2, "a_b", 0, 0, time.Hour},                      // 2 rejected
		{5, "shown", 2 * time.Hour, time.Hour, 0},        // 3 invited
		{4, "shown", 0, time.Hour, time.Hour},            // 4 both: rejected
	} {
		e := entryOf(name(i)[3:], email(c.email))
		e.Display, e.CreatedAt = c.display, now.Add(c.createdIn)
		if c.approvedIn > 0 {
			e.ApprovedAt = now.Add(c.approvedIn)
		}
		if c.rejectedIn > 0 {
			e.RejectedAt = now.Add(c.rejectedIn)
		}
		must(t, s, putWaiting(e))
	}
	for _, c := range []struct {
		q    admin.WaitlistQuery
		want string
	}{
		{admin.WaitlistQuery{}, "2 4 0 1 3"},
		{admin.WaitlistQuery{Order: "created_at", Descending: true}, "3 1 0 4 2"},
		{admin.WaitlistQuery{Order: "invited_at"}, "0 2 3 4 1"},
		{admin.WaitlistQuery{Order: "invited_at", Descending: true}, "1 4 3 2 0"},
		{admin.WaitlistQuery{Order: "email_address"}, "1 2 0 4 3"},
		{admin.WaitlistQuery{Order: "email_address", Descending: true}, "3 4 0 2 1"},
		{admin.WaitlistQuery{Status: "pending"}, "0"},
		{admin.WaitlistQuery{Status: "invited"}, "1 3"},
		{admin.WaitlistQuery{Status: "rejected"}, "2 4"},
		{admin.WaitlistQuery{Status: "lost"}, ""},
		{admin.WaitlistQuery{Search: "SHOWN"}, "4 1 3"},
		{admin.WaitlistQuery{Search: "SHOWN", Status: "invited"}, "1 3"},
		{admin.WaitlistQuery{Search: "müller"}, "0"},
		{admin.WaitlistQuery{Search: "_"}, "2"},
		{admin.WaitlistQuery{Search: "%"}, ""},
		{admin.WaitlistQuery{Search: "\x00"}, ""},
	} {
		found(t, c.q.Status+" "+c.q.Order+" "+c.q.Search, func(e gatelatch.WaitlistEntry) string { return e.ID },
			func(page admin.Slice) ([]gatelatch.WaitlistEntry, int, error) {
				c.q.Slice = page
				return s.FindWaiting(t.Context(), c.q)
			}, c.want)
	}
	waiting, err := s.WaitlistEntries(t.Context(), true, admin.Page{})
	if err != nil || len(waiting) != 1 || waiting[0].ID != "wle_0" {
		t.Errorf("who still waits: %+v, %v", waiting, err)
	}
}
