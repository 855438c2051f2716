// SPDX-License-Identifier: Apache-2.0

package frontendapi

import (
	"context"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/wire"
)

// showClient tells what the client is and has. A visitor without a record is null.
func (c *call) showClient() {
	client, err := c.clientNow()
	switch {
	case err != nil:
		c.fail(err)
	case client == nil:
		c.wrap(nil, nil)
	default:
		c.wrap(client, nil)
	}
}

// putClient gives a visitor a token, and shows the client. It is recorded with its
// first attempt, and until then costs nothing.
func (c *call) putClient() {
	c.caller()
	client, err := c.clientNow()
	switch {
	case err != nil:
		c.fail(err)
		return
	case client == nil:
		client = c.stranger()
	}
	c.wrap(client, client)
}

// deleteClient signs out everywhere on this client, and forgets the client: what
// comes next from here is somebody new, and who has kept the old token is trusted by
// nobody.
func (c *call) deleteClient() {
	held, err := c.sessions()
	if err != nil {
		c.fail(err)
		return
	}
	gone := wire.Deleted{Object: "client", ID: held.Client.ID, Deleted: true}
	if !c.endAll(gatelatch.SessionRemoved) {
		return
	}
	err = c.Flow.Work(c.r.Context(), c.known(), func(ctx context.Context, w *flow.Work) error {
		return w.Tx().DeleteTrustsOfClient(ctx, gone.ID)
	})
	if err != nil {
		c.fail(err)
		return
	}
	c.giveToken()
	c.changed()
	if _, err := c.settled(); err != nil {
		c.fail(err)
		return
	}
	c.wrap(gone, nil)
}

// verifyClient takes the answer of a bot check. There is none here, so none can be
// wrong.
func (c *call) verifyClient() { c.showClient() }
