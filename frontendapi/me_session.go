// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"slices"

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
	// FactorVerificationAge is in minutes, -1 for a step that was not taken.
	FactorVerificationAge [2]int64       `json:"factor_verification_age"`
	PublicUserData        PublicUserData `json:"public_user_data"`
	// The fields below are always null: no other device is told a token.
	User                     *wire.Nothing `json:"user"`
	Actor                    *wire.Nothing `json:"actor"`
	Tasks                    []Task        `json:"tasks"`
	LastActiveToken          *wire.Token   `json:"last_active_token"`
	LastActiveOrganizationID *string       `json:"last_active_organization_id"`
	CreatedAt                wire.Millis   `json:"created_at"`
	UpdatedAt                wire.Millis   `json:"updated_at"`
}

// withActivities is a session with the device that it was begun on.
func (c *call) withActivities(s gatelatch.Session, u gatelatch.User) SessionWithActivities {
	b := c.bareSession(s)
	return SessionWithActivities{
		Object: b.Object, ID: b.ID, ClientID: s.ClientID, UserID: s.UserID, Status: b.Status,
		ExpireAt: b.ExpireAt, AbandonAt: b.AbandonAt, LastActiveAt: b.LastActiveAt,
		LatestActivity: activity(s), FactorVerificationAge: b.FactorVerificationAge, PublicUserData: c.publicDataOf(u),
		CreatedAt: b.CreatedAt, UpdatedAt: b.UpdatedAt,
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
			all = append(all, c.withActivities(s, o.User))
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
		c.answer(c.withActivities(ended, o.User))
	}
}
