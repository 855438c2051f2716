// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"cmp"
	"context"
	"time"

	"github.com/gatelatch/gatelatch"
)

// SignInParams begin a sign-in.
type SignInParams struct {
	// Identifier is an address as it was typed.
	Identifier string
	// Password, when not empty, is tried in the same step.
	Password gatelatch.Secret
	// Prepare asks for the code in the same step, unless there is a password.
	// Strategy is what it asks for; a code when empty.
	Prepare  bool
	Strategy gatelatch.Strategy
	// ReturnTo is a same-origin path, checked by the caller.
	ReturnTo string
}

// CreateSignIn begins a sign-in. Nothing in its answer tells whether the
// address has a user, unless [Policy].Reveal asks for that; then one that has none
// is refused with gatelatch.CodeIdentifierUnknown. With a password it may fail like [Service.AttemptPassword].
func (s *Service) CreateSignIn(ctx context.Context, who Caller, p SignInParams) (Outcome, error) {
	parsed, refused := s.Identifiers.Parse(p.Identifier)
	if refused != nil {
		return refuse(refused)
	}
	f := Factor{Strategy: gatelatch.CodeStrategy(parsed.Kind), To: parsed.Identifier, Display: parsed.Display}
	if p.Password != "" {
		return s.createWithPassword(ctx, who, f, p)
	}
	return s.createSignIn(ctx, who, f, p)
}

func (s *Service) createSignIn(ctx context.Context, who Caller, f Factor, p SignInParams) (Outcome, error) {
	return s.run(ctx, InputIdentify, who, func(ctx context.Context, o *operation) (Outcome, error) {
		c, r, err := o.start(ctx)
		if r != nil || err != nil {
			return Outcome{Refusal: r}, err
		}
		return o.beginSignIn(ctx, c, f, p)
	})
}

// start charges a new attempt, and finds or makes the client it is bound to.
func (o *operation) start(ctx context.Context) (gatelatch.Client, *gatelatch.Refusal, error) {
	if r, err := o.countStart(ctx); r != nil || err != nil {
		return gatelatch.Client{}, r, err
	}
	c, err := o.client(ctx, SignInLifetime)
	return c, nil, err
}

func (o *operation) beginSignIn(ctx context.Context, c gatelatch.Client, f Factor, p SignInParams) (Outcome, error) {
	u, err := o.user(ctx, f.To)
	if err != nil {
		return Outcome{}, err
	}
	if o.env.Admit, err = o.admit(ctx, f.To); err != nil {
		return Outcome{}, err
	}
	if r := o.revealUnknown(u, f.To); r != nil {
		return Outcome{Refusal: r}, nil
	}
	// The wire name is made up for everybody: a stored one would tell who exists.
	f.AddressID = gatelatch.NewID(gatelatch.PrefixAddress, o.env.Now)
	step := AdvanceSignIn(o.newSignIn(c.ID, p.ReturnTo), Identify{Factor: f, User: u}, o.env)
	if step.Refusal != nil || !p.Prepare {
		return o.saveSignIn(ctx, step)
	}
	return o.prepareSignIn(ctx, step.Next, Prepare{Strategy: cmp.Or(p.Strategy, f.Strategy)}, u)
}

func (o *operation) newSignIn(clientID, returnTo string) SignIn {
	si := NewSignIn(gatelatch.NewID(gatelatch.PrefixSignIn, o.env.Now), clientID, o.env.Now)
	si.ReturnTo = returnTo
	return si
}

// PrepareFirstFactor sends the code of a sign-in, or sends it once more. An
// empty strategy means the one under way, or else the first that sends one.
// addressID is the address of the factor that is meant, empty for the first.
func (s *Service) PrepareFirstFactor(ctx context.Context, who Caller, id string, st gatelatch.Strategy, addressID string) (Outcome, error) {
	return s.run(ctx, InputPrepare, who, func(ctx context.Context, o *operation) (Outcome, error) {
		si, err := o.signIn(ctx, id)
		if err != nil || si == nil {
			return Outcome{Refusal: refuseAbandoned()}, err
		}
		if si.Status != NeedsFirstFactor {
			return o.pastFirst(*si)
		}
		u, err := o.holder(ctx, *si)
		if err != nil {
			return Outcome{}, err
		}
		return o.prepareSignIn(ctx, *si, Prepare{Strategy: cmp.Or(st, si.usual()), AddressID: addressID}, u)
	})
}

// pastFirst answers a request for the first step of an attempt that has taken
// it.
func (o *operation) pastFirst(si SignIn) (Outcome, error) {
	if si.Status == SignInComplete {
		return Outcome{SignIn: &si, Refusal: refuseAlreadyVerified()}, nil
	}
	return Outcome{SignIn: &si, Refusal: refuseState()}, nil
}

// usual is how the next step is taken when nobody says: by the challenge under
// way, or else the first way that sends something.
func (s SignIn) usual() gatelatch.Strategy {
	ways, challenge := s.step()
	if *challenge != nil {
		return (*challenge).Strategy
	}
	for _, f := range ways {
		if sends(f.Strategy) {
			return f.Strategy
		}
	}
	return ""
}

// prepareSignIn advances first and pays second: a step that would be refused
// costs nobody's budget, and without budget the step is not saved.
func (o *operation) prepareSignIn(ctx context.Context, si SignIn, in Prepare, u *gatelatch.User) (Outcome, error) {
	var err error
	if in.Owner, err = o.reached(ctx, si, in, u); err != nil {
		return Outcome{}, err
	}
	step := AdvanceSignIn(si, in, o.env)
	if step.Refusal == nil {
		_, challenge := step.Next.step()
		r, err := o.countSend(ctx, si.ClientID, userID(u), (*challenge).To)
		if r != nil || err != nil {
			return Outcome{SignIn: &si, Refusal: r}, err
		}
		bindToStored(*challenge, step.Effects, u)
	}
	return o.saveSignIn(ctx, step)
}

// reached tells of the user whom a message would go to, where the attempt knows
// who that is. A fresh sign-in does not, and looks nothing up.
func (o *operation) reached(ctx context.Context, si SignIn, in Prepare, u *gatelatch.User) (Owner, error) {
	switch {
	case si.Status != NeedsFirstFactor:
		return o.owner(ctx, u, si.ClientID, si.Identifier)
	case si.Again == nil:
		return Owner{}, nil
	}
	f, _ := factorOf(si.Factors, in.Strategy, in.AddressID)
	holder, err := o.holderOf(ctx, si, f.To)
	if err != nil {
		return Owner{}, err
	}
	return o.owner(ctx, holder, si.ClientID, f.To)
}

// AttemptFirstFactor judges a code as it was typed. A correct one completes
// the sign-in, leads to the second step or to a new password, or makes the
// sign-in transferable when nobody holds the address. An empty strategy means
// the one under way.
func (s *Service) AttemptFirstFactor(ctx context.Context, who Caller, id string, st gatelatch.Strategy, typed string) (Outcome, error) {
	code, malformed := s.Codes.ReadCode(typed)
	return s.run(ctx, InputAttempt, who, func(ctx context.Context, o *operation) (Outcome, error) {
		si, err := o.signIn(ctx, id)
		if err != nil || si == nil {
			return Outcome{Refusal: refuseAbandoned()}, err
		}
		if si.Status != NeedsFirstFactor {
			return o.repeatFirst(ctx, *si, malformed == nil && o.matchesFirst(code, *si))
		}
		if malformed != nil {
			return Outcome{SignIn: si, Refusal: malformed}, nil
		}
		return o.attemptSignIn(ctx, *si, cmp.Or(st, si.usual()), func() bool { return o.matchesFirst(code, *si) })
	})
}

func (o *operation) matchesFirst(code gatelatch.Secret, si SignIn) bool {
	return si.First != nil && o.matches(code, si.ID, si.FirstPurpose(), *si.First)
}

// repeatFirst answers a request for the first step that comes again. The right
// code shows the attempt as it stands, or the session that it alone has led to.
func (o *operation) repeatFirst(ctx context.Context, si SignIn, right bool) (Outcome, error) {
	switch {
	case !right || !o.env.Now.Before(si.First.ExpireAt):
		return o.pastFirst(si)
	case si.Status == SignInComplete && si.SecondBy == "":
		return o.repeatSignIn(ctx, si, 0)
	case si.Status == SignInComplete:
		return o.pastFirst(si)
	}
	return Outcome{SignIn: &si}, nil
}

// repeatSignIn answers a repeated request with what the first one led to. within
// bounds the age of the session, when it is not zero; without it the proof must
// still live.
func (o *operation) repeatSignIn(ctx context.Context, si SignIn, within time.Duration) (Outcome, error) {
	out := Outcome{SignIn: &si}
	if si.Status != SignInComplete {
		return out, nil
	}
	out.Refusal = refuseAlreadyVerified()
	if si.Again != nil {
		return out, nil
	}
	var err error
	if v := si.lastProof(); v != nil || within == 0 {
		out.Issued, err = o.reissue(ctx, si.SessionID, v, within)
	} else {
		out.Issued, err = o.reissueWithin(ctx, si.SessionID, within)
	}
	return out, err
}

// lastProof is the challenge that has completed the sign-in; nil when something
// else has.
func (s SignIn) lastProof() *Verification {
	switch {
	case s.SecondBy != "" && s.Second.Proven():
		return s.Second
	case s.SecondBy == "" && s.First.Proven() && s.FirstBy == s.First.Strategy && !resets(s.FirstBy):
		return s.First
	}
	return nil
}

func (o *operation) attemptSignIn(ctx context.Context, si SignIn, st gatelatch.Strategy, right func() bool) (Outcome, error) {
	if judgeable(si.First, o.env) != nil || st != si.First.Strategy {
		return o.saveSignIn(ctx, AdvanceSignIn(si, Attempt{Strategy: st, Owner: Owner{ID: si.UserID}}, o.env))
	}
	u, guess, err := o.guessAt(ctx, si)
	if err != nil || guess.refusal != nil {
		return Outcome{SignIn: &si, Refusal: guess.refusal}, err
	}
	owner, err := o.owner(ctx, u, si.ClientID, si.First.To)
	if err != nil {
		return Outcome{}, err
	}
	step := AdvanceSignIn(si, Attempt{Strategy: st, Correct: right(), Owner: owner}, o.env)
	if err := o.afterGuess(ctx, guess, si.First, step.Next.First); err != nil {
		return Outcome{}, err
	}
	return o.saveSignIn(ctx, step)
}

// guessAt finds who holds the address of the first challenge, and whether a
// guess is left.
func (o *operation) guessAt(ctx context.Context, si SignIn) (*gatelatch.User, guess, error) {
	u, err := o.holderOf(ctx, si, si.First.To)
	if err != nil {
		return nil, guess{}, err
	}
	g, err := o.openGuesses(ctx, si.ClientID, u, si.First.To)
	return u, g, err
}
