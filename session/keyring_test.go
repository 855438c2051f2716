// SPDX-License-Identifier: Apache-2.0

package session_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"
	"pgregory.net/rapid"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/session"
)

const day = 24 * time.Hour

var es256 = []string{session.ES256}

func keyring(f *fake) *session.Keyring {
	return &session.Keyring{Repo: f, Encrypt: gatelatch.Key{4, 5, 6}}
}

func refresh(t rapid.TB, k *session.Keyring, algorithms []string, now time.Time) {
	t.Helper()
	if err := k.Refresh(context.Background(), algorithms, now); err != nil {
		t.Fatal(err)
	}
}

// published parses a key set as an upstream does.
func published(t rapid.TB, k *session.Keyring) jose.JSONWebKeySet {
	t.Helper()
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(k.KeySet(), &set); err != nil {
		t.Fatal(err)
	}
	return set
}

// verify checks a token as docs advise upstreams to: one algorithm, the
// published keys, issuer, audience and time.
func verify(set jose.JSONWebKeySet, algorithm, audience, token string, now time.Time) (jwt.MapClaims, error) {
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) {
		kid, _ := t.Header["kid"].(string)
		found := set.Key(kid)
		if len(found) != 1 || found[0].Algorithm != algorithm {
			return nil, errors.New("unknown key")
		}
		return found[0].Key, nil
	}, jwt.WithValidMethods([]string{algorithm}), jwt.WithAudience(audience), jwt.WithIssuer("https://app.example.com"),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithTimeFunc(func() time.Time { return now }))
	return claims, err
}

func kidOf(t rapid.TB, token string) string {
	t.Helper()
	parsed, _, err := jwt.NewParser().ParseUnverified(token, jwt.MapClaims{})
	if err != nil {
		t.Fatal(err)
	}
	kid, _ := parsed.Header["kid"].(string)
	return kid
}

func mint(t rapid.TB, k *session.Keyring, l *session.Live, algorithm string, now time.Time) string {
	t.Helper()
	m := &session.Minter{Keys: k, Algorithm: algorithm, Issuer: "https://app.example.com"}
	token, err := m.Mint(l, now)
	if err != nil {
		t.Fatal(err)
	}
	return token.Reveal()
}

func someone(t *testing.T) *session.Live {
	t.Helper()
	f := newFake()
	return in(t, manager(f), f.add("sess_1"), noon, true)
}

func TestKeySetHoldsPublicKeysOnly(t *testing.T) {
	f := newFake()
	k := keyring(f)
	if string(k.KeySet()) != `{"keys":[]}` {
		t.Errorf("before the first key: %s", k.KeySet())
	}
	refresh(t, k, []string{session.ES256, session.RS256}, noon)
	set := published(t, k)
	if len(set.Keys) != 2 {
		t.Fatalf("%d keys", len(set.Keys))
	}
	for _, key := range set.Keys {
		if !key.IsPublic() || !key.Valid() || key.KeyID == "" || key.Use != "sig" {
			t.Errorf("%+v", key)
		}
		var raw map[string]any
		text, _ := key.MarshalJSON()
		if err := json.Unmarshal(text, &raw); err != nil {
			t.Fatal(err)
		}
		for _, private := range []string{"d", "p", "q", "dp", "dq", "qi", "k", "oth"} {
			if _, there := raw[private]; there {
				t.Errorf("%s publishes %q", key.Algorithm, private)
			}
		}
		if n, _ := raw["n"].(string); key.Algorithm == session.RS256 && len(n) != 342 {
			t.Errorf("the RSA modulus has %d characters, 2048 bits have 342", len(n))
		}
	}
}

func TestKeysSurviveARestart(t *testing.T) {
	f, l := newFake(), someone(t)
	first, second := keyring(f), keyring(f)
	refresh(t, first, es256, noon)
	token := mint(t, first, l, session.ES256, noon)
	refresh(t, second, es256, noon.Add(time.Minute))
	if _, err := verify(published(t, second), session.ES256, "https://app.example.com", token, noon.Add(50*time.Second)); err != nil {
		t.Error(err)
	}
	if len(f.keys) != 1 || !bytes.Equal(first.KeySet(), second.KeySet()) {
		t.Errorf("%d keys, %s, %s", len(f.keys), first.KeySet(), second.KeySet())
	}
}

func TestStoredKeysAreSealed(t *testing.T) {
	f := newFake()
	refresh(t, keyring(f), es256, noon)
	good := f.keys[0]
	if bytes.Contains(good.Sealed, []byte("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07")) {
		t.Error("the stored key is readable PKCS #8")
	}
	stranger := &session.Keyring{Repo: f, Encrypt: gatelatch.Key{4, 5, 7}}
	if err := stranger.Refresh(t.Context(), es256, noon); err == nil {
		t.Error("another site secret opens the key")
	}
	for name, change := range map[string]func(*session.StoredKey){
		"another id":        func(k *session.StoredKey) { k.ID += "x" },
		"another algorithm": func(k *session.StoredKey) { k.Algorithm = session.RS256 },
		"a flipped bit":     func(k *session.StoredKey) { k.Sealed = bytes.Clone(k.Sealed); k.Sealed[20] ^= 1 },
		"cut":               func(k *session.StoredKey) { k.Sealed = k.Sealed[:5] },
		"empty":             func(k *session.StoredKey) { k.Sealed = nil },
	} {
		changed := good
		change(&changed)
		f.keys = []session.StoredKey{changed}
		k := keyring(f)
		if err := k.Refresh(t.Context(), es256, noon); err == nil {
			t.Errorf("%s: opened", name)
		}
		if string(k.KeySet()) != `{"keys":[]}` || len(f.keys) != 1 {
			t.Errorf("%s: something was made or published", name)
		}
	}
}

func TestNothingIsSignedWithoutAKey(t *testing.T) {
	f, l := newFake(), someone(t)
	k := keyring(f)
	m := &session.Minter{Keys: k, Algorithm: session.ES256, Issuer: "https://app.example.com"}
	if token, err := m.Mint(l, noon); err == nil || token != "" {
		t.Error("a token without a key")
	}
	f.setDown(true)
	if err := k.Refresh(t.Context(), es256, noon); !errors.Is(err, errDown) {
		t.Errorf("%v", err)
	}
	f.setDown(false)
	if err := k.Refresh(t.Context(), []string{"none"}, noon); err == nil {
		t.Error("a key for no algorithm")
	}
	refresh(t, k, es256, noon)
	if _, err := (&session.Minter{Keys: k, Algorithm: session.RS256, Issuer: "x"}).Mint(l, noon); err == nil {
		t.Error("a token by an algorithm that has no key")
	}
	f.setDown(true)
	if err := k.Refresh(t.Context(), es256, noon.Add(time.Hour)); err == nil {
		t.Error("a store that is away must be told of")
	}
	mint(t, k, l, session.ES256, noon.Add(time.Hour)) // the keys known stay in use
}

// Refreshed every hour, a key signs for about a month; the next stands in the
// set a day before it signs, and the old one a day after it stopped.
func TestRotationOverlaps(t *testing.T) {
	f, l := newFake(), someone(t)
	k := keyring(f)
	shownSince, lastSigned := map[string]time.Time{}, map[string]time.Time{}
	var order []string
	for now := noon; now.Before(noon.Add(100 * day)); now = now.Add(time.Hour) {
		refresh(t, k, es256, now)
		var shown []string
		for _, key := range published(t, k).Keys {
			shown = append(shown, key.KeyID)
			if _, known := shownSince[key.KeyID]; !known {
				shownSince[key.KeyID] = now
			}
		}
		kid := kidOf(t, mint(t, k, l, session.ES256, now))
		if !slices.Contains(order, kid) {
			order = append(order, kid)
			if len(order) > 1 && now.Sub(shownSince[kid]) < day {
				t.Errorf("%s signs %v after it was first shown", kid, now.Sub(shownSince[kid]))
			}
		}
		lastSigned[kid] = now
		for id, at := range lastSigned {
			if now.Sub(at) < day && !slices.Contains(shown, id) {
				t.Errorf("%s signed %v ago and is not shown", id, now.Sub(at))
			}
		}
	}
	if len(order) != 4 || len(f.keys) > 2 {
		t.Errorf("%d keys signed in 100 days, %d are left", len(order), len(f.keys))
	}
}

// Two algorithms rotate apart, and one that is switched off for a while takes
// no key with it.
func TestNoKeyInUseIsForgotten(t *testing.T) {
	f, l := newFake(), someone(t)
	k := keyring(f)
	refresh(t, k, []string{session.RS256}, noon)
	refresh(t, k, []string{session.ES256, session.RS256}, noon.Add(20*day))
	rsa := kidOf(t, mint(t, k, l, session.RS256, noon.Add(20*day)))
	for now := noon.Add(21 * day); now.Before(noon.Add(31 * day)); now = now.Add(day / 2) {
		refresh(t, k, nil, now)
		refresh(t, k, []string{session.ES256, session.RS256}, now)
		if kid := kidOf(t, mint(t, k, l, session.RS256, now)); kid != rsa {
			t.Fatalf("on day %v another key signs", now.Sub(noon)/day)
		}
	}
	if n := len(published(t, k).Keys); n != 3 {
		t.Errorf("%d keys are shown: two that sign and one to come", n)
	}
}

// However long a process was off, what one signs the other can check.
func TestTwoProcessesAgreeAfterAnyPause(t *testing.T) {
	l := someone(t)
	rapid.Check(t, func(t *rapid.T) {
		f := newFake()
		a, b, now := keyring(f), keyring(f), noon
		for range rapid.IntRange(1, 8).Draw(t, "rounds") {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(70*day)).Draw(t, "pause")))
			refresh(t, a, es256, now)
			token := mint(t, a, l, session.ES256, now)
			refresh(t, b, es256, now)
			if _, err := verify(published(t, b), session.ES256, "https://app.example.com", token, now); err != nil {
				t.Fatalf("at %v: %v; %s", now.Sub(noon), err, b.KeySet())
			}
			refresh(t, a, es256, now.Add(time.Minute))
			if !strings.Contains(string(a.KeySet()), kidOf(t, token)) {
				t.Fatalf("at %v: a minute later the key is forgotten", now.Sub(noon))
			}
		}
	})
}

func TestConcurrentRefresh(t *testing.T) {
	f, l := newFake(), someone(t)
	k := keyring(f)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() { refresh(t, k, es256, noon) })
	}
	wg.Wait()
	if len(f.keys) != 1 {
		t.Errorf("one process has made %d keys", len(f.keys))
	}
	if _, err := verify(published(t, k), session.ES256, "https://app.example.com", mint(t, k, l, session.ES256, noon), noon); err != nil {
		t.Error(err)
	}
}
