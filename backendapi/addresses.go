// SPDX-License-Identifier: Apache-2.0

package backendapi

import (
	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/wire"
)

// newEmail is the body of POST /email_addresses, and newPhone that of
// POST /phone_numbers.
type newEmail struct {
	UserID       string `json:"user_id"`
	EmailAddress string `json:"email_address"`
	Verified     bool   `json:"verified"`
	Primary      bool   `json:"primary"`
}

type newPhone struct {
	UserID                  string `json:"user_id"`
	PhoneNumber             string `json:"phone_number"`
	Verified                bool   `json:"verified"`
	Primary                 bool   `json:"primary"`
	ReservedForSecondFactor bool   `json:"reserved_for_second_factor"`
}

// onlyEmail is the body of PUT /users/{id}/email_address, and onlyPhone that of
// PUT /users/{id}/phone_number.
type onlyEmail struct {
	EmailAddress string `json:"email_address"`
}

type onlyPhone struct {
	PhoneNumber string `json:"phone_number"`
}

// changedEmail is the body of PATCH /email_addresses/{id}, and changedPhone that of
// PATCH /phone_numbers/{id}.
type changedEmail struct {
	Verified *bool `json:"verified"`
	Primary  *bool `json:"primary"`
}

type changedPhone struct {
	Verified                *bool `json:"verified"`
	Primary                 *bool `json:"primary"`
	ReservedForSecondFactor *bool `json:"reserved_for_second_factor"`
}

// given is an address in a body, and to whom; changed is a change of one.
type (
	given interface {
		given() (userID string, n admin.NewAddress)
	}
	changed interface{ change() admin.AddressChange }
)

func (n newEmail) given() (string, admin.NewAddress) {
	return n.UserID, admin.NewAddress{Kind: gatelatch.EmailAddress, Typed: n.EmailAddress, Verified: n.Verified, Primary: n.Primary}
}

func (n newPhone) given() (string, admin.NewAddress) {
	return n.UserID, admin.NewAddress{
		Kind: gatelatch.PhoneNumber, Typed: n.PhoneNumber, Verified: n.Verified, Primary: n.Primary, SecondFactor: n.ReservedForSecondFactor,
	}
}

func (o onlyEmail) given() (string, admin.NewAddress) {
	return newEmail{EmailAddress: o.EmailAddress}.given()
}

func (o onlyPhone) given() (string, admin.NewAddress) {
	return newPhone{PhoneNumber: o.PhoneNumber}.given()
}

func (c changedEmail) change() admin.AddressChange {
	return admin.AddressChange{Verified: c.Verified, Primary: c.Primary}
}

func (c changedPhone) change() admin.AddressChange {
	return admin.AddressChange{Verified: c.Verified, Primary: c.Primary, SecondFactor: c.ReservedForSecondFactor}
}

func addressRoutes() []Route {
	return append(
		addressesOf[newEmail, changedEmail, onlyEmail](noun{"/email_addresses", "an email address", gatelatch.EmailAddress}, wire.NewEmailAddress),
		addressesOf[newPhone, changedPhone, onlyPhone](noun{"/phone_numbers", "a phone number", gatelatch.PhoneNumber}, wire.NewPhoneNumber)...)
}

// noun is a kind of address: its path, its word, and its wire name.
type noun struct {
	base, what string
	kind       gatelatch.IdentifierKind
}

// addressesOf are the routes of one kind of address, by the bodies that make, change
// and replace one; view makes its resource.
func addressesOf[N given, C changed, O given, T any](of noun, view func(gatelatch.Address) T) []Route {
	return []Route{
		route("GET", of.base+"/{id}", "Show "+of.what, func(c *call, _ Nothing) (T, *gatelatch.Refusal, error) {
			a, no, err := c.address(of.kind)
			return view(a), no, err
		}),
		route("POST", of.base, "Give a user "+of.what, func(c *call, in N) (T, *gatelatch.Refusal, error) {
			a, no, err := c.addAddress(in)
			return view(a), no, err
		}),
		route("PATCH", of.base+"/{id}", "Change "+of.what, func(c *call, in C) (T, *gatelatch.Refusal, error) {
			a, no, err := c.Admin.ChangeAddress(c.ctx(), of.kind, c.id(), in.change())
			return view(a), no, err
		}),
		route("DELETE", of.base+"/{id}", "Delete "+of.what, func(c *call, _ Nothing) (wire.Deleted, *gatelatch.Refusal, error) {
			no, err := c.Admin.RemoveAddress(c.ctx(), of.kind, c.id())
			return deleted(string(of.kind), c.id()), no, err
		}),
		route("PUT", "/users/{id}/"+string(of.kind), "Give a user "+of.what+" in the place of all others",
			func(c *call, in O) (T, *gatelatch.Refusal, error) {
				_, n := in.given()
				a, no, err := c.Admin.ReplaceAddresses(c.ctx(), c.id(), of.kind, n.Typed)
				return view(a), no, err
			}),
	}
}

func (c *call) address(kind gatelatch.IdentifierKind) (gatelatch.Address, *gatelatch.Refusal, error) {
	a, no, err := c.Admin.Address(c.ctx(), c.id())
	if no == nil && err == nil && a.Kind != kind {
		no = &gatelatch.Refusal{Code: gatelatch.CodeNotFound, Message: "There is no address of that kind with that id."}
	}
	return a, no, err
}

func (c *call) addAddress(in given) (gatelatch.Address, *gatelatch.Refusal, error) {
	userID, n := in.given()
	if no := refuseUser(userID); no != nil {
		return gatelatch.Address{}, no, nil
	}
	a, no, err := c.Admin.AddAddress(c.ctx(), userID, n)
	c.made = a.ID
	return a, no, err
}

func missing(param string) *gatelatch.Refusal {
	return &gatelatch.Refusal{Code: gatelatch.CodeMissing, Param: param, Message: "The field " + param + " is missing."}
}
