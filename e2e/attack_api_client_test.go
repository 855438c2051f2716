// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"net/http"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// TestAttackPlantedClient: whoever puts a client cookie of their own into a browser
// before somebody signs in there must not be signed in as them.
func TestAttackPlantedClient(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Sender: twoSenders, Directive: generous + bothKinds + "frontend_api\n"})
	for name, signIn := range map[string]func(*testing.T, *harness.Program){
		"in a program": func(_ *testing.T, p *harness.Program) { p.SignUp("ada@example.org") },
		"on the pages": func(t *testing.T, p *harness.Program) {
			if err := p.Visitor.SignIn("/home", "bob@example.org"); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			thief, victim := g.NewProgram(t), g.NewProgram(t)
			thief.Header = http.Header{"User-Agent": {"Mozilla/5.0 (a thief)"}} // for two minutes the same browser at the same address is taken for one
			thief.As(http.MethodPut, "/client").OK()
			planted := thief.Cookie(harness.ClientCookie)
			victim.SetCookie(harness.ClientCookie, planted)
			signIn(t, victim)
			inside(t, victim.Visitor, "after the sign-in")
			if n := thief.Get("/client").OK().Len("response.sessions"); n != 0 {
				t.Errorf("the planted token holds %d sessions of the victim", n)
			}
			if id, _, _ := thief.WhoAmI(); id != nil {
				t.Errorf("the app takes whoever planted it for %s", id.Email)
			}
		})
	}
}

// TestAttackOutlivesReset: a forgotten password is set anew after somebody else got
// in, too. Their sessions end with it, on the pages and here.
func TestAttackOutlivesReset(t *testing.T) {
	t.Parallel()
	const ada = "ada@example.org"
	g := harness.Start(t, harness.Config{Sender: twoSenders, Directive: generous + bothKinds + "password optional\nfrontend_api\n"})
	thief, holder := g.NewProgram(t), g.NewProgram(t)
	thief.SignUp(ada, "password", "violet lantern kV9 22")
	const way = "reset_password_email_code"
	n := len(g.Outbox.To(ada))
	id := holder.Post("/client/sign_ins", "identifier", ada, "strategy", way).OK().Str("response.id")
	code := g.Outbox.Code(t, ada, n+1)
	holder.Post("/client/sign_ins/"+id+"/attempt_first_factor", "strategy", way, "code", code).OK()
	holder.Post("/client/sign_ins/"+id+"/reset_password", "password", "another lantern kV9 33").OK().Want("response.status", "complete")
	if a := thief.Get("/me"); a.Status != http.StatusUnauthorized {
		t.Errorf("after the password was set anew the old session still reads /me: %d", a.Status)
	}
}
