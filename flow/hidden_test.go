// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
	"pgregory.net/rapid"
)

// TestWhoExistsIsNobodysBusiness is invariant 9. Two gates are alike but for
// one thing: in the first, somebody holds the address. The same visitors do the
// same things in both, short of giving the right code back, and must not be
// able to tell which is which: not by an answer, not by a wait, not by how much
// was written.
func TestWhoExistsIsNobodysBusiness(t *testing.T) { rapid.Check(t, hiddenProperty) }

func hiddenProperty(t *rapid.T) {
	open, passwords := rapid.Bool().Draw(t, "open"), rapid.Bool().Draw(t, "passwords")
	tests := rapid.Bool().Draw(t, "test mode")
	known, unknown := newTwin(t, open, passwords, tests), newTwin(t, open, passwords, tests)
	ada := known.g.AddUser(known.address("Ada@Example.com"))
	switch rapid.IntRange(0, 5).Draw(t, "ada has") {
	case 1:
		known.g.AddPassword(ada.ID, secretWords)
	case 2:
		known.g.AddTOTP(ada.ID)
	case 3:
		lockFor(known.g, ada.ID, time.Hour)
	case 4:
		known.g.ChangeUser(ada.ID, func(u *gatelatch.User) { u.Addresses[0].VerifiedAt = time.Time{} })
	case 5:
		known.g.ChangeUser(ada.ID, func(u *gatelatch.User) { u.Banned = true })
	}
	for range rapid.IntRange(10, 60).Draw(t, "steps") {
		d := drawDeed(t)
		a, b := known.do(d), unknown.do(d)
		if !reflect.DeepEqual(a, b) {
			t.Fatalf("%+v tells who exists (sign-up open: %t):\n%+v\n%+v", d, open, a, b)
		}
	}
}

// twin is one of the two gates.
type twin struct {
	t        *rapid.T
	g        *flowtest.Gate
	browsers []flow.Caller
	signIns  []flow.SignIn
	signUps  []flow.SignUp
	names    map[string]string // attempts by the wire name of their address
	tests    bool              // ada's is a test address
}

// address is the one that is typed: a test address where they are taken.
func (w *twin) address(typed string) string {
	if w.tests {
		return strings.Replace(typed, "@", "+clerk_test@", 1)
	}
	return typed
}

func newTwin(t *rapid.T, open, passwords, tests bool) *twin {
	g := newGate(t, func(s *flow.Service) {
		s.Policy.SignUp, s.Policy.TestMode, s.Policy.OneSession = mode(open), tests, true
		if passwords {
			s.Policy.Password = flow.Optional
		}
	})
	w := &twin{t: t, g: g, names: map[string]string{}, tests: tests}
	for i := range 3 {
		w.browsers = append(w.browsers, g.BrowserAt(fmt.Sprintf("192.0.2.%d", 1+i/2)))
	}
	return w
}

// deed is one thing that a visitor does, the same in both gates.
type deed struct {
	what    string
	browser int
	attempt int // counted from the newest
	prepare bool
	address string
	typed   string
	wait    time.Duration
}

func drawDeed(t *rapid.T) deed {
	return deed{
		what: rapid.SampledFrom([]string{
			"guess in", "create in", "resend in", "guess up", "create up", "resend up", "wait",
			"view in", "view up", "update", "transfer in", "transfer up", "password", "password", "reset", "link", "new password", "second",
			"create with password", "ticket in", "ticket up", "pending",
		}).Draw(t, "what"),
		browser: rapid.IntRange(0, 2).Draw(t, "browser"),
		attempt: rapid.IntRange(0, 3).Draw(t, "attempt"),
		prepare: rapid.IntRange(0, 2).Draw(t, "prepare") < 2,
		address: rapid.SampledFrom([]string{ada, "ADA@EXAMPLE.COM", "ada@Example.com "}).Draw(t, "address"),
		typed:   rapid.SampledFrom([]string{"wrong", "wrong", "wrong", "12345", "abc", ""}).Draw(t, "typed"),
		wait: rapid.SampledFrom([]time.Duration{
			30 * time.Second, time.Second, 10 * time.Minute,
			time.Hour, 25 * time.Hour,
		}).Draw(t, "wait"),
	}
}

// do does it and tells what a visitor, or somebody who watches the work of the
// database, can see.
func (w *twin) do(d deed) seen {
	if d.what == "wait" {
		w.g.Clock.Advance(d.wait)
		return seen{}
	}
	mark := w.g.Store.Mark()
	out := check(w.t)(w.act(d))
	w.remember(out)
	return w.see(out, w.g.Store.Since(mark))
}

func (w *twin) act(d deed) (flow.Outcome, error) {
	who := w.browsers[d.browser]
	in, up := w.pick(d.attempt)
	d.address = w.address(d.address)
	switch d.what {
	case "create with password":
		return w.g.CreateSignIn(ctx(), who, flow.SignInParams{Identifier: d.address, Password: gatelatch.Secret(d.typed), Prepare: d.prepare})
	case "ticket in":
		return w.g.SignInWithTicket(ctx(), who, gatelatch.Secret(d.typed), "")
	case "ticket up":
		return w.g.CreateSignUp(ctx(), who, flow.SignUpParams{Email: &d.address, Ticket: gatelatch.Secret(d.typed), Prepare: d.prepare, Locale: &d.typed})
	case "pending":
		return w.pending(who)
	case "create in":
		return w.g.CreateSignIn(ctx(), who, flow.SignInParams{Identifier: d.address, Prepare: d.prepare})
	case "create up":
		return w.g.CreateSignUp(ctx(), who, flow.SignUpParams{Email: &d.address, Prepare: d.prepare})
	case "resend in":
		return w.g.PrepareFirstFactor(ctx(), who, in.ID, "", "")
	case "resend up":
		return w.g.PrepareVerification(ctx(), who, up.ID, "")
	case "guess in":
		return w.g.AttemptFirstFactor(ctx(), who, in.ID, "", w.typed(d.typed, in.ID, in.FirstPurpose(), in.First))
	case "guess up":
		return w.g.AttemptVerification(ctx(), who, up.ID, "", w.typed(d.typed, up.ID, flow.PurposeSignUp, up.EmailProof))
	case "view in":
		return w.g.SignIn(ctx(), who, in.ID)
	case "view up":
		return w.g.SignUp(ctx(), who, up.ID)
	case "update":
		return w.g.UpdateSignUp(ctx(), who, up.ID, flow.SignUpParams{Email: &d.address, Prepare: d.prepare})
	case "password":
		return w.g.AttemptPassword(ctx(), who, in.ID, gatelatch.Secret(d.typed))
	case "reset":
		return w.g.PrepareFirstFactor(ctx(), who, in.ID, gatelatch.ResetByEmail, "")
	case "link":
		return w.g.PrepareFirstFactor(ctx(), who, in.ID, gatelatch.EmailLink, "")
	case "new password":
		return w.g.ResetPassword(ctx(), who, in.ID, otherWords, true)
	case "second":
		return w.g.AttemptSecondFactor(ctx(), who, in.ID, gatelatch.TOTPCode, "123456")
	case "transfer in":
		return w.g.TransferToSignUp(ctx(), who, in.ID, flow.SignUpParams{})
	default:
		return w.g.TransferToSignIn(ctx(), who, up.ID)
	}
}

// pending is what a client has under way, the sign-in before the sign-up.
func (w *twin) pending(who flow.Caller) (flow.Outcome, error) {
	under, err := w.g.Pending(ctx(), who)
	if under.SignIn != nil {
		return flow.Outcome{SignIn: under.SignIn}, err
	}
	return flow.Outcome{SignUp: under.SignUp}, err
}

func (w *twin) pick(n int) (in flow.SignIn, up flow.SignUp) {
	if n < len(w.signIns) {
		in = w.signIns[len(w.signIns)-1-n]
	}
	if n < len(w.signUps) {
		up = w.signUps[len(w.signUps)-1-n]
	}
	return in, up
}

// typed is what is typed: for "wrong", a code that is certainly not the right one;
// "right" is for tests in which somebody reads the mail.
func (w *twin) typed(what, id string, p flow.Purpose, v *flow.Verification) string {
	if v == nil || what != "wrong" && what != "right" {
		return what
	}
	right := w.g.Codes.Code(id, p, *v).Reveal()
	if w.tests {
		right = fixedCode
	}
	if what == "right" {
		return right
	}
	return flowtest.Wrong(right)
}

func (w *twin) remember(out flow.Outcome) {
	if out.SignIn != nil {
		w.signIns = replaceByID(w.signIns, *out.SignIn, func(s flow.SignIn) string { return s.ID })
	}
	if out.SignUp != nil {
		w.signUps = replaceByID(w.signUps, *out.SignUp, func(s flow.SignUp) string { return s.ID })
	}
}

func replaceByID[T any](list []T, v T, id func(T) string) []T {
	for i := range list {
		if id(list[i]) == id(v) {
			list[i] = v
			return list
		}
	}
	return append(list, v)
}

// TestARightCodeTellsOnlyWhoGaveIt: the difference shows after the proof, and
// not before.
func TestARightCodeTellsOnlyWhoGaveIt(t *testing.T) {
	g := newGate(t)
	g.AddUser("Ada@Example.com")
	who, other := g.Browser(), g.Browser()
	known, unknown := startSignIn(t, g, who, ada), startSignIn(t, g, other, "new@example.com")
	a := check(t)(g.AttemptFirstFactor(ctx(), who, known, "", g.Code(known)))
	b := check(t)(g.AttemptFirstFactor(ctx(), other, unknown, "", g.Code(unknown)))
	if a.Issued == nil || b.Issued != nil || !b.SignIn.Transferable() {
		t.Fatalf("known %+v, unknown %+v", a, b)
	}
}

// TestADecoyIsSentNothing: nobody gets mail because a stranger typed their
// address where no account can be made.
func TestADecoyIsSentNothing(t *testing.T) {
	g := newGate(t, closed)
	who := g.Browser()
	id := startSignIn(t, g, who, ada)
	g.Clock.Advance(time.Minute)
	wantCode(t, check(t)(g.PrepareFirstFactor(ctx(), who, id, "", "")), "")
	if got := g.Fetch(); len(got) != 0 {
		t.Fatalf("%d messages", len(got))
	}
	right := g.Codes.Code(id, flow.PurposeSignIn, *check(t)(g.SignIn(ctx(), who, id)).SignIn.First).Reveal()
	if out := check(t)(g.AttemptFirstFactor(ctx(), who, id, "", right)); out.Issued != nil || code(out.Refusal) != gatelatch.CodeIncorrect {
		t.Fatalf("a decoy was opened: %+v", out.Refusal)
	}
}

// TestMailGoesToTheStoredForm: the typed form may be an address that only looks
// the same to us.
func TestMailGoesToTheStoredForm(t *testing.T) {
	g := newGate(t)
	g.AddUser("Ada@Example.com")
	who := g.Browser()
	startSignIn(t, g, who, "ADA@example.com")
	startSignUp(t, g, who, "aDa@example.com")
	for _, m := range g.Fetch() {
		if m.Display != "Ada@example.com" {
			t.Errorf("a message to the form that was typed: %s", m.Purpose)
		}
	}
	if len(g.Inbox) != 2 {
		t.Fatalf("%d messages", len(g.Inbox))
	}
}

// The same holds for an attempt that was begun before there was a user.
func TestMailGoesToTheStoredFormOfAUserMadeMeanwhile(t *testing.T) {
	g := newGate(t)
	who := g.Browser()
	in, up := startSignIn(t, g, who, "ADA@example.com"), startSignUp(t, g, who, "aDa@example.com")
	g.Fetch()
	g.AddUser("Ada@Example.com")
	g.Clock.Advance(time.Minute)
	wantCode(t, check(t)(g.PrepareFirstFactor(ctx(), who, in, "", "")), "")
	wantCode(t, check(t)(g.PrepareVerification(ctx(), who, up, "")), "")
	again := g.Fetch()
	for _, m := range again {
		if m.Display != "Ada@example.com" {
			t.Errorf("a message to the form that was typed: %s", m.Purpose)
		}
	}
	if len(again) != 2 {
		t.Fatalf("%d messages", len(again))
	}
}
