// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admission"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
	"pgregory.net/rapid"
)

// in runs fn in a transaction of the gate's store.
func in(t fatal, g *flowtest.Gate, fn func(tx flow.Tx) error) {
	t.Helper()
	if err := g.Store.InTx(ctx(), fn); err != nil {
		t.Fatalf("a transaction: %v", err)
	}
}

// inMode is a gate of a mode.
func inMode(m flow.SignUpMode) func(*flow.Service) {
	return func(s *flow.Service) { s.Policy.SignUp = m }
}

func rules(t fatal, allow, block []string) func(*flow.Service) {
	t.Helper()
	read := func(texts []string) (all []admission.Pattern) {
		for _, text := range texts {
			p, err := admission.Parse(text)
			if err != nil {
				t.Fatalf("%v", err)
			}
			all = append(all, p)
		}
		return all
	}
	r := admission.Rules{Allow: read(allow), Block: read(block)}
	return func(s *flow.Service) { s.Admission = r }
}

// invite puts an invitation to an address into the store.
func invite(t fatal, g *flowtest.Gate, address string) gatelatch.Invitation {
	t.Helper()
	now := g.Clock.Now()
	i := gatelatch.Invitation{
		ID: gatelatch.NewID(gatelatch.PrefixInvitation, now), Identifier: emailFactor(strings.ToLower(address)).To, Display: address,
		CreatedAt: now, ExpireAt: now.Add(7 * 24 * time.Hour),
	}
	in(t, g, func(tx flow.Tx) error { return tx.PutInvitation(ctx(), i) })
	return i
}

func approve(t fatal, g *flowtest.Gate, address string) {
	t.Helper()
	now := g.Clock.Now()
	in(t, g, func(tx flow.Tx) error {
		return tx.PutWaiting(ctx(), gatelatch.WaitlistEntry{
			ID: gatelatch.NewID(gatelatch.PrefixWaitlist, now), Identifier: emailFactor(address).To, Display: address, CreatedAt: now, ApprovedAt: now,
		})
	})
}

func restrict(t fatal, g *flowtest.Gate, list gatelatch.RestrictionList, pattern string) {
	t.Helper()
	now := g.Clock.Now()
	in(t, g, func(tx flow.Tx) error {
		return tx.PutRestriction(ctx(), gatelatch.Restriction{ID: gatelatch.NewID(gatelatch.PrefixRestriction, now), List: list, Pattern: pattern, CreatedAt: now})
	})
}

func setMode(t fatal, g *flowtest.Gate, m flow.SignUpMode) {
	t.Helper()
	in(t, g, func(tx flow.Tx) error { return tx.PutSettings(ctx(), flow.Settings{SignUp: m}) })
}

// fate is what becomes of a visitor with an address who does all that is asked.
type fate string

const (
	comesIn  fate = "comes in"
	willWait fate = "waits"
	nothing  fate = "is sent nothing"
	isTold   fate = "is told that sign-up is closed"
)

// bySignUp signs up.
func bySignUp(t fatal, g *flowtest.Gate, address string) fate {
	t.Helper()
	who := g.Browser()
	out := check(t)(g.CreateSignUp(ctx(), who, flow.SignUpParams{Email: &address, Prepare: true}))
	if code(out.Refusal) == gatelatch.CodeSignUpClosed {
		return isTold
	}
	wantCode(t, out, "")
	return guessOrKnow(t, g, out.SignUp.ID, func(typed string) flow.Outcome {
		return check(t)(g.AttemptVerification(ctx(), who, out.SignUp.ID, "", typed))
	})
}

// bySignIn signs in, and agrees to an account.
func bySignIn(t fatal, g *flowtest.Gate, address string) fate {
	t.Helper()
	who := g.Browser()
	id := startSignIn(t, g, who, address)
	return guessOrKnow(t, g, id, func(typed string) flow.Outcome {
		out := check(t)(g.AttemptFirstFactor(ctx(), who, id, "", typed))
		if out.Refusal == nil && out.SignIn.Transferable() {
			return check(t)(g.TransferToSignUp(ctx(), who, id, flow.SignUpParams{}))
		}
		return out
	})
}

// guessOrKnow types the code of the message; without one, every code is wrong,
// also the one that would have been sent.
func guessOrKnow(t fatal, g *flowtest.Gate, id string, give func(string) flow.Outcome) fate {
	t.Helper()
	sent := slices.IndexFunc(g.Fetch(), func(m delivery.Queued) bool { return m.AttemptID == id }) >= 0
	typed := "000000"
	if sent {
		typed = g.Code(id)
	}
	out := give(typed)
	switch {
	case !sent && code(out.Refusal) == gatelatch.CodeIncorrect:
		return nothing
	case out.Waiting && out.Issued == nil && out.SignUp.Status == flow.SignUpWaiting:
		return willWait
	case out.Issued != nil || out.SignUp != nil && out.SignUp.Transferable():
		return comesIn
	}
	t.Fatalf("sent %t, then %+v", sent, out)
	return ""
}

func TestWhoMaySignUp(t *testing.T) {
	const open, byInvitation, waitlist, shut = flow.SignUpOpen, flow.SignUpInvite, flow.SignUpWaitlist, flow.SignUpClosed
	known := func(t fatal, g *flowtest.Gate) { g.AddUser(ada) }
	invited := func(t fatal, g *flowtest.Gate) { invite(t, g, ada) }
	approved := func(t fatal, g *flowtest.Gate) { approve(t, g, ada) }
	for _, c := range []struct {
		name         string
		mode         flow.SignUpMode
		allow, block []string
		before       func(fatal, *flowtest.Gate)
		want         fate
	}{
		{"open", open, nil, nil, nil, comesIn},
		{"open, on the allow list", open, []string{"example.com"}, nil, nil, comesIn},
		{"open, off the allow list", open, []string{"example.org"}, nil, nil, nothing},
		{"open, off the allow list, but invited", open, []string{"example.org"}, nil, invited, comesIn},
		{"open, blocked", open, nil, []string{"example.com"}, nil, nothing},
		{"open, blocked and invited", open, nil, []string{"example.com"}, invited, nothing},
		{"open, blocked, but a user", open, nil, []string{"example.com"}, known, comesIn},
		{"by invitation", byInvitation, nil, nil, nil, nothing},
		{"by invitation, invited", byInvitation, nil, nil, invited, comesIn},
		{"by invitation, a user", byInvitation, nil, nil, known, comesIn},
		{"by invitation, on the allow list", byInvitation, []string{"example.com"}, nil, nil, nothing},
		{"waitlist", waitlist, nil, nil, nil, willWait},
		{"waitlist, blocked", waitlist, nil, []string{"example.com"}, nil, nothing},
		{"waitlist, invited", waitlist, nil, nil, invited, comesIn},
		{"waitlist, approved", waitlist, nil, nil, approved, comesIn},
		{"waitlist, a user", waitlist, nil, nil, known, comesIn},
		{"closed", shut, nil, nil, nil, isTold},
		{"closed, invited", shut, nil, nil, invited, isTold},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, way := range []struct {
				name string
				try  func(fatal, *flowtest.Gate, string) fate
			}{{"sign-up", bySignUp}, {"sign-in", bySignIn}} {
				g := newGate(t, inMode(c.mode), rules(t, c.allow, c.block))
				if c.before != nil {
					c.before(t, g)
				}
				want := c.want
				if want == isTold && way.name == "sign-in" {
					want = nothing
				}
				if got := way.try(t, g, ada); got != want {
					t.Errorf("%s: %s, want %s", way.name, got, want)
				}
			}
		})
	}
}

// TestWhatOperatorsChange goes for the next request: no restart, no reload.
func TestWhatOperatorsChange(t *testing.T) {
	g := newGate(t)
	restrict(t, g, gatelatch.BlockList, "example.com")
	if got := bySignUp(t, g, ada); got != nothing {
		t.Errorf("blocked: %s", got)
	}
	restrict(t, g, gatelatch.AllowList, "example.org")
	if got := bySignUp(t, g, "ada@example.net"); got != nothing {
		t.Errorf("off the allow list: %s", got)
	}
	if got := bySignUp(t, g, "ada@example.org"); got != comesIn {
		t.Errorf("on it: %s", got)
	}
	for m, want := range map[flow.SignUpMode]fate{flow.SignUpWaitlist: willWait, flow.SignUpInvite: nothing, flow.SignUpClosed: isTold} {
		setMode(t, g, m)
		if got := bySignUp(t, g, string(m)+"@example.org"); got != want {
			t.Errorf("%s: %s", m, got)
		}
		if got, err := g.Doors(ctx()); err != nil || got != (flow.Doors{Mode: m, Restricted: true}) {
			t.Errorf("in force is %+v, %v", got, err)
		}
	}
	setMode(t, g, "")
	if got, err := g.Doors(ctx()); err != nil || got != (flow.Doors{Mode: flow.SignUpOpen, Restricted: true}) {
		t.Errorf("after the reset it is %+v, %v", got, err)
	}
}

// TestALaterAllowanceIsEnough: who waited for a code in vain asks for it again.
func TestALaterAllowanceIsEnough(t *testing.T) {
	g := newGate(t, inMode(flow.SignUpInvite))
	who := g.Browser()
	id := startSignUp(t, g, who, ada)
	invite(t, g, ada)
	g.Clock.Advance(time.Minute)
	wantCode(t, check(t)(g.PrepareVerification(ctx(), who, id, "")), "")
	if out := check(t)(g.AttemptVerification(ctx(), who, id, "", g.Code(id))); out.Issued == nil {
		t.Errorf("not let in: %+v", out.Refusal)
	}
}

// TestABlockAfterTheCodeWasSent: the right code is a wrong one then.
func TestABlockAfterTheCodeWasSent(t *testing.T) {
	g := newGate(t)
	who := g.Browser()
	id := startSignUp(t, g, who, ada)
	restrict(t, g, gatelatch.BlockList, "example.com")
	wantCode(t, check(t)(g.AttemptVerification(ctx(), who, id, "", g.Code(id))), gatelatch.CodeIncorrect)
}

// TestTheRulesAreAskedOnceMoreAtTheEnd, when the address is proven and only a
// name is missing.
func TestTheRulesAreAskedOnceMoreAtTheEnd(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*testing.T, *flowtest.Gate)
		want   gatelatch.Code
		status flow.SignUpStatus
	}{
		"nothing has changed": {func(*testing.T, *flowtest.Gate) {}, "", flow.SignUpComplete},
		"blocked": {func(t *testing.T, g *flowtest.Gate) {
			restrict(t, g, gatelatch.BlockList, ada)
		}, gatelatch.CodeNotAllowed, flow.MissingRequirements},
		"by invitation": {func(t *testing.T, g *flowtest.Gate) { setMode(t, g, flow.SignUpInvite) }, gatelatch.CodeNotAllowed, flow.MissingRequirements},
		"by waitlist":   {func(t *testing.T, g *flowtest.Gate) { setMode(t, g, flow.SignUpWaitlist) }, "", flow.SignUpWaiting},
		"closed":        {func(t *testing.T, g *flowtest.Gate) { setMode(t, g, flow.SignUpClosed) }, gatelatch.CodeSignUpClosed, flow.MissingRequirements},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGate(t, withNames)
			who := g.Browser()
			out := check(t)(g.TransferToSignUp(ctx(), who, proven(t, g, who, ada), flow.SignUpParams{}))
			wantCode(t, out, "")
			c.change(t, g)
			out = check(t)(g.UpdateSignUp(ctx(), who, out.SignUp.ID, flow.SignUpParams{FirstName: ptr("Ada")}))
			wantCode(t, out, c.want)
			if out.SignUp.Status != c.status || (out.Issued != nil) != (c.status == flow.SignUpComplete) || out.Waiting != (c.status == flow.SignUpWaiting) {
				t.Errorf("stands at %s", out.SignUp.Status)
			}
			if n := g.Store.Count("CreateUser"); (n > 0) != (c.status == flow.SignUpComplete) {
				t.Errorf("%d users", n)
			}
		})
	}
}

// TestWhoIsOnWhichListIsNobodysBusiness: visitors do the same on two gates of one
// mode, on which an address stands differently, short of giving a right code
// back, and cannot tell which is which.
func TestWhoIsOnWhichListIsNobodysBusiness(t *testing.T) { rapid.Check(t, listsProperty) }

func listsProperty(t *rapid.T) {
	modes := rapid.SampledFrom([]flow.SignUpMode{flow.SignUpOpen, flow.SignUpInvite, flow.SignUpWaitlist})
	m, passwords := modes.Draw(t, "mode"), rapid.Bool().Draw(t, "passwords")
	var twins [2]*twin
	for i, name := range []string{"first", "second"} {
		w := newTwin(t, true, passwords, false)
		w.g.Policy.SignUp = m
		stand(t, w.g, rapid.SampledFrom([]string{"plain", "blocked", "user", "blocked user", "invited", "approved"}).Draw(t, name))
		twins[i] = w
	}
	for range rapid.IntRange(5, 40).Draw(t, "steps") {
		d := drawDeed(t)
		a, b := twins[0].do(d), twins[1].do(d)
		if a, b = unsent(a), unsent(b); !reflect.DeepEqual(a, b) {
			t.Fatalf("%+v tells how an address stands (%s):\n%+v\n%+v", d, m, a, b)
		}
	}
}

func stand(t fatal, g *flowtest.Gate, how string) {
	t.Helper()
	switch how {
	case "invited":
		invite(t, g, ada)
	case "approved":
		approve(t, g, ada)
	case "user", "blocked user":
		g.AddUser("Ada@Example.com")
	}
	if strings.HasPrefix(how, "blocked") {
		rules(t, nil, []string{"example.com"})(g.Service)
	}
}

// unsent leaves out what only the queue shows, which is nobody's to see.
func unsent(s seen) seen {
	s.written = slices.DeleteFunc(s.written, func(line string) bool { return strings.HasPrefix(line, "Enqueue") })
	return s
}
