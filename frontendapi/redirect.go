// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/session"
)

// maxTarget bounds an address to lead to, in bytes.
const maxTarget = 4096

// target reads an absolute address of the site or of an allowed origin. Nothing
// else is led to: the link would carry this site's name.
func (c *call) target(text string) (*url.URL, bool) {
	if text == "" || len(text) > maxTarget || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f || r == 0xfffd }) {
		return nil, false
	}
	u, err := url.Parse(text)
	if err != nil || u.User != nil || u.Opaque != "" || u.Host == "" {
		return nil, false
	}
	u.Host = strings.ToLower(u.Host)
	origin := originOf(u)
	return u, slices.Contains(c.Site.Origins, origin) || slices.Contains(c.Site.Allowed, origin)
}

// originOf writes the origin of an address as browsers do.
func originOf(u *url.URL) string {
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if scheme == "https" {
		host = strings.TrimSuffix(host, ":443")
	}
	if scheme == "http" {
		host = strings.TrimSuffix(host, ":80")
	}
	return scheme + "://" + host
}

// lead sends a browser on.
func (c *call) lead(status int, to string) {
	h := c.w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Location", to)
	c.w.WriteHeader(status)
}

func (c *call) refuseTarget() {
	c.turnAway(http.StatusUnprocessableEntity, &gatelatch.Refusal{
		Code: gatelatch.CodeValue, Param: "redirect_url", Message: "That address is not on this site.",
	})
}

// touchClient gives the browser its client cookie anew, and leads back. Programs go
// by here when the cookie is about to be forgotten.
func (c *call) touchClient() {
	to, ok := c.target(c.query.Get("redirect_url"))
	if !ok {
		c.refuseTarget()
		return
	}
	if err := c.keepClient(); err != nil {
		c.fail(err)
		return
	}
	c.renewed = true
	if _, err := c.settled(); err != nil {
		c.fail(err)
		return
	}
	c.lead(http.StatusFound, to.String())
}

// keepClient remembers a client with sessions for as long as its cookie, from now
// on.
func (c *call) keepClient() error {
	held, err := c.sessions()
	if err != nil || len(held.Principals) == 0 {
		return err
	}
	id := held.Client.ID
	err = c.Flow.Work(c.r.Context(), c.known(), func(ctx context.Context, w *flow.Work) error {
		return w.Tx().KeepClient(ctx, id, w.Now().Add(session.ClientLifetime))
	})
	c.changed()
	return err
}

// handshake brings a backend the cookies it misses, and leads back to it. Those of
// the gate's own host are set right here; for a page on another host they travel
// in the address, in a signed token, as Clerk has it.
func (c *call) handshake() {
	to, ok := c.target(c.query.Get("redirect_url"))
	if !ok {
		c.refuseTarget()
		return
	}
	cookies, err := c.scriptCookies()
	if err == nil && !strings.EqualFold(to.Hostname(), c.host()) {
		err = c.carry(to, cookies)
	}
	if err != nil {
		c.fail(err)
		return
	}
	c.lead(http.StatusTemporaryRedirect, to.String())
}

// host is the host of the site, without a port: cookies know none.
func (c *call) host() string {
	u, err := url.Parse(c.own())
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// scriptCookies sets the cookies that scripts and backends read, and returns them.
func (c *call) scriptCookies() ([]string, error) {
	held, err := c.settled()
	if err != nil {
		return nil, err
	}
	alone := http.Header{}
	if err := c.script(held, c.w.Header(), alone); err != nil {
		return nil, err
	}
	return alone["Set-Cookie"], nil
}

// script sets the cookies in several answers, by one signature.
func (c *call) script(held *session.Held, answers ...http.Header) error {
	p := c.selected(held)
	if p == nil {
		for _, h := range answers {
			c.Cookies.Clear(h)
		}
		return nil
	}
	token, err := c.sign(*p, nil)
	if err != nil {
		return err
	}
	for _, h := range answers {
		c.Cookies.SetToken(h, gatelatch.Secret(token.JWT))
		c.Cookies.SetUpdatedAt(h, held.UpdatedAt())
	}
	return nil
}

// carry puts cookies into the address of a page on another host.
func (c *call) carry(to *url.URL, cookies []string) error {
	token, err := c.handshakeToken(cookies)
	if err != nil {
		return fmt.Errorf("signing a handshake: %w", err)
	}
	q := to.Query()
	q.Set("__clerk_handshake", token.Reveal())
	to.RawQuery = q.Encode()
	return nil
}

// nobodysHandshake tells that nobody is signed in. It is the same for everybody, so
// that nobody can have one signed for each request.
type nobodysHandshake struct {
	token gatelatch.Secret
	made  time.Time
}

// nobodysHandshakeFor is how long one is used: half of the life of such a token.
const nobodysHandshakeFor = 30 * time.Second

func (c *call) handshakeToken(cookies []string) (gatelatch.Secret, error) {
	held, err := c.sessions()
	if err != nil {
		return "", err
	}
	if len(held.Principals) > 0 {
		return c.Minter.SignHandshake(cookies, c.now)
	}
	if kept := c.nobody.Load(); kept != nil && !c.now.Before(kept.made) && c.now.Before(kept.made.Add(nobodysHandshakeFor)) {
		return kept.token, nil
	}
	token, err := c.Minter.SignHandshake(cookies, c.now)
	if err == nil {
		c.nobody.Store(&nobodysHandshake{token, c.now})
	}
	return token, err
}

// acceptTicket leads from the link of an invitation, or of a sign-in token, to the
// page that takes it. It spends nothing: scanners of mail open links.
func (c *call) acceptTicket() {
	ticket := c.query.Get("ticket")
	if len(ticket) > maxTicket {
		ticket = ""
	}
	if strings.HasPrefix(ticket, gatelatch.PrefixSignInToken+"_") {
		c.leadWithTicket(c.query.Get("redirect_url"), "/sign-in", ticket, "sign_in")
		return
	}
	inv, _, err := c.Flow.Invited(c.r.Context(), ticket)
	if err != nil {
		c.fail(err)
		return
	}
	c.leadWithTicket(inv.RedirectURL, "/sign-up", ticket, "sign_up")
}

// maxTicket is longer than any ticket, in bytes.
const maxTicket = 256

// leadWithTicket leads to a page of a program, or else to one of the gate's own.
func (c *call) leadWithTicket(address, page, ticket, status string) {
	to, ok := c.target(address)
	q := url.Values{}
	if ok {
		q = to.Query()
	} else {
		to = &url.URL{Path: c.Site.Base + page}
		if page == "/sign-up" {
			q.Set("invitation", ticket) // as the gate's own page calls it
		}
	}
	q.Set("__clerk_ticket", ticket)
	q.Set("__clerk_status", status)
	to.RawQuery = q.Encode()
	c.lead(http.StatusFound, to.String())
}
