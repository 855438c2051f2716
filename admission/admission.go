// SPDX-License-Identifier: Apache-2.0

// Package admission decides whose addresses may sign up. It is pure: lists and
// addresses in, an answer out.
package admission

import (
	"slices"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/identifier"
)

// Rules are both lists. Allow empty allows everybody; Block wins. The zero value
// lets everybody in. Rules are values that are never changed in place, so one
// may be used by many at once.
type Rules struct {
	Allow, Block []Pattern
	// Disposable reports domains of throw-away addresses, in ASCII lower case; nil
	// knows none. It must be safe for concurrent use.
	Disposable func(domain string) bool
}

// Restricts reports whether there is any rule, so that pages word carefully.
func (r Rules) Restricts() bool {
	return len(r.Allow) > 0 || len(r.Block) > 0 || r.Disposable != nil
}

// Permits reports whether an address may sign up by itself: nothing blocks it,
// its domain is not disposable, and where there is an allow list, it is on it.
func (r Rules) Permits(id gatelatch.Identifier) bool {
	return r.Judge([]gatelatch.Identifier{id}, nil)
}

// Judge reports whether somebody with all of these addresses may sign up.
// Every one of them must be free of blocks. Where there is an allow list at least
// one has to be on it; and each has to be of whose kind the list knows any line.
// So "allow email *@example.com" asks nothing of a phone number that comes with
// such an address, and admits no number that comes alone.
//
// An address among the guests was named by an operator: it counts as allowed and
// as not disposable. A block holds for it too.
func (r Rules) Judge(ids, guests []gatelatch.Identifier) bool {
	onList := len(r.Allow) == 0
	for _, id := range ids {
		guest := slices.Contains(guests, id)
		if r.refuses(id, guest) {
			return false
		}
		onList = onList || guest || matches(r.Allow, id)
	}
	return onList && len(ids) > 0
}

// PermitsMore reports whether somebody who is in already may add an address: like
// Judge, with all else that they have on the list.
func (r Rules) PermitsMore(id gatelatch.Identifier, guest bool) bool { return !r.refuses(id, guest) }

func (r Rules) refuses(id gatelatch.Identifier, guest bool) bool {
	switch {
	case id.IsZero() || matches(r.Block, id):
		return true
	case guest:
		return false
	case r.Disposable != nil && id.Kind == gatelatch.EmailAddress && r.Disposable(domainOf(id)):
		return true
	}
	return slices.ContainsFunc(r.Allow, func(p Pattern) bool { return p.of() == id.Kind }) && !matches(r.Allow, id)
}

// With returns the rules together with lines that operators have added. A block
// that cannot be read blocks everybody, and an unreadable allowance allows
// nobody: a rule that is not understood lets no one in.
func (r Rules) With(lines []gatelatch.Restriction) Rules {
	if len(lines) == 0 {
		return r
	}
	r.Allow, r.Block = slices.Clip(r.Allow), slices.Clip(r.Block) // the next line must not land in a shared array
	for _, l := range lines {
		p, err := Parse(l.Pattern)
		switch {
		case l.List == gatelatch.AllowList && err != nil:
			r.Allow = append(r.Allow, Pattern{})
		case l.List == gatelatch.AllowList:
			r.Allow = append(r.Allow, p)
		case err != nil:
			r.Block = append(r.Block, Pattern{kind: everybody})
		default:
			r.Block = append(r.Block, p)
		}
	}
	return r
}

func matches(patterns []Pattern, id gatelatch.Identifier) bool {
	if len(patterns) == 0 {
		return false
	}
	country := identifier.Country(id)
	return slices.ContainsFunc(patterns, func(p Pattern) bool { return p.matches(id, country) })
}
