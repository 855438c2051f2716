// SPDX-License-Identifier: Apache-2.0

package backendapi

import (
	"slices"
	"strings"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/wire"
)

// named are the filters by name.
var named = []string{"user_id", "external_id", "email_address", "phone_number", "username", "web3_wallet", "organization_id"}

// userFilters are the same for the list and for the count, by one rule.
func userFilters() []Param {
	params := []Param{{"query", "string", "part of an address or a name, or six characters or more of an id, case ignored"}}
	for _, name := range named {
		params = append(params, Param{name, "array", "users who have any of the values of any of these filters"})
	}
	for _, name := range []string{"created_at", "last_active_at", "last_sign_in_at"} {
		params = append(params,
			Param{name + "_before", "integer", "Unix milliseconds, exclusive"}, Param{name + "_after", "integer", "Unix milliseconds, exclusive"},
			Param{name + "_since", "integer", "Unix milliseconds, inclusive"})
	}
	return params
}

func listUsers(c *call, _ Nothing) ([]wire.User, *gatelatch.Refusal, error) {
	q := c.query()
	picked, nobody := c.pick(q)
	page := q.slice()
	picked.Limit, picked.Offset = page.Limit, page.Offset
	orderUsers(q, &picked)
	list := []wire.User{}
	if q.no != nil || nobody {
		return list, q.no, nil
	}
	rows, err := c.Admin.Users(c.ctx(), picked)
	for _, a := range rows {
		list = append(list, c.view(a))
	}
	return list, nil, err
}

func countUsers(c *call, _ Nothing) (wire.Count, *gatelatch.Refusal, error) {
	q := c.query()
	picked, nobody := c.pick(q)
	count := wire.Count{Object: "total_count"}
	if q.no != nil || nobody {
		return count, q.no, nil
	}
	n, err := c.Admin.CountUsers(c.ctx(), picked)
	count.TotalCount = n
	return count, nil, err
}

// orders are Clerk's words.
var orders = []string{
	"created_at", "updated_at", "email_address", "phone_number", "first_name", "last_name", "last_active_at", "last_sign_in_at",
}

// orderUsers takes two words of Clerk's more than it names: there are no usernames
// and no wallets here, so users in the order of those are in the order of their ids.
func orderUsers(q *query, picked *admin.UserQuery) {
	word, descending := q.signed("-created_at")
	picked.Order, picked.Descending = admin.ByCreation, descending
	if word != "username" && word != "web3wallet" {
		q.order("-created_at", orders...)
		picked.Order = admin.UserOrder(word)
	}
}

// pick reads the filters. Values of any filter by name widen what is found, dates
// and the query narrow it. nobody says that there are filters by name, and that
// nobody can have what they ask for, or that they ask for nothing: an empty query
// would find everybody.
func (c *call) pick(q *query) (picked admin.UserQuery, nobody bool) {
	picked = admin.UserQuery{
		Search: strings.TrimSpace(q.text("query")), ExternalIDs: q.list("external_id"),
		Created: q.span("created_at"), LastActive: q.span("last_active_at"), LastSignIn: q.span("last_sign_in_at"),
	}
	for _, id := range q.list("user_id") {
		if strings.HasPrefix(id, "-") {
			q.refuse(gatelatch.CodeFormat, "user_id", "Users cannot be left out, only asked for.")
		}
		picked.IDs = append(picked.IDs, strings.TrimLeft(id, "+ "))
	}
	for _, kind := range []gatelatch.IdentifierKind{gatelatch.EmailAddress, gatelatch.PhoneNumber} {
		for _, typed := range q.list(string(kind)) {
			if kind == gatelatch.PhoneNumber && strings.HasPrefix(typed, " ") {
				typed = "+" + typed[1:] // a plus that nobody has escaped
			}
			if id, ok := c.Admin.Canonical(kind, typed); ok {
				picked.Identifiers = append(picked.Identifiers, id)
			}
		}
	}
	asked := slices.ContainsFunc(named, q.values.Has)
	return picked, asked && len(picked.IDs)+len(picked.ExternalIDs)+len(picked.Identifiers) == 0
}
