// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"slices"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/device"
	"github.com/gatelatch/gatelatch/wire"
)

// SessionWithActivities is a session as its user sees it in a list of all, on
// whatever device it is.
type SessionWithActivities struct {
	Object         string                  `json:"object"` // "session"
	ID             string                  `json:"id"`
	ClientID       string                  `json:"client_id"`
	UserID         string                  `json:"user_id"`
	Status         gatelatch.SessionStatus `json:"status"`
	ExpireAt       wire.Millis             `json:"expire_at"`
	AbandonAt      wire.Millis             `json:"abandon_at"`
	LastActiveAt   wire.Millis             `json:"last_active_at"`
	LatestActivity wire.Activity           `json:"latest_activity"`
	// User and Actor are always null.
	User      *wire.Nothing `json:"user"`
	Actor     *wire.Nothing `json:"actor"`
	CreatedAt wire.Millis   `json:"created_at"`
	UpdatedAt wire.Millis   `json:"updated_at"`
}

// withActivities is a session with the device that it was begun on. abandon is
// when it ends unless it is used; the end itself where no idle limit is.
func withActivities(s gatelatch.Session, idle time.Duration) SessionWithActivities {
	abandon := s.ExpireAt
	if left := s.LastActiveAt.Add(idle); idle > 0 && left.Before(abandon) {
		abandon = left
	}
	return SessionWithActivities{
		Object: "session", ID: s.ID, ClientID: s.ClientID, UserID: s.UserID, Status: s.Status,
		ExpireAt: wire.At(s.ExpireAt), AbandonAt: wire.At(abandon), LastActiveAt: wire.At(s.LastActiveAt),
		LatestActivity: activity(s), CreatedAt: wire.At(s.CreatedAt), UpdatedAt: wire.At(s.LastActiveAt),
	}
}

// activity is what a browser said of itself when the session began. Where in the
// world that was nobody here knows.
func activity(s gatelatch.Session) wire.Activity {
	said := device.Read(s.UserAgent)
	return wire.Activity{
		ID: s.ID, Object: "session_activity", DeviceType: wire.Text(said.System), IsMobile: said.Mobile,
		BrowserName: wire.Text(said.Program), BrowserVersion: wire.Text(said.Version), IPAddress: wire.Text(s.IP),
	}
}

// listActivities lists the live sessions of the user; those that are over are not
// kept for this.
func (c *call) listActivities() {
	a, ok := c.acting()
	if !ok {
		return
	}
	o, err := c.Account.Overview(c.r.Context(), a)
	switch {
	case err != nil:
		c.fail(err)
		return
	case o == nil:
		c.refuse(signedOut())
		return
	}
	all := []SessionWithActivities{}
	for _, s := range o.Sessions {
		if s.LiveAt(c.now, c.Idle) || s.ID == a.SessionID {
			all = append(all, withActivities(s, c.Idle))
		}
	}
	c.bare(all)
}

func (c *call) revokeSession() {
	a, ok := c.acting()
	if !ok {
		return
	}
	o, err := c.Account.Overview(c.r.Context(), a)
	if err != nil {
		c.fail(err)
		return
	}
	id := c.value("id")
	if o == nil {
		c.refuse(signedOut())
		return
	}
	i := slices.IndexFunc(o.Sessions, func(s gatelatch.Session) bool { return s.ID == id })
	if i < 0 {
		c.refuse(unknown())
		return
	}
	if c.went(c.Account.EndSession(c.r.Context(), a, id)) {
		ended := o.Sessions[i]
		ended.Status = gatelatch.SessionRevoked
		c.answer(withActivities(ended, c.Idle))
	}
}
