// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"time"

	"github.com/gatelatch/gatelatch"
)

// Owner tells a pure step what it has to know of whoever holds an address. The
// zero value is nobody. A sign-up looks at nothing but ID.
type Owner struct {
	ID     string
	Banned bool
	// Locked says that an operator's lock is on.
	Locked bool
	// Unproven are the addresses that an operator has given to the user and that no
	// code has proven yet.
	Unproven []gatelatch.Identifier
	// Reserved says that the address in question is kept for the second step:
	// to prove it is no first one.
	Reserved bool
	// Trusted says that this client is known to be the user's.
	Trusted bool
	// TwoStep says that every sign-in of the user takes a second step.
	TwoStep bool
	// Second are the ways to take a second step, and Trust those to prove an
	// address after a password on a new device.
	Second, Trust []Factor
}

// Exists reports whether somebody holds the address.
func (o Owner) Exists() bool { return o.ID != "" }

// Means say by what a site can reach its users and know them again.
type Means struct{ Mail, Passkeys bool }

// NewOwner tells of a user what a step has to know. typed is the address that
// the attempt is about, and trusted says whether its client is known to be the
// user's, as of now.
func NewOwner(u gatelatch.User, typed gatelatch.Identifier, trusted bool, m Means, now time.Time) Owner {
	a, _ := u.Address(typed)
	return Owner{
		ID: u.ID, Banned: u.Banned, Locked: u.LockedAt(now), Unproven: unprovenOf(u),
		Reserved: a.SecondFactor, Trusted: trusted, TwoStep: u.TwoStep(),
		Second: secondFactors(u, m.Passkeys), Trust: trustFactors(u, a, m.Mail),
	}
}

func unprovenOf(u gatelatch.User) []gatelatch.Identifier {
	var ids []gatelatch.Identifier
	for _, a := range u.Addresses {
		if a.VerifiedAt.IsZero() {
			ids = append(ids, a.Identifier)
		}
	}
	return ids
}

// secondFactors are the ways of a user to take a second step, the quickest
// first. Backup codes alone are none: they stand in for another.
func secondFactors(u gatelatch.User, passkeys bool) []Factor {
	var ways []Factor
	if u.Factors.TOTP {
		ways = append(ways, Factor{Strategy: gatelatch.TOTPCode})
	}
	for _, a := range u.SecondNumbers() {
		ways = append(ways, factorTo(gatelatch.PhoneCode, a))
	}
	if u.Factors.Passkey && passkeys {
		ways = append(ways, Factor{Strategy: gatelatch.PasskeyStrategy})
	}
	if len(ways) > 0 && u.Factors.BackupCodes {
		ways = append(ways, Factor{Strategy: gatelatch.BackupCode})
	}
	return ways
}

// trustFactors are the ways to prove an address on a new device: by mail, to the
// address that was typed or the primary one. A number will do only where mail
// cannot: what was typed with the password is then no second channel.
func trustFactors(u gatelatch.User, typed gatelatch.Address, mail bool) []Factor {
	to, ok := preferred(u, typed, gatelatch.EmailAddress)
	if ok && mail {
		return []Factor{factorTo(gatelatch.EmailCode, to), factorTo(gatelatch.EmailLink, to)}
	}
	if to, ok = preferred(u, typed, gatelatch.PhoneNumber); ok {
		return []Factor{factorTo(gatelatch.PhoneCode, to)}
	}
	return nil
}

// preferred is the address that was typed, if it is of that kind, or the
// primary one. A number kept for the second step is neither.
func preferred(u gatelatch.User, typed gatelatch.Address, kind gatelatch.IdentifierKind) (gatelatch.Address, bool) {
	if typed.Kind == kind && !typed.SecondFactor && typed.Value != "" {
		return typed, true
	}
	primary, ok := u.Primary(kind)
	return primary, ok && !primary.SecondFactor
}

func factorTo(st gatelatch.Strategy, a gatelatch.Address) Factor {
	return Factor{Strategy: st, AddressID: a.ID, To: a.Identifier, Display: a.Display}
}

// ownFactors are the ways of a user who is known to take the first step once
// more.
func ownFactors(u gatelatch.User, p Policy, passkeys bool) []Factor {
	var ways []Factor
	if u.Factors.Password && p.TakesPasswords() {
		ways = append(ways, Factor{Strategy: gatelatch.PasswordStrategy})
	}
	if u.Factors.Passkey && passkeys {
		ways = append(ways, Factor{Strategy: gatelatch.PasskeyStrategy})
	}
	for _, kind := range []gatelatch.IdentifierKind{gatelatch.EmailAddress, gatelatch.PhoneNumber} {
		if a, ok := reachable(u, kind); ok {
			ways = append(ways, factorTo(gatelatch.CodeStrategy(kind), a))
		}
	}
	return ways
}

// reachable is the primary address of a kind, or another one where that is kept
// for the second step.
func reachable(u gatelatch.User, kind gatelatch.IdentifierKind) (found gatelatch.Address, ok bool) {
	for _, a := range u.Addresses {
		if a.Kind == kind && !a.SecondFactor && (!ok || a.Primary) {
			found, ok = a, true
		}
	}
	return found, ok
}
