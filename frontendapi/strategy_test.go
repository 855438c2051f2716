// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import "testing"

// TestStrategiesThatAreNotOffered are refused before anything is looked at: with an
// address, without, of somebody and of nobody alike.
func TestStrategiesThatAreNotOffered(t *testing.T) {
	w := newWorld(t)
	p := w.program()
	p.signUp("ada@example.com")
	p.signOut()
	for _, st := range []string{
		"oauth_google", "oauth_token_apple", "enterprise_sso", "saml", "web3_metamask_signature", "google_one_tap", "totp", "nonsense",
	} {
		var first string
		for _, email := range []string{"ada@example.com", "nobody@example.com", "no address", ""} {
			for _, more := range [][]string{nil, {"password", strong}, {"transfer", "true"}, {"ticket", "x"}} {
				a := p.post("/client/sign_ins", append([]string{"identifier", email, "strategy", st}, more...)...)
				a.refused(403, "feature_not_enabled", "strategy")
				if got := seen(a); first == "" {
					first = got
				} else if got != first {
					t.Errorf("%s %q %v: %s, want %s", st, email, more, got, first)
				}
			}
			p.post("/client/sign_ups", "email_address", email, "strategy", st).refused(403, "feature_not_enabled", "strategy")
		}
	}
	id := p.post("/client/sign_ups", "email_address", "bob@example.com", "strategy", "email_code").ok().str("response.id")
	p.as("PATCH", "/client/sign_ups/"+id, "strategy", "oauth_google").refused(403, "feature_not_enabled", "strategy")
	p.post("/client/sign_ins", "identifier", "ada@example.com", "strategy", "email_code").ok()
}
