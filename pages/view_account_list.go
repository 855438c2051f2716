// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/device"
	"github.com/gatelatch/gatelatch/flow"
)

// The kinds of lists.
const (
	listAddresses = "addresses"
	listNumbers   = "numbers"
	listSecond    = "second_number"
	listTOTP      = "totp"
	listPasskeys  = "passkeys"
	listSessions  = "sessions"
	listDevices   = "devices"
)

// list is a page under the overview.
func (s scene) list(kind string, items []AccountItem) *Account {
	return &Account{Kind: kind, Items: items, Back: s.href("/account"), BackLabel: "way.account"}
}

// pathOf is where addresses of a kind are listed.
func pathOf(kind gatelatch.IdentifierKind) string {
	if kind == gatelatch.PhoneNumber {
		return "/account/numbers"
	}
	return "/account/addresses"
}

func (s scene) addressList(kind gatelatch.IdentifierKind) *Account {
	var items []AccountItem
	for _, a := range s.addresses(kind) {
		items = append(items, s.addressItem(a))
	}
	list := s.list(listAddresses, items)
	offered := s.site.Email
	if kind == gatelatch.PhoneNumber {
		list.Kind, offered = listNumbers, s.site.Phone
	}
	if offered {
		list.Add = s.href(pathOf(kind) + "/add")
	}
	return list
}

func (s scene) addressItem(a gatelatch.Address) AccountItem {
	item := AccountItem{ID: a.ID, Title: Words{Text: a.Display}}
	switch {
	case a.SecondFactor:
		item.Badges = []string{"account.badge.second"}
	case a.Primary:
		item.Badges = []string{"account.badge.primary"}
	default:
		item.Step, item.Button = StepPrimary, "account_list.addresses.primary"
	}
	if s.removable(a) {
		item.Href, item.Link = s.href(pathOf(a.Kind)+"/"+a.ID), "account.remove"
	} else {
		item.Facts = []Words{{Key: "account_list.addresses.last"}}
	}
	return item
}

// removable reports whether an address may go: the last one that begins a
// sign-in may not, nor the last of a kind that everybody has to have.
func (s scene) removable(a gatelatch.Address) bool {
	if a.SecondFactor {
		return true
	}
	left := 0
	for _, b := range s.addresses(a.Kind) {
		if !b.SecondFactor {
			left++
		}
	}
	need := s.policy.Fields.Email
	if a.Kind == gatelatch.PhoneNumber {
		need = s.policy.Fields.Phone
	}
	return flow.Beginnings(s.User) > 1 && (left > 1 || need != flow.Required)
}

// secondList has the numbers that are kept for the second step, and those that
// could be.
func (s scene) secondList() *Account {
	var items []AccountItem
	for _, a := range s.reserved() {
		items = append(items, AccountItem{
			ID: a.ID, Title: Words{Text: a.Display}, Badges: []string{"account.badge.second"},
			Href: s.href("/account/second-number/" + a.ID), Link: "account_list.second_number.release",
		})
	}
	for _, a := range s.addresses(gatelatch.PhoneNumber) {
		if on(s.policy.SecondFactor) && !a.SecondFactor && s.removable(a) {
			items = append(items, AccountItem{ID: a.ID, Title: Words{Text: a.Display}, Step: StepUse, Button: "account_list.second_number.use"})
		}
	}
	list := s.list(listSecond, items)
	if on(s.policy.SecondFactor) && s.site.Phone {
		list.Add = s.href("/account/second-number/add")
	}
	return list
}

// totpList is the app that is set up.
func (s scene) totpList() *Account {
	return s.list(listTOTP, []AccountItem{{
		ID: "totp", Title: Words{Key: "account.totp"}, Badges: []string{"account.on"},
		Href: s.href("/account/totp/remove"), Link: "account.remove",
	}})
}

func (s scene) passkeyList() *Account {
	var items []AccountItem
	for _, k := range s.Passkeys {
		facts := []Words{{Key: "account_list.passkeys.created", At: k.CreatedAt}}
		if k.LastUsedAt.IsZero() {
			facts = append(facts, Words{Key: "account_list.passkeys.unused"})
		} else {
			facts = append(facts, Words{Key: "account_list.passkeys.used", At: k.LastUsedAt})
		}
		items = append(items, AccountItem{
			ID: k.ID, Title: textOr(k.Name, "account.passkey"), Facts: facts,
			Href: s.href("/account/passkeys/" + k.ID), Link: "account_list.passkeys.manage",
		})
	}
	list := s.list(listPasskeys, items)
	list.Add = s.href("/account/passkeys/add")
	return list
}

func (s scene) sessionList() *Account {
	var items []AccountItem
	for _, l := range s.Sessions {
		item := AccountItem{ID: l.ID, Title: Words{Text: device.Name(l.UserAgent)}, Facts: sessionFacts(l)}
		if l.ID == s.Current.ID {
			item.Badges = []string{"account.badge.this"}
		} else {
			item.Href, item.Link = s.href("/account/sessions/"+l.ID), "account_list.sessions.end"
		}
		items = append(items, item)
	}
	list := s.list(listSessions, items)
	if len(s.Sessions) > 1 {
		list.All = s.href("/account/sessions/others")
	}
	return list
}

func (s scene) deviceList() *Account {
	var items []AccountItem
	for _, d := range s.Devices {
		item := AccountItem{
			ID: d.ClientID, Title: Words{Text: device.Name(d.UserAgent)}, Facts: deviceFacts(d),
			Href: s.href("/account/devices/" + d.ClientID), Link: "account_list.devices.revoke",
		}
		if d.ClientID == s.Current.ClientID {
			item.Badges = []string{"account.badge.this"}
		}
		items = append(items, item)
	}
	return s.list(listDevices, items)
}

// facts are an address in the network and moments, as far as they are known.
func facts(ip string, moments ...Words) []Words {
	var list []Words
	if ip != "" {
		list = append(list, Words{Key: "account.from", Text: ip})
	}
	for _, m := range moments {
		if !m.At.IsZero() {
			list = append(list, m)
		}
	}
	return list
}

func sessionFacts(s gatelatch.Session) []Words {
	return facts(s.IP, Words{Key: "account_list.sessions.first", At: s.CreatedAt}, Words{Key: "account_list.sessions.last", At: s.LastActiveAt})
}

func deviceFacts(d gatelatch.ClientTrust) []Words {
	return facts(d.IP, Words{Key: "account_list.devices.since", At: d.TrustedAt}, Words{Key: "account_list.devices.used", At: d.LastUsedAt})
}
