// SPDX-License-Identifier: Apache-2.0

package flow

import "github.com/gatelatch/gatelatch/session"

// SessionRules returns what a session owes on the site before it lets its holder
// in. The gate, the account pages and the operator's lists all ask here.
func (s *Service) SessionRules() session.Rules {
	return session.Rules{
		SecondFactor: s.Policy.SecondFactor == Required, NoPasskeys: s.Passkeys == nil,
		Passwords: s.Policy.TakesPasswords(), Terms: s.Policy.Terms.Version,
	}
}
