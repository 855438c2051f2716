// SPDX-License-Identifier: Apache-2.0

package passkey_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/passkey"
)

var (
	noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	site = passkey.Site{
		ID: "example.com", Name: "Acme", Origins: []string{"https://example.com", "https://app.example.com"},
	}
	challenge = []byte("0123456789abcdef0123456789abcdef")
)

func mustRegister(t testing.TB, a *authenticator) gatelatch.Passkey {
	t.Helper()
	r, no := passkey.ReadRegistration(a.register(challenge))
	if no != nil {
		t.Fatal(*no)
	}
	key, no := site.Register(r, "My phone", noon)
	if no != nil {
		t.Fatal(*no)
	}
	return key
}

func assertion(t *testing.T, text string) *passkey.Assertion {
	t.Helper()
	a, no := passkey.ReadAssertion(text)
	if no != nil {
		t.Fatal(*no)
	}
	return a
}

func signers(t *testing.T) map[string]crypto.Signer {
	t.Helper()
	es256, err1 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	_, eddsa, err2 := ed25519.GenerateKey(rand.Reader)
	rs256, err3 := rsa.GenerateKey(rand.Reader, 2048)
	if err1 != nil || err2 != nil || err3 != nil {
		t.Fatal(err1, err2, err3)
	}
	return map[string]crypto.Signer{"ES256": es256, "EdDSA": eddsa, "RS256": rs256}
}

func TestAKeyIsRegisteredAndUsed(t *testing.T) {
	for name, signer := range signers(t) {
		a := newAuthenticator(t)
		a.signer, a.flags, a.counter = signer, present|verified|backupEligible, 3
		key := mustRegister(t, a)
		if !strings.HasPrefix(key.ID, "psk_") || key.Name != "My phone" || !bytes.Equal(key.CredentialID, a.id) ||
			key.SignCount != 3 || !key.CreatedAt.Equal(noon) || !slices.Equal(key.Transports, []string{"hybrid", "internal"}) {
			t.Errorf("%s: %+v", name, key)
		}
		a.counter, a.flags = 4, a.flags|backedUp
		read := assertion(t, a.assert(challenge))
		if !bytes.Equal(read.Challenge, challenge) || !bytes.Equal(read.CredentialID, a.id) || read.UserID != "user_1" {
			t.Errorf("%s: %+v", name, read)
		}
		later := noon.Add(time.Hour)
		saved, no := site.Verify(read, key, later)
		if no != nil {
			t.Errorf("%s: %+v", name, no)
			continue
		}
		if saved.SignCount != 4 || !saved.LastUsedAt.Equal(later) || saved.ID != key.ID || saved.Flags&backedUp == 0 {
			t.Errorf("%s: saved %+v", name, saved)
		}
	}
}

// Every row is a valid answer but for one thing.
func TestAssertionsThatAreRefused(t *testing.T) {
	for name, change := range map[string]func(*authenticator){
		"another origin":                     func(a *authenticator) { a.origin = "https://app.example.com.evil.test" },
		"another port":                       func(a *authenticator) { a.origin = "https://app.example.com:8443" },
		"plain http":                         func(a *authenticator) { a.origin = "http://app.example.com" },
		"a subdomain that is no origin":      func(a *authenticator) { a.origin = "https://other.example.com" },
		"an opaque origin":                   func(a *authenticator) { a.origin = "null" },
		"no origin":                          func(a *authenticator) { a.origin = "" },
		"another relying party":              func(a *authenticator) { a.rp = "app.example.com" },
		"the user was not verified":          func(a *authenticator) { a.flags &^= verified },
		"nobody was there":                   func(a *authenticator) { a.flags &^= present },
		"backed up though it cannot be":      func(a *authenticator) { a.flags |= backedUp },
		"suddenly able to be backed up":      func(a *authenticator) { a.flags |= backupEligible },
		"a registration instead":             func(a *authenticator) { a.kind = "webauthn.create" },
		"a payment instead":                  func(a *authenticator) { a.kind = "payment.get" },
		"asked for by a page within another": func(a *authenticator) { a.extra = map[string]any{"crossOrigin": true} },
		"another key":                        func(a *authenticator) { a.signer = newAuthenticator(t).signer },
		"the counter went back":              func(a *authenticator) { a.counter = 6 },
		"the counter stood still":            func(a *authenticator) { a.counter = 7 },
		"the counter fell to nought":         func(a *authenticator) { a.counter = 0 },
	} {
		a := newAuthenticator(t)
		a.counter = 7
		key := mustRegister(t, a)
		a.counter = 8
		if _, no := site.Verify(assertion(t, a.assert(challenge)), key, noon); no != nil {
			t.Fatalf("%s: the unchanged answer is refused: %+v", name, no)
		}
		change(a)
		saved, no := site.Verify(assertion(t, a.assert(challenge)), key, noon)
		if no == nil || no.Code != gatelatch.CodePasskeyInvalid || no.Message == "" {
			t.Errorf("%s: passes with %+v", name, saved)
		}
		if saved.ID != "" {
			t.Errorf("%s: a refusal returns a key", name)
		}
	}
}

func TestWhatWasSignedCannotBeChanged(t *testing.T) {
	a := newAuthenticator(t)
	key := mustRegister(t, a)
	data, clientData := a.data(a.flags, nil), a.clientData("webauthn.get", challenge)
	signature := a.sign(data, clientData)
	answer := func(data, clientData, signature []byte) string {
		return a.answer(map[string]any{
			"clientDataJSON": b64(clientData), "authenticatorData": b64(data), "signature": b64(signature),
		})
	}
	if _, no := site.Verify(assertion(t, answer(data, clientData, signature)), key, noon); no != nil {
		t.Fatal(*no)
	}
	a.counter = 9
	for name, text := range map[string]string{
		"challenge":      answer(data, a.clientData("webauthn.get", []byte("another challenge, of the same user")), signature),
		"counter":        answer(a.data(a.flags, nil), clientData, signature),
		"signature":      answer(data, clientData, append(signature[:len(signature)-1:len(signature)-1], signature[len(signature)-1]^1)),
		"no signature":   answer(data, clientData, nil),
		"trailing bytes": answer(data, clientData, append(slices.Clip(signature), 0)),
	} {
		if _, no := site.Verify(assertion(t, text), key, noon); no == nil {
			t.Errorf("%s: changed, and accepted", name)
		}
	}
}

func TestAnAssertionSpeaksForItsOwnKeyOnly(t *testing.T) {
	a, b := newAuthenticator(t), newAuthenticator(t)
	b.id = []byte("another-credential")
	mine, theirs := mustRegister(t, a), mustRegister(t, b)
	if _, no := site.Verify(assertion(t, a.assert(challenge)), theirs, noon); no == nil {
		t.Error("an assertion passes for another credential")
	}
	swapped := theirs
	swapped.CredentialID = mine.CredentialID
	if _, no := site.Verify(assertion(t, a.assert(challenge)), swapped, noon); no == nil {
		t.Error("an assertion passes with another public key")
	}
	renamed := mine
	renamed.CredentialID = theirs.CredentialID
	if _, no := site.Verify(assertion(t, a.assert(challenge)), renamed, noon); no == nil {
		t.Error("an assertion that names another credential passes")
	}
	for _, empty := range []*passkey.Assertion{nil, {}, {Challenge: challenge, CredentialID: mine.CredentialID}} {
		if _, no := site.Verify(empty, mine, noon); no == nil {
			t.Error("an assertion that was never read passes")
		}
	}
	if _, no := site.Verify(assertion(t, a.assert(challenge)), gatelatch.Passkey{}, noon); no == nil {
		t.Error("an assertion passes for no key")
	}
}

func TestRegistrationsThatAreRefused(t *testing.T) {
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*authenticator){
		"another origin":                     func(a *authenticator) { a.origin = "https://evil.test" },
		"another relying party":              func(a *authenticator) { a.rp = "evil.test" },
		"the user was not verified":          func(a *authenticator) { a.flags &^= verified },
		"nobody was there":                   func(a *authenticator) { a.flags &^= present },
		"backed up though it cannot be":      func(a *authenticator) { a.flags |= backedUp },
		"a sign-in instead":                  func(a *authenticator) { a.kind = "webauthn.get" },
		"asked for by a page within another": func(a *authenticator) { a.extra = map[string]any{"crossOrigin": true} },
		"an algorithm nobody asked for":      func(a *authenticator) { a.signer = p384 },
	} {
		a := newAuthenticator(t)
		mustRegister(t, a)
		change(a)
		r, no := passkey.ReadRegistration(a.register(challenge))
		if no == nil {
			_, no = site.Register(r, "x", noon)
		}
		if no == nil || no.Code != gatelatch.CodePasskeyInvalid {
			t.Errorf("%s: accepted", name)
		}
	}
	for _, empty := range []*passkey.Registration{nil, {}, {Challenge: challenge}} {
		if _, no := site.Register(empty, "x", noon); no == nil {
			t.Error("a registration that was never read is accepted")
		}
	}
}

func TestAnswersThatCannotBeRead(t *testing.T) {
	a := newAuthenticator(t)
	for text, want := range map[string]gatelatch.Code{
		"": gatelatch.CodeMissing, " \n": gatelatch.CodeMissing, "{}": gatelatch.CodePasskeyInvalid, "null": gatelatch.CodePasskeyInvalid,
		"[]": gatelatch.CodePasskeyInvalid, `{"id":"x","rawId":"x","type":"public-key"}`: gatelatch.CodePasskeyInvalid,
		a.assert(challenge) + "{}": gatelatch.CodePasskeyInvalid,
		a.assert(nil):              gatelatch.CodePasskeyInvalid,
		strings.Repeat(" ", 40<<10) + a.assert(challenge):                        gatelatch.CodePasskeyInvalid,
		strings.Replace(a.assert(challenge), `"rawId":"`, `"rawId":"AAAA`, 1):    gatelatch.CodePasskeyInvalid,
		strings.Replace(a.assert(challenge), `"public-key"`, `"password"`, 1):    gatelatch.CodePasskeyInvalid,
		strings.Replace(a.register(challenge), `"public-key"`, `"publicKey"`, 1): gatelatch.CodePasskeyInvalid,
		strings.Replace(a.register(challenge), `"clientDataJSON":"`, `"x":"`, 1): gatelatch.CodePasskeyInvalid,
	} {
		if _, no := passkey.ReadAssertion(text); no == nil || no.Code != want || no.Param != passkey.Param {
			t.Errorf("assertion %.60q: %+v", text, no)
		}
		if _, no := passkey.ReadRegistration(text); no == nil || no.Code != want {
			t.Errorf("registration %.60q: %+v", text, no)
		}
	}
}

func TestOptions(t *testing.T) {
	keys := []gatelatch.Passkey{{CredentialID: []byte{1, 2, 3}, Transports: []string{"usb"}}}
	u := gatelatch.User{ID: "user_1", FirstName: "Jo", LastName: "Doe", Addresses: []gatelatch.Address{
		{Identifier: gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: "jo@example.com"}, Display: "Jo@example.com", Primary: true},
	}}
	ask := func(text []byte, err error) map[string]any {
		t.Helper()
		var m map[string]any
		if err == nil {
			err = json.Unmarshal(text, &m)
		}
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	get := ask(site.SignInOptions([]byte{0xfb, 0xff}, keys))
	want := `{"allowCredentials":[{"id":"AQID","transports":["usb"],"type":"public-key"}],"challenge":"-_8",` +
		`"rpId":"example.com","timeout":300000,"userVerification":"required"}`
	if got, _ := json.Marshal(get); string(got) != want {
		t.Errorf("sign-in:\n%s\n%s", got, want)
	}
	if _, there := ask(site.SignInOptions(challenge, nil))["allowCredentials"]; there {
		t.Error("without keys, any discoverable one will do")
	}
	create := ask(site.RegistrationOptions([]byte{0xfb, 0xff}, u, keys))
	want = `{"attestation":"none","authenticatorSelection":{"requireResidentKey":true,"residentKey":"required",` +
		`"userVerification":"required"},"challenge":"-_8","excludeCredentials":[{"id":"AQID","transports":["usb"],"type":"public-key"}],` +
		`"pubKeyCredParams":[{"alg":-7,"type":"public-key"},{"alg":-8,"type":"public-key"},{"alg":-257,"type":"public-key"}],` +
		`"rp":{"id":"example.com","name":"Acme"},"timeout":300000,"user":{"displayName":"Jo Doe","id":"` +
		base64.RawURLEncoding.EncodeToString([]byte("user_1")) + `","name":"Jo@example.com"}}`
	if got, _ := json.Marshal(create); string(got) != want {
		t.Errorf("registration:\n%s\n%s", got, want)
	}
}

func TestPossible(t *testing.T) {
	for origins, want := range map[string]string{
		"https://app.example.com":                                           "app.example.com",
		"https://app.example.com:8443":                                      "app.example.com",
		"https://app.example.com https://example.com":                       "example.com",
		"https://a.b.example.com https://b.example.com https://example.com": "example.com",
		"http://localhost:8080":                                             "localhost",
		"https://localhost":                                                 "localhost",
		"http://app.localhost:8080 http://localhost:8080":                   "localhost",
		"https://intranet":                                                  "intranet",
		"https://APP.example.com":                                           "app.example.com",
		"":                                                                  "", "null": "", "http://app.example.com": "", "https://127.0.0.1": "", "http://127.0.0.1:8080": "", "https://[::1]": "",
		"https://127.1": "", "https://app.example.com.": "", "https://": "", "https://exa mple.com": "", "ftp://example.com": "",
		"https://a.example.com https://b.example.com": "",
		"https://example.com https://badexample.com":  "",
		"https://example.com http://example.com":      "",
		"https://example.com https://127.0.0.1":       "",
	} {
		id, ok := passkey.Possible(strings.Fields(origins))
		if id != want || ok != (want != "") {
			t.Errorf("%q: %q, %v; want %q", origins, id, ok, want)
		}
	}
}
