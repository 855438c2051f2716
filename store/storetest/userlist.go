// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/store"
)

// population is five users of whom no two orders agree.
func population(t testing.TB, s store.Store) {
	t.Helper()
	phone := func(n string) gatelatch.Identifier {
		return gatelatch.Identifier{Kind: gatelatch.PhoneNumber, Value: "+1202555010" + n}
	}
	hours := func(n int) time.Time { return now.Add(time.Duration(n) * time.Hour) }
	for _, c := range []struct {
		name, external, first, last        string
		created, updated, active, signedIn int // hours; 0 for never
		ids                                []gatelatch.Identifier
	}{
		{"1", "", "bea", "Zuse", 5, 1, 0, 2, []gatelatch.Identifier{email(5), email(1)}},
		{"2", "Ext", "Bea", "", 4, 2, 3, 0, []gatelatch.Identifier{phone("1")}},
		{"3", "ext", "", "Ärger", 3, 3, 1, 3, nil},
		{"4", "", "ada", "abel", 2, 3, 2, 4, []gatelatch.Identifier{email(4), phone("2")}},
		{"5", "5", "Cy", "Zuse", 2, 1, 3, 4, []gatelatch.Identifier{email(6)}},
	} {
		u := userOf(c.name, c.ids...)
		for i, seen := 0, map[gatelatch.IdentifierKind]bool{}; i < len(u.Addresses); i++ {
			a := &u.Addresses[i]
			a.Primary = !seen[a.Kind]
			seen[a.Kind] = true
		}
		u.ExternalID, u.FirstName, u.LastName = c.external, c.first, c.last
		u.CreatedAt, u.UpdatedAt = hours(c.created), hours(c.updated)
		if c.active > 0 {
			u.LastActiveAt = hours(c.active)
		}
		if c.signedIn > 0 {
			u.LastSignInAt = hours(c.signedIn)
		}
		must(t, s, join(u))
	}
}

// listedUsers checks what a query finds, page by page, and that it counts as many.
func listedUsers(t testing.TB, s store.Store, what string, q admin.UserQuery, want string) {
	t.Helper()
	found(t, what, func(u gatelatch.User) string { return u.ID }, func(page admin.Slice) ([]gatelatch.User, int, error) {
		q.Offset, q.Limit = page.Offset, page.Limit
		rows, err := s.Users(t.Context(), q)
		if err != nil {
			return nil, 0, err
		}
		all, err := s.CountUsers(t.Context(), q)
		return rows, all, err
	}, want)
}

func usersSorted(t *testing.T, s store.Store) {
	population(t, s)
	for order, want := range map[admin.UserOrder]string{
		"":                 "1 2 3 4 5",
		admin.ByCreation:   "4 5 3 2 1",
		admin.ByUpdate:     "1 5 2 3 4",
		admin.ByEmail:      "2 3 4 1 5",
		admin.ByPhone:      "1 3 5 2 4",
		admin.ByFirstName:  "3 4 1 2 5",
		admin.ByLastName:   "2 4 1 5 3",
		admin.ByLastActive: "1 3 4 2 5",
		admin.ByLastSignIn: "2 1 3 4 5",
		"lower(u.id)":      "1 2 3 4 5",
	} {
		listedUsers(t, s, "by "+string(order), admin.UserQuery{Order: order}, want)
		listedUsers(t, s, "by "+string(order)+", turned round", admin.UserQuery{Order: order, Descending: true}, reversed(want))
	}
	all, err := s.Users(t.Context(), admin.UserQuery{Order: admin.ByEmail})
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range all { // whole, with all addresses in their order
		same(t, "a user in a listing", u, readUser(t, s, u.ID))
	}
}

func reversed(names string) string {
	var r []string
	for _, n := range strings.Fields(names) {
		r = append([]string{n}, r...)
	}
	return strings.Join(r, " ")
}

func usersNamed(t *testing.T, s store.Store) {
	population(t, s)
	phone := gatelatch.Identifier{Kind: gatelatch.PhoneNumber, Value: "+12025550101"}
	upper := gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: strings.ToUpper(email(4).Value)}
	banned, free := true, false
	for what, c := range map[string]struct {
		q    admin.UserQuery
		want string
	}{
		"ids":                {admin.UserQuery{IDs: []string{"user_4", "user_2", "user_9", "user_4"}}, "2 4"},
		"one unknown id":     {admin.UserQuery{IDs: []string{"user_9"}}, ""},
		"ids that are none":  {admin.UserQuery{IDs: []string{"\x00", "\xff", "", `"`, "user_1\x00"}}, ""},
		"an id that is one":  {admin.UserQuery{IDs: []string{"\x00", "user_1"}}, "1"},
		"external ids":       {admin.UserQuery{ExternalIDs: []string{"ext", "5"}}, "3 5"},
		"no external id":     {admin.UserQuery{ExternalIDs: []string{""}}, ""},
		"an address":         {admin.UserQuery{Identifiers: []gatelatch.Identifier{email(4)}}, "4"},
		"a second address":   {admin.UserQuery{Identifiers: []gatelatch.Identifier{email(1)}}, "1"},
		"two of one":         {admin.UserQuery{Identifiers: []gatelatch.Identifier{email(1), email(5)}}, "1"},
		"a number":           {admin.UserQuery{Identifiers: []gatelatch.Identifier{phone}}, "2"},
		"another kind":       {admin.UserQuery{Identifiers: []gatelatch.Identifier{{Kind: gatelatch.EmailAddress, Value: phone.Value}}}, ""},
		"a kind of another":  {admin.UserQuery{Identifiers: []gatelatch.Identifier{{Kind: gatelatch.PhoneNumber, Value: email(4).Value}}}, ""},
		"not canonical":      {admin.UserQuery{Identifiers: []gatelatch.Identifier{upper}}, ""},
		"any of all":         {admin.UserQuery{IDs: []string{"user_1"}, ExternalIDs: []string{"ext"}, Identifiers: []gatelatch.Identifier{email(4), phone}}, "1 2 3 4"},
		"and a search":       {admin.UserQuery{IDs: []string{"user_1", "user_2"}, Search: "zuse"}, "1"},
		"and whether banned": {admin.UserQuery{IDs: []string{"user_1"}, Banned: &banned}, ""},
		"and not":            {admin.UserQuery{IDs: []string{"user_1"}, Banned: &free}, "1"},
		"and a stretch":      {admin.UserQuery{IDs: []string{"user_1", "user_4"}, Created: admin.Span{From: now.Add(4 * time.Hour)}}, "1"},
	} {
		listedUsers(t, s, what, c.q, c.want)
	}
}

func usersInTime(t *testing.T, s store.Store) {
	population(t, s)
	hour := func(n int) time.Time { return now.Add(time.Duration(n) * time.Hour) }
	for _, c := range []struct {
		what string
		q    admin.UserQuery
		want string
	}{
		{"created from", admin.UserQuery{Created: admin.Span{From: hour(3)}}, "1 2 3"},
		{"created before", admin.UserQuery{Created: admin.Span{Before: hour(3)}}, "4 5"},
		{"created between", admin.UserQuery{Created: admin.Span{From: hour(3), Before: hour(5)}}, "2 3"},
		{"created never", admin.UserQuery{Created: admin.Span{From: hour(3), Before: hour(3)}}, ""},
		{"active from", admin.UserQuery{LastActive: admin.Span{From: hour(2)}}, "2 4 5"},
		{"active before, but ever", admin.UserQuery{LastActive: admin.Span{Before: hour(2)}}, "3"},
		{"signed in from", admin.UserQuery{LastSignIn: admin.Span{From: hour(3)}}, "3 4 5"},
		{"signed in before, but ever", admin.UserQuery{LastSignIn: admin.Span{Before: hour(4)}}, "1 3"},
		{"all of it", admin.UserQuery{
			Created: admin.Span{Before: hour(4)}, LastActive: admin.Span{From: hour(1)}, LastSignIn: admin.Span{From: hour(4)},
		}, "4 5"},
	} {
		listedUsers(t, s, c.what, c.q, c.want)
	}
}

// usersAfter: a page that begins after an id goes on in the order of ids, either
// way round, and is not counted.
func usersAfter(t *testing.T, s store.Store) {
	population(t, s)
	for _, c := range []struct {
		q    admin.UserQuery
		want string
	}{
		{admin.UserQuery{Page: admin.Page{After: "user_2"}}, "3 4 5"},
		{admin.UserQuery{Page: admin.Page{After: "user_2", Limit: 1}}, "3"},
		{admin.UserQuery{Page: admin.Page{After: "user_2", Limit: 2}, Offset: 2}, "5"},
		{admin.UserQuery{Page: admin.Page{After: "user_4"}, Descending: true}, "3 2 1"},
		{admin.UserQuery{Page: admin.Page{After: "user_4"}, Order: admin.ByCreation}, "4 5 3 2 1"}, // goes with no other order
		{admin.UserQuery{Page: admin.Page{After: "\x00"}, Descending: true}, ""},
	} {
		same(t, "users after "+c.q.After, findUsers(t, s, c.q), c.want)
		if n, err := s.CountUsers(t.Context(), c.q); n != 5 || err != nil {
			t.Errorf("users after %q count %d, %v", c.q.After, n, err)
		}
	}
}

func usersByName(t *testing.T, s store.Store) {
	u := userOf("x", email(1), email(2))
	u.ExternalID = `Ext 'ä' "<\%`
	must(t, s, join(u), join(userOf("y")))
	listedUsers(t, s, "by external id", admin.UserQuery{ExternalIDs: []string{u.ExternalID}}, "x")
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		got, err := tx.UserByExternalID(ctx, u.ExternalID)
		same(t, "a user by external id", got, settled(u))
		wantErr(t, "a user by external id", err, nil)
		for _, id := range []string{"", strings.ToLower(u.ExternalID), "Ext", "user_x"} {
			_, err := tx.UserByExternalID(ctx, id)
			wantErr(t, "an external id of nobody", err, gatelatch.ErrNotFound)
		}
		for _, id := range []string{"idn_x_0", "idn_x_1"} {
			got, err := tx.UserByAddressID(ctx, id)
			same(t, "a user by the id of an address", got, settled(u))
			wantErr(t, "a user by the id of an address", err, nil)
		}
		_, err = tx.UserByAddressID(ctx, "idn_y_0")
		wantErr(t, "an id of no address", err, gatelatch.ErrNotFound)
		return nil
	})
}

// oneExternalID: two users do not have the same, and any number have none.
func oneExternalID(t *testing.T, s store.Store) {
	x, y := userOf("x"), userOf("y")
	x.ExternalID = "ext"
	must(t, s, join(x), join(y), join(userOf("z")))
	y.ExternalID = "ext"
	other := userOf("w")
	other.ExternalID = "ext"
	for what, fn := range map[string]func(context.Context, flow.Tx) error{"a user": putUser(y), "a new user": join(other)} {
		err := s.InTx(t.Context(), func(tx flow.Tx) error { return fn(t.Context(), tx) })
		wantErr(t, what+" who wants the same", err, gatelatch.ErrConflict)
	}
	same(t, "who wanted it", readUser(t, s, "user_y"), settled(userOf("y")))
	must(t, s, putUser(userOf("x")), putUser(y)) // given up, it is free
	same(t, "who has got it", readUser(t, s, "user_y").ExternalID, "ext")

	errs := together(crowd, func(i int) error {
		u := userOf("new" + name(i))
		u.ExternalID = "wanted"
		return s.InTx(t.Context(), func(tx flow.Tx) error { return tx.CreateUser(t.Context(), u) })
	})
	winner := only(t, errs, gatelatch.ErrConflict)
	listedUsers(t, s, "the winner", admin.UserQuery{ExternalIDs: []string{"wanted"}}, "new"+name(winner))
}
