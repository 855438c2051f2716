// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"crypto/sha1" //nolint:gosec // Clerk's names of cookies are made with it
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// suffix ends the names of the cookies of a key.
func suffix(key string) string {
	sum := sha1.Sum([]byte(key)) //nolint:gosec // Clerk's names of cookies are made with it
	return strings.NewReplacer("+", "-", "/", "_").Replace(base64.StdEncoding.EncodeToString(sum[:])[:8])
}

// upstreamSaw sends a request as this visitor and returns what the app got of it.
func upstreamSaw(t *testing.T, v *harness.Visitor, path string, h http.Header) (seen harness.Seen, cookies map[string]string) {
	t.Helper()
	more := http.Header{"Accept": {"*/*"}, "Sec-Fetch-Mode": {"cors"}, "Sec-Fetch-Dest": {"empty"}, "Sec-Fetch-Site": {"same-origin"}}
	for name, values := range h {
		more[name] = values
	}
	got := page(t)(v.Do("GET", path, more, nil))
	if err := json.Unmarshal([]byte(got.Body), &seen); err != nil || got.Status != http.StatusOK {
		t.Fatalf("%s: %d %.600s", path, got.Status, got.Body)
	}
	cookies = map[string]string{}
	for _, c := range (&http.Request{Header: seen.Header}).Cookies() {
		if _, twice := cookies[c.Name]; twice {
			t.Errorf("%s: the app sees two cookies called %s", path, c.Name)
		}
		cookies[c.Name] = c.Value
	}
	return seen, cookies
}

// TestAPIUpstream looks at what the app is told: cookies and a header of the gate's
// making, whatever the browser has sent under their names.
func TestAPIUpstream(t *testing.T) {
	t.Parallel()
	g := startAPI(t, apiSetup{})
	end := suffix(publishableKey(apiIssuer))
	names := []string{"__session", "__session_" + end, "__client_uat", "__client_uat_" + end}
	p, address := g.NewProgram(t), someone("ada")
	a := p.SignUp(address)
	user := a.Str("response.created_user_id")
	if set := cookiesOf(a.Header); set["__client_uat"] == "" || set["__client_uat"] == "0" || set[names[3]] != set["__client_uat"] || set[harness.SessionCookie] == "" {
		t.Errorf("the last step sets %v", a.Header["Set-Cookie"])
	}
	told := func(when string, seen harness.Seen, cookies map[string]string) {
		t.Helper()
		id, err := harness.IdentityOf(seen.Header)
		if err != nil || id.User != user || id.Email != address {
			t.Errorf("%s: %+v %v", when, id, err)
		}
		for _, name := range names[:2] {
			if claims := claimsOf(t, cookies[name]); claims["sub"] != user || claims["sts"] != "active" {
				t.Errorf("%s: %s says %v", when, name, claims)
			}
		}
		since := claimsOf(t, cookies["__session"])["iat"].(float64)
		for _, name := range names[2:] {
			if uat, err := json.Number(cookies[name]).Int64(); err != nil || uat == 0 || float64(uat) > since {
				t.Errorf("%s: %s is %q, the token is of %v", when, name, cookies[name], since)
			}
		}
		for _, own := range []string{harness.SessionCookie, harness.ClientCookie} {
			if cookies[own] != "" {
				t.Errorf("%s: the app sees %s", when, own)
			}
		}
	}
	forge := func(v *harness.Visitor) {
		token := claimless(user)
		for name, value := range map[string]string{names[0]: token, names[1]: token, names[2]: "4102444800", names[3]: "1"} {
			v.SetCookie(name, value)
		}
	}
	for when, path := range map[string]string{"behind the gate": "/api", "on a public path": "/open"} {
		fresh := p.Twin()
		seen, cookies := upstreamSaw(t, fresh.Visitor, path, nil)
		if path == "/api" {
			told(when, seen, cookies)
		}
		forge(fresh.Visitor)
		seen, cookies = upstreamSaw(t, fresh.Visitor, path, http.Header{"Remote-User": {"user_forged"}, "Remote_User": {"user_forged"}})
		if path == "/api" {
			told(when+", forged", seen, cookies)
		}
		if claims := claimsOf(t, cookies["__session"]); claims["sub"] != user || strings.Contains(cookies["__session"], "forged") {
			t.Errorf("%s: %v", when, claims)
		}
	}
	t.Run("a stranger", func(t *testing.T) {
		stranger := g.NewVisitor()
		forge(stranger)
		refusedApp(t, stranger, "cookies of the stranger's own making")
		seen, cookies := upstreamSaw(t, stranger, "/open", nil)
		if cookies["__session"] != "" || cookies[names[1]] != "" || cookies["__client_uat"] != "0" || cookies[names[3]] != "0" || seen.Header.Get("Remote-User") != "" {
			t.Errorf("the app sees %v", seen.Header)
		}
	})
	t.Run("a page", func(t *testing.T) {
		late := p.Twin()
		forge(late.Visitor)
		got := page(t)(late.Open("/orders"))
		set := cookiesOf(got.Header)
		if got.Status != http.StatusOK || claimsOf(t, set["__session"])["sub"] != user || set["__client_uat"] == "" || set["__client_uat"] == "1" {
			t.Errorf("a page with stale cookies got %d and %v", got.Status, got.Header["Set-Cookie"])
		}
		for _, line := range got.Header["Set-Cookie"] {
			if strings.HasPrefix(line, "__") && (strings.Contains(line, "HttpOnly") || !strings.Contains(line, "SameSite=Lax") || strings.Contains(line, "Domain")) {
				t.Errorf("set %s", line)
			}
		}
	})
	t.Run("a sign-out", func(t *testing.T) {
		if set := cookiesOf(p.SignOut().Header); set["__client_uat"] != "0" || set[names[3]] != "0" {
			t.Errorf("a sign-out sets %v", set)
		}
		refusedApp(t, p.Visitor, "after a sign-out")
	})
}

// claimless is a token that says whose it is and is signed by nobody.
func claimless(user string) string {
	enc := base64.RawURLEncoding.EncodeToString
	return enc([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + enc([]byte(`{"sub":"`+user+`","sid":"sess_forged","exp":4102444800,"iat":1,"nbf":1}`)) + "." + enc([]byte("forged"))
}

// TestAPIOrigins sends what pages of other sites could.
func TestAPIOrigins(t *testing.T) {
	t.Parallel()
	g := startAPI(t, apiSetup{})
	p, address := g.NewProgram(t), someone("ada")
	session := p.SignUp(address).Str("response.created_session_id")
	calls := func(p *harness.Program, status int, code string) {
		t.Helper()
		for _, a := range []*harness.Reply{
			p.Post("/client/sign_ins", "identifier", address), p.Post("/client/sessions/" + session + "/tokens"), p.As("DELETE", "/client/sessions"),
			p.As("PATCH", "/me", "first_name", "Eve"), p.Post("/me/change_password", "new_password", horse),
		} {
			if a.Refused(status, code, ""); len(a.Header["Set-Cookie"]) > 0 || a.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s: %v", a.Call, a.Header)
			}
		}
	}
	for _, foreign := range []string{"https://evil.example.net", "null", g.URL() + ".evil.example.net", strings.Replace(g.URL(), "http:", "https:", 1), strings.ToUpper(g.URL())} {
		other := p.Twin()
		other.Origin = foreign
		calls(other, 400, "origin_invalid")
		other.Get("/client").Refused(400, "origin_invalid", "")
	}
	keyed := p.Twin()
	keyed.Header = http.Header{"Authorization": {"Bearer x"}}
	calls(keyed, 400, "origin_authorization_headers_conflict")
	silent := p.Twin()
	silent.Origin = ""
	calls(silent, 400, "origin_invalid")
	silent.Header = http.Header{"Sec-Fetch-Site": {"cross-site"}}
	calls(silent, 400, "origin_invalid")
	native := p.Twin() // cookies do not count for a program that says it has none
	native.Native, native.Origin = true, ""
	native.Get("/client").OK().Want("response", "null")
	native.Post("/client/sessions/"+session+"/touch").Refused(401, "signed_out", "")
	inside(t, p.Visitor, "after all that")
}

func TestAPIAdmin(t *testing.T) {
	t.Parallel()
	g := startAPI(t, apiSetup{API: "native off\n"})
	g.NewNative(t).Post("/client/sign_ups", "email_address", someone("expo")).Refused(400, "native_api_disabled", "")
	p, address := g.NewProgram(t), someone("ada")
	user := p.SignUp(address).Str("response.created_user_id")
	admin := g.NewAdmin(t, apiSecret)
	t.Run("who may", func(t *testing.T) {
		for _, key := range []string{"", "x", apiSecret[:len(apiSecret)-1], apiSecret + "x", strings.ToUpper(apiSecret)} {
			g.NewAdmin(t, key).Call("GET", "/users", nil).Refused(401, "clerk_key_invalid", "")
		}
		paged := g.NewAdmin(t, apiSecret)
		paged.Header = http.Header{"Origin": {g.URL()}}
		paged.Call("GET", "/users", nil).Refused(400, "origin_invalid", "")
		bare := g.NewAdmin(t, "")
		bare.Header = http.Header{"Authorization": {}, "Cookie": {strings.TrimSuffix(strings.TrimPrefix(p.CookieHeader(), "Cookie: "), "\r\n")}}
		bare.Call("GET", "/users", nil).Refused(401, "clerk_key_invalid", "")
	})
	t.Run("users", func(t *testing.T) {
		list := admin.Call("GET", "/users?email_address="+address, nil).OK()
		if list.Str("0.id") != user || list.At("1") != nil {
			t.Errorf("found %s", list.Body)
		}
		admin.Call("PATCH", "/users/"+user, map[string]any{"first_name": "Ada", "external_id": "x-1"}).OK().Want("external_id", "x-1")
		admin.Call("PATCH", "/users/"+user+"/metadata", map[string]any{"private_metadata": map[string]any{"secret": "x"}, "public_metadata": map[string]any{"team": "blue"}}).OK()
		a := p.Get("/me").OK().Want("response.first_name", "Ada").Want("response.public_metadata", `{"team":"blue"}`)
		if contains(a.Body, "private_metadata") {
			t.Errorf("a user sees %s", a.Body)
		}
		admin.Call("GET", "/users/count", nil).OK().Want("total_count", "1")
		admin.Call("POST", "/users", map[string]any{"email_address": []string{address}}).Refused(422, "form_identifier_exists", "email_address")
		admin.Call("GET", "/users?order_by=nothing", nil).Refused(422, "form_param_value_invalid", "order_by")
	})
	t.Run("ban and lock", func(t *testing.T) {
		admin.Call("POST", "/users/"+user+"/ban", nil).OK().Want("banned", "true")
		refusedApp(t, p.Visitor, "after a ban")
		p.Get("/me").Refused(401, "signed_out", "")
		id, code := p.AskCode(address)
		p.EnterCode(id, address, code).Refused(403, "user_banned", "")
		admin.Call("POST", "/users/"+user+"/unban", nil).OK().Want("banned", "false")
		admin.Call("POST", "/users/"+user+"/lock", nil).OK().Want("locked", "true")
		other := g.NewProgram(t)
		id, code = other.AskCode(address)
		other.EnterCode(id, address, wrong(code)).Refused(422, "form_code_incorrect", "code")
		other.EnterCode(id, address, code).Refused(403, "user_locked", "")
		admin.Call("POST", "/users/"+user+"/unlock", nil).OK().Want("locked", "false")
		another := g.NewProgram(t)
		admitted(t, another, another.SignIn(address))
		admin.Call("DELETE", "/users/"+user, nil).OK().Want("deleted", "true")
		refusedApp(t, another.Visitor, "after a deletion")
	})
	t.Run("sessions", func(t *testing.T) {
		p := g.NewProgram(t)
		a := p.SignUp(someone("bob"))
		session := a.Str("response.created_session_id")
		admin.Call("GET", "/sessions/"+session, nil).OK().Want("status", "active").Want("user_id", a.Str("response.created_user_id"))
		token := admin.Call("POST", "/sessions/"+session+"/tokens", nil).OK().Str("jwt")
		if claimsOf(t, token)["sid"] != session {
			t.Errorf("a token of another session")
		}
		admin.Call("POST", "/sessions/"+session+"/revoke", nil).OK().Want("status", "revoked")
		refusedApp(t, p.Visitor, "after it was revoked")
		admin.Call("POST", "/sessions", map[string]any{"user_id": a.Str("response.created_user_id")}).Refused(403, "action_forbidden", "")
		admin.Call("PATCH", "/instance", map[string]any{"test_mode": true}).Refused(403, "action_forbidden", "test_mode")
		admin.Call("GET", "/organizations", nil).OK().Want("total_count", "0")
		admin.Call("GET", "/nothing", nil).Refused(404, "resource_not_found", "")
	})
}

func TestAPITestMode(t *testing.T) {
	t.Parallel()
	t.Run("on this machine", func(t *testing.T) {
		t.Parallel()
		g := startAPI(t, apiSetup{Directive: "test_mode on\n"})
		warned(t, g)
		for _, address := range []string{"ada+clerk_test@example.org", "+12015550123"} {
			p := g.NewProgram(t)
			field, strategy := "email_address", "email_code"
			if address[0] == '+' {
				field, strategy = "phone_number", "phone_code"
			}
			id := p.Post("/client/sign_ups", field, address).OK().Str("response.id")
			p.Post("/client/sign_ups/"+id+"/prepare_verification", "strategy", strategy).OK()
			p.Post("/client/sign_ups/"+id+"/attempt_verification", "strategy", strategy, "code", "000000").Refused(422, "form_code_incorrect", "code")
			admitted(t, p, p.Post("/client/sign_ups/"+id+"/attempt_verification", "strategy", strategy, "code", "424242").OK())
		}
		p, address := g.NewProgram(t), someone("ordinary")
		id := p.Post("/client/sign_ups", "email_address", address).OK().Str("response.id")
		p.Post("/client/sign_ups/"+id+"/prepare_verification", "strategy", "email_code").OK()
		if g.Outbox.Code(t, address, 1) != "424242" {
			p.Post("/client/sign_ups/"+id+"/attempt_verification", "strategy", "email_code", "code", "424242").Refused(422, "form_code_incorrect", "code")
		}
		if all := g.Outbox.All(); len(all) != 1 { // this one came after the others would have
			t.Errorf("sent: %+v", all)
		}
	})
	t.Run("for others", func(t *testing.T) {
		t.Parallel()
		public := apiSetup{Directive: "test_mode on\norigin https://app.example.com\n"}
		g := harness.Prepare(t, public.config())
		if err := g.Run(); err == nil || !contains(err.Error(), "test_mode") {
			t.Fatalf("a public site in test mode starts: %v", err)
		}
		public.Directive = "test_mode public\norigin https://app.example.com\n"
		g = harness.Start(t, public.config())
		warned(t, g)
	})
	t.Run("without it", func(t *testing.T) {
		t.Parallel()
		g := startAPI(t, apiSetup{})
		p := g.NewProgram(t)
		id := p.Post("/client/sign_ups", "email_address", "ada+clerk_test@example.org").OK().Str("response.id")
		p.Post("/client/sign_ups/"+id+"/prepare_verification", "strategy", "email_code").OK()
		if g.Outbox.Code(t, "ada+clerk_test@example.org", 1) != "424242" {
			p.Post("/client/sign_ups/"+id+"/attempt_verification", "strategy", "email_code", "code", "424242").Refused(422, "form_code_incorrect", "code")
		}
	})
}

// warned waits for the warning of a start.
func warned(t *testing.T, g *harness.Gate) {
	t.Helper()
	g.WaitLog(t, "test mode is on")
}

// TestAPIOff looks for the two interfaces where nobody has turned them on.
func TestAPIOff(t *testing.T) {
	t.Parallel()
	g := harness.Start(t, harness.Config{Directive: generous})
	v := g.NewVisitor()
	for _, path := range []string{"/.auth/v1/client", "/.auth/v1/environment", "/.auth/npm/@clerk/clerk-js@6/dist/clerk.browser.js", "/.auth/openapi.json", harness.BackendBase + "/users", "/.auth/.well-known/jwt-key"} {
		if got := page(t)(v.Fetch(path)); got.Status != http.StatusNotFound {
			t.Errorf("%s: %d %.300s", path, got.Status, got.Body)
		}
	}
	if err := v.SignIn("/home", someone("ada")); err != nil {
		t.Fatal(err)
	}
	v.SetCookie("__session", "the app's own")
	seen, cookies := upstreamSaw(t, v, "/api", nil)
	if cookies["__session"] != "the app's own" || cookies["__client_uat"] != "" {
		t.Errorf("the app sees %v", seen.Header["Cookie"])
	}
}
