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
		linesOf[newAllowed]("/allowlist_identifiers", gatelatch.AllowList, "allowlist_identifier", true),
		linesOf[newBlocked]("/blocklist_identifiers", gatelatch.BlockList, "blocklist_identifier", false)...)
}

// Line is a line of one of the lists that say whose addresses may sign up.
type Line struct {
	Object string `json:"object"` // allowlist_identifier or blocklist_identifier
	// ID is that of a line that was added at run time, and "config:" with the line for
	// one of the configuration, which nobody can delete here.
	ID             string `json:"id"`
	Identifier     string `json:"identifier"`
	IdentifierType string `json:"identifier_type"` // email_address or phone_number
	InstanceID     string `json:"instance_id"`
	// InvitationID names the invitation that adding the line has sent; it stands in that
	// answer alone, else null.
	InvitationID *string     `json:"invitation_id"`
	CreatedAt    wire.Millis `json:"created_at"`
	UpdatedAt    wire.Millis `json:"updated_at"`
}

func (c *call) lineOf(object string, r admin.Restriction) Line {
	v := Line{
		Object: object, ID: r.ID, Identifier: r.Pattern, IdentifierType: string(gatelatch.PhoneNumber), InstanceID: c.instanceID(),
		InvitationID: wire.Text(r.InvitationID),
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

// newAllowed is the body of POST /allowlist_identifiers. Notify invites the holder of
// an address; of a domain nobody is told.
type newAllowed struct {
	Identifier string `json:"identifier"`
	Notify     bool   `json:"notify"`
}

// newBlocked is the body of POST /blocklist_identifiers.
type newBlocked struct {
	Identifier string `json:"identifier"`
}

// line is a line in a body.
type line interface {
	line() (text string, notify bool)
}

func (n newAllowed) line() (string, bool) { return n.Identifier, n.Notify }
func (n newBlocked) line() (string, bool) { return n.Identifier, false }

// linesOf are the routes of one list, by the body that adds to it. Clerk pages the one
// and not the other.
func linesOf[N line](base string, list gatelatch.RestrictionList, object string, pages bool) []Route {
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
		route("POST", base, "Add an address, *@a-domain, a number or a country", func(c *call, in N) (Line, *gatelatch.Refusal, error) {
			text, notify := in.line()
			if text == "" {
				return Line{}, missing("identifier"), nil
			}
			row, no, err := c.Admin.AddRestriction(c.ctx(), list, text, notify)
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
	switch said.Code {
	case gatelatch.CodeDuplicate:
		said.Code = gatelatch.CodeDuplicateRecord
	case gatelatch.CodeFormat:
		said.Message = "An identifier is an email address, *@ and a domain, a phone number like +12015550123, or a country like DE."
	default:
	}
	return &said
}
