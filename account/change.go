// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// asksFor is what a kind of change asks of the session.
func asksFor(k flow.ChangeKind) ask {
	if k == flow.AddSecondFactor {
		return factors
	}
	return sensitive
}

// Begin starts a change that a code confirms, and sends the code: to a new
// address as typed, or, to delete the account, to the primary address. For a
// number that is to be a second factor, typed may be the id of one the user has.
func (s *Service) Begin(ctx context.Context, a Actor, k flow.ChangeKind, typed string) (*flow.Change, *gatelatch.Refusal, error) {
	var c *flow.Change
	r, err := s.act(ctx, a, flow.InputKind("begin_"+string(k)), asksFor(k), func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		c = nil
		f, r := act.factor(k, typed)
		if r != nil {
			return r, nil
		}
		if f.AddressID == "" {
			if r, err := act.RefuseNew(ctx, act.user, f.To); r != nil || err != nil {
				return r, err
			}
		}
		var err error
		c, r, err = act.BeginChange(ctx, k, act.session, f)
		return r, err
	})
	if r != nil || err != nil {
		return nil, r, err
	}
	return c, nil, nil
}

// factor finds where the code of a change goes.
func (a *acting) factor(k flow.ChangeKind, typed string) (flow.Factor, *gatelatch.Refusal) {
	switch k {
	case flow.AddAddress:
		return a.newAddress(typed)
	case flow.AddSecondFactor:
		return a.newSecondFactor(typed)
	case flow.DeleteAccount:
		return a.deletion()
	}
	return flow.Factor{}, refuse(gatelatch.CodeValue, "kind", "There is no such change.")
}

func (a *acting) newAddress(typed string) (flow.Factor, *gatelatch.Refusal) {
	parsed, r := a.flow.Identifiers.Parse(typed)
	if r != nil {
		return flow.Factor{}, r
	}
	if _, held := a.user.Address(parsed.Identifier); held {
		return flow.Factor{}, refuse(gatelatch.CodeExists, "identifier", "You have this address already.")
	}
	return flow.Factor{To: parsed.Identifier, Display: parsed.Display}, nil
}

func (a *acting) newSecondFactor(typed string) (flow.Factor, *gatelatch.Refusal) {
	if a.Policy().SecondFactor == flow.Off {
		return flow.Factor{}, refuseNoSecond()
	}
	if held, ok := a.user.ByID(typed); ok {
		return flow.Factor{AddressID: held.ID, To: held.Identifier, Display: held.Display}, flow.RefuseReserve(a.user, held.Identifier)
	}
	parsed, r := a.flow.Identifiers.ParsePhone(typed)
	if r != nil {
		return flow.Factor{}, r
	}
	if held, ok := a.user.Address(parsed.Identifier); ok {
		return flow.Factor{AddressID: held.ID, To: held.Identifier, Display: held.Display}, flow.RefuseReserve(a.user, held.Identifier)
	}
	return flow.Factor{To: parsed.Identifier, Display: parsed.Display}, nil
}

// deletion sends the code where the user reads mail, or else to a number; never
// to one that is kept for the second step, while there is another.
func (a *acting) deletion() (flow.Factor, *gatelatch.Refusal) {
	if !a.mayDelete() {
		return flow.Factor{}, refuseDeletion()
	}
	to, ok := a.user.Primary(gatelatch.EmailAddress)
	if !ok {
		to, ok = a.user.Primary(gatelatch.PhoneNumber)
	}
	if !ok && len(a.user.Addresses) > 0 {
		to, ok = a.user.Addresses[0], true
	}
	if !ok {
		return flow.Factor{}, refuseUnknown()
	}
	return flow.Factor{AddressID: to.ID, To: to.Identifier, Display: to.Display}, nil
}

func refuseNoSecond() *gatelatch.Refusal {
	return refuse(gatelatch.CodeForbidden, "", "A second step cannot be set up here.")
}

// Change returns a change of the acting session as it stands; nil when there is
// none.
func (s *Service) Change(ctx context.Context, a Actor, id string) (*flow.Change, error) {
	var c *flow.Change
	_, err := s.act(ctx, a, shows, anyTime, func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		var err error
		c, err = act.FindChange(ctx, act.session, id)
		return nil, err
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Resend sends the code of a change once more.
func (s *Service) Resend(ctx context.Context, a Actor, id string) (*flow.Change, *gatelatch.Refusal, error) {
	return s.advance(ctx, a, "resend", id, func(ctx context.Context, act *acting, c flow.Change) (*flow.Change, *gatelatch.Refusal, error) {
		return act.SendChange(ctx, c)
	})
}

// Confirm judges the code of a change. A right one carries the change out.
func (s *Service) Confirm(ctx context.Context, a Actor, id, typed string) (*flow.Change, *gatelatch.Refusal, error) {
	return s.advance(ctx, a, "confirm", id, func(ctx context.Context, act *acting, c flow.Change) (*flow.Change, *gatelatch.Refusal, error) {
		had, was := act.hasSecond(), c.Status
		next, r, err := act.ConfirmChange(ctx, c, act.user, typed)
		if err != nil || r != nil || was == flow.ChangeComplete || c.Kind != flow.AddSecondFactor {
			return next, r, err
		}
		return next, nil, act.markSecond(ctx, had, gatelatch.PhoneCode)
	})
}

// advance takes one step of a change. It may take as long as a code lives after
// the session was fresh; then the session is asked again.
func (s *Service) advance(ctx context.Context, a Actor, what, id string, step func(context.Context, *acting, flow.Change) (*flow.Change, *gatelatch.Refusal, error)) (*flow.Change, *gatelatch.Refusal, error) {
	var c *flow.Change
	name := flow.InputKind(what + "_change")
	r, err := s.act(ctx, a, name, anyTime, func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		var r *gatelatch.Refusal
		var err error
		if c, err = act.FindChange(ctx, act.session, id); err != nil || c == nil {
			return refuseUnknown(), err
		}
		if r = s.mayAdvance(act, *c); r != nil {
			return r, nil
		}
		c, r, err = step(ctx, act, *c)
		return r, err
	})
	if err != nil {
		return nil, nil, err
	}
	return c, r, nil
}

// mayAdvance asks of the session what the beginning of the change has asked.
func (s *Service) mayAdvance(act *acting, c flow.Change) *gatelatch.Refusal {
	if c.Kind == flow.DeleteAccount && act.user.KeepsAccount {
		return refuseDeletion()
	}
	asks := asksFor(c.Kind)
	if c.Kind == flow.AddAddress {
		asks = asksForNew(c.Factor.To.Kind)
	}
	if young(c.CreatedAt, act.Now()) {
		asks.fresh = false
	}
	return s.may(act, asks)
}
