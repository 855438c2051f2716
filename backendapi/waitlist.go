// SPDX-License-Identifier: Apache-2.0

package backendapi

import (
	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/wire"
)

func waitlistRoutes() []Route {
	return []Route{
		route("GET", "/waitlist_entries", "List who waits", listWaiting, append([]Param{
			{"status", "string", "pending, invited or rejected"},
			{"query", "string", "part of an address"},
			{"order_by", "string", "created_at, invited_at or email_address, with + or - in front; -created_at unless said"},
		}, pageParams...)...),
		route("POST", "/waitlist_entries", "Put an address on the waitlist", func(c *call, in newWaiting) (Waiting, *gatelatch.Refusal, error) {
			list, no, err := c.wait([]newWaiting{in})
			if no != nil || err != nil {
				return Waiting{}, no, err
			}
			c.made = list[0].ID
			return list[0], nil, nil
		}),
		route("POST", "/waitlist_entries/bulk", "Put several addresses on it, or none when one is refused",
			func(c *call, in []newWaiting) ([]Waiting, *gatelatch.Refusal, error) { return c.wait(in) }),
		route("POST", "/waitlist_entries/{id}/invite", "Let somebody in who waits", func(c *call, in invited) (Waiting, *gatelatch.Refusal, error) {
			h, no, err := c.Admin.Admit(c.ctx(), c.id(), in.IgnoreExisting)
			return c.waitingOf(h), no, err
		}),
		route("POST", "/waitlist_entries/{id}/reject", "Say no to somebody who waits", func(c *call, _ Nothing) (Waiting, *gatelatch.Refusal, error) {
			h, no, err := c.Admin.Reject(c.ctx(), c.id())
			return c.waitingOf(h), no, err
		}),
		route("DELETE", "/waitlist_entries/{id}", "Forget an entry", func(c *call, _ Nothing) (wire.Deleted, *gatelatch.Refusal, error) {
			no, err := c.Admin.Dismiss(c.ctx(), c.id())
			return deleted("waitlist_entry", c.id()), no, err
		}),
	}
}

// Waiting is an entry of the waitlist. Who has signed up is on it no more.
type Waiting struct {
	Object       string      `json:"object"` // "waitlist_entry"
	ID           string      `json:"id"`
	EmailAddress string      `json:"email_address"`
	Status       string      `json:"status"` // pending, invited or rejected
	IsLocked     bool        `json:"is_locked"`
	Invitation   *Invitation `json:"invitation"`
	CreatedAt    wire.Millis `json:"created_at"`
	UpdatedAt    wire.Millis `json:"updated_at"`
}

func (c *call) waitingOf(h admin.WaitlistEntry) Waiting {
	v := Waiting{
		Object: "waitlist_entry", ID: h.ID, EmailAddress: h.Display, Status: "pending", CreatedAt: wire.At(h.CreatedAt), UpdatedAt: wire.At(h.CreatedAt),
	}
	switch {
	case !h.RejectedAt.IsZero():
		v.Status, v.UpdatedAt = "rejected", wire.At(h.RejectedAt)
	case !h.ApprovedAt.IsZero():
		v.Status, v.UpdatedAt = "invited", wire.At(h.ApprovedAt)
	}
	if h.Invitation != nil {
		i := c.invitationOf(*h.Invitation)
		v.Invitation = &i
	}
	return v
}

func listWaiting(c *call, _ Nothing) (List[Waiting], *gatelatch.Refusal, error) {
	q := c.query()
	picked := admin.WaitlistQuery{Slice: q.slice(), Search: q.text("query")}
	picked.Status = q.status("pending", "invited", "completed", "rejected")
	picked.Order, picked.Descending = q.order("-created_at", "created_at", "invited_at", "email_address")
	if q.no != nil || picked.Status == "completed" { // those have left the list
		return listOf[Waiting](nil, 0), q.no, nil
	}
	rows, total, err := c.Admin.WaitlistEntries(c.ctx(), picked)
	list := make([]Waiting, 0, len(rows))
	for _, row := range rows {
		list = append(list, c.waitingOf(row))
	}
	return listOf(list, total), nil, err
}

// newWaiting is the body of POST /waitlist_entries. Nobody is told of it, so notify
// is of no effect.
type newWaiting struct {
	EmailAddress string `json:"email_address"`
	Notify       *bool  `json:"notify"`
}

type invited struct {
	IgnoreExisting bool `json:"ignore_existing"`
}

func (c *call) wait(in []newWaiting) ([]Waiting, *gatelatch.Refusal, error) {
	addresses := make([]string, 0, len(in))
	for _, one := range in {
		addresses = append(addresses, one.EmailAddress)
	}
	rows, no, err := c.Admin.WaitAll(c.ctx(), addresses)
	list := make([]Waiting, 0, len(rows))
	for _, row := range rows {
		list = append(list, c.waitingOf(row))
	}
	return list, no, err
}
