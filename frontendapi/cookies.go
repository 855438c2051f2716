// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"strings"

	"github.com/gatelatch/gatelatch/session"
)

// tell keeps what the browser knows true. A browser may have thrown away the very
// answer that told it, so what differs is told again with every answer.
func (c *call) tell(held *session.Held) {
	if c.native {
		c.tellProgram()
		return
	}
	h := c.w.Header()
	if c.given || c.begun() {
		c.Jar.SetClient(h, c.token)
	}
	c.tellSession(c.selected(held))
	seconds := held.UpdatedAt()
	switch {
	case c.Cookies.UpdatedAt(c.r.Header, seconds):
	case seconds == 0 && c.hasToken():
		c.Cookies.Clear(h)
	default:
		c.Cookies.SetUpdatedAt(h, seconds)
	}
}

// tellProgram gives a program without cookies its token when it is new.
func (c *call) tellProgram() {
	if c.given {
		c.w.Header().Set("Authorization", c.token.Reveal())
	}
}

// begun reports a session that this call has begun: the client is then remembered
// for as long again.
func (c *call) begun() bool { return c.renewed && !c.token.IsZero() }

// tellSession keeps the gate's own session cookie that of the selected session.
func (c *call) tellSession(p *session.Principal) {
	has := c.Jar.Read(c.r.Header).Session
	switch {
	case p == nil && has != "":
		c.Jar.ClearSession(c.w.Header())
	case p == nil:
	default:
		if t := c.Tokens.ForSession(p.Session.ID); t.Reveal() != has {
			c.Jar.SetSession(c.w.Header(), t)
		}
	}
}

// hasToken reports that the browser holds a signed token, which is over with the
// last session.
func (c *call) hasToken() bool {
	for _, line := range c.r.Header["Cookie"] {
		if strings.Contains(line, "__session") {
			return true
		}
	}
	return false
}
