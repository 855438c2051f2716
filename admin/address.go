// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/identifier"
)

// NewAddress is an address that a program gives a user.
type NewAddress struct {
	Kind  gatelatch.IdentifierKind
	Typed string
	// Verified vouches for it. One that nobody vouches for begins sign-ins too, and
	// nobody else can have it, but it is never the primary one, by which apps know
	// the user. VerifiedAt is since when; now when zero.
	Verified   bool
	VerifiedAt time.Time
	// Primary makes it the primary one, as the first verified one of its kind is
	// anyway. SecondFactor keeps a number for the second step.
	Primary, SecondFactor bool
}

// AddressChange is what programs change of an address; nil leaves it.
type AddressChange struct{ Verified, Primary, SecondFactor *bool }

// Address returns an address and its user.
func (s *Service) Address(ctx context.Context, addressID string) (gatelatch.Address, *gatelatch.Refusal, error) {
	var a *gatelatch.Address
	err := s.inReadTx(ctx, func(ctx context.Context, tx flow.Tx) error {
		a = nil
		u, err := found(tx.UserByAddressID(ctx, addressID))
		if err != nil || u == nil {
			return err
		}
		if one, ok := u.ByID(addressID); ok {
			a = &one
		}
		return nil
	})
	switch {
	case err != nil:
		return gatelatch.Address{}, nil, fmt.Errorf("finding an address: %w", err)
	case a == nil:
		return gatelatch.Address{}, refuseNoAddress(), nil
	}
	return *a, nil, nil
}

func refuseNoAddress() *gatelatch.Refusal {
	return refuse(gatelatch.CodeNotFound, "", "There is no address with that id.")
}

// AddAddress gives a user one more address.
func (s *Service) AddAddress(ctx context.Context, userID string, n NewAddress) (gatelatch.Address, *gatelatch.Refusal, error) {
	to, no := s.parseAs(n.Kind, n.Typed)
	if no != nil {
		return gatelatch.Address{}, no, nil
	}
	var added gatelatch.Address
	no, err := s.change(ctx, userID, func(ctx context.Context, h *held) (*gatelatch.Refusal, error) {
		if no, err := freeAddress(ctx, h.Tx(), to.Identifier); no != nil || err != nil {
			return no, err
		}
		if no := h.add(to, n, h.Now()); no != nil {
			return no, nil
		}
		added = h.last()
		return nil, s.letIn(ctx, h.Tx(), to.Identifier)
	})
	no, err = taken(no, err, n.Kind)
	return added, no, err
}

// taken turns a conflict, of somebody who was quicker, into a refusal.
func taken(no *gatelatch.Refusal, err error, kind gatelatch.IdentifierKind) (*gatelatch.Refusal, error) {
	if !errors.Is(err, gatelatch.ErrConflict) {
		return no, err
	}
	return refuse(gatelatch.CodeExists, string(kind), "Somebody has that address already."), nil
}

func freeAddress(ctx context.Context, tx flow.Tx, id gatelatch.Identifier) (*gatelatch.Refusal, error) {
	u, err := found(tx.UserByIdentifier(ctx, id))
	if err != nil {
		return nil, fmt.Errorf("finding the user: %w", err)
	}
	if u != nil {
		return refuse(gatelatch.CodeExists, string(id.Kind), "Somebody has %s already.", identifier.Mask(id)), nil
	}
	return nil, nil
}

// add gives the user one more address, which is its last one then.
func (a *UserRecord) add(to identifier.Parsed, n NewAddress, now time.Time) *gatelatch.Refusal {
	later := now.Add(time.Duration(len(a.User.Addresses)) * time.Millisecond) // ids keep the order in which they were given
	made := gatelatch.Address{
		ID: gatelatch.NewID(gatelatch.PrefixAddress, later), Identifier: to.Identifier, Display: to.Display, SecondFactor: n.SecondFactor,
	}
	if n.Verified {
		made.VerifiedAt = orNow(n.VerifiedAt, now)
	}
	if a.count(n.Kind) >= maxAddresses {
		return refuse(gatelatch.CodeTooLong, string(n.Kind), "A user has at most %d addresses of a kind.", maxAddresses)
	}
	a.User.Addresses = append(slices.Clone(a.User.Addresses), made)
	if n.Primary {
		if no := makePrimary(&a.User, n.Kind, made.ID, "primary"); no != nil {
			return no
		}
	}
	choosePrimary(&a.User, n.Kind)
	return nil
}

func (a *UserRecord) count(kind gatelatch.IdentifierKind) int {
	n := 0
	for _, one := range a.User.Addresses {
		if one.Kind == kind {
			n++
		}
	}
	return n
}

// last is the address that was added last.
func (a *UserRecord) last() gatelatch.Address { return a.User.Addresses[len(a.User.Addresses)-1] }

// choosePrimary sees to it that a kind has a primary address where it has one
// that can be: proven, and not kept for the second step.
func choosePrimary(u *gatelatch.User, kind gatelatch.IdentifierKind) {
	if _, ok := u.Primary(kind); ok {
		return
	}
	for i, a := range u.Addresses {
		if a.Kind == kind && !a.SecondFactor && !a.VerifiedAt.IsZero() {
			u.Addresses[i].Primary = true
			return
		}
	}
}

// ChangeAddress changes an address of a kind.
func (s *Service) ChangeAddress(
	ctx context.Context, kind gatelatch.IdentifierKind, addressID string, c AddressChange,
) (gatelatch.Address, *gatelatch.Refusal, error) {
	var changed gatelatch.Address
	no, err := s.onAddress(ctx, kind, addressID, func(_ context.Context, h *held) (*gatelatch.Refusal, error) {
		no := h.changeAddress(addressID, c)
		changed, _ = h.User.ByID(addressID)
		return no, nil
	})
	return changed, no, err
}

func (h *held) changeAddress(addressID string, c AddressChange) *gatelatch.Refusal {
	i := slices.IndexFunc(h.User.Addresses, func(a gatelatch.Address) bool { return a.ID == addressID })
	a := h.User.Addresses[i]
	if c.Verified != nil {
		a.VerifiedAt = verifiedAt(a, *c.Verified, h.Now())
	}
	if c.SecondFactor != nil {
		a.SecondFactor = *c.SecondFactor
	}
	a.Primary = a.Primary && !a.VerifiedAt.IsZero() && !a.SecondFactor
	h.User.Addresses = slices.Clone(h.User.Addresses)
	h.User.Addresses[i] = a
	if flow.Beginnings(h.User) == 0 {
		return refuseLast()
	}
	h.recognised = c.SecondFactor != nil
	if c.Primary != nil && *c.Primary {
		return makePrimary(&h.User, a.Kind, addressID, "primary")
	}
	choosePrimary(&h.User, a.Kind)
	return nil
}

func verifiedAt(a gatelatch.Address, verified bool, now time.Time) time.Time {
	switch {
	case !verified:
		return time.Time{}
	case a.VerifiedAt.IsZero():
		return now
	}
	return a.VerifiedAt
}

func refuseLast() *gatelatch.Refusal {
	return refuse(gatelatch.CodeLastIdentifier, "", "This is the only address that the user can sign in with. Add another one first.")
}

// RemoveAddress takes an address away; the next one of its kind becomes the primary
// one. The last one that begins a sign-in stays.
func (s *Service) RemoveAddress(ctx context.Context, kind gatelatch.IdentifierKind, addressID string) (*gatelatch.Refusal, error) {
	return s.onAddress(ctx, kind, addressID, func(_ context.Context, h *held) (*gatelatch.Refusal, error) {
		h.User.Addresses = slices.DeleteFunc(slices.Clone(h.User.Addresses), func(a gatelatch.Address) bool { return a.ID == addressID })
		if flow.Beginnings(h.User) == 0 {
			return refuseLast(), nil
		}
		choosePrimary(&h.User, kind)
		h.recognised = true
		return nil, nil
	})
}

// ReplaceAddresses gives a user one verified address in the place of all of its
// kind.
func (s *Service) ReplaceAddresses(
	ctx context.Context, userID string, kind gatelatch.IdentifierKind, typed string,
) (gatelatch.Address, *gatelatch.Refusal, error) {
	to, no := s.parseAs(kind, typed)
	if no != nil {
		return gatelatch.Address{}, no, nil
	}
	var left gatelatch.Address
	no, err := s.change(ctx, userID, func(ctx context.Context, h *held) (*gatelatch.Refusal, error) {
		own, has := h.User.Address(to.Identifier)
		if !has {
			if no, err := freeAddress(ctx, h.Tx(), to.Identifier); no != nil || err != nil {
				return no, err
			}
		}
		h.User.Addresses = slices.DeleteFunc(slices.Clone(h.User.Addresses), func(a gatelatch.Address) bool { return a.Kind == kind })
		h.recognised = true
		if no := h.add(to, NewAddress{Kind: kind, Verified: true}, h.Now()); no != nil {
			return no, nil
		}
		if has { // it keeps its name
			h.User.Addresses[len(h.User.Addresses)-1].ID = own.ID
		}
		left = h.last()
		return nil, s.letIn(ctx, h.Tx(), to.Identifier)
	})
	no, err = taken(no, err, kind)
	return left, no, err
}

// onAddress runs an operation on the user who has an address of a kind.
func (s *Service) onAddress(
	ctx context.Context, kind gatelatch.IdentifierKind, addressID string, fn func(context.Context, *held) (*gatelatch.Refusal, error),
) (*gatelatch.Refusal, error) {
	return s.within(ctx, func(ctx context.Context, w *flow.Work) (*gatelatch.Refusal, error) {
		u, err := found(w.Tx().UserByAddressID(ctx, addressID))
		if err != nil || u == nil {
			return refuseNoAddress(), err
		}
		a, err := userRecord(ctx, w.Tx(), u.ID) // read again, under a lock
		if err != nil || a == nil {
			return refuseNoAddress(), err
		}
		if one, ok := a.User.ByID(addressID); !ok || one.Kind != kind {
			return refuseNoAddress(), nil
		}
		return changed(ctx, &held{Work: w, UserRecord: *a}, fn)
	})
}

// Canonical returns the form by which an address is found; false for what is none.
func (s *Service) Canonical(kind gatelatch.IdentifierKind, typed string) (gatelatch.Identifier, bool) {
	to, no := s.parseAs(kind, typed)
	return to.Identifier, no == nil
}
