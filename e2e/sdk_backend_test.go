// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// authenticated is what @clerk/backend makes of a request.
type authenticated struct {
	Status, Reason, Message, User, Session string
}

// authenticate shows a request that the app has received to @clerk/backend,
// which knows the gate's public key and nothing else.
func (s *sdkSite) authenticate(t testing.TB, seen harness.Seen, headers map[string]string) authenticated {
	t.Helper()
	out := runNode(t, map[string]any{
		"publishableKey": s.Key, "jwtKey": s.publicKey(t), "url": "http://" + seen.Host + seen.URI, "headers": headers, "at": seen.At.UnixMilli(),
		"authorizedParties": []string{s.URL()},
	}, "node/authenticate.mjs")
	var a authenticated
	if err := json.Unmarshal(out, &a); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	return a
}

// authenticateByKeySet does the same without the public key, which the program
// then loads from the Backend API.
func (s *sdkSite) authenticateByKeySet(t testing.TB, seen harness.Seen, headers map[string]string) authenticated {
	t.Helper()
	out := runNode(t, map[string]any{
		"publishableKey": s.Key, "apiUrl": s.URL() + "/.auth/backend", "secretKey": backendSecret,
		"url": "http://" + seen.Host + seen.URI, "headers": headers, "at": seen.At.UnixMilli(),
	}, "node/authenticate.mjs")
	var a authenticated
	if err := json.Unmarshal(out, &a); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	return a
}

// publicKey is the gate's key in the form that Clerk's backends take.
func (s *sdkSite) publicKey(t testing.TB) string {
	t.Helper()
	answer, err := s.NewVisitor().Fetch("/.auth/.well-known/jwks.json")
	if err != nil {
		t.Fatal(err)
	}
	var set struct {
		Keys []struct{ Kty, Alg, N, E string }
	}
	if err := json.Unmarshal([]byte(answer.Body), &set); err != nil {
		t.Fatalf("%s: %v", answer.Body, err)
	}
	if len(set.Keys) != 1 || set.Keys[0].Kty != "RSA" || set.Keys[0].Alg != "RS256" {
		t.Fatalf("the key set is %s", answer.Body)
	}
	number := func(text string) *big.Int {
		raw, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		return new(big.Int).SetBytes(raw)
	}
	der, err := x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: number(set.Keys[0].N), E: int(number(set.Keys[0].E).Int64())})
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// last is the last request to a path that the app has received.
func (s *sdkSite) last(t testing.TB, path string) harness.Seen {
	t.Helper()
	list := s.Upstream.Seen()
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].URI == path {
			return list[i]
		}
	}
	t.Fatalf("the app was never asked for %s", path)
	return harness.Seen{}
}

// TestSDKBackendKnowsTheUser lets @clerk/backend judge what an app receives: by
// the header that the gate sets, and by cookies alone, as on a page load where
// that header is called something else.
func TestSDKBackendKnowsTheUser(t *testing.T) {
	harness.NeedBrowser(t)
	t.Parallel()
	s := startSDK(t, sdkSetup{Public: "/open", Directive: withBackend})
	tab := s.NewTab(t, harness.Look{})
	s.open(tab, "vanilla", "sign-up")
	tab.Open("/open")
	stranger := s.last(t, "/open")
	user := s.vanillaIn(t, tab, "vanilla", "sign-up", people["email"])
	passes(t, tab, user)
	tab.Open("/open")
	for _, name := range []string{"__session", "__client_uat"} { // as after a long sleep
		tab.Eval("document.cookie = '" + name + "=1; path=/'")
	}
	tab.Open("/late")
	for name, row := range map[string]struct {
		seen   harness.Seen
		header string
		status string
	}{
		"by the header":              {s.last(t, "/orders"), "Authorization", "signed-in"},
		"by cookies":                 {s.last(t, "/orders"), "Cookie", "signed-in"},
		"by cookies on a public one": {s.last(t, "/open"), "Cookie", "signed-in"},
		"by cookies that were stale": {s.last(t, "/late"), "Cookie", "signed-in"},
		"a stranger":                 {stranger, "Cookie", "signed-out"},
		"a stranger without header":  {stranger, "Authorization", "signed-out"},
	} {
		t.Run(name, func(t *testing.T) {
			headers := map[string]string{"Accept": "text/html", "Sec-Fetch-Dest": "document"}
			if value := row.seen.Header.Get(row.header); value != "" {
				headers[row.header] = value
			}
			got := s.authenticate(t, row.seen, headers)
			if got.Status != row.status {
				t.Fatalf("%+v, by %v", got, headers)
			}
			if by := s.authenticateByKeySet(t, row.seen, headers); by.Status != row.status || by.User != got.User {
				t.Errorf("with the key set %+v, with the key %+v", by, got)
			}
			if row.status == "signed-in" && (got.User != user || got.Session == "") {
				t.Errorf("%+v, not %s", got, user)
			}
		})
	}
}

// TestSDKBackendAfterPages signs in on the gate's own pages: an app that reads
// Clerk's cookies does not notice.
func TestSDKBackendAfterPages(t *testing.T) {
	harness.NeedBrowser(t)
	t.Parallel()
	s := startSDK(t, sdkSetup{})
	tab := s.NewTab(t, harness.Look{})
	signIn(t, tab, "/orders", "jo@example.org")
	seen := s.last(t, "/orders")
	got := s.authenticate(t, seen, map[string]string{"Accept": "text/html", "Cookie": seen.Header.Get("Cookie")})
	if got.Status != "signed-in" {
		t.Fatalf("%+v", got)
	}
	s.open(tab, "vanilla", "sign-in")
	if user := who(tab); user != got.User {
		t.Errorf("clerk-js sees %s, the app %s", user, got.User)
	}
	getsOut(tab)
	stops(t, tab)
}

// TestSDKBackendIgnoresForgedCookies sends cookies under the names that Clerk's
// backends read: none of them reaches the app as it was sent.
func TestSDKBackendIgnoresForgedCookies(t *testing.T) {
	t.Parallel()
	s := startSDK(t, sdkSetup{Public: "/open"})
	v := s.NewVisitor()
	defer v.Close()
	for _, name := range []string{"__session", "__client_uat"} {
		v.SetCookie(name, "1234567890")
	}
	if _, err := v.Open("/open"); err != nil {
		t.Fatal(err)
	}
	if cookie := s.last(t, "/open").Header.Get("Cookie"); strings.Contains(cookie, "1234567890") {
		t.Errorf("the app received %s", cookie)
	}
}

const (
	backendSecret = "sk_live_0123456789abcdef0123456789abcdef"
	withBackend   = "backend_api {\nsecret_key " + backendSecret + "\n}\n"
)

// TestSDKBackendAPI walks every call of the Backend API with @clerk/backend.
func TestSDKBackendAPI(t *testing.T) {
	harness.NeedBrowser(t)
	t.Parallel()
	s := startSDK(t, sdkSetup{Directive: "password optional\ntest_mode on\ntoken_template hasura {\nmail {user.email}\n}\n" + withBackend})
	tab := s.NewTab(t, harness.Look{})
	user := s.vanillaIn(t, tab, "vanilla", "sign-up", people["email"])
	session := tab.Eval(`document.getElementById('who').dataset.session`)
	underWay := s.NewProgram(t).Post("/client/sign_ups", "email_address", "later@example.org").OK().Str("response.id")
	out := runNode(t, map[string]any{
		"apiUrl": s.URL() + "/.auth/backend", "secretKey": backendSecret,
		"visitor": map[string]string{
			"user": user, "session": session, "email": people["email"], "clientCookie": tab.Cookie(harness.ClientCookie),
			"signUp": underWay, "signUpEmail": "later@example.org",
		},
	}, "node/admin.mjs")
	steps(t, out)
	stops(t, tab) // its session was revoked
	noProblems(t, s.Gate)
}

// TestSDKBackendAPIStaysShut: no cookie opens it, and no page may ask.
func TestSDKBackendAPIStaysShut(t *testing.T) {
	t.Parallel()
	s := startSDK(t, sdkSetup{Directive: withBackend})
	v := s.NewVisitor()
	defer v.Close()
	if err := v.SignIn("/", "jo@example.org"); err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		header http.Header
		want   func(status int) bool
	}{
		"a session":           {nil, func(n int) bool { return n == http.StatusUnauthorized }},
		"the key":             {http.Header{"Authorization": {"Bearer " + backendSecret}}, func(n int) bool { return n == http.StatusOK }},
		"the key from a page": {http.Header{"Authorization": {"Bearer " + backendSecret}, "Origin": {s.URL()}}, func(n int) bool { return n >= 400 && n < 500 }},
	} {
		answer, err := v.Do(http.MethodGet, "/.auth/backend/v1/users", row.header, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !row.want(answer.Status) {
			t.Errorf("%s: %d %.300s", name, answer.Status, answer.Body)
		}
		if row.header == nil && answer.Contains("jo@example.org") {
			t.Errorf("%s reads users", name)
		}
		if got := answer.Header.Get("Content-Type"); got != "application/json" {
			t.Errorf("%s: content type %q, which the SDK does not parse", name, got)
		}
	}
}
