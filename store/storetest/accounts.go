// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/store"
)

// readUser is a user as a transaction reads it.
func readUser(t testing.TB, s store.Store, id string) gatelatch.User {
	t.Helper()
	var u gatelatch.User
	tx(t, s, func(ctx context.Context, tx flow.Tx) (err error) {
		u, err = tx.User(ctx, id)
		return err
	})
	return u
}

func usersByID(t *testing.T, s store.Store) {
	must(t, s, join(userOf("x", email(1), email(2))), join(userOf("y")))
	same(t, "a user", readUser(t, s, "user_x"), settled(userOf("x", email(1), email(2))))
	same(t, "a user without an address", readUser(t, s, "user_y"), settled(userOf("y")))
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		_, err := tx.User(ctx, "user_z")
		wantErr(t, "an unknown user", err, gatelatch.ErrNotFound)
		wantErr(t, "saving an unknown user", tx.PutUser(ctx, userOf("z", email(3))), gatelatch.ErrNotFound)
		wantErr(t, "deleting an unknown user", tx.DeleteUser(ctx, "user_z"), gatelatch.ErrNotFound)
		return nil
	})
}

// usersReplaced walks one user through what an account page does to addresses.
func usersReplaced(t *testing.T, s store.Store) {
	u := userOf("x", email(1), email(2), email(3))
	must(t, s, join(u), join(userOf("y", email(9))))
	for _, c := range []struct {
		what   string
		change func(*gatelatch.User)
	}{
		{"nothing", func(*gatelatch.User) {}},
		{"names", func(u *gatelatch.User) { u.FirstName, u.LastName, u.UpdatedAt = "Grace", "", now.Add(time.Hour) }},
		{"times", func(u *gatelatch.User) { u.CreatedAt, u.LastSignInAt = now.Add(-time.Hour), now.Add(time.Hour) }},
		{"every flag", func(u *gatelatch.User) {
			u.Banned, u.PasswordReset, u.TermsVersion, u.TermsAcceptedAt = true, true, "2026-01", now
			u.Factors = gatelatch.Factors{Password: true, TOTP: true, BackupCodes: true, Passkey: true}
		}},
		{"what programs keep", func(u *gatelatch.User) {
			u.ExternalID, u.Locale, u.LockedUntil, u.KeepsAccount, u.LastActiveAt = "ext", "de-CH", now.Add(time.Hour), true, now
			u.Metadata = gatelatch.Metadata{Public: []byte(`{"a": "ä"}`), Private: []byte(`{"b":[1]}`), Unsafe: []byte(`{"c":"\u0000"}`)}
		}},
		{"the same external id", func(u *gatelatch.User) { u.FirstName = "Ada" }},
		{"another external id", func(u *gatelatch.User) { u.ExternalID, u.Metadata.Private = "ext2", nil }},
		{"nothing of that", func(u *gatelatch.User) {
			u.ExternalID, u.Locale, u.LockedUntil, u.KeepsAccount, u.LastActiveAt = "", "", time.Time{}, false, time.Time{}
			u.Metadata = gatelatch.Metadata{}
		}},
		{"one factor less", func(u *gatelatch.User) { u.Factors.BackupCodes = false }},
		{"no flag", func(u *gatelatch.User) {
			u.Banned, u.PasswordReset, u.TermsVersion, u.TermsAcceptedAt = false, false, "", time.Time{}
			u.Factors = gatelatch.Factors{}
		}},
		{"another primary address", func(u *gatelatch.User) { u.Addresses[0].Primary, u.Addresses[1].Primary = false, true }},
		{"a second factor", func(u *gatelatch.User) { u.Addresses[2].SecondFactor = true }},
		{"the default of them", func(u *gatelatch.User) { u.Addresses[2].SecondFactor, u.Addresses[2].DefaultSecond = true, true }},
		{"one address less", func(u *gatelatch.User) { u.Addresses = u.Addresses[1:] }},
		{"one address more", func(u *gatelatch.User) {
			more := userOf("more", email(4)).Addresses[0]
			more.VerifiedAt = now.Add(time.Hour)
			u.Addresses = append(u.Addresses, more)
		}},
		{"addresses that change places", func(u *gatelatch.User) {
			u.Addresses[0].Identifier, u.Addresses[1].Identifier = u.Addresses[1].Identifier, u.Addresses[0].Identifier
		}},
		{"an address under another id", func(u *gatelatch.User) { u.Addresses[0].ID = "idn_other" }},
		{"no address", func(u *gatelatch.User) { u.Addresses = nil }},
	} {
		u.Addresses = append([]gatelatch.Address(nil), u.Addresses...)
		c.change(&u)
		must(t, s, putUser(u))
		same(t, c.what, readUser(t, s, u.ID), settled(u))
		for _, a := range u.Addresses {
			same(t, c.what+", by address", byAddress(t, s, a.Identifier).ID, u.ID)
		}
	}
	same(t, "somebody else", readUser(t, s, "user_y"), settled(userOf("y", email(9))))
	must(t, s, join(userOf("z", email(1), email(2), email(4)))) // nothing is left of them
}

func putUser(u gatelatch.User) func(context.Context, flow.Tx) error {
	return func(ctx context.Context, tx flow.Tx) error { return tx.PutUser(ctx, u) }
}

func byAddress(t testing.TB, s store.Store, id gatelatch.Identifier) gatelatch.User {
	t.Helper()
	var u gatelatch.User
	tx(t, s, func(ctx context.Context, tx flow.Tx) (err error) {
		u, err = tx.UserByIdentifier(ctx, id)
		return err
	})
	return u
}

func usersReplacedInConflict(t *testing.T, s store.Store) {
	must(t, s, join(userOf("x", email(1))), join(userOf("y", email(2))))
	sameAddressID := userOf("x", email(5))
	sameAddressID.Addresses[0].ID = "idn_y_0"
	for what, u := range map[string]gatelatch.User{
		"an address of somebody else":        userOf("x", email(1), email(2)),
		"the address id of somebody else":    sameAddressID,
		"an address given twice":             userOf("x", email(1), email(1)),
		"only the address of somebody else":  userOf("x", email(2)),
		"a new address, and somebody else's": userOf("x", email(4), email(2)),
	} {
		err := s.InTx(t.Context(), func(tx flow.Tx) error { return tx.PutUser(t.Context(), u) })
		wantErr(t, what, err, gatelatch.ErrConflict)
		silent(t, err)
	}
	same(t, "who wanted it", readUser(t, s, "user_x"), settled(userOf("x", email(1))))
	same(t, "who has it", readUser(t, s, "user_y"), settled(userOf("y", email(2))))
	moved := userOf("x", email(1), email(2))
	must(t, s, putUser(userOf("y", email(3))), putUser(moved)) // in one transaction it may move
	same(t, "who has got it", byAddress(t, s, email(2)), settled(moved))
}

// usersDeleted: what is only theirs goes, and nothing else.
func usersDeleted(t *testing.T, s store.Store) {
	household(t, s)
	x, y := userOf("x", email(1), email(2)), userOf("y", email(8))
	x.ExternalID, y.ExternalID = "ext x", "ext y"
	must(t, s, create(clientOf("b")), putUser(x), join(y))
	for _, who := range []string{"x", "y"} {
		must(t, s, begin(sessionOf(who, who, "a")), putCredentials(credentialsOf("user_"+who)),
			putChange(changeOf(who, "user_"+who)), putSignInToken(tokenOf(who, who)), putTrust(gatelatch.ClientTrust{UserID: "user_" + who, ClientID: "client_b", TrustedAt: now}))
	}
	tx(t, s, func(ctx context.Context, tx flow.Tx) error { return tx.DeleteUser(ctx, "user_x") })
	for _, c := range []struct {
		who   string
		email int
		want  error
	}{{"x", 1, gatelatch.ErrNotFound}, {"y", 8, nil}} {
		tx(t, s, func(ctx context.Context, tx flow.Tx) error {
			_, err := tx.User(ctx, "user_"+c.who)
			wantErr(t, "the user "+c.who, err, c.want)
			_, err = tx.UserByIdentifier(ctx, email(c.email))
			wantErr(t, "the address of "+c.who, err, c.want)
			_, err = tx.Session(ctx, "sess_"+c.who)
			wantErr(t, "the session of "+c.who, err, c.want)
			_, err = tx.ClientTrust(ctx, "user_"+c.who, "client_b")
			wantErr(t, "the trust of "+c.who, err, c.want)
			_, err = tx.Change(ctx, "chg_"+c.who)
			wantErr(t, "the change of "+c.who, err, c.want)
			_, err = tx.SignInToken(ctx, "sit_"+c.who)
			wantErr(t, "the sign-in token of "+c.who, err, c.want)
			_, err = tx.UserByExternalID(ctx, "ext "+c.who)
			wantErr(t, "the external id of "+c.who, err, c.want)
			creds, err := tx.Credentials(ctx, "user_"+c.who)
			if (creds.Password == nil) != (c.want != nil) {
				t.Errorf("the credentials of %s: %+v", c.who, creds)
			}
			return err
		})
		_, err := s.PrincipalByTokenHash(t.Context(), hashOf("session "+c.who))
		wantErr(t, "the principal "+c.who, err, c.want)
	}
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		_, err := tx.ClientByTokenHash(ctx, clientOf("a").TokenHash)
		return err
	})
	must(t, s, join(x), begin(sessionOf("x", "x", "a"))) // nothing stands in the way
	same(t, "the user of the same name", readUser(t, s, "user_x"), settled(x))
}

func credentialsOf(userID string) gatelatch.Credentials {
	return gatelatch.Credentials{
		UserID:      userID,
		Password:    &gatelatch.Password{Hash: []byte{0, 0xff, '"'}, SetAt: now},
		BackupCodes: []gatelatch.BackupHash{{Hash: []byte{1}}, {Hash: []byte{2}, UsedAt: now}},
	}
}

func putCredentials(c gatelatch.Credentials) func(context.Context, flow.Tx) error {
	return func(ctx context.Context, tx flow.Tx) error { return tx.PutCredentials(ctx, c) }
}

func readCredentials(t testing.TB, s store.Store, userID string) gatelatch.Credentials {
	t.Helper()
	var c gatelatch.Credentials
	tx(t, s, func(ctx context.Context, tx flow.Tx) (err error) {
		c, err = tx.Credentials(ctx, userID)
		return err
	})
	return c
}

func credentials(t *testing.T, s store.Store) {
	must(t, s, join(userOf("x", email(1))), join(userOf("y", email(2))))
	for _, id := range []string{"user_x", "user_z"} {
		same(t, "no credentials of "+id, readCredentials(t, s, id), gatelatch.Credentials{UserID: id})
	}
	var full gatelatch.Credentials
	inDocument.fill(reflect.ValueOf(&full).Elem(), 1)
	full.UserID = "user_x"
	for what, c := range map[string]gatelatch.Credentials{
		"every field": full, "some": credentialsOf("user_x"), "none": {UserID: "user_x"},
	} {
		must(t, s, putCredentials(c))
		same(t, "credentials with "+what, readCredentials(t, s, "user_x"), settled(c))
	}
	must(t, s, putCredentials(credentialsOf("user_x")))
	got := readCredentials(t, s, "user_x")
	got.Password.Hash[0], got.BackupCodes[0].Hash[0] = 9, 9
	same(t, "credentials whose reader has changed them", readCredentials(t, s, "user_x"), settled(credentialsOf("user_x")))
	same(t, "credentials of somebody else", readCredentials(t, s, "user_y"), gatelatch.Credentials{UserID: "user_y"})
}

func changeOf(name, userID string) flow.Change {
	return flow.Change{
		ID: "chg_" + name, Kind: flow.AddAddress, UserID: userID, SessionID: "sess_1", ClientID: "client_a",
		Status: flow.ChangeOpen, CreatedAt: now, AbandonAt: now.Add(flow.ChangeLifetime),
	}
}

func putChange(c flow.Change) func(context.Context, flow.Tx) error {
	return func(ctx context.Context, tx flow.Tx) error { return tx.PutChange(ctx, c) }
}

func changes(t *testing.T, s store.Store) {
	must(t, s, join(userOf("x", email(1))))
	var full flow.Change
	inDocument.fill(reflect.ValueOf(&full).Elem(), 1)
	full.ID, full.UserID, full.ClientID = "chg_1", "user_x", "client_a"
	replaced := changeOf("1", "user_x")
	replaced.Status = flow.ChangeComplete
	for _, c := range []flow.Change{changeOf("1", "user_x"), full, replaced} {
		must(t, s, putChange(c))
		tx(t, s, func(ctx context.Context, tx flow.Tx) error {
			got, err := tx.Change(ctx, "chg_1")
			same(t, "a change", got, settled(c))
			_, missing := tx.Change(ctx, "chg_2")
			wantErr(t, "an unknown change", missing, gatelatch.ErrNotFound)
			return err
		})
	}
}
