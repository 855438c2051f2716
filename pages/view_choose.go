// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/session"
)

// PageChoose lists the accounts to which a browser is signed in, where it may hold
// several.
const PageChoose Page = "choose"

// The values that the buttons of PageChoose send.
const (
	StepSwitch = "switch" // use another account
	StepRemove = "remove" // sign out of one
)

// The notices of PageChoose.
const (
	NoticeAccountOver Notice = "account_over" // the account that was in use is signed out
	NoticeAccountLeft Notice = "account_left" // signed out of one account a moment ago
)

// Choice is what PageChoose shows.
type Choice struct {
	Items []ChoiceItem
	// Add leads to where one more account is signed in.
	Add string
}

// ChoiceItem is an account that is signed in.
type ChoiceItem struct {
	// ID is that of the session.
	ID string
	// Name is what its user goes by, and Address what tells the user from another of
	// that name; empty where the name is the address.
	Name, Address string
	// Current says that it is the one in use.
	Current bool
}

func choiceItem(p session.Principal, current bool) ChoiceItem {
	email, _ := p.User.Primary(gatelatch.EmailAddress)
	phone, _ := p.User.Primary(gatelatch.PhoneNumber)
	who := Account{Name: p.User.Name(), Email: email.Display, Phone: phone.Display}
	item := ChoiceItem{ID: p.Session.ID, Name: who.Who(), Current: current}
	if who.Name = ""; item.Name != who.Who() {
		item.Address = who.Who()
	}
	return item
}

// rehearsedChoice has something in every place.
func rehearsedChoice() *Choice {
	return &Choice{Items: []ChoiceItem{{"a", "a", "a", true}, {ID: "b", Name: "b"}}, Add: "/"}
}
