// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
	"pgregory.net/rapid"
)

// TestServiceProperties plays random scripts of several visitors against a
// service on a store: every operation, every kind of code, waits, sign-outs,
// restarts. An onlooker who reads what was committed checks the invariants
// after each step. Invariant 3 speaks of second proofs, which no policy asks
// for yet; invariant 9 is in hidden_test.go.
func TestServiceProperties(t *testing.T) { rapid.Check(t, serviceProperties) }

func serviceProperties(t *rapid.T) {
	p := newPlay(t)
	for range rapid.IntRange(20, 80).Draw(t, "steps") {
		p.turn()
	}
}

// play is one script under way.
type play struct {
	t        *rapid.T
	g        *flowtest.Gate
	browsers []flow.Caller
	attempts []started
	watch    *onlooker
}

// started is an attempt and who began it.
type started struct {
	id      string
	signUp  bool
	browser int
}

var typedAddresses = rapid.SampledFrom([]string{ada, "ADA@example.com", "bob@example.com", "+1 201 555 0123"})

func newPlay(t *rapid.T) *play {
	open := rapid.IntRange(0, 4).Draw(t, "open") < 4
	fields := flow.Fields{Email: flow.Optional, Phone: flow.Optional, FirstName: flow.Off, LastName: flow.Off}
	switch rapid.IntRange(0, 3).Draw(t, "fields") {
	case 0:
		fields = flow.Fields{Email: flow.Required, Phone: flow.Required, FirstName: flow.Off, LastName: flow.Off}
	case 1:
		fields = flow.Fields{Email: flow.Required, Phone: flow.Off, FirstName: flow.Required, LastName: flow.Optional}
	}
	g := newGate(t, func(s *flow.Service) { s.Policy.SignUp, s.Policy.Fields = mode(open), fields })
	p := &play{t: t, g: g, watch: newOnlooker(t, g)}
	for range 3 {
		p.browsers = append(p.browsers, g.BrowserAt("192.0.2.1"))
	}
	if rapid.Bool().Draw(t, "bob is known") {
		g.AddUser("Bob@Example.com")
		p.watch.look(act{browser: -1}, flow.Outcome{})
	}
	return p
}

// act is one operation, as far as the onlooker must know it.
type act struct {
	what    string
	browser int
	attempt started
	// typed is the code that was given.
	typed string
	// atOnce says that a change and a message were asked for in one request; the
	// change is kept when only the message is refused.
	atOnce bool
}

// turn draws one act. Small numbers are drawn more often, so what carries an
// attempt forward comes first.
func (p *play) turn() {
	t := p.t
	kind := rapid.IntRange(0, 19).Draw(t, "act")
	switch {
	case kind == 19:
		p.g.Restart()
	case kind >= 17:
		p.g.Clock.Advance(rapid.SampledFrom([]time.Duration{
			time.Second, 30 * time.Second, time.Minute,
			10 * time.Minute, time.Hour, 25 * time.Hour,
		}).Draw(t, "wait"))
	case kind == 16:
		p.watch.signOut(rapid.IntRange(0, 5).Draw(t, "whose"))
	case kind >= 13 || len(p.attempts) == 0:
		browser := rapid.IntRange(0, len(p.browsers)-1).Draw(t, "browser")
		p.begin(act{browser: browser}, p.browsers[browser])
	default:
		p.goOn(kind)
	}
}

func (p *play) begin(a act, who flow.Caller) {
	t := p.t
	address, now := typedAddresses.Draw(t, "address"), rapid.IntRange(0, 3).Draw(t, "prepare") < 3
	if rapid.Bool().Draw(t, "sign in") {
		a.what = "CreateSignIn"
		out := check(t)(p.g.CreateSignIn(ctx(), who, flow.SignInParams{Identifier: address, Prepare: now}))
		p.watch.look(a, out)
		if out.SignIn != nil {
			p.attempts = append(p.attempts, started{out.SignIn.ID, false, a.browser})
		}
		return
	}
	a.what = "CreateSignUp"
	out := check(t)(p.g.CreateSignUp(ctx(), who, p.fields(address, now)))
	p.watch.look(a, out)
	if out.SignUp != nil {
		p.attempts = append(p.attempts, started{out.SignUp.ID, true, a.browser})
	}
}

func (p *play) fields(address string, prepare bool) flow.SignUpParams {
	f := flow.SignUpParams{Prepare: prepare}
	if strings.Contains(address, "@") {
		f.Email = &address
	} else {
		f.Phone = &address
	}
	if rapid.Bool().Draw(p.t, "with the other") {
		f.Email, f.Phone = ptr("carol@example.com"), ptr("+1 201 555 0199")
	}
	if rapid.Bool().Draw(p.t, "with a name") {
		f.FirstName = ptr("Ada")
	}
	return f
}

// goOn goes on with one of the attempts, mostly the newest, mostly in its own
// browser.
func (p *play) goOn(kind int) {
	t, g := p.t, p.g
	x := p.attempts[len(p.attempts)-1-rapid.IntRange(0, len(p.attempts)-1).Draw(t, "attempt")]
	a, id := act{attempt: x, browser: x.browser}, x.id
	if rapid.IntRange(0, 9).Draw(t, "other browser") == 9 {
		a.browser = (x.browser + 1) % len(p.browsers)
	}
	who := p.browsers[a.browser]
	var out flow.Outcome
	switch {
	case kind <= 5:
		a.what, a.typed = "Attempt", p.code(id)
		if x.signUp {
			out = check(t)(g.AttemptVerification(ctx(), who, id, strategyOf(t), a.typed))
		} else {
			out = check(t)(g.AttemptFirstFactor(ctx(), who, id, strategyOf(t), a.typed))
		}
	case kind <= 7 && x.signUp:
		a.what = "TransferToSignIn"
		out = check(t)(g.TransferToSignIn(ctx(), who, id))
	case kind <= 7:
		a.what = "TransferToSignUp"
		out = check(t)(g.TransferToSignUp(ctx(), who, id, flow.SignUpParams{}))
	case kind <= 9 && x.signUp:
		a.what = "PrepareVerification"
		out = check(t)(g.PrepareVerification(ctx(), who, id, strategyOf(t)))
	case kind <= 9:
		a.what = "PrepareFirstFactor"
		out = check(t)(g.PrepareFirstFactor(ctx(), who, id, strategyOf(t), ""))
	case kind <= 11 && x.signUp:
		a.what, a.atOnce = "UpdateSignUp", rapid.Bool().Draw(t, "prepare")
		out = check(t)(g.UpdateSignUp(ctx(), who, id, p.fields(typedAddresses.Draw(t, "address"), a.atOnce)))
	case x.signUp:
		a.what = "SignUp"
		out = check(t)(g.SignUp(ctx(), who, id))
	default:
		a.what = "SignIn"
		out = check(t)(g.SignIn(ctx(), who, id))
	}
	p.watch.look(a, out)
	p.follow(a, out)
}

// follow takes up the attempt that a transfer has led to.
func (p *play) follow(a act, out flow.Outcome) {
	id := a.attempt.id
	if out.SignUp != nil && out.SignUp.ID != id {
		p.attempts = append(p.attempts, started{out.SignUp.ID, true, a.browser})
	}
	if out.SignIn != nil && out.SignIn.ID != id {
		p.attempts = append(p.attempts, started{out.SignIn.ID, false, a.browser})
	}
}

func strategyOf(t *rapid.T) gatelatch.Strategy {
	return rapid.SampledFrom([]gatelatch.Strategy{"", "", "", gatelatch.EmailCode, gatelatch.PhoneCode}).Draw(t, "strategy")
}

// code draws something to type: the right code, an older one of the same
// attempt, one of another attempt, a wrong one, nonsense.
func (p *play) code(id string) string {
	p.g.Fetch()
	var own, others []string
	for _, m := range p.g.Inbox {
		if m.AttemptID == id {
			own = append(own, p.g.CodeIn(m))
		} else {
			others = append(others, p.g.CodeIn(m))
		}
	}
	kind := rapid.IntRange(0, 9).Draw(p.t, "code")
	switch {
	case kind == 9:
		return rapid.SampledFrom([]string{"", "12345", "abcdef", "123456789"}).Draw(p.t, "nonsense")
	case kind == 8 && len(others) > 0:
		return rapid.SampledFrom(others).Draw(p.t, "another's")
	case kind == 7 && len(own) > 0:
		return rapid.SampledFrom(own).Draw(p.t, "own")
	case kind <= 1 && len(own) > 0:
		return own[len(own)-1]
	case len(own) > 0:
		return flowtest.Wrong(own[len(own)-1])
	}
	return fmt.Sprintf("%06d", rapid.IntRange(0, 999999).Draw(p.t, "blind"))
}
