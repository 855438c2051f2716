// SPDX-License-Identifier: Apache-2.0

package caddymodule

import (
	"net/url"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/delivery"
	"github.com/gatelatch/gatelatch/flow"
)

// linkOf returns what finds the address that a queued message leads to. Like a
// code, its token is derived anew when the message is sent.
func (g *Gate) linkOf(service *flow.Service) func(delivery.Queued) gatelatch.Secret {
	base := g.site.origins[0] + g.basePath()
	return func(q delivery.Queued) gatelatch.Secret {
		switch {
		case q.Strategy == gatelatch.EmailLink:
			return withToken(base+"/link/"+q.AttemptID, "t", service.LinkToken(q))
		case q.Purpose == delivery.NoticeNewDevice:
			about, token := service.DisownLink(q.AttemptID)
			return withToken(base+"/not-me/"+about, "t", token)
		case q.Purpose == delivery.NoticeInvitation && g.FrontendAPI != nil:
			// It leads on to where the invitation says, or to the page below.
			return withToken(base+"/v1/tickets/accept", "ticket", service.InvitationToken(q.AttemptID))
		case q.Purpose == delivery.NoticeInvitation, q.Purpose == delivery.NoticeApproved:
			return withToken(base+"/sign-up", "invitation", service.InvitationToken(q.AttemptID))
		}
		return ""
	}
}

// withToken adds a token to an address. A link in a message is the one place
// where a token stands in an address: none of them signs anybody in by itself.
func withToken(address, name string, token gatelatch.Secret) gatelatch.Secret {
	return gatelatch.Secret(address + "?" + url.Values{name: {token.Reveal()}}.Encode())
}
