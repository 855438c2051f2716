// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/store"
)

func signIns(t *testing.T, s store.Store) {
	a := flow.NewSignIn("sia_1", "client_a", now)
	must(t, s, putSignIn(a))
	a.Status, a.UserID = flow.SignInComplete, "user_x"
	must(t, s, putSignIn(a))
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		got, err := tx.SignIn(ctx, "sia_1")
		same(t, "a replaced sign-in", got, settled(a))
		_, missing := tx.SignIn(ctx, "sia_2")
		wantErr(t, "an unknown sign-in", missing, gatelatch.ErrNotFound)
		_, kind := tx.SignUp(ctx, "sia_1")
		wantErr(t, "a sign-in asked for as a sign-up", kind, gatelatch.ErrNotFound)
		return err
	})
}

func signUps(t *testing.T, s store.Store) {
	a := flow.NewSignUp("sua_1", "client_a", now)
	tx(t, s, func(ctx context.Context, tx flow.Tx) error { return tx.PutSignUp(ctx, a) })
	a.FirstName = "Grace"
	tx(t, s, func(ctx context.Context, tx flow.Tx) error { return tx.PutSignUp(ctx, a) })
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		got, err := tx.SignUp(ctx, "sua_1")
		same(t, "a replaced sign-up", got, settled(a))
		_, missing := tx.SignUp(ctx, "sua_2")
		wantErr(t, "an unknown sign-up", missing, gatelatch.ErrNotFound)
		return err
	})
}

// attemptFields fills whatever fields attempts have now and looks whether all
// of them come back, and whether the store keeps a copy of its own.
func attemptFields(t *testing.T, s store.Store) {
	var (
		in flow.SignIn
		up flow.SignUp
	)
	inDocument.fill(reflect.ValueOf(&in).Elem(), 1)
	inDocument.fill(reflect.ValueOf(&up).Elem(), 100)
	var wantIn flow.SignIn
	inDocument.fill(reflect.ValueOf(&wantIn).Elem(), 1)
	in.ID, in.ClientID, up.ID, up.ClientID = "sia_full", "client_a", "sua_full", "client_a"
	wantIn.ID, wantIn.ClientID = in.ID, in.ClientID
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		if err := tx.PutSignIn(ctx, in); err != nil {
			return err
		}
		return tx.PutSignUp(ctx, up)
	})
	in.First.Nonce[0] ^= 0xff
	in.Factors[0].Display = "changed by its owner after the transaction"
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		gotIn, err := tx.SignIn(ctx, in.ID)
		if err != nil {
			return err
		}
		same(t, "a full sign-in", gotIn, settled(wantIn))
		gotUp, err := tx.SignUp(ctx, up.ID)
		same(t, "a full sign-up", gotUp, settled(up))
		return err
	})
}

// rowFields does the same for everything that is kept in columns.
func rowFields(t *testing.T, s store.Store) {
	var (
		c     gatelatch.Client
		u     gatelatch.User
		sess  gatelatch.Session
		trust gatelatch.ClientTrust
		m     delivery.Queued
		k     session.StoredKey
		token gatelatch.SignInToken
	)
	n := 0
	for _, row := range []any{&c, &u, &sess, &trust, &m, &k, &token} {
		n = inColumn.fill(reflect.ValueOf(row).Elem(), n+1)
	}
	sess.UserID, sess.ClientID, trust.UserID, trust.ClientID, token.UserID = u.ID, c.ID, u.ID, c.ID, u.ID
	must(t, s, create(c), join(u), begin(sess), putTrust(trust), putSignInToken(token), func(ctx context.Context, tx flow.Tx) error { return tx.Enqueue(ctx, m) })
	if err := s.PutSigningKey(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	p, err := s.PrincipalByTokenHash(t.Context(), sess.TokenHash)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "a full principal", p, settled(session.Principal{User: u, Session: sess, Client: c}))
	same(t, "a full user", readUser(t, s, u.ID), settled(u))
	must(t, s, putUser(u))
	same(t, "a full user, put again", readUser(t, s, u.ID), settled(u))
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		got, err := tx.ClientTrust(ctx, u.ID, c.ID)
		same(t, "a full trust", got, settled(trust))
		if err != nil {
			return err
		}
		gotToken, err := tx.SignInToken(ctx, token.ID)
		same(t, "a full sign-in token", gotToken, settled(token))
		return err
	})
	same(t, "a full message", claim(t, s, m.NextAt, now, 1), settled([]delivery.Queued{m}))
	keys, err := s.SigningKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "a full signing key", keys, settled([]session.StoredKey{k}))
}

// admissionFields does so for what says who may sign up.
func admissionFields(t *testing.T, s store.Store) {
	var (
		i    gatelatch.Invitation
		e    gatelatch.WaitlistEntry
		r    gatelatch.Restriction
		sets flow.Settings
	)
	n := 0
	for _, row := range []any{&i, &e, &r, &sets} {
		n = inColumn.fill(reflect.ValueOf(row).Elem(), n+1)
	}
	must(t, s, putInvitation(i), putWaiting(e),
		func(ctx context.Context, tx flow.Tx) error { return tx.PutRestriction(ctx, r) },
		func(ctx context.Context, tx flow.Tx) error { return tx.PutSettings(ctx, sets) })
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		gotI, inv := tx.Invitation(ctx, i.ID)
		same(t, "a full invitation", gotI, settled(i))
		gotE, wait := tx.Waiting(ctx, e.Identifier)
		same(t, "a full entry of the waitlist", gotE, settled(e))
		gotE, byID := tx.WaitingByID(ctx, e.ID)
		same(t, "a full entry of the waitlist by id", gotE, settled(e))
		gotR, lines := tx.Restrictions(ctx)
		same(t, "a full restriction", gotR, settled([]gatelatch.Restriction{r}))
		gotS, set := tx.Settings(ctx)
		same(t, "full settings", gotS, settled(sets))
		return errors.Join(inv, wait, byID, lines, set)
	})
}

// text is what fill puts into a field. A document may hold a NUL, a column may
// not.
type text string

const (
	inDocument text = "Wert %d \"<é\u2028>\x00"
	inColumn   text = "Wert %d '\"<é\u2028>"
)

// fill gives every field of a struct a value that no other field has.
func (s text) fill(v reflect.Value, n int) int {
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf(string(s), n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(int64(n))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return s.fill(v.Elem(), n)
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[json.RawMessage]() {
			v.SetBytes(fmt.Appendf(nil, `{"Wert":{"n":[%d]}}`, n))
			return n
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			n = s.fill(v.Index(i), n+1)
		}
	case reflect.Array:
		for i := range v.Len() {
			n = s.fill(v.Index(i), n+1)
		}
	case reflect.Uint8, reflect.Uint32:
		v.SetUint(uint64(n % 256))
	case reflect.Struct:
		return s.fillStruct(v, n)
	default:
		panic("fill does not know what to put into a " + v.Type().String())
	}
	return n
}

func (s text) fillStruct(v reflect.Value, n int) int {
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(now.Add(time.Duration(n)*time.Second + 789)))
		return n
	}
	for i := range v.NumField() {
		n = s.fill(v.Field(i), n+1)
	}
	return n
}

// noText: an id that a visitor made up finds nothing, whatever its bytes, and
// spoils nothing.
func noText(t *testing.T, s store.Store) {
	household(t, s)
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		for _, id := range []string{"", "\x00", "sia_1\x00", "\xff\xfe", "sia_\xc3", "' OR 1=1 --", "%"} {
			_, in := tx.SignIn(ctx, id)
			_, up := tx.SignUp(ctx, id)
			_, sess := tx.Session(ctx, id)
			_, user := tx.UserByIdentifier(ctx, gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: id})
			_, byID := tx.User(ctx, id)
			_, change := tx.Change(ctx, id)
			_, inv := tx.Invitation(ctx, id)
			_, invTo := tx.InvitationTo(ctx, gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: id})
			_, wait := tx.Waiting(ctx, gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: id})
			_, trust := tx.ClientTrust(ctx, "user_x", id)
			_, byExternal := tx.UserByExternalID(ctx, id)
			_, byAddress := tx.UserByAddressID(ctx, id)
			_, client := tx.Client(ctx, id)
			_, token := tx.SignInToken(ctx, id)
			_, waitID := tx.WaitingByID(ctx, id)
			for what, err := range map[string]error{
				"sign-in": in, "sign-up": up, "session": sess, "user": user, "user by id": byID, "change": change,
				"invitation": inv, "invitation by address": invTo, "entry of the waitlist": wait, "trust": trust,
				"user by external id": byExternal, "user by address id": byAddress, "client": client, "sign-in token": token,
				"entry of the waitlist by id": waitID,
				"user to delete":              tx.DeleteUser(ctx, id), "line to delete": tx.DeleteRestriction(ctx, id),
				"user to save": tx.PutUser(ctx, gatelatch.User{ID: id}), "session to prove": tx.MarkProven(ctx, gatelatch.Session{ID: id}),
			} {
				wantErr(t, fmt.Sprintf("a %s for %q", what, id), err, gatelatch.ErrNotFound)
			}
			wantErr(t, fmt.Sprintf("a session to end for %q", id), tx.EndSession(ctx, id, gatelatch.SessionEnded, now), nil)
			wantErr(t, fmt.Sprintf("a trust to delete for %q", id), tx.DeleteClientTrust(ctx, "user_x", id), nil)
			wantErr(t, fmt.Sprintf("a change to delete for %q", id), tx.DeleteChange(ctx, id), nil)
			wantErr(t, fmt.Sprintf("an address to delete for %q", id),
				tx.DeleteWaiting(ctx, gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: id}), nil)
		}
		return tx.MarkSignIn(ctx, "user_x", now)
	})
}

func counters(t *testing.T, s store.Store) {
	must(t, s, putCounter("a", "1", now), putCounter("b", "2", now), putCounter("a", "3", now))
	must(t, s, putCounter("empty", "", now), putCounter("bytes", "\x00\xff\x80", now))
	tx(t, s, func(ctx context.Context, tx flow.Tx) error {
		for key, want := range map[string][]byte{
			"a": []byte("3"), "b": []byte("2"), "none": nil, "empty": {}, "bytes": {0, 0xff, 0x80},
		} {
			got, err := tx.Counter(ctx, key)
			if err != nil {
				return err
			}
			if !bytes.Equal(got, want) || (got == nil) != (want == nil) {
				t.Errorf("counter %q: got %#v, want %#v", key, got, want)
			}
		}
		if err := tx.DeleteCounter(ctx, "a"); err != nil {
			return err
		}
		if got, err := tx.Counter(ctx, "a"); err != nil || got != nil {
			t.Errorf("a deleted counter: got %v, %v", got, err)
		}
		return tx.DeleteCounter(ctx, "never there")
	})
}
