// SPDX-License-Identifier: Apache-2.0

package session_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/session"
)

var tokens = session.Tokens{Key: gatelatch.Key{1, 2, 3}}

func TestTokensComeBack(t *testing.T) {
	kinds := []session.Kind{session.ClientToken, session.SessionToken, session.NativeToken}
	for _, kind := range kinds {
		made := tokens.New(kind)
		for _, other := range kinds {
			if got, ok := tokens.Parse(other, made.Reveal()); ok != (other == kind) || got.IsZero() == ok {
				t.Errorf("a %s token as a %s token: %v", kind, other, ok)
			}
		}
		got, ok := tokens.Parse(kind, made.Reveal())
		if !ok || got != made || made.IsZero() || len(made.Reveal()) != 64 {
			t.Errorf("%s: %v, %q", kind, ok, made.Reveal())
		}
		raw, err := base64.RawURLEncoding.DecodeString(made.Reveal())
		if err != nil || gatelatch.TokenHash(sha256.Sum256(raw[:32])) != made.Hash() {
			t.Errorf("%s: the hash is not SHA-256 of the secret half: %v", kind, err)
		}
	}
	if !(session.Token{}).IsZero() {
		t.Error("the zero value is no token")
	}
}

func TestTokensAreUnpredictable(t *testing.T) {
	seen := map[string]bool{}
	var ones [256]int
	const n = 4000
	for range n {
		text := tokens.New(session.SessionToken).Reveal()
		seen[text] = true
		raw, _ := base64.RawURLEncoding.DecodeString(text)
		for i := range ones {
			ones[i] += int(raw[i/8] >> (i % 8) & 1)
		}
	}
	if len(seen) != n {
		t.Errorf("%d of %d are different", len(seen), n)
	}
	for bit, count := range ones { // nine standard deviations: fails once in 10^16 runs
		if d := count - n/2; d*d > 81*n/4 {
			t.Errorf("bit %d is set in %d of %d", bit, count, n)
		}
	}
}

func TestSessionTokensAreDerivedFromIDAndKey(t *testing.T) {
	a := tokens.ForSession("sess_1")
	if a != tokens.ForSession("sess_1") {
		t.Error("the same session must get the same cookie again")
	}
	if _, ok := tokens.Parse(session.SessionToken, a.Reveal()); !ok {
		t.Error("a derived token is not recognised")
	}
	other := session.Tokens{Key: gatelatch.Key{9}}
	if a == tokens.ForSession("sess_2") || a.Hash() == other.ForSession("sess_1").Hash() {
		t.Error("another session or another key must give another token")
	}
}

// forgeries are texts that are not a token of this installation.
func forgeries() map[string]string {
	good := tokens.New(session.SessionToken).Reveal()
	raw, _ := base64.RawURLEncoding.DecodeString(good)
	other := session.Tokens{Key: gatelatch.Key{1, 2, 4}}
	untagged := append(append([]byte{}, raw[:32]...), make([]byte, 16)...)
	return map[string]string{
		"empty": "", "one character": "A", "cut by one": good[1:], "cut at the end": good[:63], "longer": good + "A", "twice": good + good,
		"no secret": strings.Repeat("A", 64), "all ones": strings.Repeat("_", 64), "without its tag": base64.RawURLEncoding.EncodeToString(untagged),
		"of another installation": other.New(session.SessionToken).Reveal(), "of the other kind": tokens.New(session.ClientToken).Reveal(),
		"derived by another key": other.ForSession("sess_1").Reveal(), "standard alphabet": strings.Repeat("+/", 32), "padded": good[:62] + "==",
		"quoted": `"` + good[:62] + `"`, "line break inside": good[:32] + "\n" + good[33:], "line break added": good[:32] + "\n" + good[32:],
		"carriage returns": strings.Repeat("\r", 64), "spaces": strings.Repeat(" ", 64), "NUL": strings.Repeat("\x00", 64),
		"not ASCII": strings.Repeat("é", 32), "a megabyte": strings.Repeat("A", 1<<20), "space before": " " + good[:63], "upper case": strings.ToUpper(good),
	}
}

func TestForgedTokensAreRefused(t *testing.T) {
	for name, text := range forgeries() {
		if _, ok := tokens.Parse(session.SessionToken, text); ok {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestEveryFlippedBitIsNoticed(t *testing.T) {
	good := tokens.New(session.SessionToken)
	raw, _ := base64.RawURLEncoding.DecodeString(good.Reveal())
	for bit := range len(raw) * 8 {
		raw[bit/8] ^= 1 << (bit % 8)
		if _, ok := tokens.Parse(session.SessionToken, base64.RawURLEncoding.EncodeToString(raw)); ok {
			t.Errorf("bit %d flipped: accepted", bit)
		}
		raw[bit/8] ^= 1 << (bit % 8)
	}
	for i := range good.Reveal() {
		for _, c := range []byte("A-_z") {
			text := good.Reveal()[:i] + string(c) + good.Reveal()[i+1:]
			if _, ok := tokens.Parse(session.SessionToken, text); ok && text != good.Reveal() {
				t.Errorf("character %d changed: accepted", i)
			}
		}
	}
}

func TestTokensDoNotPrint(t *testing.T) {
	token := tokens.New(session.SessionToken)
	asJSON, err := json.Marshal(map[string]any{"t": token, "p": &token, "issued": session.Issued{Token: token}})
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{string(asJSON)}
	for _, verb := range "vsqxXdboOcUeEfFgGt" {
		for _, flag := range []string{"", "+", "#"} {
			texts = append(texts, fmt.Sprintf("%"+flag+string(verb), token), fmt.Sprintf("%"+flag+string(verb), session.Issued{Token: token}))
		}
	}
	raw, _ := base64.RawURLEncoding.DecodeString(token.Reveal())
	for _, text := range texts {
		for _, leak := range []string{token.Reveal(), fmt.Sprintf("%x", raw), fmt.Sprintf("%X", raw), strings.Trim(fmt.Sprint(raw), "[]")} {
			if strings.Contains(text, leak) {
				t.Errorf("shows the token: %s", text)
			}
		}
	}
}

func FuzzParseToken(f *testing.F) {
	for name, text := range forgeries() {
		if len(text) < 1000 && name != "of the other kind" {
			f.Add(text)
		}
	}
	f.Add(tokens.ForSession("sess_1").Reveal())
	f.Add(tokens.ForSession("sess_2").Reveal())
	f.Fuzz(func(t *testing.T, text string) {
		token, ok := tokens.Parse(session.SessionToken, text)
		if ok && token != tokens.ForSession("sess_1") && token != tokens.ForSession("sess_2") {
			t.Errorf("%q is a token that nobody has made", text)
		}
		if ok && token.Reveal() != text {
			t.Errorf("%q and %q are one token", text, token.Reveal())
		}
		if _, ok := tokens.Parse(session.ClientToken, text); ok {
			t.Errorf("%q passes for a client", text)
		}
	})
}

func TestOneKindNeverPassesForTheOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := session.Tokens{Key: gatelatch.Key([]byte(rapid.StringOfN(rapid.RuneFrom([]rune("ab")), 32, 32, 32).Draw(t, "key")))}
		if _, ok := key.Parse(session.ClientToken, key.ForSession(rapid.String().Draw(t, "id")).Reveal()); ok {
			t.Error("a session cookie passes for a client")
		}
	})
}
