// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"net/http"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

// ticketPage shows what a sign-in token in an address leads to: a button. Nothing
// is spent, nor even looked up, because scanners of mail open links.
func (v *visit) ticketPage(ticket gatelatch.Secret, returnTo string) {
	if ticket == "" { // or too long for one
		v.refuse(v.signInFirst(returnTo, ""), flow.RefuseTicket())
		return
	}
	v.show(http.StatusOK, v.ticketView(ticket, returnTo))
}

func (v *visit) ticketView(ticket gatelatch.Secret, returnTo string) View {
	view := View{Page: PageTicket, Action: v.Site.Base + "/sign-in", Return: returnTo}
	view.LinkToken = ticket
	return view
}
