// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/store"
)

// settled is a value with all its times as a store gives them back.
func settled[T any](v T) T {
	p := reflect.ValueOf(&v)
	settle(p.Elem())
	return v
}

func settle(v reflect.Value) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		if at := v.Interface().(time.Time); !at.IsZero() {
			v.Set(reflect.ValueOf(micro(at)))
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			settle(v.Field(i))
		}
	case v.Kind() == reflect.Pointer && !v.IsNil():
		settle(v.Elem())
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
		for i := range v.Len() {
			settle(v.Index(i))
		}
	}
}

// same reports a value that came back otherwise than it went in.
func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s came back changed:\ngot  %+v\nwant %+v", what, got, want)
	}
}

// wantErr reports an error other than the one expected.
func wantErr(t testing.TB, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got error %v, want %v", what, got, want)
	}
}

func clients(t *testing.T, s store.Store) {
	c := clientOf("a")
	must(t, s, create(c))
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		got, err := tx.ClientByTokenHash(ctx, c.TokenHash)
		same(t, "a client", got, settled(c))
		_, missing := tx.ClientByTokenHash(ctx, hashOf("nobody"))
		wantErr(t, "an unknown client", missing, gatelatch.ErrNotFound)
		return err
	})
}

func clientsKept(t *testing.T, s store.Store) {
	c := clientOf("a")
	must(t, s, create(c))
	for _, until := range []time.Time{c.ExpireAt.Add(-time.Hour), c.ExpireAt.Add(time.Hour), c.ExpireAt} {
		tx(t, s, func(ctx context.Context, tx flow.Tx) error { return tx.KeepClient(ctx, c.ID, until) })
	}
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		got, err := tx.ClientByTokenHash(ctx, c.TokenHash)
		if want := settled(c).ExpireAt.Add(time.Hour); !got.ExpireAt.Equal(want) {
			t.Errorf("kept until %v, want %v", got.ExpireAt, want)
		}
		return err
	})
	tx(t, s, func(ctx context.Context, tx flow.Tx) error { return tx.KeepClient(ctx, "client_nobody", c.ExpireAt) })
}

func clientConflicts(t *testing.T, s store.Store) {
	must(t, s, create(clientOf("a")))
	sameHash := clientOf("b")
	sameHash.TokenHash = clientOf("a").TokenHash
	sameID := clientOf("c")
	sameID.ID = clientOf("a").ID
	for what, c := range map[string]gatelatch.Client{"the same token": sameHash, "the same id": sameID} {
		err := s.InTx(t.Context(), func(tx flow.Tx) error { return tx.CreateClient(t.Context(), c) })
		wantErr(t, what, err, gatelatch.ErrConflict)
	}
}

func clientTrust(t *testing.T, s store.Store) {
	must(t, s, create(clientOf("a")), create(clientOf("b")), join(userOf("x", email(1))))
	for _, at := range []time.Time{now, now.Add(time.Hour)} {
		trust := gatelatch.ClientTrust{UserID: "user_x", ClientID: "client_a", TrustedAt: at}
		tx(t, s, func(ctx context.Context, tx flow.Tx) error { return tx.PutClientTrust(ctx, trust) })
		tx(t, s, func(ctx context.Context, tx flow.Tx) error {
			got, err := tx.ClientTrust(ctx, "user_x", "client_a")
			same(t, "a client trust", got, settled(trust))
			_, other := tx.ClientTrust(ctx, "user_x", "client_b")
			wantErr(t, "another client", other, gatelatch.ErrNotFound)
			_, unknown := tx.ClientTrust(ctx, "user_y", "client_a")
			wantErr(t, "another user", unknown, gatelatch.ErrNotFound)
			return err
		})
	}
}

func users(t *testing.T, s store.Store) {
	phone := gatelatch.Identifier{Kind: gatelatch.PhoneNumber, Value: "+12025550123"}
	u := userOf("x", email(1), phone, email(2))
	u.LastSignInAt = now.Add(time.Minute)
	must(t, s, join(u), join(userOf("y", email(3))))
	for _, id := range []gatelatch.Identifier{email(1), phone, email(2)} {
		tx(t, s, func(ctx context.Context, tx flow.Tx) error {
			got, err := tx.UserByIdentifier(ctx, id)
			same(t, "a user", got, settled(u))
			return err
		})
	}
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		_, err := tx.UserByIdentifier(ctx, email(9))
		wantErr(t, "an unknown address", err, gatelatch.ErrNotFound)
		wantErr(t, "a sign-in of nobody", tx.MarkSignIn(ctx, "user_z", now), gatelatch.ErrNotFound)
		return tx.MarkSignIn(ctx, "user_x", now.Add(time.Hour))
	})
	u.LastSignInAt, u.LastActiveAt = now.Add(time.Hour), now.Add(time.Hour)
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		got, err := tx.UserByIdentifier(ctx, phone)
		same(t, "a user who signed in", got, settled(u))
		if err != nil {
			return err
		}
		return tx.MarkSignIn(ctx, "user_x", now) // before the last request of another session
	})
	u.LastSignInAt = now
	same(t, "a user who was active since", readUser(t, s, "user_x"), settled(u))
}

// addressesExact checks the order of addresses (by proof, then id), and that
// a look-up folds nothing.
func addressesExact(t *testing.T, s store.Store) {
	u := userOf("x", email(1), email(2), email(3))
	u.Addresses[0].VerifiedAt, u.Addresses[0].ID = now.Add(time.Hour), "idn_0"
	u.Addresses[1].VerifiedAt, u.Addresses[1].ID = now, "idn_2"
	u.Addresses[2].VerifiedAt, u.Addresses[2].ID = now, "idn_1"
	must(t, s, join(u))
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		got, err := tx.UserByIdentifier(ctx, email(2))
		u.Addresses[0], u.Addresses[2] = u.Addresses[2], u.Addresses[0]
		same(t, "the addresses", got, settled(u))
		for _, other := range []gatelatch.Identifier{
			{Kind: gatelatch.PhoneNumber, Value: email(1).Value},
			{Kind: gatelatch.EmailAddress, Value: strings.ToUpper(email(1).Value)},
			{Kind: gatelatch.EmailAddress, Value: email(1).Value + " "},
			{Kind: gatelatch.EmailAddress, Value: "user_@example.com"},
			{},
		} {
			_, err := tx.UserByIdentifier(ctx, other)
			wantErr(t, "another address", err, gatelatch.ErrNotFound)
		}
		return err
	})
}

func userConflicts(t *testing.T, s store.Store) {
	must(t, s, join(userOf("x", email(1), email(2))))
	sameID := userOf("x", email(5))
	sameID.Addresses[0].ID = "idn_other"
	sameAddressID := userOf("z", email(6))
	sameAddressID.Addresses[0].ID = "idn_x_0"
	for what, u := range map[string]gatelatch.User{
		"the same address":       userOf("y", email(1)),
		"the same second one":    userOf("y", email(3), email(2)),
		"the same id":            sameID,
		"the same address id":    sameAddressID,
		"an address given twice": userOf("y", email(4), email(4)),
	} {
		err := s.InTx(t.Context(), func(tx flow.Tx) error { return tx.CreateUser(t.Context(), u) })
		wantErr(t, what, err, gatelatch.ErrConflict)
		silent(t, err)
	}
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		_, err := tx.UserByIdentifier(ctx, email(3))
		wantErr(t, "an address of a user that was not added", err, gatelatch.ErrNotFound)
		return nil
	})
}

// silent reports an error that says whose address it is about.
func silent(t testing.TB, err error) {
	t.Helper()
	for e := err; e != nil; e = errors.Unwrap(e) {
		if strings.Contains(strings.ToLower(e.Error()), "example.com") {
			t.Errorf("the error quotes an address: %v", e)
		}
	}
}
