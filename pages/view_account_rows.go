// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/account"
	"github.com/gatelatch/gatelatch/flow"
)

// scene is what the account pages are made from: an account, and the rules of
// the site that say which part of it there is.
type scene struct {
	*account.Overview
	site     Site
	policy   flow.Policy
	passkeys bool // they work on this site
	// href makes an address of a path below the base.
	href func(path string) string
}

func on(n flow.Need) bool { return n != flow.Off && n != "" }

// has reports whether addresses of a kind are shown: while they identify
// somebody here, and as long as the user still has one.
func (s scene) has(kind gatelatch.IdentifierKind) bool {
	if kind == gatelatch.PhoneNumber && s.site.Phone || kind == gatelatch.EmailAddress && s.site.Email {
		return true
	}
	return len(s.addresses(kind)) > 0
}

func (s scene) addresses(kind gatelatch.IdentifierKind) []gatelatch.Address {
	var list []gatelatch.Address
	for _, a := range s.User.Addresses {
		if a.Kind == kind {
			list = append(list, a)
		}
	}
	return list
}

// second reports whether the second step is shown. What somebody has set up
// stays theirs to remove when the operator has switched it off.
func (s scene) second() bool { return on(s.policy.SecondFactor) || s.User.TwoStep() }

func (s scene) secondNumber() bool {
	return s.second() && (s.site.Phone || len(s.reserved()) > 0)
}

// reserved are the numbers that are kept for the second step.
func (s scene) reserved() []gatelatch.Address {
	var list []gatelatch.Address
	for _, a := range s.User.Addresses {
		if a.SecondFactor {
			list = append(list, a)
		}
	}
	return list
}

// devices reports whether it means anything that a device is trusted.
func (s scene) devices() bool { return on(s.policy.Password) && s.policy.ClientTrust > 0 }

// overview is the page with a row for each thing. What the site does not have
// has no row, and a group without rows no heading.
func (s scene) overview() *Account {
	a := s.identity()
	for _, g := range []AccountGroup{
		{"account.group.you", s.you()},
		{"account.group.sign_in", s.signingIn()},
		{"account.group.second", s.secondStep()},
		{"account.group.places", s.places()},
		{"account.group.data", s.data()},
	} {
		if len(g.Rows) > 0 {
			a.Groups = append(a.Groups, g)
		}
	}
	return a
}

func (s scene) identity() *Account {
	email, _ := s.User.Primary(gatelatch.EmailAddress)
	phone, _ := s.User.Primary(gatelatch.PhoneNumber)
	return &Account{Name: s.User.Name(), Email: email.Display, Phone: phone.Display, SignedInAt: s.Current.CreatedAt}
}

func (s scene) row(label, path string, w Words) AccountRow {
	return AccountRow{Label: label, Href: s.href(path), Words: w}
}

func (s scene) you() []AccountRow {
	var rows []AccountRow
	rows = append(rows, s.row("account.name", "/account/name", textOr(s.User.Name(), "account.none")))
	if s.has(gatelatch.EmailAddress) {
		rows = append(rows, s.row("account.email", "/account/addresses", s.primary(gatelatch.EmailAddress)))
	}
	if s.has(gatelatch.PhoneNumber) {
		rows = append(rows, s.row("account.phone", "/account/numbers", s.primary(gatelatch.PhoneNumber)))
	}
	return rows
}

// primary says which address of a kind comes first, and how many more there
// are.
func (s scene) primary(kind gatelatch.IdentifierKind) Words {
	all := s.addresses(kind)
	if len(all) == 0 {
		return Words{Key: "account.none"}
	}
	first, ok := s.User.Primary(kind)
	if !ok {
		first = all[0]
	}
	if len(all) == 1 {
		return Words{Text: first.Display}
	}
	return Words{Key: "account.more", Text: first.Display, Count: len(all) - 1}
}

func (s scene) signingIn() []AccountRow {
	var rows []AccountRow
	if on(s.policy.Password) {
		w := Words{Key: "account.none"}
		switch {
		case !s.PasswordAt.IsZero():
			w = Words{Key: "account.password.since", At: s.PasswordAt}
		case s.User.Factors.Password:
			w = Words{Key: "account.password.set"}
		}
		rows = append(rows, s.row("account.password", "/account/password", w))
	}
	if s.passkeys {
		rows = append(rows, s.row("account.passkeys", "/account/passkeys", counted("account.passkeys.count", len(s.Passkeys), "account.passkeys.none")))
	}
	return rows
}

func (s scene) secondStep() []AccountRow {
	if !s.second() {
		return nil
	}
	app := Words{Key: "account.off"}
	if s.User.Factors.TOTP {
		app.Key = "account.on"
	}
	rows := []AccountRow{s.row("account.totp", "/account/totp", app)}
	if s.secondNumber() {
		rows = append(rows, s.row("account.second_number", "/account/second-number", s.reservedWords()))
	}
	if hasSecond(s.Overview, s.passkeys) {
		rows = append(rows, s.row("account.codes", "/account/backup-codes", counted("account.codes.left", s.BackupCodes, "account.codes.none")))
	}
	return rows
}

func (s scene) reservedWords() Words {
	list := s.reserved()
	switch len(list) {
	case 0:
		return Words{Key: "account.off"}
	case 1:
		return Words{Text: list[0].Display}
	}
	return Words{Key: "account.more", Text: list[0].Display, Count: len(list) - 1}
}

func (s scene) places() []AccountRow {
	rows := []AccountRow{s.row("account.sessions", "/account/sessions", counted("account.sessions.count", len(s.Sessions), "account.none"))}
	if s.devices() {
		rows = append(rows, s.row("account.devices", "/account/devices", counted("account.devices.count", len(s.Devices), "account.devices.none")))
	}
	return rows
}

func (s scene) data() []AccountRow {
	rows := []AccountRow{s.row("account.export", "/account/export", Words{Key: "account.export.hint"})}
	if s.mayDelete() {
		rows = append(rows, s.row("account.delete", "/account/delete", Words{Key: "account.delete.hint"}))
	}
	return rows
}

// mayDelete reports whether the site lets its users go, and the operator this one.
func (s scene) mayDelete() bool { return s.policy.DeleteSelf && !s.User.KeepsAccount }

func textOr(text, key string) Words {
	if text == "" {
		return Words{Key: key}
	}
	return Words{Text: text}
}

func counted(key string, n int, none string) Words {
	if n == 0 {
		return Words{Key: none}
	}
	return Words{Key: key, Count: n}
}
