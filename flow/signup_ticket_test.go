// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
)

// inviteWith stores an invitation that brings metadata along.
func inviteWith(t fatal, g *flowtest.Gate, address, bag string) gatelatch.Invitation {
	t.Helper()
	i := invite(t, g, address)
	i.PublicMetadata = json.RawMessage(bag)
	in(t, g, func(tx flow.Tx) error { return tx.PutInvitation(ctx(), i) })
	return i
}

func storedInvitation(t fatal, g *flowtest.Gate, id string) (i gatelatch.Invitation) {
	t.Helper()
	in(t, g, func(tx flow.Tx) (err error) {
		i, err = tx.Invitation(ctx(), id)
		return err
	})
	return i
}

func signUpWithTicket(t fatal, g *flowtest.Gate, who flow.Caller, ticket gatelatch.Secret) flow.Outcome {
	t.Helper()
	return check(t)(g.CreateSignUp(ctx(), who, flow.SignUpParams{Ticket: ticket}))
}

func TestAnInvitationProvesItsAddress(t *testing.T) {
	g := newGate(t, inMode(flow.SignUpInvite))
	i := inviteWith(t, g, "Ada@Example.com", `{"plan":"gold"}`)
	out := signUpWithTicket(t, g, g.Browser(), g.InvitationToken(i.ID))
	wantCode(t, out, "")
	if out.SignUp.Status != flow.SignUpComplete || out.Issued == nil || out.Issued.Session.Strategy != gatelatch.Ticket {
		t.Fatalf("became %+v", out.SignUp)
	}
	u := g.User(out.SignUp.UserID)
	if len(u.Addresses) != 1 || u.Addresses[0].Display != "Ada@Example.com" || !u.Addresses[0].VerifiedAt.Equal(g.Clock.Now()) {
		t.Errorf("the user holds %+v", u.Addresses)
	}
	if string(u.Metadata.Public) != `{"plan":"gold"}` {
		t.Errorf("public metadata %s", u.Metadata.Public)
	}
	if !storedInvitation(t, g, i.ID).AcceptedAt.Equal(g.Clock.Now()) {
		t.Error("the invitation still lets somebody in")
	}
	if n := len(g.Fetch()); n != 0 {
		t.Errorf("%d messages", n)
	}
	wantCode(t, signUpWithTicket(t, g, g.Browser(), g.InvitationToken(i.ID)), gatelatch.CodeTicketInvalid)
}

// The address is proven, and the rest of what is asked for is asked for still.
func TestAnInvitedSignUpGoesOn(t *testing.T) {
	g := newGate(t, withNames)
	i := invite(t, g, ada)
	who := g.Browser()
	out := signUpWithTicket(t, g, who, g.InvitationToken(i.ID))
	wantCode(t, out, "")
	if su := out.SignUp; su.Status != flow.MissingRequirements || len(su.UnverifiedFields()) != 0 || su.Email == nil {
		t.Fatalf("stands as %+v", su)
	}
	if !storedInvitation(t, g, i.ID).LiveAt(g.Clock.Now()) {
		t.Error("followed before there is a user")
	}
	done := check(t)(g.UpdateSignUp(ctx(), who, out.SignUp.ID, flow.SignUpParams{FirstName: ptr("Ada")}))
	wantCode(t, done, "")
	if done.Issued == nil || storedInvitation(t, g, i.ID).LiveAt(g.Clock.Now()) {
		t.Error("no session, or the invitation is still good")
	}
}

// Who changes the address has to prove the new one, and it is not the invited one
// that came in.
func TestAnotherAddressThanTheInvitedOne(t *testing.T) {
	g := newGate(t, withNames)
	i, who := inviteWith(t, g, ada, `{"plan":"gold"}`), g.Browser()
	out := signUpWithTicket(t, g, who, g.InvitationToken(i.ID))
	id := out.SignUp.ID
	p := flow.SignUpParams{Email: ptr("bob@example.com"), FirstName: ptr("Bob"), Prepare: true}
	wantCode(t, check(t)(g.UpdateSignUp(ctx(), who, id, p)), "")
	done := check(t)(g.AttemptVerification(ctx(), who, id, "", g.Code(id)))
	wantCode(t, done, "")
	if u := g.User(done.SignUp.UserID); len(u.Metadata.Public) > 0 || !storedInvitation(t, g, i.ID).LiveAt(g.Clock.Now()) {
		t.Errorf("the invitation was used by somebody else: %+v", u)
	}
}

// A given address does not stand against the one of the ticket.
func TestTheTicketsAddressWins(t *testing.T) {
	g := newGate(t)
	i := invite(t, g, ada)
	out := check(t)(g.CreateSignUp(ctx(), g.Browser(), flow.SignUpParams{Email: ptr("bob@example.com"), Ticket: g.InvitationToken(i.ID)}))
	wantCode(t, out, "")
	if _, held := g.User(out.SignUp.UserID).Address(i.Identifier); !held || out.Issued == nil {
		t.Errorf("became %+v", out.SignUp)
	}
}

func TestInvitationsThatDoNotSignUp(t *testing.T) {
	past := func(i *gatelatch.Invitation) { i.ExpireAt = flowtest.Noon() }
	for name, c := range map[string]struct {
		mode  flow.SignUpMode
		spoil func(t *testing.T, g *flowtest.Gate, i *gatelatch.Invitation)
		want  gatelatch.Code
	}{
		"expired": {flow.SignUpOpen, func(_ *testing.T, _ *flowtest.Gate, i *gatelatch.Invitation) { past(i) }, gatelatch.CodeTicketExpired},
		"revoked": {flow.SignUpOpen, func(_ *testing.T, _ *flowtest.Gate, i *gatelatch.Invitation) { i.RevokedAt = i.CreatedAt }, gatelatch.CodeTicketInvalid},
		"used":    {flow.SignUpOpen, func(_ *testing.T, _ *flowtest.Gate, i *gatelatch.Invitation) { i.AcceptedAt = i.CreatedAt }, gatelatch.CodeTicketInvalid},
		"the address has a user": {
			flow.SignUpOpen, func(_ *testing.T, g *flowtest.Gate, _ *gatelatch.Invitation) { g.AddUser(ada) }, gatelatch.CodeTicketInvalid,
		},
		"a list refuses the address": {
			flow.SignUpOpen, func(t *testing.T, g *flowtest.Gate, _ *gatelatch.Invitation) {
				restrict(t, g, gatelatch.BlockList, ada)
			}, gatelatch.CodeNotAllowed,
		},
		"sign-up is closed": {flow.SignUpClosed, func(*testing.T, *flowtest.Gate, *gatelatch.Invitation) {}, gatelatch.CodeSignUpClosed},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGate(t, inMode(c.mode))
			i := invite(t, g, ada)
			c.spoil(t, g, &i)
			in(t, g, func(tx flow.Tx) error { return tx.PutInvitation(ctx(), i) })
			users := g.Store.Count("CreateUser")
			out := signUpWithTicket(t, g, g.Browser(), g.InvitationToken(i.ID))
			wantCode(t, out, c.want)
			if g.Store.Count("CreateUser") != users || g.Store.Count("PutSignUp") != 0 || out.Issued != nil {
				t.Error("something was made of it")
			}
		})
	}
}

func TestASignInTokenIsNoInvitation(t *testing.T) {
	g := newGate(t)
	i := invite(t, g, ada)
	wantCode(t, signUpWithTicket(t, g, g.Browser(), g.SignInToken(i.ID)), gatelatch.CodeTicketInvalid)
	wantCode(t, signUpWithTicket(t, g, g.Browser(), "x"), gatelatch.CodeTicketInvalid)
}

// An invitation is no key to an account that somebody has made since: its link may
// be weeks old.
func TestATicketOpensNoAccountThatThereIs(t *testing.T) {
	g := newGate(t, withNames)
	i, who := invite(t, g, ada), g.Browser()
	id := signUpWithTicket(t, g, who, g.InvitationToken(i.ID)).SignUp.ID
	g.AddUser(ada)
	out := check(t)(g.UpdateSignUp(ctx(), who, id, flow.SignUpParams{FirstName: ptr("Mallory")}))
	wantCode(t, out, gatelatch.CodeAlreadyVerified)
	moved := check(t)(g.TransferToSignIn(ctx(), who, id))
	if moved.Issued != nil || moved.Refusal == nil || g.Store.Count("CreateSession") != 0 {
		t.Fatal("a link has opened an account")
	}
}

// The metadata come whichever way the invitation was followed.
func TestAnInvitationFollowedByACodeBringsItsMetadata(t *testing.T) {
	g := newGate(t, inMode(flow.SignUpInvite))
	inviteWith(t, g, ada, `{"plan":"gold"}`)
	out := signUp(t, g, g.Browser(), ada)
	if u := g.User(out.SignUp.UserID); string(u.Metadata.Public) != `{"plan":"gold"}` {
		t.Errorf("public metadata %s", u.Metadata.Public)
	}
}

func TestWhatProgramsGiveGoesToTheUser(t *testing.T) {
	g := newGate(t, func(s *flow.Service) { s.Policy.Terms = flow.Terms{URL: "https://example.com/terms", Version: "7"} })
	who := g.Browser()
	p := flow.SignUpParams{Email: ptr(ada), UnsafeMetadata: json.RawMessage(` { "a" : 1 } `), Locale: ptr("de-AT"), AcceptTerms: true, Prepare: true}
	id := check(t)(g.CreateSignUp(ctx(), who, p)).SignUp.ID
	accepted := g.Clock.Now()
	g.Clock.Advance(time.Minute)
	out := check(t)(g.AttemptVerification(ctx(), who, id, "", g.Code(id)))
	wantCode(t, out, "")
	u := g.User(out.SignUp.UserID)
	if string(u.Metadata.Unsafe) != `{"a":1}` || u.Locale != "de-AT" || u.TermsVersion != "7" || !u.TermsAcceptedAt.Equal(accepted) {
		t.Errorf("the user is made as %+v", u)
	}
}

// It may be given, changed and taken back on the way; nothing has to be given.
func TestWhatProgramsGiveMayChange(t *testing.T) {
	g := newGate(t)
	who := g.Browser()
	p := flow.SignUpParams{Email: ptr(ada), UnsafeMetadata: json.RawMessage(`{"a":1}`), Locale: ptr("en@posix"), AcceptTerms: true, Prepare: true}
	id := check(t)(g.CreateSignUp(ctx(), who, p)).SignUp.ID
	wantCode(t, check(t)(g.UpdateSignUp(ctx(), who, id, flow.SignUpParams{UnsafeMetadata: json.RawMessage(`{}`)})), "")
	out := check(t)(g.AttemptVerification(ctx(), who, id, "", g.Code(id)))
	u := g.User(out.SignUp.UserID)
	if u.Metadata.Unsafe != nil || u.Locale != "" || u.TermsVersion != "" || !u.TermsAcceptedAt.IsZero() {
		t.Errorf("the user is made as %+v", u)
	}
}

func TestMetadataThatAreNone(t *testing.T) {
	g := newGate(t)
	for text, want := range map[string]gatelatch.Code{
		strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100): gatelatch.CodeMetadata,
		`{"n":1e400}`: gatelatch.CodeMetadata, `{"a":"\u0000"}`: gatelatch.CodeMetadata,
		`[]`: gatelatch.CodeMetadata, `null`: gatelatch.CodeMetadata, `{`: gatelatch.CodeMetadata, `"a"`: gatelatch.CodeMetadata,
		`{} {}`: gatelatch.CodeMetadata, "{\"a\":\"\xff\"}": gatelatch.CodeMetadata,
		`{"a":"` + strings.Repeat("x", gatelatch.MaxMetadata) + `"}`: gatelatch.CodeTooLong,
	} {
		out := check(t)(g.CreateSignUp(ctx(), g.Browser(), flow.SignUpParams{Email: ptr(ada), UnsafeMetadata: json.RawMessage(text)}))
		wantCode(t, out, want)
		if out.Refusal.Param != flow.ParamUnsafeMetadata {
			t.Errorf("about %q", out.Refusal.Param)
		}
	}
	if n := len(g.Store.Writes()); n != 0 {
		t.Errorf("%d writes", n)
	}
}

func TestLocales(t *testing.T) {
	for text, want := range map[string]string{
		"en": "en", "en-US": "en-US", " pt-BR ": "pt-BR", "zh-Hant-TW": "zh-Hant-TW", "de_AT": "de-AT", "sl-rozaj-biske-1994": "sl-rozaj-biske-1994",
		"": "", "e": "", "en-": "", "-en": "", "en--US": "", "en-US@posix": "", "12": "", "en-abcdefghi": "", "ünï": "",
		"de-1234567-1234567-1234567-1234567-12345": "",
	} {
		if got, ok := flow.ReadLocale(text); got != want || ok != (want != "") {
			t.Errorf("%q is read as %q", text, got)
		}
	}
}

func FuzzReadLocale(f *testing.F) {
	for _, seed := range []string{"en", "en-US", "de_AT", "", "x", "en-US@posix", "zh-Hant"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tag, ok := flow.ReadLocale(text)
		if again, still := flow.ReadLocale(tag); ok != (tag != "") || again != tag || still != ok {
			t.Fatalf("%q is read as %q, and that as %q", text, tag, again)
		}
	})
}
