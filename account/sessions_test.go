// SPDX-License-Identifier: Apache-2.0

package account_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/account"
	"github.com/gatelatch/gatelatch/flow"
)

func TestTheOverviewShowsSessionsAndDevices(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	w.g.Clock.Advance(time.Minute)
	second := w.signIn(t, p.id)
	over := w.signIn(t, p.id)
	w.person(t, bob)
	r, err := w.EndSession(ctx(), p.Actor, over.SessionID)
	p.fine(r, err)
	o, err := w.Overview(ctx(), p.Actor)
	if err != nil {
		t.Fatal(err)
	}
	if len(o.Sessions) != 2 || o.Sessions[0].ID != p.SessionID || o.Sessions[1].ID != second.SessionID || o.Current.ID != p.SessionID {
		t.Errorf("%d sessions", len(o.Sessions))
	}
	if len(o.Devices) != 3 || o.User.ID != p.id || !o.Fresh || o.Level != flow.LevelFirst {
		t.Errorf("%d devices", len(o.Devices))
	}
	w.g.Policy.ClientTrust = 0
	if o, err = w.Overview(ctx(), p.Actor); err != nil || len(o.Devices) != 0 {
		t.Errorf("%d devices where none is trusted, %v", len(o.Devices), err)
	}
}

func TestEndOthers(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	others := []string{w.signIn(t, p.id).SessionID, w.signIn(t, p.id).SessionID}
	stranger := w.person(t, bob)
	r, err := w.EndOthers(ctx(), p.Actor)
	p.fine(r, err)
	slices.Sort(w.forgotten)
	slices.Sort(others)
	if !slices.Equal(w.forgotten, others) || stranger.session().Status != gatelatch.SessionActive || p.session().Status != gatelatch.SessionActive {
		t.Errorf("ended %d", len(w.forgotten))
	}
}

func TestASessionEndsItself(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	r, err := w.EndSession(ctx(), p.Actor, p.SessionID)
	p.fine(r, err)
	if !slices.Equal(w.forgotten, []string{p.SessionID}) {
		t.Error("requests still pass")
	}
	r, err = w.EndSession(ctx(), p.Actor, p.SessionID)
	p.wants(gatelatch.CodeForbidden, r, err)
}

func TestRevokeDevice(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	elsewhere := w.signIn(t, p.id)
	r, err := w.RevokeDevice(ctx(), p.Actor, elsewhere.session().ClientID)
	p.fine(r, err)
	if !slices.Equal(w.forgotten, []string{elsewhere.SessionID}) {
		t.Error("the session there goes on")
	}
	r, err = w.RevokeDevice(ctx(), p.Actor, elsewhere.session().ClientID)
	p.wants(gatelatch.CodeNotFound, r, err)
	r, err = w.RevokeDevice(ctx(), p.Actor, p.session().ClientID)
	p.fine(r, err)
	if o, err := w.Overview(ctx(), p.Actor); err != nil || o == nil || len(o.Devices) > 0 {
		t.Errorf("the acting session has ended, or its device is trusted: %v", err)
	}
}

func TestRename(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	r, err := w.Rename(ctx(), p.Actor, "  Ada ", "Lovelace  King")
	p.fine(r, err)
	if u := p.user(); u.Name() != "Ada Lovelace King" || !slices.Contains(w.refreshed, p.id) {
		t.Errorf("became %q", u.Name())
	}
	r, err = w.Rename(ctx(), p.Actor, "A\x00da", "")
	p.wants(gatelatch.CodeFormat, r, err)
	r, err = w.Rename(ctx(), p.Actor, "Ada", strings.Repeat("a", 101))
	p.wants(gatelatch.CodeTooLong, r, err)
	w.g.Policy.Fields.FirstName, w.g.Policy.Fields.LastName = flow.Required, flow.Off
	r, err = w.Rename(ctx(), p.Actor, " ", "")
	p.wants(gatelatch.CodeMissing, r, err)
	r, err = w.Rename(ctx(), p.Actor, "Augusta", "Byron")
	p.fine(r, err)
	if u := p.user(); u.Name() != "Augusta Byron" {
		t.Errorf("a name that no sign-up asks for became %q", u.Name())
	}
}

func TestAcceptTerms(t *testing.T) {
	w := newWorld(t, owing(gatelatch.TaskAcceptTerms))
	p := w.person(t, ada)
	r, err := w.AcceptTerms(ctx(), p.Actor, "1")
	p.wants(gatelatch.CodeValue, r, err)
	r, err = w.AcceptTerms(ctx(), p.Actor, "2")
	p.fine(r, err)
	at := w.g.Clock.Now()
	w.g.Clock.Advance(time.Second)
	r, err = w.AcceptTerms(ctx(), p.Actor, "2")
	p.fine(r, err)
	if u := p.user(); u.TermsVersion != "2" || !u.TermsAcceptedAt.Equal(at) {
		t.Errorf("accepted %q at %s", u.TermsVersion, u.TermsAcceptedAt)
	}
	w.g.Policy.Terms.Version = "3"
	if o, err := w.Overview(ctx(), p.Actor); err != nil || len(o.Tasks) != 1 {
		t.Errorf("another version is not owed: %v", err)
	}
	w.g.Policy.Terms = flow.Terms{}
	r, err = w.AcceptTerms(ctx(), p.Actor, "")
	p.wants(gatelatch.CodeValue, r, err)
}

// TestExport holds everything but secrets.
func TestExport(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	p.add(flow.AddAddress, number)
	r, err := w.SetPassword(ctx(), p.Actor, good)
	p.fine(r, err)
	e, codes := p.app()
	p.alter(func(u *gatelatch.User) {
		u.ExternalID = "theirs"
		u.Metadata = gatelatch.Metadata{
			Public: []byte(`{"plan":"gold"}`), Unsafe: []byte(`{"theme":"dark"}`), Private: []byte(`{"note":"our private note"}`),
		}
	})
	text, r, err := w.Export(ctx(), p.Actor)
	p.fine(r, err)
	var got account.Exported
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if got.ID != p.id || len(got.Addresses) != 2 || len(got.Sessions) != 1 || len(got.Devices) != 1 || got.BackupCodesLeft != len(codes) ||
		got.ExternalID != "theirs" || len(got.PublicMetadata) == 0 || len(got.UnsafeMetadata) == 0 || got.PasswordSetAt.IsZero() || got.AuthenticatorAt.IsZero() || got.Sessions[0].Device != "Chrome on Linux" {
		t.Errorf("something is missing: %+v", got)
	}
	secrets := []string{good.Reveal(), e.Typed.Reveal(), strings.ReplaceAll(e.Typed.Reveal(), " ", ""), "argon2", "[redacted]", "hash", "secret", "our private note"}
	for _, c := range codes {
		secrets = append(secrets, c.Reveal())
	}
	for _, s := range secrets {
		if strings.Contains(strings.ToLower(string(text)), strings.ToLower(s)) {
			t.Error("a secret is exported")
		}
	}
}

// TestNothingIsPrinted: what the observer hears holds no address, no code and no
// password, and neither does an enrolment that somebody prints.
func TestNothingIsPrinted(t *testing.T) {
	w := newWorld(t)
	p := w.person(t, ada)
	c, r, err := w.Begin(ctx(), p.Actor, flow.AddAddress, fresh)
	p.fine(r, err)
	typed := w.g.Code(c.ID)
	_, r, err = w.Confirm(ctx(), p.Actor, c.ID, typed)
	p.fine(r, err)
	r, err = w.SetPassword(ctx(), p.Actor, good)
	p.fine(r, err)
	e, codes := p.app()
	text := fmt.Sprintf("%+v %+v %+v", w.events, *e, codes)
	for _, secret := range []string{ada, fresh, typed, good.Reveal(), e.Typed.Reveal(), codes[0].Reveal()} {
		if strings.Contains(strings.ToLower(text), strings.ToLower(secret)) {
			t.Errorf("printed: %s", text)
		}
	}
	var names []string
	for _, event := range w.events {
		if event.Flow != flow.FlowAccount || event.UserID != p.id || event.SessionID != p.SessionID || event.Outcome != "done" {
			t.Errorf("told %+v", event)
		}
		names = append(names, string(event.Input))
	}
	want := []string{"begin_add_address", "confirm_change", "set_password", "start_totp", "confirm_totp"}
	if !slices.Equal(names, want) {
		t.Errorf("told of %v, want %v", names, want)
	}
}
