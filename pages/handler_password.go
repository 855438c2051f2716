// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"net/http"

	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/gate"
)

// shortest is the least length of a password where the rules name none.
const shortest = 8

func (v *visit) takesPasswords() bool {
	need := v.Flow.Policy.Password
	return need == flow.Optional || need == flow.Required
}

// minPassword is the length of the shortest password that is good enough, in
// characters.
func (v *visit) minPassword() int {
	if least := v.Flow.PasswordRules.MinLength; least > 0 {
		return least
	}
	return shortest
}

// busy answers when too many passwords are being hashed: nothing was done, and
// the same page works a moment later.
func (v *visit) busy() {
	v.w.Header().Set("Retry-After", gate.Seconds(1))
	view := View{Page: PageError, StatusCode: http.StatusServiceUnavailable, ContinueURL: v.r.URL.Path}
	view.Busy = true
	v.render(http.StatusServiceUnavailable, view, pagePolicy)
}

// changePassword leads to where a password is changed.
func (v *visit) changePassword() { v.leave(v.Site.Base + "/account/password") }

// ChangePassword answers the path by which password managers find that page
// (W3C, A Well-Known URL for Changing Passwords).
func (h *Handler) ChangePassword(w http.ResponseWriter, r *http.Request) {
	h.visit(w, r).changePassword()
}
