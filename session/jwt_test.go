// SPDX-License-Identifier: Apache-2.0

package session_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/session"
)

func minter(t *testing.T, change func(*session.Minter)) *session.Minter {
	t.Helper()
	m := &session.Minter{Keys: keyring(newFake()), Algorithm: session.ES256, Issuer: "https://app.example.com"}
	if change != nil {
		change(m)
	}
	refresh(t, m.Keys, []string{m.Algorithm}, noon)
	return m
}

func TestTokensVerify(t *testing.T) {
	l := someone(t)
	for _, algorithm := range []string{session.ES256, session.RS256} {
		m := minter(t, func(m *session.Minter) { m.Algorithm, m.Audience = algorithm, "reports" })
		token, err := m.Mint(l, noon)
		if err != nil {
			t.Fatal(err)
		}
		set := published(t, m.Keys)
		claims, err := verify(set, algorithm, "reports", token.Reveal(), noon)
		if err != nil {
			t.Fatal(algorithm, err)
		}
		at := float64(noon.Unix())
		for name, want := range map[string]any{
			"iss": "https://app.example.com", "aud": "reports", "sub": "user_of_sess_1", "sid": "sess_1", "iat": at, "nbf": at - 10, "exp": at + 60,
		} {
			if claims[name] != want {
				t.Errorf("%s: %s is %v, want %v", algorithm, name, claims[name], want)
			}
		}
		if jti, _ := claims["jti"].(string); !strings.HasPrefix(jti, "jwt_") || len(claims) != 11 {
			t.Errorf("%s: %v", algorithm, claims)
		}
		other := map[string]string{session.ES256: session.RS256, session.RS256: session.ES256}[algorithm]
		for name, check := range map[string]func() error{
			"another audience":  func() error { _, err := verify(set, algorithm, "else", token.Reveal(), noon); return err },
			"another algorithm": func() error { _, err := verify(set, other, "reports", token.Reveal(), noon); return err },
			"after its time": func() error {
				_, err := verify(set, algorithm, "reports", token.Reveal(), noon.Add(time.Minute))
				return err
			},
			"before its time": func() error {
				_, err := verify(set, algorithm, "reports", token.Reveal(), noon.Add(-11*time.Second))
				return err
			},
			"changed": func() error { _, err := verify(set, algorithm, "reports", token.Reveal()+"A", noon); return err },
		} {
			if check() == nil {
				t.Errorf("%s: %s: accepted", algorithm, name)
			}
		}
	}
}

func TestAudienceDefaultsToTheOrigin(t *testing.T) {
	m := minter(t, nil)
	token, err := m.Mint(someone(t), noon)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := verify(published(t, m.Keys), session.ES256, "https://app.example.com", token.Reveal(), noon); err != nil {
		t.Error(err)
	}
}

func header(t *testing.T, m *session.Minter, l *session.Live, now time.Time) []string {
	t.Helper()
	h, err := m.Header(l, now)
	if err != nil || len(h) != 1 || !strings.HasPrefix(h[0], "Bearer ") {
		t.Fatalf("%q, %v", h, err)
	}
	return h
}

func TestATokenIsMintedOnceInFiftySeconds(t *testing.T) {
	m, l := minter(t, nil), someone(t)
	distinct := map[string]bool{}
	for second := range 300 {
		now := noon.Add(time.Duration(second) * time.Second)
		h := header(t, m, l, now)
		distinct[h[0]] = true
		if _, err := verify(published(t, m.Keys), session.ES256, m.Issuer, strings.TrimPrefix(h[0], "Bearer "), now.Add(10*time.Second-1)); err != nil {
			t.Fatalf("at %d s the token has less than ten seconds left: %v", second, err)
		}
	}
	if len(distinct) != 6 {
		t.Errorf("%d tokens in five minutes, want 6", len(distinct))
	}
	if n := testing.AllocsPerRun(200, func() { _, _ = m.Header(l, noon.Add(299*time.Second)) }); n != 0 {
		t.Errorf("a token that is there costs %v allocations", n)
	}
}

func TestSitesSharingASessionMintForThemselves(t *testing.T) {
	l := someone(t)
	a := minter(t, func(m *session.Minter) { m.Audience = "a" })
	b := minter(t, func(m *session.Minter) { m.Audience = "b" })
	first, second := header(t, a, l, noon), header(t, b, l, noon)
	for second10 := range 5 {
		now := noon.Add(time.Duration(second10*10) * time.Second)
		if header(t, a, l, now)[0] != first[0] || header(t, b, l, now)[0] != second[0] {
			t.Errorf("after %v one site has pushed the other's token out", now.Sub(noon))
		}
	}
	for m, want := range map[*session.Minter]string{a: "a", b: "b"} {
		late := noon.Add(50 * time.Second)
		if _, err := verify(published(t, m.Keys), session.ES256, want, strings.TrimPrefix(header(t, m, l, late)[0], "Bearer "), late); err != nil {
			t.Error(want, err)
		}
	}
}

func TestConcurrentRequestsGetGoodTokens(t *testing.T) {
	l := someone(t)
	minters := []*session.Minter{
		minter(t, func(m *session.Minter) { m.Audience = "0" }), minter(t, func(m *session.Minter) { m.Audience = "1" }),
	}
	for n := range 20 {
		now := noon.Add(time.Duration(n*17) * time.Second)
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				m := minters[i%2]
				h, err := m.Header(l, now)
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := verify(published(t, m.Keys), session.ES256, m.Audience, strings.TrimPrefix(h[0], "Bearer "), now); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
}
