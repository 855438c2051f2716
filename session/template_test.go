// SPDX-License-Identifier: Apache-2.0

package session_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"pgregory.net/rapid"

	"github.com/gatelatch/gatelatch/session"
)

// templated signs with one claim, and returns it as JSON.
func templated(t *testing.T, m *session.Minter, value string) string {
	t.Helper()
	tpl, err := session.ReadTemplate("hasura", 0, map[string]string{"x": value})
	if err != nil {
		t.Fatal(value, err)
	}
	claims, _ := opened(t, m, sign(t, m, session.Signing{Template: &tpl, Now: noon}), noon)
	return text(t, claims["x"])
}

func TestPlaceholders(t *testing.T) {
	m := forPrograms(t)
	for value, want := range map[string]string{
		"plain":              `"plain"`,
		"":                   `""`,
		"{user.id}":          `"user_ada"`,
		"{user.email}":       `"Ada@example.com"`,
		"{user.phone}":       `null`,
		"{user.name}":        `"Ada Lovelace"`,
		"{user.first_name}":  `"Ada"`,
		"{user.last_name}":   `"Lovelace"`,
		"{user.external_id}": `"e-1"`,
		"{session.id}":       `"sess_ada"`,
		"{site.origin}":      `"https://app.example.com"`,
		"id {user.id}, {user.phone}{user.first_name}!": `"id user_ada, Ada!"`,
		"{user.public_metadata}":                       `{"nothing":null,"plan":{"name":"pro","on":true,"seats":12345678901234567890},"role":"admin","tags":["a",1]}`,
		"{user.public_metadata.role}":                  `"admin"`,
		"{user.public_metadata.plan}":                  `{"name":"pro","on":true,"seats":12345678901234567890}`,
		"{user.public_metadata.plan.seats}":            `12345678901234567890`,
		"{user.public_metadata.plan.on}":               `true`,
		"{user.public_metadata.tags}":                  `["a",1]`,
		"{user.public_metadata.nothing}":               `null`,
		"{user.public_metadata.missing.key}":           `null`,
		"{user.public_metadata.role.key}":              `null`,
		"{user.unsafe_metadata.theme}":                 `"dark"`,
		"seats: {user.public_metadata.plan.seats}":     `"seats: 12345678901234567890"`,
		"tags: {user.public_metadata.tags}":            `"tags: [\"a\",1]"`,
		`{"x-user":"{user.id}","roles":["{user.public_metadata.role}",1,{"t":"{user.public_metadata.tags}"}]}`: `{"roles":["admin",1,{"t":["a",1]}],"x-user":"user_ada"}`,
		`["{user.id}"]`: `["user_ada"]`,
		"{}":            `{}`,
		"[x] {user.id}": `"[x] user_ada"`,
		"[1] 2":         `"[1] 2"`,
		"a } b":         `"a } b"`,
		"true":          `"true"`,
	} {
		if got := templated(t, m, value); got != want {
			t.Errorf("%s is %s, want %s", value, got, want)
		}
	}
}

func TestEmptyMetadataAreAnObject(t *testing.T) {
	m, p := forPrograms(t), ada()
	p.User.Metadata.Public = nil
	tpl := session.Template{Name: "a", Claims: map[string]string{"all": "{user.public_metadata}", "one": "{user.public_metadata.role}"}}
	token, err := m.Sign(p, session.Signing{Template: &tpl, Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	claims, _ := opened(t, m, token.Reveal(), noon)
	if text(t, claims["all"]) != "{}" || text(t, claims["one"]) != "null" {
		t.Errorf("%v", claims)
	}
}

// A template is an operator's text: what cannot be meant is refused at start.
func TestTemplatesThatAreRefused(t *testing.T) {
	for _, row := range []struct {
		name, claim, value, says string
		life                     time.Duration
	}{
		{"a b", "x", "y", "a name consists of", 0},
		{"", "x", "y", "a name consists of", 0},
		{"../x", "x", "y", "a name consists of", 0},
		{"ok", "", "y", "no name", 0},
		{"ok", "x", "{user.password}", "{user.password} stands for nothing", 0},
		{"ok", "x", "{user.private_metadata}", "stands for nothing", 0},
		{"ok", "x", "{user.private_metadata.secret}", "stands for nothing", 0},
		{"ok", "x", "{user.public_metadatax}", "stands for nothing", 0},
		{"ok", "x", "{user.public_metadata.}", "a key is empty", 0},
		{"ok", "x", "{user.public_metadata.a..b}", "a key is empty", 0},
		{"ok", "x", "{user.id.x}", "stands for nothing", 0},
		{"ok", "x", "{ user.id }", "stands for nothing", 0},
		{"ok", "x", "{{user.id}}", "stands for nothing", 0},
		{"ok", "x", "a {user.id", "is not closed", 0},
		{"ok", "x", `{"a":"{nobody}"}`, "{nobody} stands for nothing", 0},
		{"ok", "x", `["{user.id"]`, "is not closed", 0},
		{"ok", "x", "y", "from 30s to 24h", 29 * time.Second},
		{"ok", "x", "y", "from 30s to 24h", 24*time.Hour + 1},
		{"ok", "x", "y", "from 30s to 24h", -1},
	} {
		_, err := session.ReadTemplate(row.name, row.life, map[string]string{row.claim: row.value})
		if err == nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%q %q %q: %v", row.name, row.claim, row.value, err)
		}
	}
}

var reservedClaims = []string{"iss", "sub", "sid", "iat", "nbf", "exp", "jti", "azp", "sts", "v", "fva", "act", "handshake", "org_id"}

// What says whose a token is and how long it is good is the gate's alone, also for
// a template that nobody has checked.
func TestReservedClaimsStay(t *testing.T) {
	m := forPrograms(t)
	for _, claim := range reservedClaims {
		claims := map[string]string{claim: "forged"}
		if _, err := session.ReadTemplate("ok", 0, claims); err == nil || !strings.Contains(err.Error(), "the gate itself says") {
			t.Errorf("%s: %v", claim, err)
		}
		if token, err := m.Sign(ada(), session.Signing{Template: &session.Template{Name: "ok", Claims: claims}, Now: noon}); err == nil || token != "" {
			t.Errorf("%s: signed", claim)
		}
	}
}

func TestTemplateTokens(t *testing.T) {
	m := forPrograms(t)
	tpl, err := session.ReadTemplate("supabase", time.Hour, map[string]string{"aud": "authenticated", "role": "authenticated", "email": "{user.email}"})
	if err != nil {
		t.Fatal(err)
	}
	token := sign(t, m, session.Signing{Template: &tpl, Now: noon})
	claims, header := opened(t, m, token, noon)
	if names(claims) != "aud azp email exp iat iss jti nbf role sub" || claims["aud"] != "authenticated" {
		t.Errorf("%v", claims)
	}
	if text(t, claims["exp"]) != text(t, noon.Unix()+3600) || header["cat"] != "cl_B7d4PD222AAA" {
		t.Errorf("%v %v", claims["exp"], header)
	}
	if _, ok := m.Verify(token, noon); ok {
		t.Error("it passes for a session token")
	}
	plain := session.Template{Name: "plain", Claims: map[string]string{"role": "x"}}
	claims, _ = opened(t, m, sign(t, m, session.Signing{Template: &plain, Now: noon}), noon)
	if names(claims) != "azp exp iat iss jti nbf role sub" {
		t.Errorf("without an audience of its own: %v", claims)
	}
}

// However a template is written, its tokens are no session tokens, and say of their
// user what is true.
func TestNoTemplateMakesASessionToken(t *testing.T) {
	m := forPrograms(t)
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.OneOf(rapid.SampledFrom(append([]string{"aud", "amr", "cat", "typ", "kid", "alg"}, reservedClaims...)), rapid.String())
		value := rapid.OneOf(rapid.SampledFrom([]string{"active", "sess_ada", "{session.id}", `{"sid":"{session.id}"}`, "2"}), rapid.String())
		tpl := session.Template{Name: "any", Claims: rapid.MapOfN(name, value, 0, 6).Draw(rt, "claims")}
		_, refused := session.ReadTemplate(tpl.Name, 0, maps.Clone(tpl.Claims))
		token, err := m.Sign(ada(), session.Signing{Template: &tpl, Now: noon})
		if (err != nil) != (refused != nil) {
			rt.Fatalf("read: %v, signed: %v", refused, err)
		}
		if err != nil {
			return
		}
		if _, ok := m.Verify(token.Reveal(), noon); ok {
			rt.Fatal("it passes for a session token")
		}
		parsed, _, err := jwt.NewParser().ParseUnverified(token.Reveal(), jwt.MapClaims{})
		if err != nil {
			rt.Fatal(err)
		}
		claims, _ := parsed.Claims.(jwt.MapClaims)
		if claims["sub"] != "user_ada" || claims["iss"] != issuer || claims["sid"] != nil || claims["sts"] != nil {
			rt.Fatalf("%v", claims)
		}
	})
}

func TestBrokenMetadataAreAnError(t *testing.T) {
	m, p := forPrograms(t), ada()
	p.User.Metadata.Public = json.RawMessage(`{"a":`)
	tpl := session.Template{Name: "a", Claims: map[string]string{"x": "{user.public_metadata}"}}
	if token, err := m.Sign(p, session.Signing{Template: &tpl, Now: noon}); err == nil || token != "" {
		t.Error("signed")
	}
}

func FuzzReadTemplate(f *testing.F) {
	for _, s := range []string{"{user.id}", "{", "}", "{}", `{"a":"{user.id}"}`, "[", "a{user.public_metadata.x}b", `["{"]`} {
		f.Add("x", s)
	}
	m := session.Minter{Keys: keyring(newFake()), Algorithm: session.ES256, Issuer: issuer}
	refresh(f, m.Keys, es256, noon)
	f.Fuzz(func(t *testing.T, name, value string) {
		tpl, err := session.ReadTemplate("t", 0, map[string]string{name: value})
		if err != nil {
			return
		}
		if _, err := m.Sign(ada(), session.Signing{Template: &tpl, Now: noon}); err != nil {
			t.Errorf("%q %q was read and cannot be signed: %v", name, value, err)
		}
	})
}
