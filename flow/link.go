// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"errors"
	"fmt"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
)

// LinkView is what a link in a mail shows.
type LinkView struct {
	// Same says that this browser has asked for the mail: a button there goes on.
	Same bool
	// Code is what to type in the browser that has asked, where this is another.
	Code gatelatch.Secret
	// Purpose is what the mail was for.
	Purpose Purpose
}

// LinkToken is the token of the link in a message that waits to be sent.
func (s *Service) LinkToken(m delivery.Queued) gatelatch.Secret {
	v := Verification{Factor: Factor{Strategy: m.Strategy, To: m.To}, Nonce: m.Nonce}
	return s.links().Token(m.AttemptID, Purpose(m.Purpose), v)
}

func (s *Service) links() Links { return Links{Key: s.Keys.Link} }

// ViewLink says what a link in a mail leads to. It changes nothing: scanners of
// mail open links.
func (s *Service) ViewLink(ctx context.Context, who Caller, id string, token gatelatch.Secret) (LinkView, *gatelatch.Refusal, error) {
	var view LinkView
	out, err := s.view(ctx, who, func(ctx context.Context, o *operation) (out Outcome, err error) {
		view, out.Refusal, err = o.viewLink(ctx, id, token)
		return out, err
	})
	return view, out.Refusal, err
}

func (o *operation) viewLink(ctx context.Context, id string, token gatelatch.Secret) (LinkView, *gatelatch.Refusal, error) {
	si, v, p, err := o.linked(ctx, id, token)
	if err != nil || v == nil {
		return LinkView{}, refuseAbandoned(), err
	}
	c, err := o.knownClient(ctx)
	if err != nil {
		return LinkView{}, nil, err
	}
	view := LinkView{Same: c != nil && c.ID == si.ClientID, Purpose: p}
	if view.Same && v.Proven() { // pressed once already: pressed again it says so
		return view, nil, nil
	}
	if r := judgeable(v, o.env); r != nil {
		return LinkView{}, r, nil
	}
	if !view.Same {
		view.Code = o.Codes.Code(si.ID, p, *v)
	}
	return view, nil, nil
}

// linked finds the challenge that a link answers, whoever asks; nil when there is
// none, or the attempt is over.
func (o *operation) linked(ctx context.Context, id string, token gatelatch.Secret) (SignIn, *Verification, Purpose, error) {
	si, err := o.tx.SignIn(ctx, id)
	if errors.Is(err, gatelatch.ErrNotFound) {
		return SignIn{}, nil, "", nil
	}
	if err != nil {
		return SignIn{}, nil, "", fmt.Errorf("loading the sign-in: %w", err)
	}
	if !o.env.Now.Before(si.AbandonAt) {
		return SignIn{}, nil, "", nil
	}
	if o.opens(si, si.Second, si.SecondPurpose(), token) {
		return si, si.Second, si.SecondPurpose(), nil
	}
	if o.opens(si, si.First, si.FirstPurpose(), token) {
		return si, si.First, si.FirstPurpose(), nil
	}
	return SignIn{}, nil, "", nil
}

// opens reports whether a token is the one of a challenge that is answered by a
// link. A decoy has none: its mail was never sent.
func (o *operation) opens(si SignIn, v *Verification, p Purpose, token gatelatch.Secret) bool {
	return v != nil && v.Strategy == gatelatch.EmailLink && !si.Decoy && same(o.links().Token(si.ID, p, *v), token)
}

// AttemptLink takes the step that a link stands for, in the browser that asked.
// A token cannot be guessed, so no budget is drawn on.
func (s *Service) AttemptLink(ctx context.Context, who Caller, id string, token gatelatch.Secret) (Outcome, error) {
	return s.run(ctx, InputAttempt, who, func(ctx context.Context, o *operation) (Outcome, error) {
		si, err := o.signIn(ctx, id)
		if err != nil || si == nil {
			return Outcome{Refusal: refuseAbandoned()}, err
		}
		switch {
		case o.opens(*si, si.Second, si.SecondPurpose(), token):
			return o.linkSecond(ctx, *si)
		case o.opens(*si, si.First, si.FirstPurpose(), token):
			return o.linkFirst(ctx, *si)
		}
		return Outcome{Refusal: refuseAbandoned()}, nil
	})
}

func (o *operation) linkFirst(ctx context.Context, si SignIn) (Outcome, error) {
	if si.Status != NeedsFirstFactor {
		return o.repeatFirst(ctx, si, true)
	}
	u, err := o.holderOf(ctx, si, si.First.To)
	if err != nil {
		return Outcome{}, err
	}
	owner, err := o.owner(ctx, u, si.ClientID, si.First.To)
	if err != nil {
		return Outcome{}, err
	}
	return o.saveSignIn(ctx, AdvanceSignIn(si, Attempt{Strategy: gatelatch.EmailLink, Correct: true, Owner: owner}, o.env))
}

func (o *operation) linkSecond(ctx context.Context, si SignIn) (Outcome, error) {
	if si.Status == SignInComplete && si.SecondBy == gatelatch.EmailLink {
		return o.repeatSignIn(ctx, si, 0)
	}
	if si.Status != NeedsClientTrust {
		return o.pastFirst(si)
	}
	u, err := o.stillTheirs(ctx, si)
	if err != nil || u == nil {
		return Outcome{Refusal: refuseAbandoned()}, err
	}
	owner, err := o.owner(ctx, u, si.ClientID, si.Identifier)
	if err != nil {
		return Outcome{}, err
	}
	return o.saveSignIn(ctx, AdvanceSignIn(si, Attempt{Strategy: gatelatch.EmailLink, Correct: true, Owner: owner}, o.env))
}
