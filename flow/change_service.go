// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/identifier"
)

// BeginChange starts a change and sends its code. Where somebody else holds the
// address the code goes there all the same, so that nobody learns of it who
// cannot read it. Without a budget for the message nothing is begun.
func (w *Work) BeginChange(ctx context.Context, k ChangeKind, s gatelatch.Session, f Factor) (*Change, *gatelatch.Refusal, error) {
	begun, r, err := w.newChange(ctx, k, s, f)
	if r != nil || err != nil {
		return nil, r, err
	}
	c, r, err := w.SendChange(ctx, *begun)
	if r != nil || err != nil {
		return nil, r, err
	}
	return c, nil, nil
}

// OpenChange starts a change like [Work.BeginChange], and sends nothing yet.
func (w *Work) OpenChange(ctx context.Context, k ChangeKind, s gatelatch.Session, f Factor) (*Change, *gatelatch.Refusal, error) {
	c, r, err := w.newChange(ctx, k, s, f)
	if r != nil || err != nil {
		return nil, r, err
	}
	if err := w.o.tx.PutChange(ctx, *c); err != nil {
		return nil, nil, fmt.Errorf("saving a change: %w", err)
	}
	return c, nil, nil
}

func (w *Work) newChange(ctx context.Context, k ChangeKind, s gatelatch.Session, f Factor) (*Change, *gatelatch.Refusal, error) {
	f.Strategy = gatelatch.CodeStrategy(f.To.Kind)
	if f.AddressID == "" {
		f.AddressID = gatelatch.NewID(gatelatch.PrefixAddress, w.Now())
	}
	if r, err := w.o.countStart(ctx); r != nil || err != nil {
		return nil, r, err
	}
	c := NewChange(gatelatch.NewID(gatelatch.PrefixChange, w.Now()), k, s, f, w.Now())
	return &c, nil, nil
}

// RefuseNew says why a user cannot get one more address, or nil: a list refuses
// it, or there is no room.
func (w *Work) RefuseNew(ctx context.Context, u gatelatch.User, to gatelatch.Identifier) (*gatelatch.Refusal, error) {
	permitted, err := w.o.permitted(ctx, to)
	if err != nil {
		return nil, err
	}
	if !permitted {
		return refuseAddress(), nil
	}
	return refuseFull(u, to.Kind), nil
}

// SendChange sends the code of a change, or sends it once more.
func (w *Work) SendChange(ctx context.Context, c Change) (*Change, *gatelatch.Refusal, error) {
	owner, err := w.o.user(ctx, c.Factor.To)
	if err != nil {
		return nil, nil, err
	}
	step := AdvanceChange(c, Prepare{}, w.o.env)
	if step.Refusal != nil {
		return &c, step.Refusal, nil
	}
	r, err := w.o.countSend(ctx, c.ClientID, userID(owner), c.Factor.To)
	if r != nil || err != nil {
		return &c, r, err
	}
	bindToStored(step.Next.Proof, step.Effects, owner)
	return &step.Next, nil, w.saveChange(ctx, step)
}

// FindChange returns a change of a session, locked; nil when there is none of
// that id, it is another session's, or its time is over.
func (w *Work) FindChange(ctx context.Context, s gatelatch.Session, id string) (*Change, error) {
	c, err := w.o.tx.Change(ctx, id)
	if errors.Is(err, gatelatch.ErrNotFound) || err == nil && (c.SessionID != s.ID || c.UserID != s.UserID) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("loading a change: %w", err)
	}
	if c.Status == ChangeOpen && !w.Now().Before(c.AbandonAt) {
		return nil, nil
	}
	return &c, nil
}

// ConfirmChange judges the code of a change as it was typed, and carries the
// change out when it is right. A change that is complete is left alone.
func (w *Work) ConfirmChange(ctx context.Context, c Change, u gatelatch.User, typed string) (*Change, *gatelatch.Refusal, error) {
	if c.Status == ChangeComplete {
		return &c, nil, nil
	}
	code, malformed := w.o.Codes.ReadCode(typed)
	if malformed != nil {
		return &c, malformed, nil
	}
	if judgeable(c.Proof, w.o.env) != nil {
		step := AdvanceChange(c, Confirm{User: u}, w.o.env)
		return &step.Next, step.Refusal, nil
	}
	holder, guess, err := w.o.beforeGuess(ctx, c.ClientID, c.Factor.To)
	if err != nil || guess.refusal != nil {
		return &c, guess.refusal, err
	}
	permitted, err := w.o.permitted(ctx, c.Factor.To)
	if err != nil {
		return nil, nil, err
	}
	correct := w.o.matches(code, c.ID, c.Purpose(), *c.Proof)
	step := AdvanceChange(c, Confirm{Correct: correct, User: u, Holder: holder, Permitted: permitted}, w.o.env)
	if err := w.o.afterGuess(ctx, guess, c.Proof, step.Next.Proof); err != nil {
		return nil, nil, err
	}
	return &step.Next, step.Refusal, w.saveChange(ctx, step)
}

// saveChange writes a change before what it does: the row goes with its user.
func (w *Work) saveChange(ctx context.Context, step Step[Change]) error {
	if err := w.o.tx.PutChange(ctx, step.Next); err != nil {
		return fmt.Errorf("saving a change: %w", err)
	}
	for _, e := range step.Effects {
		if err := w.applyChange(ctx, step.Next, e); err != nil {
			return err
		}
	}
	return nil
}

func (w *Work) applyChange(ctx context.Context, c Change, e Effect) error {
	switch e := e.(type) {
	case SendCode:
		w.out.sent = true
		return w.o.enqueue(ctx, attempt{c.ID, c.ClientID, c.Purpose()}, e.Verification)
	case ChangeUser:
		return w.changeUser(ctx, c, e.User)
	case RemoveUser:
		return w.removeUser(ctx, c, e.User)
	}
	return fmt.Errorf("unknown effect %T", e)
}

func (w *Work) changeUser(ctx context.Context, c Change, u gatelatch.User) error {
	if err := w.o.tx.PutUser(ctx, u); err != nil {
		return fmt.Errorf("changing the user: %w", err)
	}
	if err := w.o.tx.DeleteWaiting(ctx, c.Factor.To); err != nil {
		return fmt.Errorf("taking the address off the waitlist: %w", err)
	}
	w.Changed(u.ID)
	purpose := delivery.NoticeAddressAdded
	if c.Kind == AddSecondFactor {
		purpose = delivery.NoticeFactorAdded
	}
	return w.Notify(ctx, Notice{
		Purpose: purpose, What: identifier.Mask(c.Factor.To), About: c.SessionID, To: Recipients(u),
	})
}

// Recipients returns who hears of a change of an account: all e-mail addresses,
// and those of the change that the user does not hold any more. Text messages
// cost money and go only to a user who has no e-mail address: to all numbers, and
// those of the change.
func Recipients(u gatelatch.User, about ...gatelatch.Address) []gatelatch.Address {
	isMail := func(a gatelatch.Address) bool { return a.Kind == gatelatch.EmailAddress }
	mail := slices.ContainsFunc(u.Addresses, isMail)
	var to []gatelatch.Address
	for _, a := range slices.Concat(u.Addresses, about) {
		told := slices.ContainsFunc(to, func(b gatelatch.Address) bool { return b.Identifier == a.Identifier })
		if !told && (isMail(a) || !mail) {
			to = append(to, a)
		}
	}
	return to
}

// removeUser deletes the user, ends what is open, and says so.
func (w *Work) removeUser(ctx context.Context, c Change, u gatelatch.User) error {
	if err := w.EndSessions(ctx, u.ID, "", gatelatch.SessionRevoked); err != nil {
		return err
	}
	if err := w.o.tx.DeleteUser(ctx, u.ID); err != nil {
		return fmt.Errorf("deleting the user: %w", err)
	}
	w.Changed(u.ID)
	return w.Notify(ctx, Notice{Purpose: delivery.NoticeDeleted, About: c.SessionID, To: Recipients(u)})
}

// ChargeHash charges the caller's network for the hash of a new password as for
// the start of an attempt: it costs more than anything else here.
func (w *Work) ChargeHash(ctx context.Context) (*gatelatch.Refusal, error) {
	return w.o.countStart(ctx)
}
