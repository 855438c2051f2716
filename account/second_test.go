// SPDX-License-Identifier: Apache-2.0

package account_test

import (
	"bytes"
	"context"
	"encoding/base32"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/account"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
	"github.com/gatelatch/gatelatch/secondfactor"
	"github.com/pquerna/otp/totp"
)

// endingWhenAsked ends the session while its password is being judged.
func (p person) endingWhenAsked() func(context.Context, gatelatch.Secret) (bool, error) {
	return func(context.Context, gatelatch.Secret) (bool, error) {
		p.tx(func(tx flow.Tx) error {
			return tx.EndSession(ctx(), p.SessionID, gatelatch.SessionRevoked, p.w.g.Clock.Now())
		})
		return false, nil
	}
}

// shows returns what an app shows now.
func (p person) shows(e *account.Enrolment) string {
	p.test.Helper()
	u, err := url.Parse(e.URI.Reveal())
	if err != nil {
		p.test.Fatalf("the address of the app: %v", err)
	}
	shown, err := totp.GenerateCode(u.Query().Get("secret"), p.w.g.Clock.Now())
	if err != nil {
		p.test.Fatalf("the app: %v", err)
	}
	return shown
}

// app sets an authenticator app up.
func (p person) app() (*account.Enrolment, []gatelatch.Secret) {
	p.test.Helper()
	e, r, err := p.w.StartTOTP(ctx(), p.Actor)
	p.fine(r, err)
	codes, r, err := p.w.ConfirmTOTP(ctx(), p.Actor, p.shows(e))
	p.fine(r, err)
	return e, codes
}

func TestAnAppIsSetUp(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	e, r, err := w.StartTOTP(ctx(), p.Actor)
	p.fine(r, err)
	if !bytes.HasPrefix(e.QRCode, []byte("\x89PNG")) || !strings.Contains(e.URI.Reveal(), "issuer=Acme") {
		t.Error("nothing to scan, or no name of the site")
	}
	if p.user().Factors.TOTP || p.user().TwoStep() {
		t.Error("an app counts before anybody has shown a code of it")
	}
	seen, err := w.TOTP(ctx(), p.Actor)
	if err != nil || seen == nil || seen.URI != e.URI || seen.Typed != e.Typed {
		t.Errorf("the page cannot be shown again: %v", err)
	}
	_, r, err = w.ConfirmTOTP(ctx(), p.Actor, flowtest.Wrong(p.shows(e)))
	p.wants(gatelatch.CodeIncorrect, r, err)
	_, r, err = w.ConfirmTOTP(ctx(), p.Actor, "no code")
	if r == nil || err != nil {
		t.Errorf("letters are taken for a code: %v", err)
	}
	codes, r, err := w.ConfirmTOTP(ctx(), p.Actor, p.shows(e))
	p.fine(r, err)
	c, s := p.credentials(), p.session()
	if len(codes) != secondfactor.BackupCount || !p.user().TwoStep() || c.TOTP.LastStep == 0 || s.Second != gatelatch.TOTPCode || !s.SecondAt.Equal(w.g.Clock.Now()) {
		t.Errorf("%d codes, two steps %t, second %q", len(codes), p.user().TwoStep(), s.Second)
	}
	w.told(t, delivery.NoticeFactorAdded, ada)
	if seen, err := w.TOTP(ctx(), p.Actor); seen != nil || err != nil {
		t.Errorf("the secret shows once more: %v", err)
	}
	_, r, err = w.StartTOTP(ctx(), p.Actor)
	p.wants(gatelatch.CodeStateInvalid, r, err)
	_, r, err = w.ConfirmTOTP(ctx(), p.Actor, p.shows(e))
	p.wants(gatelatch.CodeStateInvalid, r, err)
}

func TestTheSecretOfAnAppIsSealedForItsUser(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	e, _ := p.app()
	u, _ := url.Parse(e.URI.Reveal())
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(u.Query().Get("secret"))
	if err != nil {
		t.Fatal(err)
	}
	sealed := p.credentials().TOTP.Secret
	if opened, err := w.g.Keys.Encrypt.Open("totp "+p.id, sealed); err != nil || !bytes.Equal(opened, secret) || bytes.Contains(sealed, secret) {
		t.Errorf("not sealed for its purpose: %v", err)
	}
}

func TestAnEnrolmentThatIsOld(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	e, r, err := w.StartTOTP(ctx(), p.Actor)
	p.fine(r, err)
	w.g.Clock.Advance(account.FreshFor)
	if seen, err := w.TOTP(ctx(), p.Actor); seen != nil || err != nil {
		t.Errorf("the secret shows to a session that must be asked again: %v", err)
	}
	w.g.Clock.Advance(flow.ChangeLifetime)
	p.again()
	if seen, err := w.TOTP(ctx(), p.Actor); seen != nil || err != nil {
		t.Errorf("an old secret shows: %v", err)
	}
	_, r, err = w.ConfirmTOTP(ctx(), p.Actor, p.shows(e))
	p.wants(gatelatch.CodeStateInvalid, r, err)
	again, r, err := w.StartTOTP(ctx(), p.Actor)
	if p.fine(r, err); again.URI == e.URI {
		t.Error("the same secret again")
	}
}

func TestRemoveTOTP(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	p.app()
	w.notices()
	r, err := w.RemoveTOTP(ctx(), p.Actor)
	p.fine(r, err)
	w.told(t, delivery.NoticeFactorRemoved, ada)
	if c := p.credentials(); c.TOTP != nil || len(c.BackupCodes) > 0 || p.user().Factors != (gatelatch.Factors{}) {
		t.Error("something of it is left")
	}
	r, err = w.RemoveTOTP(ctx(), p.Actor)
	p.fine(r, err)
	w.told(t, delivery.NoticeFactorRemoved)
	_, r, err = w.NewBackupCodes(ctx(), p.Actor)
	p.wants(gatelatch.CodeStateInvalid, r, err)
}

func TestBackupCodesStayWithAnotherFactor(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	p.app()
	p.add(flow.AddSecondFactor, number)
	r, err := w.RemoveTOTP(ctx(), p.Actor)
	p.fine(r, err)
	if len(p.credentials().BackupCodes) == 0 || !p.user().Factors.BackupCodes {
		t.Error("the codes have gone before the last factor")
	}
}

func TestNewBackupCodesReplaceTheOld(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	_, old := p.app()
	w.notices()
	codes, r, err := w.NewBackupCodes(ctx(), p.Actor)
	p.fine(r, err)
	w.told(t, delivery.NoticeBackupCodes, ada)
	kept := p.credentials().BackupCodes
	for i := range codes {
		fresh, r := secondfactor.ReadBackup(codes[i].Reveal())
		if r != nil || secondfactor.FindBackup(w.g.Keys.Factor, p.id, kept, fresh) < 0 {
			t.Error("a code that was shown does not fit")
		}
		stale, _ := secondfactor.ReadBackup(old[i].Reveal())
		if secondfactor.FindBackup(w.g.Keys.Factor, p.id, kept, stale) >= 0 {
			t.Error("an old code still fits")
		}
	}
}

// TestSettingUpASecondFactorWhereItIsRequired works in a session that is not
// signed in before it has.
func TestSettingUpASecondFactorWhereItIsRequired(t *testing.T) {
	for name, set := range map[string]func(person){
		"an app":   func(p person) { p.app() },
		"a number": func(p person) { p.add(flow.AddSecondFactor, number) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, owing(gatelatch.TaskSetupMFA))
			p := w.person(t, ada)
			o, err := w.Overview(ctx(), p.Actor)
			if err != nil || len(o.Tasks) != 1 || o.Tasks[0] != gatelatch.TaskSetupMFA {
				t.Fatalf("owes %v, %v", o, err)
			}
			set(p)
			if o, err = w.Overview(ctx(), p.Actor); err != nil || len(o.Tasks) > 0 || !o.Fresh {
				t.Errorf("still owes %v, %v", o.Tasks, err)
			}
		})
	}
}

// TestASessionWithoutTheSecondStep: one from before it was set up cannot take it
// away, however young it is.
func TestASessionWithoutTheSecondStep(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	p.app()
	before := w.signIn(t, p.id)
	o, err := w.Overview(ctx(), before.Actor)
	if err != nil || o.Fresh || o.Level != flow.LevelSecond {
		t.Fatalf("fresh without the second step: %v", err)
	}
	r, err := w.RemoveTOTP(ctx(), before.Actor)
	before.wants(gatelatch.CodeReverify, r, err)
	s := before.session()
	before.tx(func(tx flow.Tx) error {
		s.Second, s.SecondAt = gatelatch.BackupCode, w.g.Clock.Now()
		return tx.MarkProven(ctx(), s)
	})
	w.g.Clock.Advance(account.FreshFor - time.Second)
	r, err = w.RemoveTOTP(ctx(), before.Actor)
	before.fine(r, err)
}

// TestOneMoreFactorProvesNothing: the session keeps what it has proven.
func TestOneMoreFactorProvesNothing(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	p.app()
	first := p.session()
	w.g.Clock.Advance(time.Minute)
	p.add(flow.AddSecondFactor, number)
	if s := p.session(); s.Second != first.Second || !s.SecondAt.Equal(first.SecondAt) {
		t.Errorf("proven by %s", s.Second)
	}
}

// TestAPasskeyThatCannotWorkHere: on a site at an IP address a passkey from elsewhere
// is no second step. Backup codes stand in for nothing there, and the first second
// step that is set up counts as just shown.
func TestAPasskeyThatCannotWorkHere(t *testing.T) {
	for name, row := range map[string]struct {
		options []func(*flow.Service)
		works   bool
	}{"a host name": {[]func(*flow.Service){withPasskeys}, true}, "an IP address": {nil, false}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, row.options...)
			p := w.person(t, ada)
			p.tx(func(tx flow.Tx) error {
				c := gatelatch.Credentials{UserID: p.id, Passkeys: []gatelatch.Passkey{{ID: "psk_1", Name: "Key"}}}
				u, err := tx.User(ctx(), p.id)
				if err != nil {
					return err
				}
				u.Factors = c.Factors()
				return errors.Join(tx.PutCredentials(ctx(), c), tx.PutUser(ctx(), u))
			})
			_, r, err := w.NewBackupCodes(ctx(), p.Actor)
			if err != nil || (r == nil) != row.works {
				t.Errorf("backup codes: %v %v", r, err)
			}
			p.app()
			if got := p.session().SecondAt.IsZero(); got != row.works {
				t.Errorf("the second step is still to be shown: %t", got)
			}
		})
	}
}
