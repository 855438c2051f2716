// SPDX-License-Identifier: Apache-2.0

package backendapi

import (
	"strings"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/wire"
)

// userFilters are the same for the list and for the count, by one rule.
func userFilters() []Param {
	params := []Param{{"query", "string", "part of an id, an address or a name, case ignored"}}
	for _, name := range []string{"user_id", "external_id", "email_address", "phone_number", "username", "web3_wallet", "organization_id"} {
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
	rows, err := c.Admin.Accounts(c.ctx(), picked)
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
	n, err := c.Admin.CountAccounts(c.ctx(), picked)
	count.TotalCount = n
	return count, nil, err
}

// orders are Clerk's words. There are no usernames and no wallets here, so users in
// the order of those are in the order of their ids.
var orders = []string{
	"created_at", "updated_at", "email_address", "phone_number", "first_name", "last_name", "last_active_at", "last_sign_in_at",
	"username", "web3wallet",
}

func orderUsers(q *query, picked *admin.UserQuery) {
	word, descending := q.order("-created_at", orders...)
	picked.Order, picked.Descending = admin.UserOrder(word), descending
	if word == "username" || word == "web3wallet" {
		picked.Order = admin.ByCreation
	}
}

// pick reads the filters. Values of any filter by name widen what is found, dates
// and the query narrow it. nobody says that there are filters by name, and that
// nobody can have what they ask for: an empty query would find everybody.
func (c *call) pick(q *query) (picked admin.UserQuery, nobody bool) {
	picked = admin.UserQuery{
		Search: strings.TrimSpace(q.text("query")), ExternalIDs: q.list("external_id"),
		Created: q.span("created_at"), LastActive: q.span("last_active_at"), LastSignIn: q.span("last_sign_in_at"),
	}
	named := len(picked.ExternalIDs)
	for _, id := range q.list("user_id") {
		if strings.HasPrefix(id, "-") {
			q.refuse(gatelatch.CodeFormat, "user_id", "Users cannot be left out, only asked for.")
		}
		picked.IDs = append(picked.IDs, strings.TrimLeft(id, "+ "))
		named++
	}
	for _, kind := range []gatelatch.IdentifierKind{gatelatch.EmailAddress, gatelatch.PhoneNumber} {
		for _, typed := range q.list(string(kind)) {
			named++
			if id, ok := c.Admin.Canonical(kind, typed); ok {
				picked.Identifiers = append(picked.Identifiers, id)
			}
		}
	}
	for _, name := range []string{"username", "web3_wallet", "organization_id"} {
		named += len(q.list(name))
	}
	return picked, named > 0 && len(picked.IDs)+len(picked.ExternalIDs)+len(picked.Identifiers) == 0
}
