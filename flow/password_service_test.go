// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
	"github.com/gatelatch/gatelatch/password"
)

const secretWords = "correct horse battery staple"

func takesPasswords(s *flow.Service) { s.Policy.Password = flow.Optional }

// person is somebody with a password, on a gate that takes them.
type person struct {
	*flowtest.Gate
	user gatelatch.User
	home flow.Caller // a browser that is known to be theirs
}

func newPerson(t flowtest.TB, options ...func(*flow.Service)) person {
	t.Helper()
	return personAt(newGate(t, append([]func(*flow.Service){takesPasswords}, options...)...))
}

func personAt(g *flowtest.Gate) person {
	g.T.Helper()
	p := person{Gate: g, user: g.AddUser("Ada@Example.com"), home: g.Browser()}
	g.AddPassword(p.user.ID, secretWords)
	g.Trust(p.home, p.user.ID)
	return p
}

// begin begins a sign-in with an address, and asks for nothing.
func begin(t fatal, g *flowtest.Gate, who flow.Caller, address string) string {
	t.Helper()
	out := check(t)(g.CreateSignIn(ctx(), who, flow.SignInParams{Identifier: address}))
	wantCode(t, out, "")
	return out.SignIn.ID
}

// give gives a password.
func (p person) give(t fatal, who flow.Caller, id, plain string) flow.Outcome {
	t.Helper()
	return check(t)(p.AttemptPassword(ctx(), who, id, gatelatch.Secret(plain)))
}

// wantStatus fails unless the attempt stands there, with a session only when it
// is complete.
func wantStatus(t fatal, out flow.Outcome, want flow.SignInStatus) {
	t.Helper()
	wantCode(t, out, "")
	if out.SignIn.Status != want || (out.Issued != nil) != (want == flow.SignInComplete) {
		t.Fatalf("%s, session issued: %t; want %s", out.SignIn.Status, out.Issued != nil, want)
	}
}

func TestAPasswordOnAKnownDevice(t *testing.T) {
	p := newPerson(t)
	p.Clock.Advance(time.Hour)
	out := p.give(t, p.home, begin(t, p.Gate, p.home, ada), secretWords)
	wantStatus(t, out, flow.SignInComplete)
	s := out.Issued.Session
	if out.SignIn.Trust != flow.TrustKnown || s.Strategy != gatelatch.PasswordStrategy || s.Second != "" || !s.FirstAt.Equal(p.Clock.Now()) || s.UserID != p.user.ID {
		t.Errorf("session %+v", s)
	}
	if len(p.Fetch()) != 0 {
		t.Error("somebody was told of a device that is known")
	}
	p.Tx(func(ctx context.Context, tx flow.Tx) error {
		trust, err := tx.ClientTrust(ctx, p.user.ID, s.ClientID)
		if err == nil && (!trust.LastUsedAt.Equal(p.Clock.Now()) || !trust.TrustedAt.Equal(flowtest.Noon())) {
			t.Errorf("the trust was not kept for longer, or renewed by a bare password: %+v", trust)
		}
		return err
	})
}

// TestTrustEnds: the device is asked about again when the trust is over, to the
// second.
func TestTrustEnds(t *testing.T) {
	for _, c := range []struct {
		after time.Duration
		want  flow.SignInStatus
	}{{30*24*time.Hour - time.Second, flow.SignInComplete}, {30 * 24 * time.Hour, flow.NeedsClientTrust}} {
		p := newPerson(t)
		p.Clock.Advance(c.after)
		wantStatus(t, p.give(t, p.home, begin(t, p.Gate, p.home, ada), secretWords), c.want)
	}
}

func TestAPasswordOnANewDevice(t *testing.T) {
	p := newPerson(t)
	who := p.Browser()
	who.UserAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	id := begin(t, p.Gate, who, "ADA@example.com")
	out := p.give(t, who, id, secretWords)
	wantStatus(t, out, flow.NeedsClientTrust)
	if f := out.SignIn.SecondFactors; out.SignIn.Trust != flow.TrustNew || len(f) != 2 || f[0].Strategy != gatelatch.EmailCode || f[1].Strategy != gatelatch.EmailLink || f[0].Display != "Ada@example.com" {
		t.Fatalf("asked for %v", out.SignIn.SecondFactors)
	}
	wantCode(t, check(t)(p.AttemptSecondFactor(ctx(), who, id, "", "123456")), gatelatch.CodeNotSent)
	wantCode(t, check(t)(p.PrepareSecondFactor(ctx(), who, id, "", "")), "")
	if m := p.Fetch(); len(m) != 1 || m[0].Purpose != string(flow.PurposeTrust) || m[0].Display != "Ada@example.com" {
		t.Fatalf("messages %+v", m)
	}
	right := p.Code(id)
	wantCode(t, check(t)(p.AttemptSecondFactor(ctx(), who, id, "", flowtest.Wrong(right))), gatelatch.CodeIncorrect)
	out = check(t)(p.AttemptSecondFactor(ctx(), who, id, "", right))
	wantStatus(t, out, flow.SignInComplete)
	if s := out.Issued.Session; s.Strategy != gatelatch.PasswordStrategy || s.Second != "" || s.UserAgent != who.UserAgent || s.IP != who.IP.String() {
		t.Errorf("the question whose device it is counts as a second step, or the device is lost: %+v", s)
	}
	told := p.Fetch()
	if len(told) != 1 || told[0].Purpose != delivery.NoticeNewDevice || !strings.HasPrefix(told[0].AttemptID, out.Issued.Session.ID+".") || told[0].Strategy != "" || told[0].Details.UserAgent != who.UserAgent || !told[0].ExpireAt.Equal(p.Clock.Now().Add(24*time.Hour)) {
		t.Errorf("told %+v", told)
	}
	wantStatus(t, p.give(t, who, begin(t, p.Gate, who, ada), secretWords), flow.SignInComplete) // not asked again
}

// TestWhatProvesAnAddressIsNeverAsked: codes are what the question is about.
func TestWhatProvesAnAddressIsNeverAsked(t *testing.T) {
	p := newPerson(t)
	who := p.Browser()
	out := signIn(t, p.Gate, who, ada)
	wantStatus(t, out, flow.SignInComplete)
	if told := p.Fetch(); len(told) != 1 || told[0].Purpose != delivery.NoticeNewDevice {
		t.Errorf("told %+v", told)
	}
}

func TestWithoutClientTrust(t *testing.T) {
	p := newPerson(t, func(s *flow.Service) { s.Policy.ClientTrust = 0 })
	who := p.Browser()
	for i, want := range []int{1, 0} { // told of a device once
		wantStatus(t, p.give(t, who, begin(t, p.Gate, who, ada), secretWords), flow.SignInComplete)
		if got := len(p.Fetch()); got != want {
			t.Errorf("sign-in %d told %d times, want %d", i, got, want)
		}
	}
}

// TestANumberProvesADeviceOnlyWhereMailCannot.
func TestANumberProvesADeviceOnlyWhereMailCannot(t *testing.T) {
	for _, c := range []struct {
		name    string
		address string
		mail    bool
		want    gatelatch.Strategy
	}{
		{"mail, the number typed", "+1 201 555 0123", true, gatelatch.EmailCode},
		{"no mail on this site", "+1 201 555 0123", false, gatelatch.PhoneCode},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPerson(t, func(s *flow.Service) { s.Identifiers.Email = c.mail || s.Identifiers.Email })
			p.AddAddress(p.user.ID, "+1 201 555 0123", false)
			p.Identifiers.Email = c.mail
			who := p.Browser()
			out := p.give(t, who, begin(t, p.Gate, who, c.address), secretWords)
			wantStatus(t, out, flow.NeedsClientTrust)
			if got := out.SignIn.SecondFactors[0].Strategy; got != c.want {
				t.Errorf("asked for %s, want %s", got, c.want)
			}
		})
	}
}

func TestWrongPasswords(t *testing.T) {
	p := newPerson(t)
	id := begin(t, p.Gate, p.home, ada)
	for left := 4; left > 0; left-- {
		out := p.give(t, p.home, id, "wrong")
		wantCode(t, out, gatelatch.CodePasswordIncorrect)
		if out.Refusal.Param != "password" || !strings.Contains(out.Refusal.Message, "incorrect") || out.Refusal.Status() != 422 {
			t.Errorf("refused as %+v", out.Refusal)
		}
	}
	wantCode(t, p.give(t, p.home, id, "wrong"), gatelatch.CodeFailed)
	wantCode(t, p.give(t, p.home, id, secretWords), gatelatch.CodeFailed)
	wantCode(t, p.give(t, p.home, id, ""), gatelatch.CodeMissing)
	// Codes are another row: the way out stays open.
	wantCode(t, check(t)(p.PrepareFirstFactor(ctx(), p.home, id, "", "")), "")
	wantStatus(t, check(t)(p.AttemptFirstFactor(ctx(), p.home, id, "", p.Code(id))), flow.SignInComplete)
}

// TestTheHourOfPasswords: ten in an hour, then none, and the right ones do not
// count. The owner's own browser is not locked out by a stranger.
func TestTheHourOfPasswords(t *testing.T) {
	p := newPerson(t)
	who := p.Browser()
	for range 2 {
		id := begin(t, p.Gate, who, ada)
		for range 5 {
			p.give(t, who, id, "wrong")
		}
	}
	out := p.give(t, who, begin(t, p.Gate, who, ada), secretWords)
	wantCode(t, out, gatelatch.CodeTooManyRequests)
	for range 12 {
		wantStatus(t, p.give(t, p.home, begin(t, p.Gate, p.home, ada), secretWords), flow.SignInComplete)
	}
	p.Clock.Advance(out.Refusal.RetryAfter)
	wantStatus(t, p.give(t, who, begin(t, p.Gate, who, ada), secretWords), flow.NeedsClientTrust)
}

// TestPasswordsInARow: a hundred wrong ones close the account to passwords, in
// browsers that are not the owner's, and not to codes.
func TestPasswordsInARow(t *testing.T) {
	p := newPerson(t)
	who := p.Browser()
	for range 10 {
		p.Clock.Advance(2 * time.Hour)
		for range 2 {
			id := begin(t, p.Gate, who, ada)
			for range 5 {
				p.give(t, who, id, "wrong")
			}
		}
	}
	p.Clock.Advance(2 * time.Hour)
	wantCode(t, p.give(t, who, begin(t, p.Gate, who, ada), secretWords), gatelatch.CodeTooManyRequests)
	wantStatus(t, signIn(t, p.Gate, p.Browser(), ada), flow.SignInComplete)
	wantStatus(t, p.give(t, p.home, begin(t, p.Gate, p.home, ada), secretWords), flow.SignInComplete)
	wantStatus(t, p.give(t, who, begin(t, p.Gate, who, ada), secretWords), flow.NeedsClientTrust) // that opened it
}

// TestAClickThatComesTwice: for a moment, and only with the right password, and
// a wrong one is paid for.
func TestAClickThatComesTwice(t *testing.T) {
	p := newPerson(t)
	id := begin(t, p.Gate, p.home, ada)
	first := p.give(t, p.home, id, secretWords)
	again := p.give(t, p.home, id, secretWords)
	if again.Issued == nil || again.Issued.Session.ID != first.Issued.Session.ID {
		t.Fatalf("not answered: %+v", again.Refusal)
	}
	if out := p.give(t, p.home, id, "wrong"); out.Issued != nil || code(out.Refusal) != gatelatch.CodeAlreadyVerified {
		t.Fatalf("answered a wrong password: %+v", out.Refusal)
	}
	for range 12 {
		p.give(t, p.home, id, "wrong")
	}
	if out := p.give(t, p.home, id, secretWords); out.Issued != nil {
		t.Fatal("a complete attempt can be asked for passwords without end")
	}
	p.Clock.Advance(10 * time.Second)
	if out := p.give(t, p.home, id, secretWords); out.Issued != nil {
		t.Fatal("answered long after")
	}
}

func TestBusy(t *testing.T) {
	p := newPerson(t, func(s *flow.Service) {
		s.Hasher = password.NewHasher(password.Params{Memory: 8, Iterations: 1, Parallelism: 1}, 1, -1)
	})
	id := begin(t, p.Gate, p.home, ada)
	leave, err := p.Hasher.Enter()
	if err != nil {
		t.Fatal(err)
	}
	mark := p.Store.Mark()
	if _, err := p.AttemptPassword(ctx(), p.home, id, "wrong"); !errors.Is(err, password.ErrBusy) {
		t.Errorf("got %v", err)
	}
	if _, err := p.CreateSignIn(ctx(), p.home, flow.SignInParams{Identifier: ada, Password: "wrong"}); !errors.Is(err, password.ErrBusy) {
		t.Errorf("got %v", err)
	}
	if _, err := p.ResetPassword(ctx(), p.home, id, "wrong", true); !errors.Is(err, password.ErrBusy) {
		t.Errorf("got %v", err)
	}
	if len(p.Store.Since(mark)) != 0 {
		t.Error("something was counted")
	}
	leave()
	wantStatus(t, p.give(t, p.home, id, secretWords), flow.SignInComplete)
}

func TestAPasswordInTheFirstRequest(t *testing.T) {
	p := newPerson(t)
	out := check(t)(p.CreateSignIn(ctx(), p.home, flow.SignInParams{Identifier: ada, Password: secretWords, Prepare: true}))
	wantStatus(t, out, flow.SignInComplete)
	out = check(t)(p.CreateSignIn(ctx(), p.home, flow.SignInParams{Identifier: ada, Password: "wrong"}))
	wantCode(t, out, gatelatch.CodePasswordIncorrect)
	if out.SignIn == nil || out.SignIn.Tries != 1 || len(p.Fetch()) != 0 {
		t.Errorf("the attempt is %+v", out.SignIn)
	}
}

func TestWherePasswordsAreOff(t *testing.T) {
	g := newGate(t)
	u := g.AddUser("Ada@Example.com")
	g.AddPassword(u.ID, secretWords)
	who := g.Browser()
	id := begin(t, g, who, ada)
	wantCode(t, check(t)(g.AttemptPassword(ctx(), who, id, secretWords)), gatelatch.CodeStrategyInvalid)
	for _, f := range check(t)(g.SignIn(ctx(), who, id)).SignIn.Factors {
		if f.Strategy == gatelatch.PasswordStrategy || f.Strategy == gatelatch.ResetByEmail {
			t.Errorf("offered %s", f.Strategy)
		}
	}
}
