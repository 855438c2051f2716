// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// TestAttackStrangersSilenceNotices: what strangers have sent to themselves uses up
// what the site may send in a minute. The owner of an account must hear of a new
// password all the same: whoever takes an account over could see to the first.
func TestAttackStrangersSilenceNotices(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Sender: twoSenders, Directive: bothKinds + `frontend_api
password optional
limits {
	messages_per_site     8/h
	sends_per_network     off
	starts_per_network    off
	sends_per_identifier  off
}
`})
	const jo = "jo@example.org"
	p := g.NewProgram(t)
	p.SignUp(jo)
	spent := false
	for i := 0; i < 20 && !spent; i++ {
		s := g.NewProgram(t)
		id := s.Post("/client/sign_ups", "email_address", fmt.Sprintf("stranger%d@example.org", i)).OK().Str("response.id")
		spent = s.Post("/client/sign_ups/"+id+"/prepare_verification", "strategy", "email_code").Status == 429
	}
	if !spent {
		t.Fatal("strangers may send as much as they like")
	}
	p.Post("/me/change_password", "new_password", "correct horse battery staple").OK()
	g.Outbox.Notice(t, jo, "password", 1)
}
