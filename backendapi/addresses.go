// SPDX-License-Identifier: Apache-2.0

package backendapi

import (
	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/wire"
)

func addressRoutes() []Route {
	return append(
		addressesOf("/email_addresses", gatelatch.EmailAddress, wire.NewEmailAddress),
		addressesOf("/phone_numbers", gatelatch.PhoneNumber, wire.NewPhoneNumber)...)
}

// newAddress is the body of POST /email_addresses and POST /phone_numbers.
type newAddress struct {
	UserID                  string `json:"user_id"`
	EmailAddress            string `json:"email_address"`
	PhoneNumber             string `json:"phone_number"`
	Verified                bool   `json:"verified"`
	Primary                 bool   `json:"primary"`
	ReservedForSecondFactor bool   `json:"reserved_for_second_factor"`
}

func (n newAddress) typed(kind gatelatch.IdentifierKind) string {
	if kind == gatelatch.PhoneNumber {
		return n.PhoneNumber
	}
	return n.EmailAddress
}

// changedAddress is the body of PATCH for both.
type changedAddress struct {
	Verified                *bool `json:"verified"`
	Primary                 *bool `json:"primary"`
	ReservedForSecondFactor *bool `json:"reserved_for_second_factor"`
}

// addressesOf are the routes of one kind of address; view makes its resource.
func addressesOf[T any](base string, kind gatelatch.IdentifierKind, view func(gatelatch.Address) T) []Route {
	what, replaced := "an e-mail address", "email_address"
	if kind == gatelatch.PhoneNumber {
		what, replaced = "a phone number", "phone_number"
	}
	return []Route{
		route("GET", base+"/{id}", "Show "+what, func(c *call, _ Nothing) (T, *gatelatch.Refusal, error) {
			a, no, err := c.address(kind)
			return view(a), no, err
		}),
		route("POST", base, "Give a user "+what, func(c *call, in newAddress) (T, *gatelatch.Refusal, error) {
			a, no, err := c.addAddress(kind, in)
			return view(a), no, err
		}),
		route("PATCH", base+"/{id}", "Change "+what, func(c *call, in changedAddress) (T, *gatelatch.Refusal, error) {
			change := admin.AddressChange{Verified: in.Verified, Primary: in.Primary}
			if kind == gatelatch.PhoneNumber {
				change.SecondFactor = in.ReservedForSecondFactor
			}
			a, no, err := c.Admin.ChangeAddress(c.ctx(), kind, c.id(), change)
			return view(a), no, err
		}),
		route("DELETE", base+"/{id}", "Delete "+what, func(c *call, _ Nothing) (wire.Deleted, *gatelatch.Refusal, error) {
			no, err := c.Admin.RemoveAddress(c.ctx(), kind, c.id())
			return deleted(string(kind), c.id()), no, err
		}),
		route("PUT", "/users/{id}/"+replaced, "Give a user "+what+" in the place of all others",
			func(c *call, in newAddress) (T, *gatelatch.Refusal, error) {
				a, no, err := c.Admin.ReplaceAddresses(c.ctx(), c.id(), kind, in.typed(kind))
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

func (c *call) addAddress(kind gatelatch.IdentifierKind, in newAddress) (gatelatch.Address, *gatelatch.Refusal, error) {
	if no := refuseUser(in.UserID); no != nil {
		return gatelatch.Address{}, no, nil
	}
	a, no, err := c.Admin.AddAddress(c.ctx(), in.UserID, admin.NewAddress{
		Kind: kind, Typed: in.typed(kind), Verified: in.Verified, Primary: in.Primary,
		SecondFactor: in.ReservedForSecondFactor && kind == gatelatch.PhoneNumber,
	})
	c.made = a.ID
	return a, no, err
}

func missing(param string) *gatelatch.Refusal {
	return &gatelatch.Refusal{Code: gatelatch.CodeMissing, Param: param, Message: "The field " + param + " is missing."}
}
