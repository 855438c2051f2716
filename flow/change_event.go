// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"github.com/gatelatch/gatelatch"
)

// FlowAccount is the flow of events that tell what a signed-in user has done to
// the account.
const FlowAccount = "account"

// ObserveAccount tells the observer what a session has done to its account, or
// was refused.
func (s *Service) ObserveAccount(what InputKind, by gatelatch.Session, r *gatelatch.Refusal, err error) {
	if s.Observer == nil {
		return
	}
	e := Event{Flow: FlowAccount, Input: what, Outcome: "done", UserID: by.UserID, SessionID: by.ID, Err: err}
	switch {
	case err != nil:
		e.Outcome = "error"
	case r != nil:
		e.Outcome = string(r.Code)
	}
	s.Observer.Observe(e)
}
