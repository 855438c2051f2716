// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"context"
	"errors"
	"slices"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/session"
)

// named returns the session that the path names, when it is a live one of this
// client. Otherwise the answer has been given: programs take it as signed out.
func (c *call) named() (session.Principal, bool) {
	held, err := c.sessions()
	if err != nil {
		c.fail(err)
		return session.Principal{}, false
	}
	p := find(held, c.value("id"))
	if p == nil {
		c.refuse(signedOut())
		return session.Principal{}, false
	}
	return *p, true
}

func (c *call) showSession() {
	p, ok := c.named()
	if !ok {
		return
	}
	s, err := c.sessionOf(p)
	if err != nil {
		c.fail(err)
		return
	}
	c.read(s)
}

// touch notes that a session is in use, and makes it the selected one unless the
// page has only come to the front.
func (c *call) touch() {
	p, ok := c.named()
	if !ok {
		return
	}
	if err := c.Sessions.Touch(c.r.Context(), p.Session.ID, c.now); err != nil {
		c.fail(err)
		return
	}
	if c.form.text("intent") != "focus" {
		c.choose(p)
	}
	c.answerSession(p.Session.ID)
}

// choose makes a session the selected one. What the browser keeps of the site was
// made for the one before.
func (c *call) choose(p session.Principal) {
	c.chosen = p.Session.ID
	if before := c.byCookie(c.held); before != nil && before.Session.ID != p.Session.ID {
		c.w.Header().Set("Clear-Site-Data", `"cache"`)
	}
}

// answerSession ends a call with a session as it is now.
func (c *call) answerSession(id string) {
	c.changed()
	client, err := c.clientNow()
	if err != nil {
		c.fail(err)
		return
	}
	if client != nil {
		for i := range client.Sessions {
			if client.Sessions[i].ID == id {
				c.wrap(client.Sessions[i], client)
				return
			}
		}
	}
	c.refuse(signedOut())
}

// tokenOf makes a signed token of a session. Asking for one is no use of the
// session: a page that is left open does it by itself.
func (c *call) tokenOf() {
	p, ok := c.named()
	if !ok {
		return
	}
	token, err := c.sign(p, nil)
	if err != nil {
		c.fail(err)
		return
	}
	c.bare(token)
}

// templated makes a token with the operator's own claims, unless the session owes
// tasks.
func (c *call) templated() {
	p, ok := c.named()
	if !ok {
		return
	}
	t, ok := c.Templates[c.values["template"]]
	if !ok {
		c.refuse(unknown())
		return
	}
	token, err := c.sign(p, &t)
	switch {
	case errors.Is(err, session.ErrPending):
		c.refuse(&gatelatch.Refusal{Code: gatelatch.CodeForbidden, Message: "Finish signing in first. This token does not say that something is left to do."})
	case err != nil:
		c.fail(err)
	default:
		c.bare(token)
	}
}

func (c *call) endSession()    { c.endOne(gatelatch.SessionEnded) }
func (c *call) removeSession() { c.endOne(gatelatch.SessionRemoved) }

func (c *call) endOne(status gatelatch.SessionStatus) {
	p, ok := c.named()
	if !ok || !c.end(status, p.Session.ID) {
		return
	}
	s := c.bareSession(p.Session)
	s.Status, s.PublicUserData = status, c.publicDataOf(p.User)
	u := c.bareUser(p.User)
	s.User = &u
	c.answer(s)
}

// signOut ends all sessions of the client. What it has under way, and that it is
// trusted, stays.
func (c *call) signOut() {
	if !c.endAll(gatelatch.SessionRemoved) {
		return
	}
	client, err := c.clientNow()
	switch {
	case err != nil:
		c.fail(err)
	case client == nil:
		c.wrap(nil, nil)
	default:
		c.wrap(client, client)
	}
}

// endAll ends all sessions of the client. When it returns false the answer has
// been given.
func (c *call) endAll(status gatelatch.SessionStatus) bool {
	held, err := c.sessions()
	if err != nil {
		c.fail(err)
		return false
	}
	var ids []string
	for _, p := range held.Principals {
		ids = append(ids, p.Session.ID)
	}
	return c.end(status, ids...)
}

// end ends sessions of the client. Nothing that this browser keeps of the site is
// shown again afterwards.
func (c *call) end(status gatelatch.SessionStatus, ids ...string) bool {
	err := c.Flow.Work(c.r.Context(), c.known(), func(ctx context.Context, w *flow.Work) error {
		for _, id := range slices.Sorted(slices.Values(ids)) { // always in one order: others may do the same now
			if err := w.EndSession(ctx, id, status); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		c.fail(err)
		return false
	}
	c.w.Header().Set("Clear-Site-Data", `"cache"`)
	c.changed()
	return true
}
