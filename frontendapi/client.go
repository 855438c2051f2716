// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/wire"
)

// Client is one browser or app, with its sessions and what it has under way.
type Client struct {
	Object   string    `json:"object"` // "client"
	ID       string    `json:"id"`
	Sessions []Session `json:"sessions"`
	// SignIn and SignUp are under way; null when none is. Without them programs begin
	// a second attempt instead of going on with the first.
	SignIn              *SignIn `json:"sign_in"`
	SignUp              *SignUp `json:"sign_up"`
	LastActiveSessionID *string `json:"last_active_session_id"`
	// LastAuthenticationStrategy is how the newest session was begun.
	LastAuthenticationStrategy *gatelatch.Strategy `json:"last_authentication_strategy"`
	// CookieExpiresAt is when the client is forgotten, told while it holds sessions.
	CookieExpiresAt *wire.Millis `json:"cookie_expires_at"`
	CaptchaBypass   bool         `json:"captcha_bypass"`
	CreatedAt       wire.Millis  `json:"created_at"`
	UpdatedAt       wire.Millis  `json:"updated_at"`
}

// clientOf is a client that the gate has a record of.
func (c *call) clientOf(held *session.Held) (*Client, error) {
	client := Client{
		Object: "client", ID: held.Client.ID, Sessions: []Session{},
		CreatedAt: wire.At(held.Client.CreatedAt), UpdatedAt: wire.At(updatedAt(held)),
	}
	for _, p := range held.Principals {
		s, err := c.sessionOf(p)
		if err != nil {
			return nil, err
		}
		client.Sessions = append(client.Sessions, s)
	}
	if p := c.selected(held); p != nil {
		client.LastActiveSessionID = &p.Session.ID
		client.CookieExpiresAt = wire.Maybe(held.Client.ExpireAt)
		client.LastAuthenticationStrategy = &held.Principals[0].Session.Strategy
	}
	return &client, c.underWay(&client)
}

// underWay adds the attempts that can be gone on with.
func (c *call) underWay(client *Client) error {
	a, err := c.Flow.Pending(c.r.Context(), c.known())
	if err != nil {
		return err
	}
	switch {
	case a.SignIn != nil:
		client.SignIn = c.signInOf(*a.SignIn)
	case c.offered != nil:
		client.SignIn = c.offered
	}
	if a.SignUp != nil {
		client.SignUp = c.signUpOf(*a.SignUp)
	}
	return nil
}

// updatedAt is when the client changed last, as far as is known: programs only ask
// whether it has grown.
func updatedAt(held *session.Held) time.Time {
	at := held.Client.CreatedAt
	for _, p := range held.Principals {
		for _, t := range []time.Time{p.Session.LastActiveAt, p.User.UpdatedAt} {
			if t.After(at) {
				at = t
			}
		}
	}
	return at
}

// stranger is a client that the gate has no record of yet, but has given a token.
func (c *call) stranger() *Client {
	return &Client{
		Object: "client", ID: gatelatch.NewID(gatelatch.PrefixClient, c.now), Sessions: []Session{},
		SignIn: c.offered, CreatedAt: wire.At(c.now), UpdatedAt: wire.At(c.now),
	}
}
