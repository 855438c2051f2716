// SPDX-License-Identifier: Apache-2.0

package session_test

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/session"
)

const (
	party  = "https://app.example.com"
	issuer = "https://clerk.example.com"
)

// forPrograms is the minter of a site with the Frontend API.
func forPrograms(t *testing.T) *session.Minter {
	t.Helper()
	return minter(t, func(m *session.Minter) {
		m.Algorithm, m.Issuer, m.Audience, m.Party = session.RS256, issuer, party, party
	})
}

// ada is a user of whom there is much to tell.
func ada() session.Principal {
	return session.Principal{
		User: gatelatch.User{
			ID: "user_ada", FirstName: "Ada", LastName: "Lovelace", ExternalID: "e-1",
			Addresses: []gatelatch.Address{{
				Identifier: gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: "ada@example.com"}, Display: "Ada@example.com", Primary: true,
			}},
			Metadata: gatelatch.Metadata{
				Public:  json.RawMessage(`{"role":"admin","plan":{"name":"pro","seats":12345678901234567890,"on":true},"tags":["a",1],"nothing":null}`),
				Private: json.RawMessage(`{"secret":"hidden"}`),
				Unsafe:  json.RawMessage(`{"theme":"dark"}`),
			},
		},
		Session: gatelatch.Session{
			ID: "sess_ada", UserID: "user_ada", Status: gatelatch.SessionActive, Strategy: gatelatch.EmailCode,
			CreatedAt: noon, FirstAt: noon, LastActiveAt: noon, ExpireAt: noon.Add(day),
		},
	}
}

func sign(t *testing.T, m *session.Minter, o session.Signing) string {
	t.Helper()
	text, err := m.Sign(ada(), o)
	if err != nil {
		t.Fatal(err)
	}
	return text.Reveal()
}

// opened returns what a token says, and its header, once the published key has
// verified it.
func opened(t *testing.T, m *session.Minter, text string, now time.Time) (jwt.MapClaims, map[string]any) {
	t.Helper()
	set, claims := published(t, m.Keys), jwt.MapClaims{}
	parsed, err := jwt.ParseWithClaims(text, claims, func(t *jwt.Token) (any, error) {
		kid, _ := t.Header["kid"].(string)
		if found := set.Key(kid); len(found) == 1 {
			return found[0].Key, nil
		}
		return nil, errors.New("unknown key")
	}, jwt.WithValidMethods([]string{m.Algorithm}), jwt.WithTimeFunc(func() time.Time { return now }), jwt.WithJSONNumber())
	if err != nil {
		t.Fatal(err)
	}
	return claims, parsed.Header
}

func names(c jwt.MapClaims) string { return strings.Join(slices.Sorted(maps.Keys(c)), " ") }

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestSessionTokenHasClerksClaims: see section 8 of the contract.
func TestSessionTokenHasClerksClaims(t *testing.T) {
	m := forPrograms(t)
	now := noon.Add(3 * time.Minute)
	claims, header := opened(t, m, sign(t, m, session.Signing{Now: now}), now)
	if got := names(claims); got != "amr aud azp exp fva iat iss jti nbf sid sts sub v" {
		t.Errorf("claims %s", got)
	}
	at := now.Unix()
	for name, want := range map[string]any{
		"iss": issuer, "azp": party, "sub": "user_ada", "sid": "sess_ada", "sts": "active", "v": 2, "fva": []int{3, -1},
		"iat": at, "nbf": at - 10, "exp": at + 60, "aud": party, "amr": []string{"otp"},
	} {
		if got := text(t, claims[name]); got != text(t, want) {
			t.Errorf("%s is %s, want %s", name, got, text(t, want))
		}
	}
	if header["alg"] != "RS256" || header["typ"] != "JWT" || header["kid"] == "" || header["cat"] != "cl_B7d4PD111AAA" || len(header) != 4 {
		t.Errorf("header %v", header)
	}
}

func TestWhatASigningMayChange(t *testing.T) {
	m := forPrograms(t)
	m.Parties = []string{"https://www.example.com"}
	for _, row := range []struct {
		name   string
		o      session.Signing
		claim  string
		want   any
		active bool
	}{
		{"a page of another origin", session.Signing{Party: "https://www.example.com"}, "azp", "https://www.example.com", true},
		{"a page of an origin of others", session.Signing{Party: "https://evil.example.com"}, "azp", "https://evil.example.com", false},
		{"an app on a phone", session.Signing{Party: session.NoParty}, "azp", nil, true},
		{"a pending session", session.Signing{Status: "pending"}, "sts", "pending", false},
		{"a longer life", session.Signing{Lifetime: time.Hour}, "exp", noon.Unix() + 3600, true},
		{"a life that no key has", session.Signing{Lifetime: 99 * day}, "exp", noon.Unix() + 86400, true},
		{"a clock before the session's", session.Signing{Now: noon.Add(-3 * time.Second)}, "iat", noon.Unix(), true},
	} {
		if row.o.Now.IsZero() {
			row.o.Now = noon
		}
		token := sign(t, m, row.o)
		claims, _ := opened(t, m, token, noon)
		if got := text(t, claims[row.claim]); got != text(t, row.want) {
			t.Errorf("%s: %s is %s", row.name, row.claim, got)
		}
		if _, there := claims[row.claim]; there != (row.want != nil) {
			t.Errorf("%s: %s is there: %v", row.name, row.claim, there)
		}
		if _, ok := m.Verify(token, noon); ok != row.active {
			t.Errorf("%s: verified %v", row.name, ok)
		}
	}
}

// Tokens of templates do not say that a session is pending: it gets none.
func TestNoTemplateForPendingSessions(t *testing.T) {
	m := forPrograms(t)
	made, err := session.ReadTemplate("hasura", 0, map[string]string{"mail": "{user.email}"})
	if err != nil {
		t.Fatal(err)
	}
	for status, want := range map[gatelatch.SessionStatus]error{
		"": nil, gatelatch.SessionActive: nil, "pending": session.ErrPending, gatelatch.SessionEnded: session.ErrPending,
	} {
		text, err := m.Sign(ada(), session.Signing{Status: status, Template: &made, Now: noon})
		if !errors.Is(err, want) || (text == "") != (want != nil) {
			t.Errorf("%q: %v", status, err)
		}
	}
}

// A site without the Frontend API tells its upstream what it always did.
func TestTokensForTheUpstream(t *testing.T) {
	l := someone(t)
	plain := minter(t, nil)
	claims, header := opened(t, plain, strings.TrimPrefix(header(t, plain, l, noon)[0], "Bearer "), noon)
	if names(claims) != "amr aud exp fva iat iss jti nbf sid sts sub" || len(header) != 3 {
		t.Errorf("%v %v", names(claims), header)
	}
	m := forPrograms(t)
	token := strings.TrimPrefix(headerOf(t, m, l), "Bearer ")
	claims, header = opened(t, m, token, noon)
	if names(claims) != "amr aud azp exp fva iat iss jti nbf sid sts sub v" || claims["azp"] != party || header["cat"] != "cl_B7d4PD111AAA" {
		t.Errorf("%v %v", claims, header)
	}
	if c, ok := m.Verify(token, noon); !ok || c.SessionID != "sess_1" || c.UserID != "user_of_sess_1" {
		t.Errorf("%+v %v", c, ok)
	}
}

func headerOf(t *testing.T, m *session.Minter, l *session.Live) string {
	t.Helper()
	return header(t, m, l, noon)[0]
}

func TestNoKeyNoSignature(t *testing.T) {
	m := &session.Minter{Keys: keyring(newFake()), Algorithm: session.RS256, Issuer: issuer}
	if text, err := m.Sign(ada(), session.Signing{Now: noon}); text != "" || err == nil {
		t.Error(err)
	}
	if text, err := m.SignHandshake(nil, noon); text != "" || err == nil {
		t.Error(err)
	}
	if _, ok := m.Verify("a.b.c", noon); ok {
		t.Error("verified")
	}
}

func TestHandshakeCarriesCookies(t *testing.T) {
	m := forPrograms(t)
	lines := []string{"__session=x; Path=/", "__client_uat=1; Path=/"}
	token, err := m.SignHandshake(lines, noon)
	if err != nil {
		t.Fatal(err)
	}
	claims, header := opened(t, m, token.Reveal(), noon)
	if text(t, claims["handshake"]) != text(t, lines) || names(claims) != "exp handshake iat iss nbf" || header["cat"] != nil {
		t.Errorf("%v %v", claims, header)
	}
}
