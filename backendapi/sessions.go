// SPDX-License-Identifier: Apache-2.0

package backendapi

import (
	"errors"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/device"
	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/wire"
)

func sessionRoutes() []Route {
	return []Route{
		paged(route("GET", "/sessions", "List sessions, the newest first", listSessions,
			Param{"user_id", "string", "of one user"}, Param{"client_id", "string", "of one browser"},
			Param{"status", "string", "active, expired, abandoned, ended, revoked, replaced or removed"})),
		route("GET", "/sessions/{id}", "One session", func(c *call, _ Nothing) (Session, *gatelatch.Refusal, error) { return c.session(nil, nil) }),
		route("POST", "/sessions", "Begin a session, in test mode alone", createSession),
		route("POST", "/sessions/{id}/revoke", "End a session at once", func(c *call, _ Nothing) (Session, *gatelatch.Refusal, error) {
			_, no, err := c.Admin.Revoke(c.ctx(), c.id())
			return c.session(no, err)
		}),
		route("POST", "/sessions/{id}/tokens", "Sign a token of a session", createToken),
		route("POST", "/sessions/{id}/tokens/{template}", "Sign a token with the claims of a template", createToken),
		route("POST", "/sessions/{id}/verify", "Check a token of a session", verifyToken),
	}
}

// Session is a session as operators see it: its user and its client by their ids.
type Session struct {
	Object   string `json:"object"` // "session"
	ID       string `json:"id"`
	ClientID string `json:"client_id"`
	UserID   string `json:"user_id"`
	// Status is active, pending (a task is to be done), expired, abandoned, ended,
	// revoked, replaced or removed.
	Status                   gatelatch.SessionStatus `json:"status"`
	LastActiveAt             wire.Millis             `json:"last_active_at"`
	ExpireAt                 wire.Millis             `json:"expire_at"`
	AbandonAt                wire.Millis             `json:"abandon_at"`
	LastActiveOrganizationID *string                 `json:"last_active_organization_id"`
	Actor                    *wire.Nothing           `json:"actor"`
	LatestActivity           wire.Activity           `json:"latest_activity"`
	CreatedAt                wire.Millis             `json:"created_at"`
	UpdatedAt                wire.Millis             `json:"updated_at"`
}

func (c *call) sessionOf(s admin.Session) Session {
	abandon := s.ExpireAt
	if idle := s.LastActiveAt.Add(c.Idle); c.Idle > 0 && idle.Before(abandon) {
		abandon = idle
	}
	return Session{
		Object: "session", ID: s.ID, ClientID: s.ClientID, UserID: s.UserID, Status: c.Admin.StatusOf(s),
		LastActiveAt: wire.At(s.LastActiveAt), ExpireAt: wire.At(s.ExpireAt), AbandonAt: wire.At(abandon),
		LatestActivity: activity(s.Session), CreatedAt: wire.At(s.CreatedAt), UpdatedAt: wire.At(s.LastActiveAt),
	}
}

// activity tells where a session was begun, in the words that lists on pages use.
func activity(s gatelatch.Session) wire.Activity {
	var browser, system string
	if s.UserAgent != "" {
		browser, system, _ = strings.Cut(device.Name(s.UserAgent), " on ")
	}
	a := wire.Activity{
		ID: s.ID, Object: "session_activity", BrowserName: wire.Text(browser), DeviceType: wire.Text(system), IPAddress: wire.Text(s.IP),
	}
	a.IsMobile = strings.Contains(s.UserAgent, "Mobile")
	return a
}

func listSessions(c *call, _ Nothing) (List[Session], *gatelatch.Refusal, error) {
	q := c.query()
	picked := admin.SessionQuery{
		Slice: q.slice(), UserID: q.text("user_id"), ClientID: q.text("client_id"),
		Status: gatelatch.SessionStatus(q.status("active", "expired", "abandoned", "ended", "revoked", "replaced", "removed")),
	}
	if q.no != nil || q.blank("user_id", "client_id") {
		return listOf[Session](nil, 0), q.no, nil
	}
	rows, total, err := c.Admin.Sessions(c.ctx(), picked)
	list := make([]Session, 0, len(rows))
	for _, row := range rows {
		list = append(list, c.sessionOf(row))
	}
	return listOf(list, total), nil, err
}

// session answers with the session of the path, after something was done to it.
func (c *call) session(no *gatelatch.Refusal, err error) (Session, *gatelatch.Refusal, error) {
	if no != nil || err != nil {
		return Session{}, no, err
	}
	s, no, err := c.Admin.Session(c.ctx(), c.id())
	if no != nil || err != nil {
		return Session{}, no, err
	}
	return c.sessionOf(s), nil, nil
}

type newSession struct {
	UserID               string `json:"user_id"`
	ActiveOrganizationID Absent `json:"active_organization_id" absent:"There are no organizations here."`
}

func createSession(c *call, in newSession) (Session, *gatelatch.Refusal, error) {
	if no := refuseUser(in.UserID); no != nil {
		return Session{}, no, nil
	}
	s, no, err := c.Admin.SignIn(c.ctx(), in.UserID)
	if no != nil || err != nil {
		return Session{}, no, err
	}
	c.made = s.ID
	return c.sessionOf(s), nil, nil
}

// The bounds of a token's life that a program may ask for. Nobody can take a token
// back.
const (
	minToken = 30 * time.Second
	maxToken = 24 * time.Hour
)

type newToken struct {
	ExpiresInSeconds *int64 `json:"expires_in_seconds"`
}

func createToken(c *call, in newToken) (wire.Token, *gatelatch.Refusal, error) {
	signing, no := c.signing(in)
	if no != nil {
		return wire.Token{}, no, nil
	}
	p, owes, no, err := c.Admin.Principal(c.ctx(), c.id())
	if no != nil || err != nil {
		return wire.Token{}, no, err
	}
	if owes {
		signing.Status = "pending"
	}
	text, err := c.Minter.Sign(p, signing)
	if errors.Is(err, session.ErrPending) {
		return wire.Token{}, &gatelatch.Refusal{
			Code: gatelatch.CodeForbidden, Message: "The session owes a task, which tokens of templates do not say. It gets none before the task is done.",
		}, nil
	}
	return wire.Token{Object: "token", JWT: text.Reveal()}, nil, err
}

func (c *call) signing(in newToken) (session.Signing, *gatelatch.Refusal) {
	o := session.Signing{Party: "-", Now: c.now}
	if name := c.value("template"); name != "" {
		template, ok := c.Templates[name]
		if !ok {
			return o, &gatelatch.Refusal{Code: gatelatch.CodeNotFound, Message: "There is no template of that name."}
		}
		o.Template = &template
	}
	if in.ExpiresInSeconds == nil {
		return o, nil
	}
	seconds := *in.ExpiresInSeconds
	if seconds < int64(minToken/time.Second) || seconds > int64(maxToken/time.Second) {
		return o, &gatelatch.Refusal{
			Code: gatelatch.CodeValue, Param: "expires_in_seconds", Message: "A token is good for 30 seconds to a day.",
		}
	}
	o.Lifetime = time.Duration(seconds) * time.Second
	return o, nil
}

type givenToken struct {
	Token string `json:"token"`
}

func verifyToken(c *call, in givenToken) (Session, *gatelatch.Refusal, error) {
	if in.Token == "" {
		return Session{}, missing("token"), nil
	}
	claims, ok := c.Minter.Verify(in.Token, c.now)
	if !ok || claims.SessionID != c.id() {
		return Session{}, &gatelatch.Refusal{Code: gatelatch.CodeFormat, Param: "token", Message: "That is no token of the session, or it is over."}, nil
	}
	return c.session(nil, nil)
}
