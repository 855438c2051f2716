// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/password"
	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/wire"
)

// pause is what programs are asked to wait when a machine has failed.
const pause = 5 * time.Second

// Envelope is around most answers.
type Envelope struct {
	Response any `json:"response"`
	// Client is the whole state of the client after a change, which programs take
	// over; null in answers that have changed nothing.
	Client *Client `json:"client"`
}

// answer ends a call that has changed something: with the resource, and the
// client as it is now.
func (c *call) answer(resource any) {
	client, err := c.clientNow()
	if err != nil {
		c.fail(err)
		return
	}
	c.write(http.StatusOK, Envelope{Response: resource, Client: client})
}

// read ends a call that has changed nothing.
func (c *call) read(resource any) {
	if _, err := c.settled(); err != nil {
		c.fail(err)
		return
	}
	c.write(http.StatusOK, Envelope{Response: resource})
}

// bare ends a call whose answer has no envelope.
func (c *call) bare(resource any) {
	if _, err := c.settled(); err != nil {
		c.fail(err)
		return
	}
	c.write(http.StatusOK, resource)
}

// wrap ends a call whose client is at hand.
func (c *call) wrap(resource any, client *Client) {
	c.write(http.StatusOK, Envelope{Response: resource, Client: client})
}

// plain ends a call that is about the site and not about a client.
func (c *call) plain(resource any) { c.write(http.StatusOK, resource) }

// refuse ends a call with a refusal, and brings the client along: a refused step
// may have changed counters and statuses.
func (c *call) refuse(r *gatelatch.Refusal) { c.refuseFor(r, "") }

// refuseFor is refuse with the session that is in the way.
func (c *call) refuseFor(r *gatelatch.Refusal, sessionID string) {
	client, err := c.clientNow()
	if err != nil {
		c.fail(err)
		return
	}
	body := refusal(r, sessionID)
	if client != nil {
		body.Meta = &wire.ErrorsMeta{Client: client}
	}
	wire.RetryAfter(c.w.Header(), r.RetryAfter)
	c.write(r.Status(), body)
}

// turnAway ends a call before anything was looked up.
func (c *call) turnAway(status int, r *gatelatch.Refusal) { c.write(status, refusal(r, "")) }

func refusal(r *gatelatch.Refusal, sessionID string) wire.Errors {
	body := wire.Refuse(*r, trace())
	if sessionID != "" {
		e := &body.Errors[0]
		if e.Meta == nil {
			e.Meta = &wire.ErrorMeta{}
		}
		e.Meta.SessionID = sessionID
	}
	return body
}

// trace names one request.
func trace() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return hex.EncodeToString(b[:])
}

// fail ends a call when a machine has failed: nobody gets in, nothing is lost, and
// the same request works again later.
func (c *call) fail(err error) {
	message := "This service is not available for the moment. Try again in a few seconds."
	switch {
	case errors.Is(err, password.ErrBusy):
		message = "Many people are signing in just now. Try again in a few seconds."
	case c.Report != nil:
		c.Report(c.r, err)
	}
	wire.RetryAfter(c.w.Header(), pause)
	c.turnAway(http.StatusServiceUnavailable, &gatelatch.Refusal{Code: gatelatch.CodeUnavailable, Message: message})
}

func (c *call) write(status int, body any) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(true) // whoever puts an answer into a page is spared one hole
	if err := e.Encode(body); err != nil {
		c.broken(fmt.Errorf("encoding an answer: %w", err))
		return
	}
	h := c.w.Header()
	h.Set("Content-Type", "application/json") // exactly: some programs compare it
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	c.w.WriteHeader(status)
	_, _ = c.w.Write(b.Bytes()) // the caller may be gone; there is nobody to tell
}

func (c *call) broken(err error) {
	if c.Report != nil {
		c.Report(c.r, err)
	}
	http.Error(c.w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
}

// settled looks up what the client holds, and tells the browser, or the program,
// whatever of it is news.
func (c *call) settled() (*session.Held, error) {
	held, err := c.sessions()
	if err != nil {
		return nil, err
	}
	c.tell(held)
	return held, nil
}

// clientNow is the client as an answer shows it; nil for one that the gate has no
// record of.
func (c *call) clientNow() (*Client, error) {
	held, err := c.settled()
	if err != nil || held.Client.ID == "" {
		return nil, err
	}
	return c.clientOf(held)
}
