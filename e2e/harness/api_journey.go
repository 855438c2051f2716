// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"fmt"
	"net/http"
	"strings"
)

// kindOf says how the API calls the field, the strategy and the id of an address.
func kindOf(address string) (field, strategy, id string) {
	if strings.HasPrefix(address, "+") {
		return "phone_number", "phone_code", "phone_number_id"
	}
	return "email_address", "email_code", "email_address_id"
}

// SignUp makes an account with an address, which is proven by a code, and more
// fields. The answer is that of the last step, with a session or without.
func (p *Program) SignUp(address string, fields ...string) *Reply {
	p.T.Helper()
	field, strategy, _ := kindOf(address)
	n := len(p.Gate.Outbox.To(address))
	id := p.Post("/client/sign_ups", append([]string{field, address}, fields...)...).OK().Str("response.id")
	p.Post("/client/sign_ups/"+id+"/prepare_verification", "strategy", strategy).OK()
	code := p.Gate.Outbox.Code(p.T, address, n+1)
	return p.Post("/client/sign_ups/"+id+"/attempt_verification", "strategy", strategy, "code", code).OK()
}

// AskCode begins a sign-in by a code, and returns its id and the code.
func (p *Program) AskCode(address string) (id, code string) {
	p.T.Helper()
	_, strategy, named := kindOf(address)
	n := len(p.Gate.Outbox.To(address))
	a := p.Post("/client/sign_ins", "identifier", address).OK().Want("response.status", "needs_first_factor")
	id = a.Str("response.id")
	address = strings.ToLower(address)
	p.Post("/client/sign_ins/"+id+"/prepare_first_factor", "strategy", strategy, named, a.Pick("response.supported_first_factors", "strategy", strategy, named)).OK()
	return id, p.Gate.Outbox.Code(p.T, address, n+1)
}

// EnterCode gives the code of the first step.
func (p *Program) EnterCode(id, address, code string) *Reply {
	p.T.Helper()
	_, strategy, _ := kindOf(address)
	return p.Post("/client/sign_ins/"+id+"/attempt_first_factor", "strategy", strategy, "code", code)
}

// SignIn signs in by a code, up to a second step if there is one.
func (p *Program) SignIn(address string) *Reply {
	p.T.Helper()
	id, code := p.AskCode(address)
	return p.EnterCode(id, address, code).OK()
}

// SignOut ends all sessions of the client.
func (p *Program) SignOut() *Reply {
	p.T.Helper()
	return p.As(http.MethodDelete, "/client/sessions").OK()
}

// Add adds an address to the account and proves it; it returns the address's id.
func (p *Program) Add(address string) string {
	p.T.Helper()
	field, strategy, _ := kindOf(address)
	list := "/me/" + field + "es"
	if field == "phone_number" {
		list = "/me/phone_numbers"
	}
	n := len(p.Gate.Outbox.To(address))
	id := p.Post(list, field, address).OK().Want("response.verification", "null").Str("response.id")
	p.Post(list+"/"+id+"/prepare_verification", "strategy", strategy).OK()
	p.Post(list+"/"+id+"/attempt_verification", "code", p.Gate.Outbox.Code(p.T, address, n+1)).OK().
		Want("response.id", id).Want("response.verification.status", "verified")
	return id
}

// AddApp sets up an authenticator app and returns it with its backup codes.
func (p *Program) AddApp() (*App, []string) {
	p.T.Helper()
	app, err := NewApp(p.Post("/me/totp").OK().Want("response.verified", "false").Str("response.secret"))
	if err != nil {
		p.T.Fatal(err)
	}
	a := p.Post("/me/totp/attempt_verification", "code", app.Next()).OK().Want("response.verified", "true")
	var codes []string
	for i := range a.Len("response.backup_codes") {
		codes = append(codes, a.Str(fmt.Sprintf("response.backup_codes.%d", i)))
	}
	return app, codes
}
