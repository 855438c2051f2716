// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

func TestAPITransfer(t *testing.T) {
	t.Parallel()
	g := startAPI(t, apiSetup{Directive: "sign_up open {\nfirst_name optional\n}\nsecond_factor optional\n"})
	t.Run("an unknown address at a sign-in", func(t *testing.T) {
		t.Parallel()
		p, address := g.NewProgram(t), someone("new")
		id, code := p.AskCode(address)
		p.Post("/client/sign_ups", "transfer", "true").Refused(400, "client_state_invalid", "")
		p.EnterCode(id, address, code).Refused(422, "sign_up_if_missing_transfer", "").
			Want("meta.client.sign_in.first_factor_verification.status", "transferable").Want("meta.client.sessions", "[]")
		outside(t, p.Visitor, "before there is an account")
		a := p.Post("/client/sign_ups", "transfer", "true", "first_name", "Ada").OK().Want("response.status", "complete")
		if id := admitted(t, p, a.Want("client.sign_in", "null")); id.Email != address {
			t.Errorf("%+v", id)
		}
	})
	t.Run("a known address at a sign-up", func(t *testing.T) {
		t.Parallel()
		address := someone("known")
		first := g.NewProgram(t).SignUp(address)
		p := g.NewProgram(t)
		a := p.SignUp(address).Want("response.status", "complete").Want("response.created_user_id", first.Str("response.created_user_id"))
		admitted(t, p, a)
		p.Get("/client/sign_ups/"+a.Str("response.id")).OK().Want("response.created_session_id", a.Str("response.created_session_id"))
	})
	t.Run("a known address with a second step", func(t *testing.T) {
		t.Parallel()
		address := someone("careful")
		careful := g.NewProgram(t)
		careful.SignUp(address)
		app, _ := careful.AddApp()
		p := g.NewProgram(t)
		a := p.SignUp(address).Want("response.status", "missing_requirements").Want("response.verifications.email_address.status", "transferable")
		a.Want("client.sign_in.status", "needs_second_factor").Want("client.sessions", "[]")
		outside(t, p.Visitor, "after one step of two")
		id := p.Post("/client/sign_ins", "transfer", "true").OK().Want("response.status", "needs_second_factor").Str("response.id")
		admitted(t, p, p.Post("/client/sign_ins/"+id+"/attempt_second_factor", "strategy", "totp", "code", app.Next()).OK())
	})
}

func TestAPITickets(t *testing.T) {
	t.Parallel()
	g := startAPI(t, apiSetup{Directive: "sign_up invite\n"})
	admin := g.NewAdmin(t, apiSecret)
	t.Run("an invitation", func(t *testing.T) {
		t.Parallel()
		address := someone("guest")
		p := g.NewProgram(t)
		ticket := ticketOf(t, p, admin.Call("POST", "/invitations", map[string]any{
			"email_address": address, "redirect_url": g.URL() + "/open?x=y", "public_metadata": map[string]any{"team": "blue"},
		}).OK().Want("status", "pending").Str("url"), "sign_up")
		if m := g.Outbox.Notice(t, address, "/v1/tickets/accept?ticket=", 1); !strings.Contains(m.Link(), url.QueryEscape(ticket)) {
			t.Errorf("the mail leads to %s", m.Link())
		}
		a := p.Post("/client/sign_ups", "strategy", "ticket", "ticket", ticket).OK().Want("response.status", "complete")
		admitted(t, p, a.Want("client.sessions.0.user.public_metadata", `{"team":"blue"}`))
		g.NewProgram(t).Post("/client/sign_ups", "strategy", "ticket", "ticket", ticket).Refused(400, "ticket_invalid_code", "ticket")
		g.NewProgram(t).Post("/client/sign_ups", "strategy", "ticket", "ticket", ticket[:len(ticket)-1]).Refused(400, "ticket_invalid_code", "ticket")
	})
	t.Run("a sign-in token", func(t *testing.T) {
		t.Parallel()
		address := someone("bearer")
		user := admin.Call("POST", "/users", map[string]any{"email_address": []string{address}}).OK().Str("id")
		made := admin.Call("POST", "/sign_in_tokens", map[string]any{"user_id": user}).OK().Want("status", "pending")
		p := g.NewProgram(t)
		a := p.Post("/client/sign_ins", "strategy", "ticket", "ticket", made.Str("token")).OK().Want("response.status", "complete")
		if id := admitted(t, p, a); id.User != user || id.Email != address {
			t.Errorf("%+v", id)
		}
		g.NewProgram(t).Post("/client/sign_ins", "strategy", "ticket", "ticket", made.Str("token")).Refused(400, "ticket_invalid_code", "ticket")
		made = admin.Call("POST", "/sign_in_tokens", map[string]any{"user_id": user}).OK()
		admin.Call("POST", "/sign_in_tokens/"+made.Str("id")+"/revoke", nil).OK().Want("status", "revoked")
		g.NewProgram(t).Post("/client/sign_ins", "strategy", "ticket", "ticket", made.Str("token")).Refused(400, "ticket_invalid_code", "ticket")
	})
}

// ticketOf follows the link of an invitation to where its ticket is taken.
func ticketOf(t *testing.T, p *harness.Program, link, status string) string {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	answer := page(t)(p.Open(u.RequestURI()))
	to, err := url.Parse(answer.Location())
	if err != nil || answer.Status != http.StatusFound {
		t.Fatalf("%s leads to %d %q: %v", link, answer.Status, answer.Location(), err)
	}
	if to.Path != "/open" || to.Query().Get("x") != "y" || to.Query().Get("__clerk_status") != status {
		t.Errorf("led to %s", to)
	}
	return to.Query().Get("__clerk_ticket")
}

// TestAPIEnumeration asks about a known and an unknown address, to whom nobody has
// access: every byte but for ids and times is the same.
func TestAPIEnumeration(t *testing.T) {
	t.Parallel()
	g := startAPI(t, apiSetup{Directive: "password optional\n"})
	known, unknown := someone("known"), someone("other")
	haver(t, g, known)
	for name, pry := range prying {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var views [2][]string
			for i, address := range []string{known, unknown} {
				p := g.NewProgram(t)
				for _, a := range pry(p, address) {
					views[i] = append(views[i], strings.ReplaceAll(strings.ReplaceAll(allTold(a), address, "whoever@example.org"), mask(address), "w•••@example.org"))
				}
			}
			for i := range views[0] {
				if views[0][i] != views[1][i] {
					t.Errorf("answer %d differs.\nknown:   %s\nunknown: %s", i, views[0][i], views[1][i])
				}
			}
		})
	}
}

// prying is what a stranger may do with an address.
var prying = map[string]func(p *harness.Program, address string) []*harness.Reply{
	"a code": func(p *harness.Program, address string) []*harness.Reply {
		a := p.Post("/client/sign_ins", "identifier", address)
		step := "/client/sign_ins/" + a.Str("response.id")
		return []*harness.Reply{
			a,
			p.Post(step+"/prepare_first_factor", "strategy", "email_code"),
			p.Post(step+"/attempt_first_factor", "strategy", "email_code", "code", "00000x"),
			p.Post(step+"/prepare_first_factor", "strategy", "email_code"),
			p.Post(step+"/attempt_second_factor", "strategy", "totp", "code", "000000"),
			p.Get(step), p.Get("/client"),
		}
	},
	"a password": func(p *harness.Program, address string) []*harness.Reply {
		a := p.Post("/client/sign_ins", "identifier", address, "password", donkey)
		return []*harness.Reply{a, p.Post("/client/sign_ins/"+a.Str("meta.client.sign_in.id")+"/attempt_first_factor", "strategy", "password", "password", horse+"x"), p.Get("/client")}
	},
	"a forgotten password": func(p *harness.Program, address string) []*harness.Reply {
		a := p.Post("/client/sign_ins", "identifier", address, "strategy", "reset_password_email_code")
		return []*harness.Reply{a, p.Post("/client/sign_ins/"+a.Str("response.id")+"/reset_password", "password", horse)}
	},
	"a sign-up": func(p *harness.Program, address string) []*harness.Reply {
		a := p.Post("/client/sign_ups", "email_address", address, "password", donkey)
		step := "/client/sign_ups/" + a.Str("response.id")
		return []*harness.Reply{a, p.Post(step+"/prepare_verification", "strategy", "email_code"), p.Post("/client/sign_ins", "transfer", "true"), p.Get(step), p.Get("/client")}
	},
}

func TestAPIReveal(t *testing.T) {
	t.Parallel()
	g := startAPI(t, apiSetup{API: "enumeration reveal\n"})
	address, digits := someone("known"), someNumber()
	p := g.NewProgram(t)
	p.SignUp(address)
	p.Add(digits)
	p.SignOut()
	for _, address := range []string{someone("unknown"), someNumber()} {
		p.Post("/client/sign_ins", "identifier", address).Refused(422, "form_identifier_not_found", "identifier")
	}
	p.Post("/client/sign_ups", "email_address", address).Refused(422, "form_identifier_exists", "email_address")
	p.Post("/client/sign_ups", "phone_number", digits).Refused(422, "form_identifier_exists", "phone_number")
	p.Get("/environment").OK().Want("user_settings.attack_protection.enumeration_protection.enabled", "false")
	admitted(t, p, p.SignIn(address))
	if n := len(g.Outbox.To(address)); n != 2 {
		t.Errorf("%d codes were sent", n)
	}
}
