// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"github.com/gatelatch/gatelatch"
)

// ShowTicket takes the first step of a fresh sign-in with a token that an operator
// has made for its user. The shell has found the token good.
type ShowTicket struct {
	Identifier gatelatch.Identifier
	Owner      Owner
}

// InputTicket is the kind of [ShowTicket].
const InputTicket InputKind = "ticket"

func (ShowTicket) signIn() InputKind { return InputTicket }

// showTicket goes on as if the first step had been taken. It goes around neither
// the second step nor a ban: whoever has the text may not be the user.
func (s SignIn) showTicket(in ShowTicket, env Env) Step[SignIn] {
	if !in.Owner.Exists() {
		return Step[SignIn]{Next: s, Refusal: refuseState()}
	}
	if r := in.Owner.barred(); r != nil {
		return Step[SignIn]{Next: s, Refusal: r}
	}
	s.Identifier, s.Factors = in.Identifier, []Factor{{Strategy: gatelatch.Ticket}}
	s.FirstBy, s.FirstAt = gatelatch.Ticket, env.Now
	return s.settle(in.Owner, env)
}

// bare reports whether nothing was given by which a browser becomes the user's:
// a password alone, or a ticket, which may have been forwarded.
func (s SignIn) bare() bool {
	return (s.FirstBy == gatelatch.PasswordStrategy || s.FirstBy == gatelatch.Ticket) && s.SecondBy == ""
}

// RefuseTicket is said of a ticket that is none, or is good no more.
func RefuseTicket() *gatelatch.Refusal {
	return refusal(gatelatch.CodeTicketInvalid, ParamTicket, "This link is no longer good. Ask whoever sent it for another one.")
}

func refuseTicketExpired() *gatelatch.Refusal {
	return refusal(gatelatch.CodeTicketExpired, ParamTicket, "This link has expired. Ask whoever sent it for another one.")
}

// ParamTicket is the wire name of a ticket.
const ParamTicket = "ticket"
