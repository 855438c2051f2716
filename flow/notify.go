// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/device"
	"github.com/gatelatch/gatelatch/session"
)

// noticeLifetime is how long a notice may wait for a sender that is down.
const noticeLifetime = 24 * time.Hour

// Notify tells the holder of an account that something has happened to it.
type Notify struct {
	// Purpose is one of the notices of package delivery.
	Purpose string
	UserID  string
	// About is the id from which the link in the message is derived, or empty.
	About string
	// All tells every e-mail address of the account, or every number of a user who
	// has none; else only the primary one of them is told.
	All bool
}

func (Notify) effect() {}

// Notice is a message that only tells something.
type Notice struct {
	// Purpose is one of the notices of package delivery.
	Purpose string
	// About is the id from which the link in the message is derived, or empty.
	About string
	// What names the thing that changed: a masked address, a passkey's name.
	What string
	// To are the recipients. Each is told by itself, and in the stored form.
	To []gatelatch.Address
}

// notify queues a notice, one message for each recipient that has a budget left.
// For one that has none it is dropped, and the observer hears of that: nothing is
// refused for want of a notice. The caller of the operation is the device that it tells of.
func (o *operation) notify(ctx context.Context, n Notice) error {
	n.To = slices.DeleteFunc(slices.Clone(n.To), func(a gatelatch.Address) bool { return o.testing(a.Identifier) })
	paid, err := o.payNotices(ctx, n)
	if err != nil {
		return err
	}
	for _, to := range paid {
		err := o.tx.Enqueue(ctx, delivery.Queued{
			ID: gatelatch.NewID(gatelatch.PrefixMessage, o.env.Now), Site: o.Site,
			AttemptID: n.About, Purpose: n.Purpose, To: to.Identifier, Display: to.Display,
			Details: delivery.Details{UserAgent: o.who.device(), IP: o.who.address(), At: o.env.Now, What: n.What},
			AskedAt: o.env.Now, NextAt: o.env.Now, ExpireAt: o.env.Now.Add(noticeLifetime),
		})
		if err != nil {
			return fmt.Errorf("queueing a notice: %w", err)
		}
	}
	return nil
}

func (o *operation) tell(ctx context.Context, e Notify) error {
	u, err := o.tx.User(ctx, e.UserID)
	if err != nil {
		return fmt.Errorf("finding who to notify: %w", err)
	}
	to := NoticeAddresses(u)
	if e.All {
		to = Recipients(u)
	}
	return o.notify(ctx, Notice{Purpose: e.Purpose, About: e.About, To: to})
}

// NoticeAddresses returns where a user is told of what concerns the account but
// no single address: the primary e-mail address, or the primary number of a user
// who has none.
func NoticeAddresses(u gatelatch.User) []gatelatch.Address {
	for _, kind := range []gatelatch.IdentifierKind{gatelatch.EmailAddress, gatelatch.PhoneNumber} {
		if a, ok := u.Primary(kind); ok {
			return []gatelatch.Address{a}
		}
	}
	return nil
}

// Viewer is the caller in the words in which a session is noted that it begins; its
// session cookie is for the views to add.
func (c Caller) Viewer() session.Viewer {
	return session.Viewer{IP: c.address(), UserAgent: c.device()}
}

// device is what the browser calls itself, in the form that is stored.
func (c Caller) device() string { return device.Cut(c.UserAgent) }

// address is the network address in the form that is stored; empty when it is
// not known.
func (c Caller) address() string {
	if !c.IP.IsValid() {
		return ""
	}
	return c.IP.Unmap().String()
}
