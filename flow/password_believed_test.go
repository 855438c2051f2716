// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/password"
)

// TestRehash: a hash of other parameters is made anew by the right password, and
// says nothing of a new password.
func TestRehash(t *testing.T) {
	p := newPerson(t)
	weak := password.NewHasher(password.Params{Memory: 8, Iterations: 1, Parallelism: 1}, 1, 1)
	p.Hasher = password.NewHasher(password.Params{Memory: 16, Iterations: 2, Parallelism: 1}, 1, 10)
	old, err := weak.Hash(ctx(), secretWords)
	if err != nil {
		t.Fatal(err)
	}
	p.AddHash(p.user.ID, old)
	before := p.Credentials(p.user.ID).Password
	p.Clock.Advance(time.Minute)
	wantCode(t, p.give(t, p.home, begin(t, p.Gate, p.home, ada), "wrong"), gatelatch.CodePasswordIncorrect)
	wantStatus(t, p.give(t, p.home, begin(t, p.Gate, p.home, ada), secretWords), flow.SignInComplete)
	after := p.Credentials(p.user.ID).Password
	if string(after.Hash) == string(before.Hash) || !after.SetAt.Equal(before.SetAt) {
		t.Error("not hashed anew, or counted as a new password")
	}
	hash, err := p.Keys.Encrypt.Open("password "+p.user.ID, after.Hash)
	if err != nil || !strings.Contains(string(hash), "m=16,t=2") {
		t.Errorf("kept %v", err)
	}
	wantStatus(t, p.give(t, p.home, begin(t, p.Gate, p.home, ada), secretWords), flow.SignInComplete)
}

// TestAnOldPasswordOpensNothing: who has given it and owes a second proof begins
// again when there is a new one.
func TestAnOldPasswordOpensNothing(t *testing.T) {
	p := newPerson(t)
	who := p.Browser()
	id := begin(t, p.Gate, who, ada)
	wantStatus(t, p.give(t, who, id, secretWords), flow.NeedsClientTrust)
	p.Clock.Advance(time.Second)
	wantCode(t, check(t)(p.PrepareSecondFactor(ctx(), who, id, "", "")), "")
	p.AddPassword(p.user.ID, "another one")
	out := check(t)(p.AttemptSecondFactor(ctx(), who, id, "", p.Code(id)))
	if out.Issued != nil || code(out.Refusal) != gatelatch.CodeNotFound {
		t.Fatalf("an old password led to a session: %+v", out.Refusal)
	}
}

// between runs something after a number of transactions: while a password is
// hashed, for one.
type between struct {
	flow.Repo
	left int
	then func()
}

func (b *between) InTx(ctx context.Context, fn func(tx flow.Tx) error) error {
	err := b.Repo.InTx(ctx, fn)
	if b.left--; b.left == 0 {
		b.then()
	}
	return err
}

// TestAPasswordThatChangesMeanwhile is not believed, although it was right when
// it was compared; nor is one of a user who is gone, or banned.
func TestAPasswordThatChangesMeanwhile(t *testing.T) {
	for name, c := range map[string]struct {
		change func(p person)
		want   gatelatch.Code
	}{
		"changed": {func(p person) { p.AddPassword(p.user.ID, "another one") }, gatelatch.CodePasswordIncorrect},
		"removed": {func(p person) {
			p.ChangeCredentials(p.user.ID, func(c *gatelatch.Credentials) { c.Password = nil })
		}, gatelatch.CodePasswordIncorrect},
		"gone": {func(p person) {
			p.Tx(func(ctx context.Context, tx flow.Tx) error { return tx.DeleteUser(ctx, p.user.ID) })
		}, gatelatch.CodePasswordIncorrect},
		"banned": {func(p person) {
			p.ChangeUser(p.user.ID, func(u *gatelatch.User) { u.Banned = true })
		}, gatelatch.CodeBanned},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPerson(t)
			id := begin(t, p.Gate, p.home, ada)
			p.Repo = &between{p.Store, 1, func() { c.change(p) }}
			out := p.give(t, p.home, id, secretWords)
			wantCode(t, out, c.want)
			if p.Store.Count("CreateSession") != 0 || out.SignIn.Tries != 1 {
				t.Errorf("a session, or a guess given back: %+v", out.SignIn)
			}
		})
	}
}

func TestABannedUser(t *testing.T) {
	p := newPerson(t)
	p.ChangeUser(p.user.ID, func(u *gatelatch.User) { u.Banned = true })
	id := begin(t, p.Gate, p.home, ada)
	wantCode(t, p.give(t, p.home, id, "wrong"), gatelatch.CodePasswordIncorrect)
	wantCode(t, p.give(t, p.home, id, secretWords), gatelatch.CodeBanned)
	wantCode(t, check(t)(p.PrepareFirstFactor(ctx(), p.home, id, "", "")), "")
	out := check(t)(p.AttemptFirstFactor(ctx(), p.home, id, "", p.Code(id)))
	wantCode(t, out, gatelatch.CodeBanned)
	if p.Store.Count("CreateSession") != 0 || out.Refusal.Status() != 403 {
		t.Error("a banned user has a session")
	}
}
