// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
)

// arrived returns what the last notice of a new device is about.
func (p person) arrived(t *testing.T) string {
	t.Helper()
	about := ""
	for _, m := range p.Fetch() {
		if m.Purpose == delivery.NoticeNewDevice {
			about = m.AttemptID
		}
	}
	if about == "" {
		t.Fatal("nobody was told of a new device")
	}
	return about
}

func (p person) disown(t *testing.T, about string, token gatelatch.Secret) gatelatch.Code {
	t.Helper()
	r, err := p.Disown(ctx(), p.home, about, token)
	if err != nil {
		t.Fatal(err)
	}
	return code(r)
}

func TestThisWasNotMe(t *testing.T) {
	p := newPerson(t)
	who := p.Browser()
	held := signIn(t, p.Gate, who, ada).Issued.Session
	about := p.arrived(t)
	if about != held.ID+"."+p.user.ID+"."+held.ClientID {
		t.Fatalf("told of %s", about)
	}
	short, shortToken := p.DisownLink(about)
	if short == about || len(short)+len(shortToken.Reveal()) > 41 {
		t.Fatalf("the link of %s is about %s", about, short)
	}
	for name, token := range map[string]gatelatch.Secret{about: "AAAAAAAAAAAAAAAAAAAAAA", short: p.DisownToken(about), short[1:]: p.DisownToken(short[1:]), short + ".": shortToken, held.ID: p.DisownToken(held.ID), "..": p.DisownToken("..")} {
		if got := p.disown(t, name, token); got != gatelatch.CodeNotFound || storedSession(p.Gate, held.ID).Status != gatelatch.SessionActive {
			t.Fatalf("%q got %q", name, got)
		}
	}
	for range 2 { // it may be repeated
		if got := p.disown(t, short, shortToken); got != "" {
			t.Fatal(got)
		}
	}
	if storedSession(p.Gate, held.ID).Status != gatelatch.SessionRevoked || !slices.Equal(p.Heard.Forgotten(), []string{held.ID}) {
		t.Error("the session lives")
	}
	wantStatus(t, p.give(t, who, begin(t, p.Gate, who, ada), secretWords), flow.NeedsClientTrust)
	wantStatus(t, p.give(t, p.home, begin(t, p.Gate, p.home, ada), secretWords), flow.SignInComplete)
}

// TestTheIntruderSignsInTwice: the second session on a client takes the place of the
// first, is told to nobody,
// and the link in the notice about the first one ends it as well. Sessions
// elsewhere stay.
func TestTheIntruderSignsInTwice(t *testing.T) {
	p := newPerson(t)
	mine := signIn(t, p.Gate, p.home, ada).Issued.Session
	who := p.Browser()
	first := signIn(t, p.Gate, who, ada).Issued.Session
	about := p.arrived(t)
	p.Clock.Advance(time.Minute)
	second := p.give(t, who, begin(t, p.Gate, who, ada), secretWords).Issued.Session
	if got := p.disown(t, about, p.DisownToken(about)); got != "" { // a link of an older gate
		t.Fatal(got)
	}
	for id, want := range map[string]gatelatch.SessionStatus{
		first.ID: gatelatch.SessionReplaced, second.ID: gatelatch.SessionRevoked, mine.ID: gatelatch.SessionActive,
	} {
		if got := storedSession(p.Gate, id).Status; got != want {
			t.Errorf("a session is %s, want %s", got, want)
		}
	}
	if got := p.Heard.Forgotten(); len(got) != 2 {
		t.Errorf("forgotten %v", got)
	}
}

// TestTheIntrudersSessionIsSwept: the link still ends the trust of the client.
func TestTheIntrudersSessionIsSwept(t *testing.T) {
	p := newPerson(t)
	who := p.Browser()
	signIn(t, p.Gate, who, ada)
	about := p.arrived(t)
	p.Clock.Advance(p.Policy.SessionLifetime + time.Second)
	if _, err := p.Store.Sweep(ctx(), p.Clock.Now(), 100); err != nil {
		t.Fatal(err)
	}
	p.Tx(func(ctx context.Context, tx flow.Tx) error {
		if _, err := tx.Session(ctx, about[:len("sess_")+26]); err == nil {
			t.Fatal("the session was not swept")
		}
		return nil
	})
	short, token := p.DisownLink(about)
	if got := p.disown(t, short, token); got != "" {
		t.Fatal(got)
	}
	p.Tx(func(ctx context.Context, tx flow.Tx) error {
		trusts, err := tx.ClientTrusts(ctx, p.user.ID)
		if len(trusts) != 1 {
			t.Errorf("%d clients are trusted, want the owner's", len(trusts))
		}
		return err
	})
}

// TestIDsOfAnotherMake: users that were given ids elsewhere get the long link.
func TestIDsOfAnotherMake(t *testing.T) {
	p := newPerson(t)
	for _, about := range []string{
		"sess_1.user_2abcdefghijklmnopqrstuvwxyz.client_1", "sess_1.user_.client_1", "sess_1.client_01kaj3w7qa3q5x9v8b7n6m5t4r.client_1",
		"sess_1.user_01KAJ3W7QA3Q5X9V8B7N6M5T4R.client_1", "sess_1.user_01kaj3w7qa3q5x9v8b7n6m5t4z.client_1",
	} {
		if got, token := p.DisownLink(about); got != about || token != p.DisownToken(about) {
			t.Errorf("%s: the link is about %s", about, got)
		}
	}
}
