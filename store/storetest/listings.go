// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/store"
)

// findUsers are the ids of the users that a query picks, without "user_".
func findUsers(t testing.TB, s store.Store, q admin.UserQuery) string {
	t.Helper()
	users, err := s.Users(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, u := range users {
		names = append(names, strings.TrimPrefix(u.ID, "user_"))
	}
	return strings.Join(names, " ")
}

func usersFound(t *testing.T, s store.Store) {
	ada, grace := userOf("ada", email(1), email(2)), userOf("grace", email(3))
	grace.FirstName, grace.LastName = "Grace Élodie", "Hopper_50%"
	grace.Addresses[0].Display = "Grace.Müller@Example.COM"
	grace.Banned = true
	phone := userOf("phone", gatelatch.Identifier{Kind: gatelatch.PhoneNumber, Value: "+12025550123"})
	phone.FirstName, phone.LastName = "", "O'Brien!"
	phone.Addresses[0].Display = "+1 202-555-0123"
	bare := userOf("zoe")
	bare.FirstName, bare.LastName = "", ""
	backwards := userOf("ada", email(1), email(2)) // addresses come in the order of their proof
	slices.Reverse(backwards.Addresses)
	must(t, s, join(phone), join(bare), join(grace), join(backwards))
	banned, free := true, false
	for _, c := range []struct {
		search string
		banned *bool
		want   string
	}{
		{"", nil, "ada grace phone zoe"},
		{"  ", nil, "ada grace phone zoe"},
		{"", &banned, "grace"},
		{"", &free, "ada phone zoe"},
		{"grace", &free, ""},
		{"user_zoe", nil, "zoe"},
		{" user_zoe ", nil, "zoe"},
		{"user_zo", nil, "zoe"}, // by a part of an id
		{"USER_ZOE", nil, "zoe"},
		{"ser_gra", nil, "grace"},
		{"ser_", nil, ""}, // which is in everybody's
		{"user1@example.com", nil, "ada"},
		{"ER1@EXAMPLE.com", nil, "ada"},
		{"user", nil, "ada grace"},
		{"müller", nil, "grace"},
		{"MÜLLER@EX", nil, "grace"},
		{"élodie hop", nil, "grace"},
		{"ÉLODIE", nil, "grace"},
		{"lovelace", nil, "ada"},
		{"ada lovelace", nil, "ada"},
		{"lovelace ada", nil, ""},
		{"+12025550123", nil, "phone"},
		{"202-555", nil, "phone"},
		{"o'brien!", nil, "phone"},
		{"%", nil, "grace"},
		{"_", nil, "grace"},
		{"hopper_50%", nil, "grace"},
		{"user_@example.com", nil, ""},
		{"user%com", nil, ""},
		{"!", nil, "phone"},
		{"!%", nil, ""},
		{`\`, nil, ""},
		{"lovelace\nuser1", nil, ""}, // from one field into another
		{"\x00", nil, ""},
		{"\xff", nil, ""},
		{strings.Repeat("long ", 20000), nil, ""},
	} {
		q := admin.UserQuery{Search: c.search, Banned: c.banned}
		if got := findUsers(t, s, q); got != c.want {
			t.Errorf("a search for %.50q finds %q, want %q", c.search, got, c.want)
		}
		q.Page = admin.Page{After: "user_grace", Limit: 1} // which a count disregards
		n, err := s.CountUsers(t.Context(), q)
		if err != nil || n != len(strings.Fields(c.want)) {
			t.Errorf("a search for %.50q counts %d, %v", c.search, n, err)
		}
	}
	all, err := s.Users(t.Context(), admin.UserQuery{})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the users", all, settled([]gatelatch.User{ada, grace, phone, bare}))
}

// usersFoundAgain: a search sees what was changed.
func usersFoundAgain(t *testing.T, s store.Store) {
	u := userOf("x", email(1))
	must(t, s, join(u))
	u.FirstName, u.Addresses = "Grace", userOf("x", email(2)).Addresses
	must(t, s, putUser(u))
	for search, want := range map[string]string{"ada": "", "grace": "x", email(1).Value: "", email(2).Value: "x"} {
		same(t, "a search for "+search, findUsers(t, s, admin.UserQuery{Search: search}), want)
	}
}

// walk reads a listing page by page.
func walk[T any](t testing.TB, limit int, id func(T) string, read func(admin.Page) ([]T, error)) []T {
	t.Helper()
	var all []T
	p := admin.Page{Limit: limit}
	for {
		rows, err := read(p)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) > limit {
			t.Fatalf("a page of %d has %d rows", limit, len(rows))
		}
		if len(rows) == 0 {
			return all
		}
		all = append(all, rows...)
		p.After = id(rows[len(rows)-1])
	}
}

const listed = 25

// name is a part of an id that sorts as the number does.
func name(i int) string { return fmt.Sprintf("%04d", i) }

func pagesOfUsers(t *testing.T, s store.Store) {
	for i := range listed {
		u := userOf(name(i), email(2*i), email(2*i+1))
		u.Banned = i%5 == 0
		must(t, s, join(u))
	}
	free := false
	read := func(p admin.Page) ([]gatelatch.User, error) {
		return s.Users(t.Context(), admin.UserQuery{Page: p, Search: "user", Banned: &free})
	}
	for _, limit := range []int{1, 7, 20, 1000} {
		var want []gatelatch.User
		for i := range listed {
			if i%5 != 0 {
				want = append(want, userOf(name(i), email(2*i), email(2*i+1)))
			}
		}
		same(t, "all users", walk(t, limit, func(u gatelatch.User) string { return u.ID }, read), settled(want))
	}
	for _, after := range []string{"\x00", "\xff", "zzz"} {
		same(t, "nothing", findUsers(t, s, admin.UserQuery{Page: admin.Page{After: after}}), "")
	}
}

func pagesOfSessions(t *testing.T, s store.Store) {
	household(t, s)
	must(t, s, join(userOf("y", email(8))))
	var all, ofX []gatelatch.Session
	for i := range listed {
		sess := sessionOf(name(i), []string{"x", "y"}[i%2], "a")
		if i%5 == 0 {
			sess.Status = gatelatch.SessionEnded
		}
		must(t, s, begin(sess))
		if i%5 == 0 {
			continue
		}
		all = append(all, sess)
		if i%2 == 0 {
			ofX = append(ofX, sess)
		}
	}
	slices.Reverse(all)
	slices.Reverse(ofX)
	for user, want := range map[string][]gatelatch.Session{"": all, "user_x": ofX, "user_z": nil, "\x00": nil} {
		for _, limit := range []int{1, 7, 1000} {
			got := walk(t, limit, func(s gatelatch.Session) string { return s.ID },
				func(p admin.Page) ([]gatelatch.Session, error) { return s.LiveSessions(t.Context(), user, p) })
			same(t, "the sessions of "+user, got, settled(want))
		}
	}
}

func pagesOfInvitations(t *testing.T, s store.Store) {
	var want []gatelatch.Invitation
	for i := range listed {
		inv := invitationOf(name(i), email(i), now)
		must(t, s, putInvitation(inv))
		want = append(want, inv)
	}
	slices.Reverse(want)
	for _, limit := range []int{1, 7, 1000} {
		got := walk(t, limit, func(i gatelatch.Invitation) string { return i.ID },
			func(p admin.Page) ([]gatelatch.Invitation, error) { return s.Invitations(t.Context(), p) })
		same(t, "the invitations", got, settled(want))
	}
}

func pagesOfWaitlist(t *testing.T, s store.Store) {
	var all, waiting []gatelatch.WaitlistEntry
	for i := range listed {
		e := entryOf(name(i), email(i))
		if i%5 == 0 {
			e.ApprovedAt = now.Add(time.Hour)
		} else {
			waiting = append(waiting, e)
		}
		must(t, s, putWaiting(e))
		all = append(all, e)
	}
	for only, want := range map[bool][]gatelatch.WaitlistEntry{false: all, true: waiting} {
		for _, limit := range []int{1, 7, 1000} {
			got := walk(t, limit, func(e gatelatch.WaitlistEntry) string { return e.ID },
				func(p admin.Page) ([]gatelatch.WaitlistEntry, error) { return s.WaitlistEntries(t.Context(), only, p) })
			same(t, "the waitlist", got, settled(want))
		}
	}
}

// pageBounds: a page has 100 rows unless somebody asks otherwise, and never
// more than 1,000.
func pageBounds(t *testing.T, s store.Store) {
	const rows = 1005
	steps := make([]func(context.Context, flow.Tx) error, rows)
	for i := range steps {
		steps[i] = putInvitation(invitationOf(name(i), email(1), now))
	}
	must(t, s, steps...)
	for limit, want := range map[int]int{0: 100, -1: 100, 1: 1, 1000: 1000, 1001: 1000, 1 << 30: 1000} {
		got, err := s.Invitations(t.Context(), admin.Page{Limit: limit})
		if err != nil || len(got) != want {
			t.Errorf("a page of %d has %d rows, %v, want %d", limit, len(got), err, want)
		}
	}
}
