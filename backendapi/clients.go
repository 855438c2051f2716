// SPDX-License-Identifier: Apache-2.0

package backendapi

import (
	"fmt"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/wire"
)

func clientRoutes() []Route {
	return []Route{
		paged(route("GET", "/clients", "List browsers, the newest first", listClients)),
		route("GET", "/clients/{id}", "One browser", func(c *call, _ Nothing) (Client, *gatelatch.Refusal, error) { return c.client(c.id()) }),
		route("POST", "/clients/verify", "The browser whose client cookie this is", verifyClient),
	}
}

// Client is a browser, or a native app, with its sessions.
type Client struct {
	Object                     string              `json:"object"` // "client"
	ID                         string              `json:"id"`
	SessionIDs                 []string            `json:"session_ids"`
	Sessions                   []Session           `json:"sessions"`
	SignInID                   *string             `json:"sign_in_id"`
	SignUpID                   *string             `json:"sign_up_id"`
	LastActiveSessionID        *string             `json:"last_active_session_id"`
	LastAuthenticationStrategy *gatelatch.Strategy `json:"last_authentication_strategy"`
	CreatedAt                  wire.Millis         `json:"created_at"`
	UpdatedAt                  wire.Millis         `json:"updated_at"`
}

// clientOf tells of a browser. The session used last is the active one.
func (c *call) clientOf(b admin.Client) Client {
	v := Client{
		Object: "client", ID: b.ID, SessionIDs: []string{}, Sessions: []Session{}, CreatedAt: wire.At(b.CreatedAt), UpdatedAt: wire.At(b.CreatedAt),
	}
	var used gatelatch.Session
	for i, s := range b.Sessions {
		v.SessionIDs, v.Sessions = append(v.SessionIDs, s.ID), append(v.Sessions, c.sessionOf(s))
		if i == 0 {
			v.LastAuthenticationStrategy = &b.Sessions[0].Strategy
		}
		if s.LastActiveAt.After(used.LastActiveAt) {
			used = s.Session
		}
	}
	if used.ID != "" {
		v.LastActiveSessionID, v.UpdatedAt = &used.ID, wire.At(used.LastActiveAt)
	}
	return v
}

func listClients(c *call, _ Nothing) (List[Client], *gatelatch.Refusal, error) {
	q := c.query()
	page := q.slice()
	if q.no != nil {
		return List[Client]{}, q.no, nil
	}
	rows, total, err := c.Admin.Clients(c.ctx(), page)
	list := make([]Client, 0, len(rows))
	for _, row := range rows {
		list = append(list, c.clientOf(row))
	}
	return listOf(list, total), nil, err
}

func (c *call) client(id string) (Client, *gatelatch.Refusal, error) {
	b, no, err := c.Admin.Client(c.ctx(), id)
	if no != nil || err != nil {
		return Client{}, no, err
	}
	return c.clientOf(b), nil, nil
}

func verifyClient(c *call, in givenToken) (Client, *gatelatch.Refusal, error) {
	token, ok := c.Tokens.Parse(session.ClientToken, in.Token)
	if !ok { // a native app's
		token, ok = c.Tokens.Parse(session.NativeToken, in.Token)
	}
	if !ok {
		return Client{}, refuseClient(), nil
	}
	held, err := c.Sessions.OfClient(c.ctx(), token, c.Idle, c.now)
	if err != nil {
		return Client{}, nil, fmt.Errorf("finding a client: %w", err)
	}
	if held.Client.ID == "" {
		return Client{}, refuseClient(), nil
	}
	return c.client(held.Client.ID)
}

func refuseClient() *gatelatch.Refusal {
	return &gatelatch.Refusal{Code: gatelatch.CodeNotFound, Message: "No client has that token."}
}
