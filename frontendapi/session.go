// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"cmp"
	"fmt"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/wire"
)

// Session is a live session of the client.
type Session struct {
	Object string `json:"object"` // "session"
	ID     string `json:"id"`
	// Status is active, or pending while the session owes tasks.
	Status                   gatelatch.SessionStatus `json:"status"`
	ExpireAt                 wire.Millis             `json:"expire_at"`
	AbandonAt                wire.Millis             `json:"abandon_at"`
	LastActiveAt             wire.Millis             `json:"last_active_at"`
	LastActiveOrganizationID *string                 `json:"last_active_organization_id"`
	LastActiveToken          *wire.Token             `json:"last_active_token"`
	Actor                    *wire.Nothing           `json:"actor"`
	// FactorVerificationAge is in minutes, -1 for a step that was not taken.
	FactorVerificationAge [2]int64       `json:"factor_verification_age"`
	Tasks                 []Task         `json:"tasks"`
	User                  *wire.User     `json:"user"`
	PublicUserData        PublicUserData `json:"public_user_data"`
	CreatedAt             wire.Millis    `json:"created_at"`
	UpdatedAt             wire.Millis    `json:"updated_at"`
}

// Task is something that a session owes.
type Task struct {
	Key gatelatch.Task `json:"key"`
}

// PublicUserData is what others may see of a user.
type PublicUserData struct {
	FirstName  *string `json:"first_name"`
	LastName   *string `json:"last_name"`
	ImageURL   string  `json:"image_url"`
	HasImage   bool    `json:"has_image"`
	Identifier string  `json:"identifier"`
	UserID     string  `json:"user_id,omitempty"`
}

// statusPending is a session that owes tasks; it is told, and never stored.
const statusPending gatelatch.SessionStatus = "pending"

func (c *call) statusOf(p session.Principal) gatelatch.SessionStatus {
	if len(c.Rules.Tasks(p.User)) > 0 {
		return statusPending
	}
	return p.Session.Status
}

func (c *call) sessionOf(p session.Principal) (Session, error) {
	u, err := c.userOf(p)
	if err != nil {
		return Session{}, err
	}
	token, err := c.sign(p, nil)
	if err != nil {
		return Session{}, err
	}
	s := c.bareSession(p.Session)
	s.Status, s.User, s.LastActiveToken = c.statusOf(p), &u, token
	s.PublicUserData = c.publicDataOf(p.User)
	for _, t := range c.Rules.Tasks(p.User) {
		s.Tasks = append(s.Tasks, Task{Key: t}) // null when nothing is owed
	}
	return s, nil
}

// bareSession is a session without its user and its token.
func (c *call) bareSession(s gatelatch.Session) Session {
	proven := session.Proven{First: s.Strategy, FirstAt: s.FirstAt, Second: s.Second, SecondAt: s.SecondAt}
	abandon := s.ExpireAt
	if idle := s.LastActiveAt.Add(c.Idle); c.Idle > 0 && idle.Before(abandon) {
		abandon = idle
	}
	return Session{
		Object: "session", ID: s.ID, Status: s.Status, ExpireAt: wire.At(s.ExpireAt), AbandonAt: wire.At(abandon),
		LastActiveAt: wire.At(s.LastActiveAt), FactorVerificationAge: proven.Ages(c.now),
		CreatedAt: wire.At(s.CreatedAt), UpdatedAt: wire.At(s.LastActiveAt),
	}
}

func (c *call) publicDataOf(u gatelatch.User) PublicUserData {
	email, _ := u.Primary(gatelatch.EmailAddress)
	phone, _ := u.Primary(gatelatch.PhoneNumber)
	return PublicUserData{
		FirstName: wire.Text(u.FirstName), LastName: wire.Text(u.LastName), ImageURL: c.imageURL(),
		Identifier: cmp.Or(email.Display, phone.Value), UserID: u.ID,
	}
}

// userOf is the user of a session as its owner sees it, as GET /me has it: programs
// take whichever came last.
func (c *call) userOf(p session.Principal) (wire.User, error) {
	self, err := c.Account.Self(c.r.Context(), c.actor(p))
	if err != nil {
		return wire.User{}, fmt.Errorf("looking at the account: %w", err)
	}
	if self == nil { // it has ended this very moment
		return c.bareUser(p.User), nil
	}
	return c.me(self), nil
}

// bareUser is a user without what the store has beside.
func (c *call) bareUser(u gatelatch.User) wire.User {
	return wire.NewUser(wire.UserView{User: u, ImageURL: c.imageURL(), DeleteSelf: c.Flow.Policy.DeleteSelf, Now: c.now})
}

// sign gives a token of a session, which may be one that was made a moment ago; t is
// nil for the usual claims. The session must be one that was looked up in this call:
// whether it lives is not asked again.
func (c *call) sign(p session.Principal, t *session.Template) (*wire.Token, error) {
	held, err := c.sessions()
	if err != nil {
		return nil, err
	}
	text, err := c.Minter.Recent(p, session.Signing{
		Party: c.party(), Status: c.statusOf(p), Template: t, UpdatedAt: held.UpdatedAt(), Now: c.now,
	})
	if err != nil {
		return nil, fmt.Errorf("signing a token: %w", err)
	}
	return &wire.Token{Object: "token", JWT: text.Reveal()}, nil
}

// party is who a token is for: the origin that asks. A page that reads from its own
// origin does not say which that is.
func (c *call) party() string {
	if c.native {
		return session.NoParty
	}
	if c.origin != "" {
		return c.origin
	}
	return c.own()
}
