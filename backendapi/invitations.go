// SPDX-License-Identifier: Apache-2.0

package backendapi

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/wire"
)

func invitationRoutes() []Route {
	return []Route{
		paged(route("GET", "/invitations", "List invitations, without revoked ones unless they are asked for", listInvitations,
			Param{"status", "string", "pending, accepted, revoked or expired"}, Param{"query", "string", "part of an address"},
			Param{"order_by", "string", "created_at, email_address or expires_at, with + or - in front; -created_at unless said"})),
		route("POST", "/invitations", "Invite an address", func(c *call, in newInvitation) (Invitation, *gatelatch.Refusal, error) {
			list, no, err := c.invite([]newInvitation{in})
			if no != nil || err != nil {
				return Invitation{}, no, err
			}
			c.made = list[0].ID
			return list[0], nil, nil
		}),
		route("POST", "/invitations/bulk", "Invite several addresses, or none when one is refused",
			func(c *call, in []newInvitation) ([]Invitation, *gatelatch.Refusal, error) { return c.invite(in) }),
		route("POST", "/invitations/{id}/revoke", "Take an invitation back", revokeInvitation),
	}
}

// Invitation is an invitation.
type Invitation struct {
	Object         string          `json:"object"` // "invitation"
	ID             string          `json:"id"`
	EmailAddress   string          `json:"email_address"`
	PublicMetadata json.RawMessage `json:"public_metadata"`
	Status         string          `json:"status"` // pending, accepted, revoked or expired
	// URL is null for one that is over.
	URL       *string     `json:"url"`
	Revoked   bool        `json:"revoked"`
	ExpiresAt wire.Millis `json:"expires_at"`
	CreatedAt wire.Millis `json:"created_at"`
	UpdatedAt wire.Millis `json:"updated_at"`
}

func (c *call) invitationOf(i gatelatch.Invitation) Invitation {
	v := Invitation{
		Object: "invitation", ID: i.ID, EmailAddress: i.Display, PublicMetadata: wire.Object(i.PublicMetadata), Status: "expired",
		Revoked: !i.RevokedAt.IsZero(), ExpiresAt: wire.At(i.ExpireAt), CreatedAt: wire.At(i.CreatedAt), UpdatedAt: wire.At(i.CreatedAt),
	}
	switch {
	case !i.AcceptedAt.IsZero():
		v.Status, v.UpdatedAt = "accepted", wire.At(i.AcceptedAt)
	case !i.RevokedAt.IsZero():
		v.Status, v.UpdatedAt = "revoked", wire.At(i.RevokedAt)
	case i.LiveAt(c.now):
		v.Status, v.URL = "pending", c.ticketURL(c.SignUpURL+"?invitation=", c.Admin.Flow.InvitationToken(i.ID))
	}
	return v
}

// ticketURL returns where a ticket leads: to the Frontend API, which knows where the
// invitation goes on, or else to a page of the gate's own, by the address and the
// parameter that it takes.
func (c *call) ticketURL(page string, ticket gatelatch.Secret) *string {
	if c.FrontendURL != "" {
		page = c.FrontendURL + "/tickets/accept?ticket="
	}
	return wire.Text(page + url.QueryEscape(ticket.Reveal()))
}

func listInvitations(c *call, _ Nothing) (List[Invitation], *gatelatch.Refusal, error) {
	q := c.query()
	picked := admin.InvitationQuery{
		Slice: q.slice(), Status: q.status("pending", "accepted", "revoked", "expired"), Search: q.text("query"),
	}
	picked.Order, picked.Descending = q.order("-created_at", "created_at", "email_address", "expires_at")
	if q.no != nil {
		return List[Invitation]{}, q.no, nil
	}
	rows, total, err := c.Admin.Invitations(c.ctx(), picked)
	list := make([]Invitation, 0, len(rows))
	for _, row := range rows {
		list = append(list, c.invitationOf(row))
	}
	return listOf(list, total), nil, err
}

// newInvitation is the body of POST /invitations, and an element of that of
// /invitations/bulk.
type newInvitation struct {
	EmailAddress   string `json:"email_address"`
	PublicMetadata Bag    `json:"public_metadata"`
	RedirectURL    string `json:"redirect_url"`
	Notify         *bool  `json:"notify"`
	IgnoreExisting bool   `json:"ignore_existing"`
	ExpiresInDays  *int   `json:"expires_in_days"`
	// TemplateSlug chooses the words of the message: invitation, or
	// waitlist_invitation.
	TemplateSlug string `json:"template_slug"`
}

const day = 24 * time.Hour

func (c *call) invite(in []newInvitation) ([]Invitation, *gatelatch.Refusal, error) {
	invitees := make([]admin.Invitee, 0, len(in))
	for _, one := range in {
		g, no := c.invitee(one)
		if no != nil {
			return nil, no, nil
		}
		invitees = append(invitees, g)
	}
	rows, no, err := c.Admin.InviteAll(c.ctx(), invitees)
	list := make([]Invitation, 0, len(rows))
	for _, row := range rows {
		list = append(list, c.invitationOf(row))
	}
	return list, no, err
}

func (c *call) invitee(in newInvitation) (admin.Invitee, *gatelatch.Refusal) {
	g := admin.Invitee{
		Address: in.EmailAddress, Silent: in.Notify != nil && !*in.Notify, Again: in.IgnoreExisting,
	}
	if string(in.PublicMetadata) != "null" {
		g.Public = json.RawMessage(in.PublicMetadata)
	}
	if d := in.ExpiresInDays; d != nil {
		if *d < 1 || *d > 365 {
			return g, &gatelatch.Refusal{Code: gatelatch.CodeValue, Param: "expires_in_days", Message: "An invitation is good for 1 to 365 days."}
		}
		g.Lifetime = time.Duration(*d) * day
	}
	switch in.TemplateSlug {
	case "", "invitation":
	case "waitlist_invitation":
		g.Waited = true
	default:
		return g, &gatelatch.Refusal{
			Code: gatelatch.CodeValue, Param: "template_slug", Message: "The templates are invitation and waitlist_invitation.",
		}
	}
	g.RedirectURL = c.whole(in.RedirectURL)
	if in.RedirectURL != "" && !c.leadsHome(g.RedirectURL) {
		return g, &gatelatch.Refusal{
			Code: gatelatch.CodeValue, Param: "redirect_url", Message: "The address must be one of this site, or of an origin that is allowed.",
		}
	}
	return g, nil
}

// whole returns the whole address of a path of this site; of anything else, itself.
func (c *call) whole(text string) string {
	own, err := url.Parse(c.SignUpURL)
	if err != nil || !strings.HasPrefix(text, "/") || strings.HasPrefix(text, "//") || strings.Contains(text, "\\") {
		return text
	}
	return own.Scheme + "://" + own.Host + text
}

// leadsHome reports whether an address is of this site, or of an allowed origin: no
// message of ours leads elsewhere.
func (c *call) leadsHome(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" || u.Host == "" || u.User != nil || len(text) > 2048 {
		return false
	}
	origin := u.Scheme + "://" + u.Host
	own, err := url.Parse(c.SignUpURL)
	return err == nil && origin == own.Scheme+"://"+own.Host || slices.Contains(c.Allowed, origin)
}

func revokeInvitation(c *call, _ Nothing) (Invitation, *gatelatch.Refusal, error) {
	if _, no, err := c.Admin.RevokeInvitation(c.ctx(), c.id()); no != nil || err != nil {
		return Invitation{}, no, err
	}
	row, no, err := c.Admin.Invitation(c.ctx(), c.id())
	return c.invitationOf(row), no, err
}
