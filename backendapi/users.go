// SPDX-License-Identifier: Apache-2.0

package backendapi

import (
	"cmp"
	"slices"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/wire"
)

func userRoutes() []Route {
	return []Route{
		route("GET", "/users", "List users, as a bare list", listUsers, append(userFilters(), append(pageParams, Param{
			"order_by", "string", "created_at, updated_at, email_address, phone_number, first_name, last_name, last_active_at or " +
				"last_sign_in_at, with + or - in front; -created_at unless said",
		})...)...),
		route("GET", "/users/count", "Count users", countUsers, userFilters()...),
		route("GET", "/users/{id}", "One user", func(c *call, _ Nothing) (wire.User, *gatelatch.Refusal, error) { return c.user(nil, nil) }),
		route("POST", "/users", "Make a user", createUser),
		route("PATCH", "/users/{id}", "Change a user; what is left out stays, null clears", updateUser),
		route("DELETE", "/users/{id}", "Delete a user and end all sessions", deleteUser),
		route("PATCH", "/users/{id}/metadata", "Merge metadata (RFC 7396)", func(c *call, in bags) (wire.User, *gatelatch.Refusal, error) {
			return c.user(c.Admin.MergeMetadata(c.ctx(), c.id(), in.bags()))
		}),
		route("PUT", "/users/{id}/metadata", "Replace each bag of metadata that is given", func(c *call, in bags) (wire.User, *gatelatch.Refusal, error) {
			return c.user(c.Admin.ReplaceMetadata(c.ctx(), c.id(), in.bags()))
		}),
	}
}

// user answers with the user of the path, after something was done to it.
func (c *call) user(no *gatelatch.Refusal, err error) (wire.User, *gatelatch.Refusal, error) {
	if no != nil || err != nil {
		return wire.User{}, no, err
	}
	a, no, err := c.Admin.User(c.ctx(), c.id())
	if no != nil || err != nil {
		return wire.User{}, no, err
	}
	return c.view(*a), nil, nil
}

// view shows addresses in the order in which they were given, which is that of
// their ids.
func (c *call) view(a admin.UserRecord) wire.User {
	a.User.Addresses = slices.SortedFunc(slices.Values(a.User.Addresses), func(x, y gatelatch.Address) int { return cmp.Compare(x.ID, y.ID) })
	return wire.NewOperatorUser(wire.UserView{
		User: a.User, Credentials: a.Credentials, ImageURL: c.imageURL(), DeleteSelf: c.Admin.Flow.Policy.DeleteSelf, Now: c.now,
	})
}

// imageURL is the picture that the Frontend API serves for everybody; empty while
// that is off.
func (c *call) imageURL() string {
	if c.FrontendURL == "" {
		return ""
	}
	return c.FrontendURL + "/avatar.svg"
}

func deleteUser(c *call, _ Nothing) (wire.Deleted, *gatelatch.Refusal, error) {
	_, no, err := c.Admin.Delete(c.ctx(), c.id())
	return deleted("user", c.id()), no, err
}

func deleted(object, id string) wire.Deleted {
	return wire.Deleted{Object: object, ID: id, Deleted: true}
}

// bags are the three bags as they came: what is below the first level stays as the
// caller wrote it.
type bags struct {
	PublicMetadata  Bag `json:"public_metadata"`
	PrivateMetadata Bag `json:"private_metadata"`
	UnsafeMetadata  Bag `json:"unsafe_metadata"`
}

// Bag is metadata in a body: an object, null, or left out.
type Bag []byte

// UnmarshalJSON implements [json.Unmarshaler] and takes the text as it is.
func (b *Bag) UnmarshalJSON(text []byte) error {
	*b = append(Bag{}, text...)
	return nil
}

func (b bags) bags() admin.Bags {
	return admin.Bags{Public: []byte(b.PublicMetadata), Private: []byte(b.PrivateMetadata), Unsafe: []byte(b.UnsafeMetadata)}
}

// profile are the fields that making and changing a user have in common.
type profile struct {
	bags
	ExternalID         Maybe[string]           `json:"external_id"`
	FirstName          Maybe[string]           `json:"first_name"`
	LastName           Maybe[string]           `json:"last_name"`
	Locale             Maybe[string]           `json:"locale"`
	Password           Maybe[gatelatch.Secret] `json:"password"`
	PasswordDigest     Maybe[gatelatch.Secret] `json:"password_digest"`
	PasswordHasher     string                  `json:"password_hasher"`
	SkipPasswordChecks bool                    `json:"skip_password_checks"`
	LegalAcceptedAt    Maybe[Moment]           `json:"legal_accepted_at"`
	// SkipLegalChecks is of no effect: nobody is refused for want of the terms, but
	// asked at the next sign-in.
	SkipLegalChecks bool                      `json:"skip_legal_checks"`
	TOTPSecret      Maybe[gatelatch.Secret]   `json:"totp_secret"`
	BackupCodes     Maybe[[]gatelatch.Secret] `json:"backup_codes"`
	CreatedAt       Maybe[Moment]             `json:"created_at"`
	Banned          *bool                     `json:"banned"`
	Locked          *bool                     `json:"locked"`
	// SkipPasswordRequirement speaks of users that are made; who has no password and is
	// changed needs none.
	SkipPasswordRequirement bool  `json:"skip_password_requirement"`
	DeleteSelfEnabled       *bool `json:"delete_self_enabled"`

	Username                  Absent `json:"username"                    absent:"There are no usernames here."`
	CreateOrganizationEnabled Absent `json:"create_organization_enabled" absent:"There are no organizations here."`
	CreateOrganizationsLimit  Absent `json:"create_organizations_limit"  absent:"There are no organizations here."`
}

// password returns what is given for a password; nil for nothing.
func (p profile) password() *admin.NewPassword {
	if p.PasswordDigest.Value != "" {
		return &admin.NewPassword{Digest: p.PasswordDigest.Value, Hasher: p.PasswordHasher}
	}
	if !p.Password.Given || p.Password.Null {
		return nil
	}
	return &admin.NewPassword{Plain: p.Password.Value, Unchecked: p.SkipPasswordChecks}
}

// keeps says whether the user is kept from deleting the account; nil leaves that.
func (p profile) keeps() *bool {
	if p.DeleteSelfEnabled == nil {
		return nil
	}
	keeps := !*p.DeleteSelfEnabled
	return &keeps
}

// skew is how far a program's clock may go before ours.
const skew = 24 * time.Hour

// doubt refuses a password that is told in two ways, or half, and what has not happened
// yet.
func (p profile) doubt(now time.Time) *gatelatch.Refusal {
	switch {
	case p.CreatedAt.Value.After(now.Add(skew)):
		return refuseFuture("created_at")
	case p.LegalAcceptedAt.Value.After(now.Add(skew)):
		return refuseFuture("legal_accepted_at")
	case p.PasswordDigest.Value != "" && p.Password.Value != "":
		return &gatelatch.Refusal{
			Code: gatelatch.CodeValue, Param: "password_digest", Message: "Give a password or a digest of one, not both.",
		}
	case p.PasswordDigest.Value == "" && p.PasswordHasher != "":
		return missing("password_digest")
	}
	return nil
}

func refuseFuture(param string) *gatelatch.Refusal {
	return &gatelatch.Refusal{Code: gatelatch.CodeValue, Param: param, Message: "What stands for " + param + " is yet to come."}
}

// newUser is the body of POST /users.
type newUser struct {
	profile
	EmailAddress       texts `json:"email_address"`
	EmailAddressStatus texts `json:"email_address_identification_status"`
	PhoneNumber        texts `json:"phone_number"`
	PhoneNumberStatus  texts `json:"phone_number_identification_status"`

	Web3Wallet Absent `json:"web3_wallet" absent:"There are no wallets here."`
}

func createUser(c *call, in newUser) (wire.User, *gatelatch.Refusal, error) {
	if no := in.doubt(c.now); no != nil {
		return wire.User{}, no, nil
	}
	n := admin.NewUser{
		FirstName: in.FirstName.Value, LastName: in.LastName.Value, Locale: in.Locale.Value, ExternalID: in.ExternalID.Value,
		Password: in.password(), NoPassword: in.SkipPasswordRequirement, TOTPSecret: in.TOTPSecret.Value, BackupCodes: in.BackupCodes.Value,
		Bags: in.bags.bags(), CreatedAt: in.CreatedAt.Value.Time, LegalAcceptedAt: in.LegalAcceptedAt.Value.Time,
		Banned: yes(in.Banned), Locked: yes(in.Locked), KeepsAccount: yes(in.keeps()),
	}
	for _, group := range []struct {
		kind          gatelatch.IdentifierKind
		typed, status texts
	}{
		{gatelatch.EmailAddress, in.EmailAddress, in.EmailAddressStatus}, {gatelatch.PhoneNumber, in.PhoneNumber, in.PhoneNumberStatus},
	} {
		addresses, no := readAddresses(group.kind, group.typed, group.status)
		if no != nil {
			return wire.User{}, no, nil
		}
		n.Addresses = append(n.Addresses, addresses...)
	}
	a, no, err := c.Admin.Make(c.ctx(), n)
	if no != nil || err != nil {
		return wire.User{}, no, err
	}
	c.made = a.User.ID
	return c.view(*a), nil, nil
}

func yes(b *bool) bool { return b != nil && *b }

// readAddresses puts addresses and their statuses together, one status for each or
// none at all.
func readAddresses(kind gatelatch.IdentifierKind, typed, status texts) ([]admin.NewAddress, *gatelatch.Refusal) {
	param := string(kind) + "_identification_status"
	if len(status) > 0 && len(status) != len(typed) {
		return nil, &gatelatch.Refusal{Code: gatelatch.CodeValue, Param: param, Message: "There must be one status for each address."}
	}
	var list []admin.NewAddress
	for i, text := range typed {
		one := admin.NewAddress{Kind: kind, Typed: text, Verified: true}
		if len(status) > 0 {
			if one.Verified = status[i] == "verified"; !one.Verified && status[i] != "reserved" {
				return nil, &gatelatch.Refusal{Code: gatelatch.CodeValue, Param: param, Message: "The statuses are verified and reserved."}
			}
		}
		list = append(list, one)
	}
	return list, nil
}

// changedUser is the body of PATCH /users/{id}.
type changedUser struct {
	profile
	PrimaryEmailAddressID            *string `json:"primary_email_address_id"`
	PrimaryPhoneNumberID             *string `json:"primary_phone_number_id"`
	NotifyPrimaryEmailAddressChanged bool    `json:"notify_primary_email_address_changed"`
	SignOutOfOtherSessions           bool    `json:"sign_out_of_other_sessions"`

	ProfileImageID      Absent `json:"profile_image_id"       absent:"There are no images here."`
	PrimaryWeb3WalletID Absent `json:"primary_web3_wallet_id" absent:"There are no wallets here."`
}

func updateUser(c *call, in changedUser) (wire.User, *gatelatch.Refusal, error) {
	if no := in.doubt(c.now); no != nil {
		return wire.User{}, no, nil
	}
	p := admin.Profile{
		FirstName: in.FirstName.pointer(), LastName: in.LastName.pointer(), Locale: in.Locale.pointer(), ExternalID: in.ExternalID.pointer(),
		PrimaryEmailID: in.PrimaryEmailAddressID, PrimaryPhoneID: in.PrimaryPhoneNumberID, NotifyPrimary: in.NotifyPrimaryEmailAddressChanged,
		Password: in.password(), SignOut: in.SignOutOfOtherSessions, TOTPSecret: in.TOTPSecret.pointer(), BackupCodes: in.BackupCodes.pointer(),
		Bags: in.bags.bags(), Banned: in.Banned, Locked: in.Locked, KeepsAccount: in.keeps(),
	}
	if in.LegalAcceptedAt.Given {
		p.LegalAcceptedAt = &in.LegalAcceptedAt.Value.Time
	}
	if in.CreatedAt.Given && !in.CreatedAt.Null {
		p.CreatedAt = &in.CreatedAt.Value.Time
	}
	return c.user(c.Admin.Update(c.ctx(), c.id(), p))
}
