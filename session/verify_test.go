// SPDX-License-Identifier: Apache-2.0

package session_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/gatelatch/gatelatch/session"
)

func TestVerifyReadsItsOwn(t *testing.T) {
	for _, algorithm := range []string{session.RS256, session.ES256} {
		m := minter(t, func(m *session.Minter) { m.Algorithm, m.Issuer, m.Party = algorithm, issuer, party })
		token := sign(t, m, session.Signing{Now: noon})
		c, ok := m.Verify(token, noon)
		want := session.Claims{UserID: "user_ada", SessionID: "sess_ada", IssuedAt: noon, ExpireAt: noon.Add(time.Minute)}
		if !ok || c != want {
			t.Errorf("%s: %+v %v", algorithm, c, ok)
		}
	}
}

func TestVerifyGoesByTheTime(t *testing.T) {
	m := forPrograms(t)
	token := sign(t, m, session.Signing{Now: noon})
	for at, want := range map[time.Duration]bool{
		-16 * time.Second: false, -5*time.Second - 1: false, // iat; nbf would allow ten seconds more
		-5 * time.Second: true, 0: true, 59 * time.Second: true, 60 * time.Second: true, 65*time.Second - 1: true,
		65 * time.Second: false, time.Hour: false,
	} {
		if _, ok := m.Verify(token, noon.Add(at)); ok != want {
			t.Errorf("after %v: %v", at, ok)
		}
	}
}

// A key that no longer signs still verifies while it stands in the key set, and no
// longer.
func TestVerifyKnowsEarlierKeys(t *testing.T) {
	m := forPrograms(t)
	before := noon.Add(31*day - time.Minute)
	token := sign(t, m, session.Signing{Now: before, Lifetime: day})
	refresh(t, m.Keys, []string{session.RS256}, noon.Add(30*day))
	refresh(t, m.Keys, []string{session.RS256}, noon.Add(31*day))
	later := sign(t, m, session.Signing{Now: noon.Add(31 * day)})
	if kidOf(t, token) == kidOf(t, later) {
		t.Fatal("the key did not change")
	}
	for _, text := range []string{token, later} {
		if _, ok := m.Verify(text, noon.Add(31*day)); !ok {
			t.Error("not verified")
		}
	}
	for range 2 { // the set that is published is the one from before the sweep
		refresh(t, m.Keys, []string{session.RS256}, noon.Add(32*day))
	}
	if _, ok := m.Verify(token, before.Add(time.Minute)); ok {
		t.Error("verified by a key that is gone")
	}
}

// stolen is a token of ours, taken apart.
type stolen struct {
	header, claims map[string]any
	method         jwt.SigningMethod
	key            any
}

func (s stolen) text(t *testing.T) string {
	t.Helper()
	token := jwt.NewWithClaims(s.method, jwt.MapClaims(s.claims))
	token.Header = s.header
	text, err := token.SignedString(s.key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestForgedTokens has somebody who holds a token, and the public keys, make others
// of it.
func TestForgedTokens(t *testing.T) {
	m := forPrograms(t)
	public, err := m.Keys.PublicPEM(session.RS256, noon)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(public)
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	genuine := sign(t, m, session.Signing{Now: noon})
	claims, header := opened(t, m, genuine, noon)
	for name, forge := range map[string]func(s *stolen){
		"another key under our name":     func(s *stolen) { s.key = theirs },
		"another key under another name": func(s *stolen) { s.key, s.header["kid"] = theirs, "key_theirs" },
		"another key without a name":     func(s *stolen) { s.key = theirs; delete(s.header, "kid") },
		"a key that the token brings":    func(s *stolen) { s.key, s.header["jwk"] = theirs, map[string]any{"kty": "RSA"} },
		"a key at an address":            func(s *stolen) { s.key, s.header["jku"] = theirs, "https://evil.example/jwks.json" },
		"no signature": func(s *stolen) {
			s.method, s.key, s.header["alg"] = jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, "none"
		},
		"no signature that says RS256":      func(s *stolen) { s.method, s.key = jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType },
		"our PEM as a secret":               func(s *stolen) { s.method, s.key, s.header["alg"] = jwt.SigningMethodHS256, public, "HS256" },
		"our DER as a secret":               func(s *stolen) { s.method, s.key, s.header["alg"] = jwt.SigningMethodHS256, block.Bytes, "HS256" },
		"our modulus as a secret":           func(s *stolen) { s.method, s.key = jwt.SigningMethodHS256, modulus(parsed) },
		"a curve under our name":            func(s *stolen) { s.method, s.key, s.header["alg"] = jwt.SigningMethodES256, curve, "ES256" },
		"a curve that says RS256":           func(s *stolen) { s.method, s.key = jwt.SigningMethodES256, curve },
		"the other padding":                 func(s *stolen) { s.method, s.key, s.header["alg"] = jwt.SigningMethodPS256, theirs, "PS256" },
		"an algorithm that is no text":      func(s *stolen) { s.key, s.header["alg"] = theirs, 256 },
		"a name that is no text":            func(s *stolen) { s.key, s.header["kid"] = theirs, []string{"x"} },
		"another user, by the old key text": func(s *stolen) { s.key, s.claims["sub"] = theirs, "user_eve" },
	} {
		s := stolen{header: maps.Clone(header), claims: maps.Clone(map[string]any(claims)), method: jwt.SigningMethodRS256}
		forge(&s)
		if c, ok := m.Verify(s.text(t), noon); ok {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

func modulus(key any) []byte {
	public, _ := key.(*rsa.PublicKey)
	return public.N.Bytes()
}

// like is another minter by the same keys.
func like(m *session.Minter, change func(*session.Minter)) *session.Minter {
	o := &session.Minter{Keys: m.Keys, Algorithm: m.Algorithm, Issuer: m.Issuer, Audience: m.Audience, Party: m.Party, Parties: m.Parties}
	change(o)
	return o
}

// TestTokensThatAreNotForThisGate are signed by a key of ours and still are none.
func TestTokensThatAreNotForThisGate(t *testing.T) {
	m := forPrograms(t)
	template := session.Template{Name: "x", Claims: map[string]string{"aud": "y"}}
	handshake, err := m.SignHandshake([]string{"a=b"}, noon)
	if err != nil {
		t.Fatal(err)
	}
	other := like(m, func(o *session.Minter) { o.Issuer = "https://other.example.com" })
	beside := like(m, func(o *session.Minter) { // another site of one store and one publishable key
		o.Audience, o.Party = "https://blog.example.com", "https://blog.example.com"
	})
	besideToo := like(beside, func(o *session.Minter) { o.Audience = m.Audience }) // whose operator has given both sites one audience
	plain := like(m, func(o *session.Minter) { o.Party = "" })
	withoutParty := strings.TrimPrefix(header(t, plain, someone(t), noon)[0], "Bearer ")
	for name, text := range map[string]string{
		"of a template":                         sign(t, m, session.Signing{Template: &template, Now: noon}),
		"a handshake":                           handshake.Reveal(),
		"pending":                               sign(t, m, session.Signing{Status: "pending", Now: noon}),
		"of another site":                       sign(t, other, session.Signing{Now: noon}),
		"of a site with the same key":           sign(t, beside, session.Signing{Now: noon}),
		"of an app of a site with the same key": sign(t, beside, session.Signing{Party: session.NoParty, Now: noon}),
		"of a site with the same audience":      sign(t, besideToo, session.Signing{Now: noon}),
		"of a site without the Frontend API":    withoutParty,
		"of another installation":               sign(t, forPrograms(t), session.Signing{Now: noon}),
		"of the same kind, by a key of ES256's": sign(t, minter(t, func(m *session.Minter) { m.Issuer = issuer }), session.Signing{Now: noon}),
	} {
		if c, ok := m.Verify(text, noon); ok {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

// Another text is another token, even where it decodes to the same.
func TestTokensHaveOneSpelling(t *testing.T) {
	m := forPrograms(t)
	token := sign(t, m, session.Signing{Now: noon})
	parts := strings.Split(token, ".")
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		t.Fatal(err)
	}
	padded := base64.URLEncoding.EncodeToString(signature)
	for name, text := range map[string]string{
		"white space before":  " " + token,
		"white space behind":  token + " ",
		"a line feed":         token + "\n",
		"a fourth part":       token + ".x",
		"two parts":           parts[0] + "." + parts[1],
		"padding":             parts[0] + "." + parts[1] + "." + padded,
		"the other alphabet":  parts[0] + "." + parts[1] + "." + base64.RawStdEncoding.EncodeToString(signature) + "=",
		"with its scheme":     "Bearer " + token,
		"nothing":             "",
		"dots":                "..",
		"very long":           token + strings.Repeat("A", 4096),
		"no JSON":             "eA.eA.eA",
		"a list for a header": base64.RawURLEncoding.EncodeToString([]byte("[]")) + "." + parts[1] + "." + parts[2],
		"null for claims":     parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte("null")) + "." + parts[2],
	} {
		if _, ok := m.Verify(text, noon); ok {
			t.Error(name)
		}
	}
	last := token[len(token)-1]
	for c := range byte(128) { // two bits of the last character carry nothing
		if text := token[:len(token)-1] + string(rune(c)); c != last {
			if _, ok := m.Verify(text, noon); ok {
				t.Errorf("%q in place of %q", c, last)
			}
		}
	}
}

func FuzzVerify(f *testing.F) {
	m := &session.Minter{Keys: keyring(newFake()), Algorithm: session.ES256, Issuer: issuer, Party: party}
	refresh(f, m.Keys, es256, noon)
	genuine, err := m.Sign(ada(), session.Signing{Now: noon})
	if err != nil {
		f.Fatal(err)
	}
	kid := kidOf(f, genuine.Reveal())
	f.Add(`{"alg":"ES256","cat":"cl_B7d4PD111AAA","kid":"`+kid+`","typ":"JWT"}`, `{"sub":"user_eve"}`, "AAAA")
	f.Add(`{"alg":"none","kid":"x"}`, `{}`, "")
	f.Add(`{"alg":"HS256","kid":"x","kid":"y"}`, `{"exp":1e400}`, "AA==")
	f.Add(`{"alg":"ES256"}`, `{"exp":-1,"nbf":"x","iat":[]}`, "....")
	f.Add(`null`, `null`, "null")
	f.Fuzz(func(t *testing.T, header, claims, signature string) {
		text := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + "." + signature
		if c, ok := m.Verify(text, noon); ok {
			t.Errorf("%q is %+v", text, c)
		}
		if c, ok := m.Verify(header, noon); ok && header != genuine.Reveal() {
			t.Errorf("%q is %+v", header, c)
		}
		// What a token says is worth nothing without its signature.
		parts := strings.Split(genuine.Reveal(), ".")
		swapped := parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + "." + parts[2]
		if c, ok := m.Verify(swapped, noon); ok && swapped != genuine.Reveal() {
			t.Errorf("%q with the signature of another is %+v", claims, c)
		}
	})
}

// The header of a token of ours is JSON that the SDKs read.
func TestHeaderIsPlainJSON(t *testing.T) {
	m := forPrograms(t)
	first, _, _ := strings.Cut(sign(t, m, session.Signing{Now: noon}), ".")
	raw, err := base64.RawURLEncoding.DecodeString(first)
	if err != nil {
		t.Fatal(err)
	}
	var h map[string]string
	if err := json.Unmarshal(raw, &h); err != nil || h["typ"] != "JWT" {
		t.Errorf("%s %v", raw, err)
	}
}
