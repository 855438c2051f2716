// SPDX-License-Identifier: Apache-2.0

package backendapi

import (
	"strings"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/wire"
)

func listRoutes() []Route {
	return append(
		linesOf("/allowlist_identifiers", gatelatch.AllowList, "allowlist_identifier", true),
		linesOf("/blocklist_identifiers", gatelatch.BlockList, "blocklist_identifier", false)...)
}

// Line is a line of one of the lists that say whose addresses may sign up.
type Line struct {
	Object string `json:"object"` // allowlist_identifier or blocklist_identifier
	// ID is that of a line that was added at run time, and "config:" with the line for
	// one of the configuration, which nobody can delete here.
	ID             string      `json:"id"`
	Identifier     string      `json:"identifier"`
	IdentifierType string      `json:"identifier_type"` // email_address or phone_number
	InstanceID     string      `json:"instance_id"`
	InvitationID   *string     `json:"invitation_id"`
	CreatedAt      wire.Millis `json:"created_at"`
	UpdatedAt      wire.Millis `json:"updated_at"`
}

func (c *call) lineOf(object string, r admin.Restriction) Line {
	v := Line{
		Object: object, ID: r.ID, Identifier: r.Pattern, IdentifierType: string(gatelatch.PhoneNumber), InstanceID: c.instanceID(),
	}
	if v.ID == "" {
		v.ID = "config:" + r.Pattern
	}
	if strings.ContainsAny(r.Pattern, "@.") {
		v.IdentifierType = string(gatelatch.EmailAddress)
	}
	if strings.Contains(r.Pattern, ".") && !strings.Contains(r.Pattern, "@") {
		v.Identifier = "*@" + r.Pattern // Clerk's form of a domain
	}
	if !r.CreatedAt.IsZero() {
		v.CreatedAt, v.UpdatedAt = wire.At(r.CreatedAt), wire.At(r.CreatedAt)
	}
	return v
}

type newLine struct {
	Identifier string `json:"identifier"`
}

// linesOf are the routes of one list. Clerk pages the one and not the other.
func linesOf(base string, list gatelatch.RestrictionList, object string, pages bool) []Route {
	all := route("GET", base, "List the lines, those of the configuration first", func(c *call, _ Nothing) (List[Line], *gatelatch.Refusal, error) {
		return c.lines(list, object)
	})
	if pages {
		all = paged(all)
	} else {
		all.Query = pageParams
	}
	return []Route{
		all,
		route("POST", base, "Add an address, *@a-domain, a number or a country", func(c *call, in newLine) (Line, *gatelatch.Refusal, error) {
			row, no, err := c.Admin.AddRestriction(c.ctx(), list, in.Identifier)
			if no != nil || err != nil {
				return Line{}, asIdentifier(no), err
			}
			c.made = row.ID
			return c.lineOf(object, *row), nil, nil
		}),
		route("DELETE", base+"/{id}", "Delete a line", func(c *call, _ Nothing) (wire.Deleted, *gatelatch.Refusal, error) {
			row, no, err := c.Admin.RestrictionByID(c.ctx(), list, c.id())
			if no == nil && err == nil {
				_, no, err = c.Admin.RemoveRestriction(c.ctx(), list, row.Pattern)
			}
			return deleted(object, c.id()), no, err
		}),
	}
}

func (c *call) lines(list gatelatch.RestrictionList, object string) (List[Line], *gatelatch.Refusal, error) {
	q := c.query()
	page := q.slice()
	if q.no != nil {
		return List[Line]{}, q.no, nil
	}
	rows, no, err := c.Admin.Restrictions(c.ctx(), list)
	if no != nil || err != nil {
		return List[Line]{}, no, err
	}
	lines := []Line{}
	for i, row := range rows {
		if i >= page.Offset && len(lines) < page.Limit {
			lines = append(lines, c.lineOf(object, row))
		}
	}
	return listOf(lines, len(rows)), nil, nil
}

// asIdentifier says in the words of this API what commands are told in theirs.
func asIdentifier(no *gatelatch.Refusal) *gatelatch.Refusal {
	if no == nil {
		return nil
	}
	said := *no
	said.Param = "identifier"
	if said.Code == gatelatch.CodeDuplicate {
		said.Code = gatelatch.CodeDuplicateRecord
	}
	return &said
}
