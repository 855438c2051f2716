// SPDX-License-Identifier: Apache-2.0

package account_test

import (
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/account"
	"github.com/gatelatch/gatelatch/flow"
)

// proves writes down what the session has proven, and how long ago.
func (p person) proves(first gatelatch.Strategy, firstAgo, secondAgo time.Duration) {
	p.test.Helper()
	p.tx(func(tx flow.Tx) error {
		s := p.stored(tx)
		s.Strategy, s.FirstAt, s.Second, s.SecondAt = first, p.w.g.Clock.Now().Add(-firstAgo), "", time.Time{}
		if secondAgo >= 0 {
			s.Second, s.SecondAt = gatelatch.TOTPCode, p.w.g.Clock.Now().Add(-secondAgo)
		}
		return tx.MarkProven(ctx(), s)
	})
}

func (p person) stored(tx flow.Tx) gatelatch.Session {
	p.test.Helper()
	s, err := tx.Session(ctx(), p.SessionID)
	if err != nil {
		p.test.Fatalf("the session: %v", err)
	}
	return s
}

// TestWhatIsFresh: who takes two steps at a sign-in must have taken the second
// one lately; a stolen cookie with a password is not enough.
func TestWhatIsFresh(t *testing.T) {
	const never, old, just = -1, time.Hour, time.Minute
	app := func(u *gatelatch.User) { u.Factors.TOTP = true }
	key := func(u *gatelatch.User) { u.Factors.Passkey = true }
	none := func(*gatelatch.User) {}
	for name, c := range map[string]struct {
		user          func(*gatelatch.User)
		policy        flow.Need
		by            gatelatch.Strategy
		first, second time.Duration
		fresh         bool
		level         flow.Level
	}{
		"one step, young":                             {none, flow.Optional, gatelatch.EmailCode, just, never, true, flow.LevelFirst},
		"one step, old":                               {none, flow.Optional, gatelatch.EmailCode, old, never, false, flow.LevelFirst},
		"one step, asked for a second one":            {none, flow.Optional, gatelatch.EmailCode, old, just, true, flow.LevelFirst},
		"two steps, both young":                       {app, flow.Optional, gatelatch.PasswordStrategy, just, just, true, flow.LevelSecond},
		"two steps, the second one old":               {app, flow.Optional, gatelatch.PasswordStrategy, just, old, false, flow.LevelSecond},
		"two steps, the second one never":             {app, flow.Optional, gatelatch.PasswordStrategy, just, never, false, flow.LevelSecond},
		"two steps, the first one old":                {app, flow.Optional, gatelatch.PasswordStrategy, old, just, true, flow.LevelSecond},
		"two steps, the policy has none":              {app, flow.Off, gatelatch.PasswordStrategy, just, old, false, flow.LevelSecond},
		"two steps with a passkey":                    {app, flow.Optional, gatelatch.PasskeyStrategy, just, never, true, flow.LevelSecond},
		"two steps with a passkey, old":               {app, flow.Optional, gatelatch.PasskeyStrategy, old, never, false, flow.LevelSecond},
		"a passkey that is not asked for":             {key, flow.Optional, gatelatch.EmailCode, just, never, true, flow.LevelFirst},
		"a passkey, and the policy asks":              {key, flow.Required, gatelatch.EmailCode, just, old, false, flow.LevelSecond},
		"a passkey, and the policy asks, and was met": {key, flow.Required, gatelatch.EmailCode, old, just, true, flow.LevelSecond},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, withPasskeys, func(s *flow.Service) { s.Policy.SecondFactor = c.policy })
			p := w.person(t, ada)
			w.g.Clock.Advance(2 * time.Hour)
			p.alter(c.user)
			p.proves(c.by, c.first, c.second)
			o, err := w.Overview(ctx(), p.Actor)
			if err != nil {
				t.Fatal(err)
			}
			if o.Fresh != c.fresh || o.Level != c.level {
				t.Errorf("fresh %t, asks for %s", o.Fresh, o.Level)
			}
			_, r, err := w.Export(ctx(), p.Actor)
			if c.fresh {
				p.fine(r, err)
			} else {
				p.wants(gatelatch.CodeReverify, r, err)
			}
		})
	}
}

// TestAnAppIsNotRemovedByAPasswordAlone is the takeover that [TestWhatIsFresh]
// keeps out.
func TestAnAppIsNotRemovedByAPasswordAlone(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	p.app()
	w.g.Clock.Advance(account.FreshFor)
	p.proves(gatelatch.PasswordStrategy, 0, account.FreshFor)
	r, err := w.RemoveTOTP(ctx(), p.Actor)
	p.wants(gatelatch.CodeReverify, r, err)
	p.again()
	r, err = w.RemoveTOTP(ctx(), p.Actor)
	p.fine(r, err)
}
