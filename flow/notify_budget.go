// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"slices"
	"strings"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/identifier"
)

// payNotices returns those of the recipients whose notice is within the budgets:
// of the address, of its number range, and of the site. An address has a budget
// for notices beside the one for codes, so that a stranger who asks for codes
// cannot keep its owner from hearing of a change. The caller's network pays
// nothing: whoever changes many accounts from one is to be heard of.
func (o *operation) payNotices(ctx context.Context, to []gatelatch.Address) ([]gatelatch.Address, error) {
	var err error
	for _, budget := range []func(gatelatch.Identifier) charge{o.noticeTo, o.noticePrefix, o.noticeSite} {
		if to, err = o.payEach(ctx, to, budget); err != nil {
			return nil, err
		}
	}
	return to, nil
}

// payEach draws on one kind of budget for each recipient, in the order of their
// names: see [operation.spend] on orders.
func (o *operation) payEach(ctx context.Context, to []gatelatch.Address, budget func(gatelatch.Identifier) charge) ([]gatelatch.Address, error) {
	to = slices.Clone(to)
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
		}
	}
	return paid, nil
}

func (o *operation) noticeTo(to gatelatch.Identifier) charge {
	return charge{"notices to " + o.hidden(string(to.Kind)+" "+to.Value), o.limits.SendsPerIdentifier}
}

// noticePrefix is the budget that codes draw on, too: it bounds what a range of
// numbers can cost. It is nothing for e-mail.
func (o *operation) noticePrefix(to gatelatch.Identifier) charge {
	prefix := identifier.Prefix(to)
	if prefix == "" {
		return charge{}
	}
	return charge{prefixBudget + o.hidden(prefix), o.limits.SendsPerPrefix}
}

// noticeSite is the breaker of everything sent.
func (o *operation) noticeSite(gatelatch.Identifier) charge {
	return charge{siteBudget + o.Site, o.limits.MessagesPerSite}
}
