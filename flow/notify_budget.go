// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"slices"
	"strings"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/identifier"
)

// NoticeDropped is the outcome of an event that tells of a notice for which there
// was no budget left. Its input is the purpose of the notice.
const NoticeDropped = "notice_dropped"

// payNotices returns those of the recipients whose notice is within the budgets:
// of the address, of its number range, and of the site. All of them are beside
// those for codes: notices follow what signed-in people do, so no stranger who
// asks for codes can keep an owner from hearing of a change. The caller's network
// pays nothing: whoever changes many accounts from one is to be heard of.
func (o *operation) payNotices(ctx context.Context, n Notice) ([]gatelatch.Address, error) {
	var err error
	for _, budget := range []func(gatelatch.Identifier) charge{o.noticeTo, o.noticePrefix, o.noticeSite} {
		if n.To, err = o.payEach(ctx, n, budget); err != nil {
			return nil, err
		}
	}
	return n.To, nil
}

// payEach draws on one kind of budget for each recipient, in the order of their
// names: see [operation.spend] on orders.
func (o *operation) payEach(ctx context.Context, n Notice, budget func(gatelatch.Identifier) charge) ([]gatelatch.Address, error) {
	to := slices.Clone(n.To)
	slices.SortStableFunc(to, func(a, b gatelatch.Address) int {
		return strings.Compare(budget(a.Identifier).name, budget(b.Identifier).name)
	})
	var paid []gatelatch.Address
	for _, a := range to {
		r, err := o.spend(ctx, []charge{budget(a.Identifier)})
		if err != nil {
			return nil, err
		}
		if r == nil {
			paid = append(paid, a)
		} else {
			o.drop(n, a)
		}
	}
	return paid, nil
}

// drop notes that somebody is not told, for the observer to hear of after the
// commit.
func (o *operation) drop(n Notice, a gatelatch.Address) {
	o.dropped = append(o.dropped, Event{
		Flow: FlowAccount, Input: InputKind(n.Purpose), Outcome: NoticeDropped, AttemptID: n.About, To: identifier.Mask(a.Identifier),
	})
}

func (o *operation) noticeTo(to gatelatch.Identifier) charge {
	return charge{"notices to " + o.hidden(string(to.Kind)+" "+to.Value), o.limits.SendsPerIdentifier}
}

// noticePrefix bounds what notices to a range of numbers can cost. It is nothing
// for e-mail.
func (o *operation) noticePrefix(to gatelatch.Identifier) charge {
	prefix := identifier.Prefix(to)
	if prefix == "" {
		return charge{}
	}
	return charge{"notices prefix " + o.hidden(prefix), o.limits.SendsPerPrefix}
}

// noticeSite is the breaker of all notices.
func (o *operation) noticeSite(gatelatch.Identifier) charge {
	return charge{"notices site " + o.Site, o.limits.MessagesPerSite}
}
