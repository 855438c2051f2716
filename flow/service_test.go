// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
	"github.com/gatelatch/gatelatch/store"
	"github.com/gatelatch/gatelatch/store/memory"
)

func TestSigningUpAndInByEmail(t *testing.T) {
	g := newGate(t)
	made := signUp(t, g, g.Browser(), ada)
	if made.SignUp.Status != flow.SignUpComplete || made.Issued.Session.Strategy != gatelatch.EmailCode {
		t.Fatalf("%+v", made)
	}
	who := g.Browser()
	in := signIn(t, g, who, "ADA@example.com")
	s := in.Issued.Session
	if in.SignIn.Status != flow.SignInComplete || s.UserID != made.Issued.Session.UserID || s.ID == made.Issued.Session.ID {
		t.Fatalf("%+v", in)
	}
	p, err := g.Store.PrincipalByTokenHash(ctx(), in.Issued.Token.Hash())
	if err != nil || p.User.ID != s.UserID || p.Client.TokenHash != who.Client.Hash() {
		t.Fatalf("the session is not what was issued: %+v, %v", p, err)
	}
	if !s.ExpireAt.Equal(flowtest.Noon().Add(7*24*time.Hour)) || !p.User.LastSignInAt.Equal(flowtest.Noon()) {
		t.Errorf("ends at %s, signed in at %s", s.ExpireAt, p.User.LastSignInAt)
	}
}

func TestSigningUpWithBothAddressesAndAName(t *testing.T) {
	g := newGate(t, both, withNames)
	who := g.Browser()
	out := check(t)(g.CreateSignUp(ctx(), who, flow.SignUpParams{Email: ptr(ada), Prepare: true}))
	if code(out.Refusal) != gatelatch.CodeMissing || out.Refusal.Param != flow.FieldPhone || len(g.Fetch()) != 0 {
		t.Fatalf("sent before the form was complete: %+v", out.Refusal)
	}
	out = check(t)(g.CreateSignUp(ctx(), who, flow.SignUpParams{Email: ptr(ada), Phone: ptr("201-555-0123"), FirstName: ptr("  Ada \t King "), Prepare: true}))
	wantCode(t, out, "")
	id := out.SignUp.ID
	out = check(t)(g.AttemptVerification(ctx(), who, id, "", g.Code(id)))
	if out.Refusal != nil || out.Issued != nil || !slices.Equal(out.SignUp.UnverifiedFields(), []string{flow.FieldPhone}) {
		t.Fatalf("after the e-mail code: %+v", out)
	}
	g.Restart()
	g.Clock.Advance(time.Second)
	wantCode(t, check(t)(g.PrepareVerification(ctx(), who, id, "")), "")
	out = check(t)(g.AttemptVerification(ctx(), who, id, "", g.Code(id)))
	if out.Issued == nil || out.Issued.Session.Strategy != gatelatch.PhoneCode {
		t.Fatalf("after the text: %+v", out.Refusal)
	}
	p, err := g.Store.PrincipalByTokenHash(ctx(), out.Issued.Token.Hash())
	if err != nil || p.User.FirstName != "Ada King" || len(p.User.Addresses) != 2 {
		t.Fatalf("made %+v, %v", p.User, err)
	}
	signIn(t, g, g.Browser(), "+12015550123")
}

func TestChangingTheAddressOfASignUp(t *testing.T) {
	g := newGate(t)
	who := g.Browser()
	id := startSignUp(t, g, who, "adda@example.com")
	old := g.Code(id)
	out := check(t)(g.UpdateSignUp(ctx(), who, id, flow.SignUpParams{Email: ptr(ada), Prepare: true}))
	wantCode(t, out, "")
	wantCode(t, check(t)(g.AttemptVerification(ctx(), who, id, "", old)), gatelatch.CodeIncorrect)
	out = check(t)(g.AttemptVerification(ctx(), who, id, "", g.Code(id)))
	p, err := g.Store.PrincipalByTokenHash(ctx(), out.Issued.Token.Hash())
	if err != nil || len(p.User.Addresses) != 1 || p.User.Addresses[0].Value != ada {
		t.Fatalf("made %+v, %v", p.User.Addresses, err)
	}
}

func TestNamesAreReadStrictly(t *testing.T) {
	g := newGate(t, withNames)
	for name, c := range map[string]struct {
		typed string
		want  gatelatch.Code
	}{
		"plain":           {"Ada", ""},
		"with accents":    {"Zoë-Anne O’Neill", ""},
		"a hundred runes": {strings.Repeat("é", 100), ""},
		"one more":        {strings.Repeat("é", 101), gatelatch.CodeTooLong},
		"a NUL byte":      {"A\x00da", gatelatch.CodeFormat},
		"an escape":       {"A\x1b[31mda", gatelatch.CodeFormat},
		"invalid UTF-8":   {"A\xffda", gatelatch.CodeFormat},
	} {
		out := check(t)(g.CreateSignUp(ctx(), g.Browser(), flow.SignUpParams{Email: ptr(ada), FirstName: &c.typed}))
		if code(out.Refusal) != c.want {
			t.Errorf("%s: %q, want %q", name, code(out.Refusal), c.want)
		}
	}
}

func TestSignUpClosed(t *testing.T) {
	g := newGate(t, closed)
	g.AddUser(ada)
	for _, address := range []string{ada, "new@example.com"} {
		out := check(t)(g.CreateSignUp(ctx(), g.Browser(), flow.SignUpParams{Email: &address, Prepare: true}))
		if code(out.Refusal) != gatelatch.CodeSignUpClosed || out.Refusal.Status() != 403 {
			t.Errorf("%+v", out.Refusal)
		}
	}
	if n := g.Store.Count("PutSignUp") + len(g.Fetch()); n != 0 {
		t.Errorf("%d rows and messages", n)
	}
	signIn(t, g, g.Browser(), ada)
}

func TestAnAttemptOfAnotherClientDoesNotExist(t *testing.T) {
	g := newGate(t)
	who, other := g.Browser(), g.Browser()
	in, up := startSignIn(t, g, who, ada), startSignUp(t, g, who, "bob@example.com")
	startSignIn(t, g, other, "other@example.com")
	for name, do := range map[string]func() (flow.Outcome, error){
		"view sign-in":    func() (flow.Outcome, error) { return g.SignIn(ctx(), other, in) },
		"view sign-up":    func() (flow.Outcome, error) { return g.SignUp(ctx(), other, up) },
		"resend sign-in":  func() (flow.Outcome, error) { return g.PrepareFirstFactor(ctx(), other, in, "", "") },
		"resend sign-up":  func() (flow.Outcome, error) { return g.PrepareVerification(ctx(), other, up, "") },
		"guess sign-in":   func() (flow.Outcome, error) { return g.AttemptFirstFactor(ctx(), other, in, "", g.Code(in)) },
		"guess sign-up":   func() (flow.Outcome, error) { return g.AttemptVerification(ctx(), other, up, "", g.Code(up)) },
		"update sign-up":  func() (flow.Outcome, error) { return g.UpdateSignUp(ctx(), other, up, flow.SignUpParams{}) },
		"transfer to up":  func() (flow.Outcome, error) { return g.TransferToSignUp(ctx(), other, in, flow.SignUpParams{}) },
		"transfer to in":  func() (flow.Outcome, error) { return g.TransferToSignIn(ctx(), other, up) },
		"no such sign-in": func() (flow.Outcome, error) { return g.SignIn(ctx(), who, "sia_none") },
		"no such sign-up": func() (flow.Outcome, error) { return g.SignUp(ctx(), who, up+"\x00") },
	} {
		mark := g.Store.Mark()
		out := check(t)(do())
		if code(out.Refusal) != gatelatch.CodeNotFound || out.SignIn != nil || out.SignUp != nil || out.Issued != nil {
			t.Errorf("%s: %+v", name, out)
		}
		if n := len(g.Store.Since(mark)); n != 0 {
			t.Errorf("%s wrote %d rows", name, n)
		}
	}
}

// broken is a store that fails.
type broken struct{ store.Store }

var errBroken = errors.New("the disk is on fire")

func (broken) InTx(context.Context, func(flow.Tx) error) error     { return errBroken }
func (broken) InReadTx(context.Context, func(flow.Tx) error) error { return errBroken }

// TestAFailingStoreLetsNobodyIn: a machine's failure is an error, wrapped, and
// never an outcome.
func TestAFailingStoreLetsNobodyIn(t *testing.T) {
	var events observer
	g := flowtest.New(t, broken{memory.New()}, func(s *flow.Service) { s.Observer = &events })
	g.Repo = broken{}
	who := g.Browser()
	for name, do := range map[string]func() (flow.Outcome, error){
		"create sign-in": func() (flow.Outcome, error) { return g.CreateSignIn(ctx(), who, flow.SignInParams{Identifier: ada}) },
		"create sign-up": func() (flow.Outcome, error) { return g.CreateSignUp(ctx(), who, flow.SignUpParams{Email: ptr(ada)}) },
		"guess":          func() (flow.Outcome, error) { return g.AttemptFirstFactor(ctx(), who, "sia_1", "", "123456") },
		"transfer":       func() (flow.Outcome, error) { return g.TransferToSignUp(ctx(), who, "sia_1", flow.SignUpParams{}) },
		"view":           func() (flow.Outcome, error) { return g.SignIn(ctx(), who, "sia_1") },
	} {
		out, err := do()
		if !errors.Is(err, errBroken) || out.Issued != nil || out.SignIn != nil || out.SignUp != nil || out.Refusal != nil {
			t.Errorf("%s: %+v, %v", name, out, err)
		}
	}
	for _, e := range events.all {
		if e.Outcome != "error" || !errors.Is(e.Err, errBroken) {
			t.Errorf("told of %+v", e)
		}
	}
	if len(events.all) != 5 {
		t.Errorf("%d events", len(events.all))
	}
}

type observer struct {
	mu  sync.Mutex
	all []flow.Event
}

func (o *observer) Observe(e flow.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all = append(o.all, e)
}

// TestTheObserverHearsEverythingAndNoSecret: what goes to logs and metrics.
func TestTheObserverHearsEverythingAndNoSecret(t *testing.T) {
	var events observer
	g := newGate(t, func(s *flow.Service) { s.Observer = &events })
	who := g.Browser()
	id := startSignUp(t, g, who, ada)
	right := g.Code(id)
	check(t)(g.AttemptVerification(ctx(), who, id, "", flowtest.Wrong(right)))
	done := check(t)(g.AttemptVerification(ctx(), who, id, "", right))
	in := startSignIn(t, g, who, ada)
	check(t)(g.SignIn(ctx(), who, in)) // looking is no event
	var told []string
	for _, e := range events.all {
		told = append(told, e.Flow+" "+string(e.Input)+" "+e.Outcome)
		line := fmt.Sprintf("%+v", e)
		for _, secret := range []string{ada, right, done.Issued.Token.Reveal(), who.Client.Reveal()} {
			if strings.Contains(line, secret) {
				t.Errorf("an event holds a secret: %s", e.Input)
			}
		}
	}
	want := []string{
		"sign_up details missing_requirements", "sign_up attempt form_code_incorrect",
		"sign_up attempt complete", "sign_in identify needs_first_factor",
	}
	if !slices.Equal(told, want) {
		t.Errorf("told of\n%s", strings.Join(told, "\n"))
	}
	if e := events.all[2]; !e.New || e.UserID == "" || e.SessionID != done.Issued.Session.ID || e.To != "a•••@example.com" {
		t.Errorf("told of %+v", e)
	}
}

// The queue is woken after the commit when there is something to send, and
// only then.
func TestTheQueueIsWoken(t *testing.T) {
	woken := 0
	g := newGate(t, func(s *flow.Service) { s.Wake = func() { woken++ } })
	who := g.Browser()
	id := startSignIn(t, g, who, ada)
	if woken != 1 {
		t.Fatalf("woken %d times", woken)
	}
	check(t)(g.PrepareFirstFactor(ctx(), who, id, "", "")) // too soon
	check(t)(g.AttemptFirstFactor(ctx(), who, id, "", g.Code(id)))
	if woken != 1 {
		t.Fatalf("woken %d times", woken)
	}
}

// The queue holds what the code is derived from and never the code itself.
func TestTheQueueDoesNotHoldTheCode(t *testing.T) {
	g := newGate(t)
	who := g.Browser()
	id := startSignIn(t, g, who, ada)
	right := g.Code(id)
	for _, w := range g.Store.Writes() {
		if strings.Contains(fmt.Sprintf("%+v", w.Value), right) {
			t.Errorf("%s holds the code", w.What)
		}
	}
	m := g.Inbox[0]
	if m.Site != "site" || m.Purpose != "sign_in" || !m.ExpireAt.Equal(flowtest.Noon().Add(10*time.Minute)) || m.Tries != 0 || !m.NextAt.Equal(m.AskedAt) {
		t.Errorf("queued %+v", m)
	}
}
