// SPDX-License-Identifier: Apache-2.0

package account_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/password"
)

const good = gatelatch.Secret("correct horse battery staple")

// holds reports whether the stored password is a given one.
func (p person) holds(plain gatelatch.Secret) bool {
	p.test.Helper()
	stored := p.credentials().Password
	if stored == nil {
		return false
	}
	hash, err := p.w.g.Keys.Encrypt.Open("password "+p.id, stored.Hash)
	if err != nil {
		p.test.Fatalf("the hash is sealed for something else: %v", err)
	}
	v, err := p.w.g.Hasher.Verify(ctx(), string(hash), plain)
	if err != nil {
		p.test.Fatalf("comparing: %v", err)
	}
	return v.Match
}

func TestSetPassword(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	p.add(flow.AddAddress, number)
	elsewhere := w.signIn(t, p.id)
	stranger := w.person(t, bob)
	w.notices()
	r, err := w.SetPassword(ctx(), p.Actor, good)
	p.fine(r, err)
	if u := p.user(); !p.holds(good) || !u.Factors.Password {
		t.Error("the password does not fit, or the user does not know of it")
	}
	w.told(t, delivery.NoticePasswordChanged, ada)
	if !slices.Equal(w.forgotten, []string{elsewhere.SessionID}) || !slices.Contains(w.refreshed, p.id) {
		t.Errorf("forgotten are %d sessions", len(w.forgotten))
	}
	if elsewhere.session().Status == gatelatch.SessionActive || p.session().Status != gatelatch.SessionActive || stranger.session().Status != gatelatch.SessionActive {
		t.Error("not the others, and only the others, have ended")
	}
	o, err := w.Overview(ctx(), p.Actor)
	if err != nil || len(o.Devices) != 1 || o.Devices[0].ClientID != p.session().ClientID || !o.PasswordAt.Equal(w.g.Clock.Now()) {
		t.Errorf("other devices are still trusted: %v", err)
	}
	if text := p.credentials().Password.Hash; bytes.Contains(text, []byte("argon2")) {
		t.Error("the hash can be read")
	}
}

func TestPasswordsThatAreRefused(t *testing.T) {
	for plain, want := range map[gatelatch.Secret]gatelatch.Code{
		"short":        gatelatch.CodePasswordShort,
		"password1":    gatelatch.CodePasswordWeak,
		"adalovelace1": gatelatch.CodePasswordWeak,
		gatelatch.Secret(bytes.Repeat([]byte("long "), 200)): gatelatch.CodePasswordLong,
	} {
		w := newWorld(t)
		p := w.person(t, ada)
		r, err := w.Rename(ctx(), p.Actor, "Ada", "Lovelace")
		p.fine(r, err)
		r, err = w.SetPassword(ctx(), p.Actor, plain)
		if err != nil || code(r) != want || r.Param != "password" {
			t.Errorf("refused with %q, want %q (%v)", code(r), want, err)
		}
		if p.credentials().Password != nil || len(w.notices()) > 0 {
			t.Error("set all the same")
		}
	}
}

func TestWherePasswordsAreOff(t *testing.T) {
	w := newWorld(t, func(s *flow.Service) { s.Policy.Password, s.Hasher = flow.Off, nil })
	p := w.person(t, ada)
	r, err := w.SetPassword(ctx(), p.Actor, good)
	p.wants(gatelatch.CodeForbidden, r, err)
}

func TestABusyHasherIsSaidAtOnce(t *testing.T) {
	w := newWorld(t, func(s *flow.Service) {
		s.Hasher = password.NewHasher(password.Params{Memory: 64, Iterations: 1, Parallelism: 1}, 1, 1)
	})
	p := w.person(t, ada)
	var err error
	for range 3 { // somebody hashes, somebody waits
		if _, err = w.g.Hasher.Enter(); err != nil {
			break
		}
	}
	mark := w.g.Store.Mark()
	if _, err := w.SetPassword(ctx(), p.Actor, good); !errors.Is(err, password.ErrBusy) {
		t.Errorf("%v", err)
	}
	if len(w.g.Store.Since(mark)) > 0 {
		t.Error("something was counted")
	}
}

func TestNewPasswordsAreChargedFor(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	var r *gatelatch.Refusal
	var err error
	for range 31 {
		if r, err = w.SetPassword(ctx(), p.Actor, "short"); code(r) != gatelatch.CodePasswordShort {
			break
		}
	}
	p.wants(gatelatch.CodeTooManyRequests, r, err)
}

// TestAPasswordThatIsAskedFor: the task is done without the old password.
func TestAPasswordThatIsAskedFor(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	r, err := w.SetPassword(ctx(), p.Actor, good)
	p.fine(r, err)
	p.alter(func(u *gatelatch.User) { u.PasswordReset = true })
	o, err := w.Overview(ctx(), p.Actor)
	if err != nil || !slices.Equal(o.Tasks, []gatelatch.Task{gatelatch.TaskResetPassword}) {
		t.Fatalf("owes %v, %v", o.Tasks, err)
	}
	r, err = w.RemovePassword(ctx(), p.Actor)
	p.wants(gatelatch.CodeForbidden, r, err)
	r, err = w.SetPassword(ctx(), p.Actor, "another good long sentence")
	p.fine(r, err)
	if o, err = w.Overview(ctx(), p.Actor); err != nil || len(o.Tasks) > 0 || p.user().PasswordReset {
		t.Errorf("owes %v, %v", o.Tasks, err)
	}
}

func TestRemovePassword(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	r, err := w.RemovePassword(ctx(), p.Actor)
	p.fine(r, err)
	w.told(t, delivery.NoticePasswordRemoved)
	r, err = w.SetPassword(ctx(), p.Actor, good)
	p.fine(r, err)
	w.notices()
	w.g.Policy.Password = flow.Required
	r, err = w.RemovePassword(ctx(), p.Actor)
	p.wants(gatelatch.CodeForbidden, r, err)
	w.g.Policy.Password = flow.Optional
	r, err = w.RemovePassword(ctx(), p.Actor)
	p.fine(r, err)
	if p.credentials().Password != nil || p.user().Factors.Password {
		t.Error("the password is still there")
	}
	w.told(t, delivery.NoticePasswordRemoved, ada)
}

// TestASessionThatEndsWhileItsPasswordIsHashed sets none.
func TestASessionThatEndsWhileItsPasswordIsHashed(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	w.g.PasswordRules.Breached = p.endingWhenAsked()
	r, err := w.SetPassword(ctx(), p.Actor, good)
	p.wants(gatelatch.CodeForbidden, r, err)
	if p.credentials().Password != nil {
		t.Error("set by a session that is over")
	}
}
