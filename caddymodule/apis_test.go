// SPDX-License-Identifier: Apache-2.0

package caddymodule_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/gatelatch/gatelatch/caddymodule"
	"github.com/gatelatch/gatelatch/wire"
)

// program is a page that talks to the Frontend API.
type program struct{ *browser }

// resource is what these tests read of an answer.
type resource struct {
	Response struct {
		ID                    string `json:"id"`
		Status                string `json:"status"`
		CreatedSessionID      string `json:"created_session_id"`
		SupportedFirstFactors []struct {
			Strategy       string `json:"strategy"`
			EmailAddressID string `json:"email_address_id"`
		} `json:"supported_first_factors"`
	} `json:"response"`
	Client struct {
		Sessions []struct {
			ID              string `json:"id"`
			LastActiveToken struct {
				JWT string `json:"jwt"`
			} `json:"last_active_token"`
		} `json:"sessions"`
	} `json:"client"`
}

const apiVersion = "?__clerk_api_version=2026-05-12&_clerk_js_version=6.34.1"

// asks calls the API, which must not refuse.
func (p program) asks(method, path string, fields ...string) resource {
	p.t.Helper()
	var form url.Values
	if method != http.MethodGet {
		form = url.Values{}
		for i := 0; i+1 < len(fields); i += 2 {
			form.Set(fields[i], fields[i+1])
		}
	}
	answer := p.do(method, "/.auth/v1"+path+apiVersion, nil, form)
	if answer.status != http.StatusOK || answer.header.Get("Content-Type") != "application/json" {
		p.t.Fatalf("%s %s: %d %s\n%s", method, path, answer.status, answer.header.Get("Content-Type"), answer.body)
	}
	var r resource
	if err := json.Unmarshal([]byte(answer.body), &r); err != nil {
		p.t.Fatalf("%v: %s", err, answer.body)
	}
	return r
}

// signUp makes an account by a code, and returns the session that the client has
// then, and its token.
func (p program) signUp(at place, address string) (session, token string) {
	p.t.Helper()
	up := p.asks(http.MethodPost, "/client/sign_ups", "email_address", address)
	p.asked = time.Now()
	p.asks(http.MethodPost, "/client/sign_ups/"+up.Response.ID+"/prepare_verification", "strategy", "email_code")
	return p.held(p.asks(http.MethodPost, "/client/sign_ups/"+up.Response.ID+"/attempt_verification", "strategy", "email_code",
		"code", p.code(at, address)))
}

// signIn does the same for somebody who has one.
func (p program) signIn(at place, address, code string) (session, token string) {
	p.t.Helper()
	in := p.asks(http.MethodPost, "/client/sign_ins", "identifier", address)
	p.asked = time.Now()
	for _, f := range in.Response.SupportedFirstFactors {
		if f.Strategy == "email_code" {
			p.asks(http.MethodPost, "/client/sign_ins/"+in.Response.ID+"/prepare_first_factor", "strategy", "email_code",
				"email_address_id", f.EmailAddressID)
		}
	}
	if code == "" {
		code = p.code(at, address)
	}
	return p.held(p.asks(http.MethodPost, "/client/sign_ins/"+in.Response.ID+"/attempt_first_factor", "strategy", "email_code", "code", code))
}

func (p program) held(done resource) (session, token string) {
	p.t.Helper()
	if done.Response.Status != "complete" || done.Response.CreatedSessionID == "" || len(done.Client.Sessions) == 0 {
		p.t.Fatalf("not signed in: %+v", done)
	}
	return done.Response.CreatedSessionID, done.Client.Sessions[0].LastActiveToken.JWT
}

func TestFrontendAPI(t *testing.T) {
	p := newPlace(t)
	load(t, p.site("frontend_api {\n\t\t\tsdk_files "+packages(t)+"\n\t\t}", "public /open"))
	b := program{newBrowser(t, p.origin())}
	if answer := b.get("/.auth/v1/environment" + apiVersion); answer.status != http.StatusOK || !strings.Contains(answer.body, `"auth_config"`) {
		t.Errorf("%d %s", answer.status, answer.body)
	}
	if answer := b.get("/.auth/v1/client" + apiVersion); answer.status != http.StatusOK || !strings.Contains(answer.body, `"response":null`) {
		t.Errorf("%d %s", answer.status, answer.body)
	}
	if answer := b.get("/.auth/npm/@clerk/clerk-js@6/dist/clerk.browser.js"); answer.status != http.StatusOK || !strings.Contains(answer.body, "loaded") {
		t.Errorf("%d %s", answer.status, answer.body)
	}
	if answer := b.get("/.auth/openapi.json"); answer.status != http.StatusOK || !strings.Contains(answer.body, `"openapi"`) {
		t.Errorf("%d %.200s", answer.status, answer.body)
	}
	session, token := b.signUp(p, "ada@example.com")
	host := wire.NewPublishableKey(strings.TrimPrefix(p.origin(), "http://"))
	claims := verified(t, b.browser, token)
	if claims["iss"] != host.Issuer() || claims["sid"] != session || claims["azp"] != p.origin() {
		t.Errorf("%v", claims)
	}
	for _, path := range []string{"/app", "/open"} {
		tellsUpstream(t, b.browser, path, host, session)
	}
}

// tellsUpstream looks at what arrives behind the gate.
func tellsUpstream(t *testing.T, b *browser, path string, key wire.PublishableKey, session string) {
	t.Helper()
	s := b.seen(b.do(http.MethodGet, path, http.Header{"Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"document"}}, nil))
	r := http.Request{Header: s.Header}
	for _, name := range []string{"__session", "__session_" + key.Suffix()} {
		cookie, err := r.Cookie(name)
		if err != nil {
			t.Errorf("%s: no %s: %v", path, name, s.Header["Cookie"])
			continue
		}
		if claims := verified(t, b, cookie.Value); claims["sid"] != session || claims["iss"] != key.Issuer() {
			t.Errorf("%s: %v", path, claims)
		}
	}
	for _, name := range []string{"__client_uat", "__client_uat_" + key.Suffix()} {
		if cookie, err := r.Cookie(name); err != nil || cookie.Value == "0" || cookie.Value == "" {
			t.Errorf("%s: %s is %v", path, name, cookie)
		}
	}
	if strings.Contains(strings.Join(s.Header["Cookie"], ";"), "gatelatch_") {
		t.Errorf("%s: the gate's own cookies went upstream: %v", path, s.Header["Cookie"])
	}
	if path == "/open" {
		return // no identity on public paths
	}
	if claims := verified(t, b, strings.TrimPrefix(s.Header.Get("Authorization"), "Bearer ")); claims["sid"] != session || claims["iss"] != key.Issuer() {
		t.Errorf("%v", claims)
	}
}

// verified checks a token by the published keys as any backend would, and returns
// its claims.
func verified(t *testing.T, b *browser, token string) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("no token: %q", token)
	}
	var header struct{ Alg, Kid string }
	decodePart(t, parts[0], &header)
	if header.Alg != "RS256" {
		t.Fatalf("signed with %s", header.Alg)
	}
	var set struct{ Keys []struct{ Kid, N string } }
	if err := json.Unmarshal([]byte(b.get("/.auth/.well-known/jwks.json").body), &set); err != nil {
		t.Fatal(err)
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	for _, k := range set.Keys {
		n, err := base64.RawURLEncoding.DecodeString(k.N)
		if err != nil || k.Kid != header.Kid {
			continue
		}
		public := rsa.PublicKey{N: new(big.Int).SetBytes(n), E: 65537}
		if err := rsa.VerifyPKCS1v15(&public, crypto.SHA256, sum[:], signature); err != nil {
			t.Fatal(err)
		}
		var claims map[string]any
		decodePart(t, parts[1], &claims)
		return claims
	}
	t.Fatalf("key %s is not published", header.Kid)
	return nil
}

func decodePart(t *testing.T, part string, v any) {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err == nil {
		err = json.Unmarshal(text, v)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestPublicKeyIsForBackends serves the key in the form of the option jwtKey.
func TestPublicKeyIsForBackends(t *testing.T) {
	p := newPlace(t)
	load(t, p.site("frontend_api"))
	if answer := newBrowser(t, p.origin()).get("/.auth/.well-known/jwt-key"); !strings.HasPrefix(answer.body, "-----BEGIN PUBLIC KEY-----") {
		t.Errorf("%d %s", answer.status, answer.body)
	}
}

func TestAPIsAreOffByDefault(t *testing.T) {
	p := newPlace(t)
	load(t, p.site())
	b := newBrowser(t, p.origin())
	for _, path := range []string{
		"/.auth/v1/environment", "/.auth/v1/client", "/.auth/npm/@clerk/clerk-js@6/dist/clerk.browser.js", "/.auth/openapi.json",
		"/.auth/backend/v1/users", "/.auth/.well-known/jwt-key",
	} {
		if answer := b.get(path); answer.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, answer.status)
		}
	}
}

// TestReloadKeepsProgramsSignedIn reloads, and turns the API on and off.
func TestReloadKeepsProgramsSignedIn(t *testing.T) {
	p := newPlace(t)
	load(t, p.site("frontend_api"))
	b := program{newBrowser(t, p.origin())}
	session, _ := b.signUp(p, "ada@example.com")
	for _, options := range []string{"frontend_api {\n\t\t\tnative off\n\t\t}", "name Without", "frontend_api"} {
		load(t, p.site(options))
		b.client.CloseIdleConnections()
		if answer := b.get("/who"); answer.status != http.StatusOK {
			t.Errorf("signed out by a reload to %s: %d", options, answer.status)
		}
	}
	if c := b.asks(http.MethodGet, "/client"); len(c.Client.Sessions) != 0 || c.Response.ID == "" {
		t.Errorf("%+v", c)
	}
	var token struct{ JWT string }
	answer := b.do(http.MethodPost, "/.auth/v1/client/sessions/"+session+"/tokens"+apiVersion, nil, url.Values{})
	if err := json.Unmarshal([]byte(answer.body), &token); err != nil || verified(t, b.browser, token.JWT)["sid"] != session {
		t.Errorf("%d %s", answer.status, answer.body)
	}
}

// TestSitesOfOneStoreHaveKeysOfTheirOwn shares users, and no tokens.
func TestSitesOfOneStoreHaveKeysOfTheirOwn(t *testing.T) {
	one, two := newPlace(t), newPlace(t)
	two.database = one.database
	load(t, one.site("frontend_api")+two.site("frontend_api"))
	a, b := program{newBrowser(t, one.origin())}, program{newBrowser(t, two.origin())}
	_, first := a.signUp(one, "ada@example.com")
	_, second := b.signIn(two, "ada@example.com", "")
	of, too := verified(t, a.browser, first), verified(t, b.browser, second)
	if of["sub"] != too["sub"] || of["iss"] == too["iss"] || of["sid"] == too["sid"] {
		t.Errorf("%v\n%v", of, too)
	}
	bearer := http.Header{"Authorization": {"Bearer " + first}, "Accept": {"application/json"}}
	if answer := newBrowser(t, one.origin()).do(http.MethodGet, "/app", bearer, nil); answer.status != http.StatusOK {
		t.Errorf("the site's own token: %d", answer.status)
	}
	if answer := newBrowser(t, two.origin()).do(http.MethodGet, "/app", bearer, nil); answer.status != http.StatusUnauthorized {
		t.Errorf("the token of another site: %d", answer.status)
	}
}

// TestTestModeSendsNothing signs in by the code that everybody knows.
func TestTestModeSendsNothing(t *testing.T) {
	p := newPlace(t)
	load(t, p.site("frontend_api", "test_mode on"))
	b := program{newBrowser(t, p.origin())}
	up := b.asks(http.MethodPost, "/client/sign_ups", "email_address", "ada+clerk_test@example.com")
	b.asks(http.MethodPost, "/client/sign_ups/"+up.Response.ID+"/prepare_verification", "strategy", "email_code")
	b.held(b.asks(http.MethodPost, "/client/sign_ups/"+up.Response.ID+"/attempt_verification", "strategy", "email_code", "code", "424242"))
	if text, err := os.ReadFile(p.outbox); err == nil && len(text) > 0 {
		t.Errorf("sent: %s", text)
	}
}

// backend is a program of the operator's.
type backend struct {
	t         *testing.T
	base, key string
}

// ask asks once more when the connection was lost before an answer came: Caddy's
// reload resets those that wait for the listener before it, with or without a gate.
func (b backend) ask(method, path, body string) (int, string) {
	b.t.Helper()
	status, text, err := b.try(method, path, body)
	if err != nil {
		http.DefaultClient.CloseIdleConnections()
		status, text, err = b.try(method, path, body)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return status, text
}

func (b backend) try(method, path, body string) (int, string, error) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if b.key != "" {
		r.Header.Set("Authorization", "Bearer "+b.key)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, string(text), err
}

func TestBackendAPI(t *testing.T) {
	t.Setenv("TEST_KEY", goodKey)
	for base, options := range map[string]string{
		"/.auth/backend": "secret_key deploy {env.TEST_KEY}",
		"/admin-api":     "secret_key deploy {env.TEST_KEY}\n\t\t\tbase_path /admin-api",
	} {
		t.Run(base, func(t *testing.T) {
			p := newPlace(t)
			load(t, p.site("backend_api {\n\t\t\t"+options+"\n\t\t}"))
			for key, want := range map[string]int{"": http.StatusUnauthorized, goodKey + "x": http.StatusUnauthorized, goodKey: http.StatusOK} {
				if status, body := (backend{t, p.origin() + base, key}).ask(http.MethodGet, "/v1/users", ""); status != want {
					t.Errorf("%d %s", status, body)
				}
			}
			if status, _ := (backend{t, p.origin() + base, goodKey}).ask(http.MethodGet, "/else", ""); status != http.StatusNotFound {
				t.Errorf("beside the API: %d", status)
			}
		})
	}
}

// TestReloadForgivesNoWrongKeys reloads between guesses at a key.
func TestReloadForgivesNoWrongKeys(t *testing.T) {
	t.Setenv("TEST_KEY", goodKey)
	p := newPlace(t)
	api := "backend_api {\n\t\t\tsecret_key {env.TEST_KEY}\n\t\t}"
	load(t, p.site(api))
	wrong := backend{t, p.origin() + "/.auth/backend", goodKey + "x"}
	status := 0
	for range 100 {
		if status, _ = wrong.ask(http.MethodGet, "/v1/users", ""); status == http.StatusTooManyRequests {
			break
		}
	}
	load(t, p.site(api, "name Another"))
	http.DefaultClient.CloseIdleConnections()
	if again, body := wrong.ask(http.MethodGet, "/v1/users", ""); status != http.StatusTooManyRequests || again != status {
		t.Errorf("%d before the reload, then %d %s", status, again, body)
	}
	if status, body := (backend{t, wrong.base, goodKey}).ask(http.MethodGet, "/v1/users", ""); status != http.StatusOK {
		t.Errorf("the right key: %d %s", status, body)
	}
}

// TestBackendAPITakesLists sends more than the pages would take.
func TestBackendAPITakesLists(t *testing.T) {
	t.Setenv("TEST_KEY", goodKey)
	p := newPlace(t)
	load(t, p.site("backend_api {\n\t\t\tsecret_key {env.TEST_KEY}\n\t\t}"))
	status, body := backend{t, p.origin() + "/.auth/backend", goodKey}.ask(http.MethodPost, "/v1/users",
		`{"email_address":["grace@example.com"]`+strings.Repeat(" ", 80<<10)+"}")
	if status != http.StatusOK {
		t.Errorf("%d %s", status, body)
	}
}

// TestBackendAPIIsInTheLog looks for who did what, and for nothing more.
func TestBackendAPIIsInTheLog(t *testing.T) {
	t.Setenv("TEST_KEY", goodKey)
	p := newPlace(t)
	log := filepath.Join(t.TempDir(), "caddy.log")
	global := strings.Replace(globalOptions, "output discard", "output file "+log, 1)
	if err := caddy.Load(configWith(t, global, p.site("backend_api {\n\t\t\tsecret_key deploy {env.TEST_KEY}\n\t\t}")), true); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t) })
	b := backend{t, p.origin() + "/.auth/backend", goodKey}
	if status, body := b.ask(http.MethodPost, "/v1/users", `{"email_address":["grace@example.com"]}`); status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"key":"deploy"`, `"method":"POST"`, `"path":"/users"`, `"status":200`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the log does not say %s: %s", want, text)
		}
	}
	for _, secret := range []string{goodKey, "grace@"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("the log says %s", secret)
		}
	}
}

// TestConfigHoldsNoKey looks at what the admin endpoint tells of a configuration.
func TestConfigHoldsNoKey(t *testing.T) {
	t.Setenv("TEST_KEY", goodKey)
	p := newPlace(t)
	address := loadAdmin(t, p.site(programOptions...))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/config/", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || strings.Contains(string(text), goodKey) || !strings.Contains(string(text), "{env.TEST_KEY}") {
		t.Errorf("%v %s", err, text)
	}
	if keys := caddymodule.PoolKeys(); len(keys) != 1 || strings.Contains(keys[0], goodKey) {
		t.Errorf("%v", keys)
	}
}

// TestInvitationsLeadWhereTheySay follows the links of two invitations: one to the
// gate's own page, one to a page of the app.
func TestInvitationsLeadWhereTheySay(t *testing.T) {
	t.Setenv("TEST_KEY", goodKey)
	p := newPlace(t)
	load(t, p.site("frontend_api", "backend_api {\n\t\t\tsecret_key {env.TEST_KEY}\n\t\t}", "sign_up invite"))
	operator := backend{t, p.origin() + "/.auth/backend", goodKey}
	for address, row := range map[string]struct{ redirect, to string }{
		"ada@example.com": {"", "/.auth/sign-up?"}, "bob@example.com": {p.origin() + "/join", "/join?"},
	} {
		status, body := operator.ask(http.MethodPost, "/v1/invitations", `{"email_address":"`+address+`","redirect_url":"`+row.redirect+`"}`)
		if status != http.StatusOK {
			t.Fatalf("%d %s", status, body)
		}
		b := newBrowser(t, p.origin())
		b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		link := linkIn(t, p.mail(t, address, "invited").Body, p.origin()+"/.auth/v1/tickets/accept?ticket=")
		if to := b.get(link).header.Get("Location"); !strings.Contains(to, row.to) || !strings.Contains(to, "__clerk_ticket=") {
			t.Errorf("%s leads to %q", address, to)
		}
	}
}
