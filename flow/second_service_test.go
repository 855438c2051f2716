// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/internal/flowtest"
	"github.com/gatelatch/gatelatch/limit"
)

// unlimited takes guesses and starts without end.
func unlimited(s *flow.Service) {
	s.Limits.GuessesPerIdentifier, s.Limits.StartsPerNetwork = []limit.Rate{{}}, []limit.Rate{{}}
}

const reservedNumber = "+1 201 555 0177"

// careful is a person with every second factor but a passkey.
type careful struct {
	person
	app    gatelatch.Secret
	backup []gatelatch.Secret
}

func newCareful(t flowtest.TB, options ...func(*flow.Service)) careful {
	t.Helper()
	return carefulAt(newPerson(t, options...))
}

func carefulAt(p person) careful {
	p.AddAddress(p.user.ID, reservedNumber, true)
	return careful{p, p.AddTOTP(p.user.ID), p.AddBackupCodes(p.user.ID)}
}

// toSecond goes to the second step by a password.
func (p careful) toSecond(t fatal, who flow.Caller) string {
	t.Helper()
	id := begin(t, p.Gate, who, ada)
	wantStatus(t, p.give(t, who, id, secretWords), flow.NeedsSecondFactor)
	return id
}

func (p careful) second(t fatal, who flow.Caller, id string, st gatelatch.Strategy, typed string) flow.Outcome {
	t.Helper()
	return check(t)(p.AttemptSecondFactor(ctx(), who, id, st, typed))
}

func TestTheSecondStep(t *testing.T) {
	for st, code := range map[gatelatch.Strategy]func(t *testing.T, p careful, who flow.Caller, id string) string{
		gatelatch.TOTPCode:   func(_ *testing.T, p careful, _ flow.Caller, _ string) string { return p.AppCode(p.app) },
		gatelatch.BackupCode: func(_ *testing.T, p careful, _ flow.Caller, _ string) string { return p.backup[3].Reveal() },
		gatelatch.PhoneCode: func(t *testing.T, p careful, who flow.Caller, id string) string {
			wantCode(t, check(t)(p.PrepareSecondFactor(ctx(), who, id, gatelatch.PhoneCode, "")), "")
			return p.Code(id)
		},
	} {
		t.Run(string(st), func(t *testing.T) {
			p := newCareful(t)
			who := p.Browser()
			id := p.toSecond(t, who)
			typed := code(t, p, who, id)
			out := p.second(t, who, id, st, typed)
			wantStatus(t, out, flow.SignInComplete)
			if s := out.Issued.Session; s.Strategy != gatelatch.PasswordStrategy || s.Second != st || !s.SecondAt.Equal(p.Clock.Now()) {
				t.Errorf("the session is %+v", s)
			}
			again := p.second(t, who, id, st, typed)
			if again.Issued == nil || again.Issued.Session.ID != out.Issued.Session.ID {
				t.Errorf("a click that came twice is not answered: %+v", again.Refusal)
			}
			p.Clock.Advance(11 * time.Minute)
			if late := p.second(t, who, id, st, typed); late.Issued != nil {
				t.Error("answered long after")
			}
			p.Clock.Advance(-11 * time.Minute)
			wantStatus(t, p.give(t, who, begin(t, p.Gate, who, ada), secretWords), flow.NeedsSecondFactor) // at every sign-in
		})
	}
}

// TestTheSecondStepComesAfterEveryFirst, also where the policy is off.
func TestTheSecondStepComesAfterEveryFirst(t *testing.T) {
	p := newCareful(t)
	id := startSignIn(t, p.Gate, p.home, ada)
	out := check(t)(p.AttemptFirstFactor(ctx(), p.home, id, "", p.Code(id)))
	wantStatus(t, out, flow.NeedsSecondFactor)
	if n := p.Store.Count("CreateSession"); n != 0 || out.SignIn.SessionID != "" {
		t.Error("something of a session exists")
	}
	// The code of the first step, once more: it shows where the attempt stands.
	wantStatus(t, check(t)(p.AttemptFirstFactor(ctx(), p.home, id, "", p.Code(id))), flow.NeedsSecondFactor)
	wantStatus(t, p.second(t, p.home, id, gatelatch.TOTPCode, p.AppCode(p.app)), flow.SignInComplete)
	if out := check(t)(p.AttemptFirstFactor(ctx(), p.home, id, "", p.Code(id))); out.Issued != nil {
		t.Error("the first step alone handed the session out")
	}
}

// TestARequiredSecondFactor asks only who has one: the others owe a task.
func TestARequiredSecondFactor(t *testing.T) {
	required := func(s *flow.Service) { s.Policy.SecondFactor = flow.Required }
	p := newPerson(t, required)
	wantStatus(t, p.give(t, p.home, begin(t, p.Gate, p.home, ada), secretWords), flow.SignInComplete)
	careful := newCareful(t, required)
	careful.toSecond(t, careful.home)
}

// TestAReservedNumberBeginsNothing: it looks like any address, and no code for
// it is right.
func TestAReservedNumberBeginsNothing(t *testing.T) {
	p := newCareful(t)
	who := p.Browser()
	id := startSignIn(t, p.Gate, who, reservedNumber)
	si := check(t)(p.SignIn(ctx(), who, id)).SignIn
	right := p.Codes.Code(id, flow.PurposeSignIn, *si.First).Reveal()
	wantCode(t, check(t)(p.AttemptFirstFactor(ctx(), who, id, "", right)), gatelatch.CodeIncorrect)
	wantCode(t, p.give(t, who, id, secretWords), gatelatch.CodePasswordIncorrect)
	if len(p.Fetch()) != 0 {
		t.Error("a message was sent")
	}
}

// TestANumberReservedMeanwhile: the code is on its way when the number is kept
// for the second step.
func TestANumberReservedMeanwhile(t *testing.T) {
	p := newPerson(t)
	p.AddAddress(p.user.ID, reservedNumber, false)
	who := p.Browser()
	id := startSignIn(t, p.Gate, who, reservedNumber)
	p.ChangeUser(p.user.ID, func(u *gatelatch.User) {
		for i := range u.Addresses {
			u.Addresses[i].SecondFactor = u.Addresses[i].Kind == gatelatch.PhoneNumber
		}
	})
	wantCode(t, check(t)(p.AttemptFirstFactor(ctx(), who, id, "", p.Code(id))), gatelatch.CodeIncorrect)
}

func TestASecondStepIsNotGuessed(t *testing.T) {
	p := newCareful(t)
	who := p.Browser()
	for range 2 { // ten in an hour, five in an attempt
		id := p.toSecond(t, who)
		for i := range 5 {
			out := p.second(t, who, id, gatelatch.TOTPCode, flowtest.Wrong(p.AppCode(p.app)))
			if want := []gatelatch.Code{gatelatch.CodeIncorrect, gatelatch.CodeFailed}[i/4]; code(out.Refusal) != want {
				t.Fatalf("guess %d: %+v, want %s", i, out.Refusal, want)
			}
		}
		wantCode(t, p.second(t, who, id, gatelatch.BackupCode, p.backup[0].Reveal()), closedBy(t, p, who, id))
	}
	id := p.toSecond(t, who)
	wantCode(t, p.second(t, who, id, gatelatch.TOTPCode, p.AppCode(p.app)), gatelatch.CodeTooManyRequests)
	wantStatus(t, p.second(t, p.home, p.toSecond(t, p.home), gatelatch.TOTPCode, p.AppCode(p.app)), flow.SignInComplete)
}

// closedBy says what closes an attempt whose guesses are spent: the hour, when
// that is spent too.
func closedBy(t *testing.T, p careful, who flow.Caller, id string) gatelatch.Code {
	t.Helper()
	return code(p.second(t, who, id, gatelatch.TOTPCode, p.AppCode(p.app)).Refusal)
}

// TestGuessesInARowAtTheSecondStep: the first step, taken again and again, does
// not end them.
func TestGuessesInARowAtTheSecondStep(t *testing.T) {
	p := newCareful(t, func(s *flow.Service) { s.Limits.FailuresInARow = 12 })
	who := p.Browser()
	byCode := func() string {
		id := startSignIn(t, p.Gate, who, ada)
		wantStatus(t, check(t)(p.AttemptFirstFactor(ctx(), who, id, "", p.Code(id))), flow.NeedsSecondFactor)
		return id
	}
	for range 3 {
		id := byCode()
		for range 4 {
			p.second(t, who, id, gatelatch.TOTPCode, flowtest.Wrong(p.AppCode(p.app)))
		}
		p.Clock.Advance(2 * time.Hour)
	}
	wantCode(t, p.second(t, who, byCode(), gatelatch.TOTPCode, p.AppCode(p.app)), gatelatch.CodeTooManyRequests)
}

// TestAnAppsCodeIsUsedOnce, and so are those before it.
func TestAnAppsCodeIsUsedOnce(t *testing.T) {
	p := newCareful(t)
	before := p.AppCode(p.app)
	p.Clock.Advance(30 * time.Second)
	now := p.AppCode(p.app)
	wantStatus(t, p.second(t, p.home, p.toSecond(t, p.home), gatelatch.TOTPCode, now), flow.SignInComplete)
	id := p.toSecond(t, p.home)
	wantCode(t, p.second(t, p.home, id, gatelatch.TOTPCode, now), gatelatch.CodeIncorrect)
	wantCode(t, p.second(t, p.home, id, gatelatch.TOTPCode, before), gatelatch.CodeIncorrect)
	p.Clock.Advance(30 * time.Second)
	wantStatus(t, p.second(t, p.home, id, gatelatch.TOTPCode, p.AppCode(p.app)), flow.SignInComplete)
}

// TestTheSecondStepStaysWhereItIs: not in another browser, not with another
// user's factors, not with the code of another attempt.
func TestTheSecondStepStaysWhereItIs(t *testing.T) {
	p := newCareful(t)
	eve := p.AddUser("eve@example.com")
	p.AddPassword(eve.ID, secretWords)
	theirs, codes := p.AddTOTP(eve.ID), p.AddBackupCodes(eve.ID)
	id := p.toSecond(t, p.home)
	wantCode(t, p.second(t, p.Browser(), id, gatelatch.TOTPCode, p.AppCode(p.app)), gatelatch.CodeNotFound)
	wantCode(t, p.second(t, p.home, id, gatelatch.TOTPCode, p.AppCode(theirs)), gatelatch.CodeIncorrect)
	wantCode(t, p.second(t, p.home, id, gatelatch.BackupCode, codes[0].Reveal()), gatelatch.CodeIncorrect)
	other := p.toSecond(t, p.home)
	wantCode(t, check(t)(p.PrepareSecondFactor(ctx(), p.home, other, gatelatch.PhoneCode, "")), "")
	wantCode(t, check(t)(p.PrepareSecondFactor(ctx(), p.home, id, gatelatch.PhoneCode, "")), "")
	wantCode(t, p.second(t, p.home, id, gatelatch.PhoneCode, p.Code(other)), gatelatch.CodeIncorrect)
	for _, st := range []gatelatch.Strategy{gatelatch.PasskeyStrategy, gatelatch.EmailCode, gatelatch.PasswordStrategy, "nonsense"} {
		if out := p.second(t, p.home, id, st, "123456"); out.Issued != nil || out.Refusal == nil {
			t.Errorf("%s was taken", st)
		}
	}
	wantStatus(t, p.second(t, p.home, id, gatelatch.TOTPCode, p.AppCode(p.app)), flow.SignInComplete)
}

// TestASignUpThatMeetsAUserWithASecondStep leads there, and not around it.
func TestASignUpThatMeetsAUserWithASecondStep(t *testing.T) {
	p := newCareful(t)
	who := p.Browser()
	id := startSignUp(t, p.Gate, who, ada)
	wantCode(t, check(t)(p.AttemptVerification(ctx(), who, id, "", p.Code(id))), "")
	out := check(t)(p.TransferToSignIn(ctx(), who, id))
	wantStatus(t, out, flow.NeedsSecondFactor)
	again := check(t)(p.TransferToSignIn(ctx(), who, id))
	wantStatus(t, again, flow.NeedsSecondFactor)
	wantStatus(t, p.second(t, who, out.SignIn.ID, gatelatch.TOTPCode, p.AppCode(p.app)), flow.SignInComplete)
}

// TestAUserWhoIsGoneOrBanned takes no second step.
func TestAUserWhoIsGoneOrBanned(t *testing.T) {
	p := newCareful(t)
	id := p.toSecond(t, p.home)
	p.ChangeUser(p.user.ID, func(u *gatelatch.User) { u.Banned = true })
	wantCode(t, p.second(t, p.home, id, gatelatch.TOTPCode, flowtest.Wrong(p.AppCode(p.app))), gatelatch.CodeIncorrect)
	wantCode(t, p.second(t, p.home, id, gatelatch.TOTPCode, p.AppCode(p.app)), gatelatch.CodeBanned)
	if p.Store.Count("CreateSession") != 0 {
		t.Error("a session")
	}
}
