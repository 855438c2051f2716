// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"fmt"
	"slices"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// Every step of an address that is not the user's yet makes the user younger all the
// same: it is shown among the others, and programs draw nothing anew for a user that
// is as old as the one they have.

// maxPending is how many addresses a user may have begun to add at once, over all
// sessions.
const maxPending = flow.MaxAddresses

// AddAddress begins to add an address of a kind, as typed, and sends nothing yet:
// programs ask for the code by [Service.PrepareAddress]. Until the code is given
// back the address is a change of the account, known by Factor.AddressID, which it
// keeps when it is the user's. One that the session has begun already is returned
// as it stands.
func (s *Service) AddAddress(ctx context.Context, a Actor, kind gatelatch.IdentifierKind, typed string) (*flow.Change, *gatelatch.Refusal, error) {
	var c *flow.Change
	r, err := s.act(ctx, a, "begin_add_address", asksForNew(kind), func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		c = nil
		f, r := act.typedAddress(kind, typed)
		if r != nil {
			return r, nil
		}
		if r, err := act.RefuseNew(ctx, act.user, f.To); r != nil || err != nil {
			return r, err
		}
		var err error
		if c, r, err = act.pend(ctx, f); r != nil || err != nil {
			return r, err
		}
		return nil, act.save(ctx, act.user)
	})
	if r != nil || err != nil {
		return nil, r, err
	}
	return c, nil, nil
}

// asksForNew is what adding an address asks of the session. A number is the way to
// a second step by text message, so that task does not stand in front of it.
func asksForNew(kind gatelatch.IdentifierKind) ask {
	if kind == gatelatch.PhoneNumber {
		return factors
	}
	return sensitive
}

func (a *acting) typedAddress(kind gatelatch.IdentifierKind, typed string) (flow.Factor, *gatelatch.Refusal) {
	read, param := a.flow.Identifiers.ParseEmail, flow.FieldEmail
	if kind == gatelatch.PhoneNumber {
		read, param = a.flow.Identifiers.ParsePhone, flow.FieldPhone
	}
	parsed, r := read(typed)
	if r != nil {
		return flow.Factor{}, r
	}
	if _, held := a.user.Address(parsed.Identifier); held {
		return flow.Factor{}, refuse(gatelatch.CodeExists, param, "You have this address already.")
	}
	return flow.Factor{To: parsed.Identifier, Display: parsed.Display}, nil
}

// pend writes down a change that no code was asked for yet. It is paid for like
// the start of an attempt.
func (a *acting) pend(ctx context.Context, f flow.Factor) (*flow.Change, *gatelatch.Refusal, error) {
	all, err := a.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range all {
		if a.owns(c) && c.Factor.To == f.To {
			return &c, nil, nil
		}
	}
	if len(all) >= maxPending {
		return nil, refuse(gatelatch.CodeForbidden, "", "There are too many addresses that wait for their code. Remove one first."), nil
	}
	return a.OpenChange(ctx, flow.AddAddress, a.session, f)
}

// open returns the user's changes that add an address and are not finished, the
// newest first. Those of other sessions are among them.
func (a *acting) open(ctx context.Context) ([]flow.Change, error) {
	const most = 100 // of all kinds; a user has few
	all, err := a.Tx().Changes(ctx, a.user.ID, a.Now(), most)
	if err != nil {
		return nil, fmt.Errorf("finding the changes: %w", err)
	}
	return slices.DeleteFunc(all, func(c flow.Change) bool { return c.Kind != flow.AddAddress }), nil
}

// owns reports whether a change is of the session that acts. No other one can go
// on with it.
func (a *acting) owns(c flow.Change) bool {
	return c.SessionID == a.session.ID && c.UserID == a.user.ID
}

// pending returns the change that adds the address of an id; nil when the session
// has none.
func (a *acting) pending(ctx context.Context, addressID string) (*flow.Change, error) {
	all, err := a.open(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(c flow.Change) bool { return a.owns(c) && c.Factor.AddressID == addressID })
	if i < 0 {
		return nil, nil
	}
	return a.FindChange(ctx, a.session, all[i].ID) // once more, locked
}

// PrepareAddress sends the code for an address that was begun, or sends it once
// more. One that an operator has given the user, and nobody has proven yet, is begun
// by that.
func (s *Service) PrepareAddress(ctx context.Context, a Actor, addressID string) (*flow.Change, *gatelatch.Refusal, error) {
	return s.advancePending(ctx, a, "prepare_address", addressID, s.prove, func(ctx context.Context, act *acting, c flow.Change) (*flow.Change, *gatelatch.Refusal, error) {
		return act.SendChange(ctx, c)
	})
}

// AttemptAddress judges the code for an address that was begun. With a right one
// the address is the user's.
func (s *Service) AttemptAddress(ctx context.Context, a Actor, addressID, typed string) (*flow.Change, *gatelatch.Refusal, error) {
	return s.advancePending(ctx, a, "attempt_address", addressID, nothingToProve, func(ctx context.Context, act *acting, c flow.Change) (*flow.Change, *gatelatch.Refusal, error) {
		return act.ConfirmChange(ctx, c, act.user, typed)
	})
}

// proving finds a change to go on with where none was begun.
type proving func(context.Context, *acting, string) (*flow.Change, *gatelatch.Refusal, error)

func (s *Service) advancePending(ctx context.Context, a Actor, what flow.InputKind, addressID string, otherwise proving, step func(context.Context, *acting, flow.Change) (*flow.Change, *gatelatch.Refusal, error)) (*flow.Change, *gatelatch.Refusal, error) {
	var c *flow.Change
	r, err := s.act(ctx, a, what, anyTime, func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		var r *gatelatch.Refusal
		var err error
		if c, err = act.pending(ctx, addressID); err == nil && c == nil {
			c, r, err = otherwise(ctx, act, addressID)
		}
		if r != nil || err != nil {
			return r, err
		}
		if r := s.mayAdvance(act, *c); r != nil {
			return r, nil
		}
		if c, r, err = step(ctx, act, *c); err != nil || c == nil || c.Status != flow.ChangeOpen {
			return r, err
		}
		return r, act.save(ctx, act.user)
	})
	if err != nil {
		return nil, nil, err
	}
	return c, r, nil
}

// nothingToProve says why there is nothing to go on with by that name.
func nothingToProve(_ context.Context, a *acting, addressID string) (*flow.Change, *gatelatch.Refusal, error) {
	held, ok := a.user.ByID(addressID)
	switch {
	case !ok:
		return nil, refuseUnknown(), nil
	case held.VerifiedAt.IsZero():
		return nil, refuse(gatelatch.CodeNotSent, "", "No code was sent to this address yet. Ask for one first."), nil
	}
	return nil, refuse(gatelatch.CodeAlreadyVerified, "", "This address has been confirmed already."), nil
}

// prove begins with an address that the user has without having proven it.
func (s *Service) prove(ctx context.Context, act *acting, addressID string) (*flow.Change, *gatelatch.Refusal, error) {
	held, ok := act.user.ByID(addressID)
	if !ok || !held.VerifiedAt.IsZero() {
		return nothingToProve(ctx, act, addressID)
	}
	if r := s.may(act, asksForNew(held.Kind)); r != nil {
		return nil, r, nil
	}
	return act.pend(ctx, flow.Factor{AddressID: held.ID, To: held.Identifier, Display: held.Display})
}

// DropAddress gives up an address that was begun.
func (s *Service) DropAddress(ctx context.Context, a Actor, addressID string) (*gatelatch.Refusal, error) {
	return s.act(ctx, a, "drop_address", anyTime, func(ctx context.Context, act *acting) (*gatelatch.Refusal, error) {
		c, err := act.pending(ctx, addressID)
		if err != nil || c == nil {
			return refuseUnknown(), err
		}
		if err := act.Tx().DeleteChange(ctx, c.ID); err != nil {
			return nil, fmt.Errorf("giving up a change: %w", err)
		}
		return nil, act.save(ctx, act.user)
	})
}

// dropProofs gives up what any session has begun about an address that goes: else
// its code would bring it back.
func (a *acting) dropProofs(ctx context.Context, addressID string) error {
	all, err := a.open(ctx)
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.Factor.AddressID != addressID {
			continue
		}
		if err := a.Tx().DeleteChange(ctx, c.ID); err != nil {
			return fmt.Errorf("giving up a change: %w", err)
		}
	}
	return nil
}
