// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"errors"
	"fmt"

	"github.com/gatelatch/gatelatch"
)

// admit finds out what the rules say about addresses that somebody wants to
// become a user with: those of the configuration, and what operators have
// changed since. It also puts the mode in force into the environment of the
// step. Ask it whether or not somebody holds the addresses: an answer that
// takes less work for some would tell who exists.
func (o *operation) admit(ctx context.Context, addresses ...gatelatch.Identifier) (Admission, error) {
	if err := o.setMode(ctx); err != nil {
		return Refused, err
	}
	lines, err := o.tx.Restrictions(ctx)
	if err != nil {
		return Refused, fmt.Errorf("reading who may sign up: %w", err)
	}
	guests, err := o.guests(ctx, addresses)
	if err != nil {
		return Refused, err
	}
	return judgeAdmission(o.env.Policy.SignUp, o.Admission.With(lines).Judge(addresses, guests), len(guests) > 0), nil
}

// judgeAdmission combines the mode with what the lists say.
func judgeAdmission(mode SignUpMode, permitted, invited bool) Admission {
	switch {
	case !permitted || len(mode) == 0:
		return Refused
	case mode == SignUpOpen:
		return Admitted
	case mode != SignUpInvite && mode != SignUpWaitlist:
		return Refused
	case invited:
		return Admitted
	case mode == SignUpWaitlist:
		return Waits
	}
	return Refused
}

// permitted reports whether no list refuses an address of a user. What an operator has
// invited is permitted as in a sign-up; the mode is not asked.
func (o *operation) permitted(ctx context.Context, to gatelatch.Identifier) (bool, error) {
	lines, err := o.tx.Restrictions(ctx)
	if err != nil {
		return false, fmt.Errorf("reading which addresses may be used: %w", err)
	}
	guests, err := o.guests(ctx, []gatelatch.Identifier{to})
	if err != nil {
		return false, err
	}
	return o.Admission.With(lines).PermitsMore(to, len(guests) > 0), nil
}

// setMode puts the mode that an operator has set over the configured one.
func (o *operation) setMode(ctx context.Context) error {
	settings, err := o.tx.Settings(ctx)
	if err != nil {
		return fmt.Errorf("reading the settings: %w", err)
	}
	if settings.SignUp != "" {
		o.env.Policy.SignUp = settings.SignUp
	}
	return nil
}

// guests returns those of the addresses that were invited, or approved after
// waiting.
func (o *operation) guests(ctx context.Context, addresses []gatelatch.Identifier) ([]gatelatch.Identifier, error) {
	var guests []gatelatch.Identifier
	for _, to := range addresses {
		invited, err := o.invited(ctx, to)
		if err != nil {
			return nil, err
		}
		approved, err := o.approved(ctx, to)
		if err != nil {
			return nil, err
		}
		if invited != nil || approved {
			guests = append(guests, to)
		}
	}
	return guests, nil
}

// invited returns the invitation to an address that still holds, or nil.
func (o *operation) invited(ctx context.Context, to gatelatch.Identifier) (*gatelatch.Invitation, error) {
	inv, err := o.tx.InvitationTo(ctx, to)
	switch {
	case errors.Is(err, gatelatch.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("looking for an invitation: %w", err)
	case !inv.LiveAt(o.env.Now):
		return nil, nil
	}
	return &inv, nil
}

func (o *operation) approved(ctx context.Context, to gatelatch.Identifier) (bool, error) {
	entry, err := o.tx.Waiting(ctx, to)
	if errors.Is(err, gatelatch.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking into the waitlist: %w", err)
	}
	return !entry.ApprovedAt.IsZero(), nil
}

// admitProof finds out whether an address may be proven in a sign-up, and who
// holds it. The rules are for addresses that nobody holds. A number that somebody
// has reserved for the second step is refused whatever they say: to prove it
// must not lead to a sign-in.
func (o *operation) admitProof(ctx context.Context, su SignUp, st gatelatch.Strategy) (*gatelatch.User, error) {
	admitted, err := o.admit(ctx, su.Addresses()...)
	if err != nil {
		return nil, err
	}
	o.env.Admit = admitted
	f, _ := su.proof(st)
	if f == nil {
		return nil, nil
	}
	owner, err := o.user(ctx, f.To)
	if err != nil || owner == nil {
		return nil, err
	}
	o.env.Admit = Admitted
	if reserved(*owner, f.To) {
		o.env.Admit = Refused
	}
	return owner, nil
}

func reserved(u gatelatch.User, to gatelatch.Identifier) bool {
	a, ok := u.Address(to)
	return ok && a.SecondFactor
}
