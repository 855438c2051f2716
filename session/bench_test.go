// SPDX-License-Identifier: Apache-2.0

package session_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/session"
	"github.com/gatelatch/gatelatch/store/memory"
)

func BenchmarkAuthenticate(b *testing.B) {
	f := newFake()
	m, c := manager(f), f.add("sess_1")
	other := session.Tokens{Key: gatelatch.Key{7}}
	forged := session.Cookies{Client: other.New(session.ClientToken).Reveal(), Session: other.New(session.SessionToken).Reveal()}
	for _, row := range []struct {
		name    string
		cookies session.Cookies
		live    bool
	}{
		{"warm", c, true},
		{"forged", forged, false},
		{"malformed", session.Cookies{Client: c.Client[:40], Session: c.Session + "x"}, false},
		{"none", session.Cookies{}, false},
	} {
		b.Run(row.name, func(b *testing.B) {
			b.ReportAllocs()
			ctx := b.Context()
			for b.Loop() {
				if l, err := m.Authenticate(ctx, row.cookies, idle, noon); (l != nil) != row.live || err != nil {
					b.Fatal(l != nil, err)
				}
			}
		})
	}
	b.Run("warm on all cores", func(b *testing.B) {
		ctx := b.Context()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if l, err := m.Authenticate(ctx, c, idle, noon); l == nil || err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}

// BenchmarkAuthenticateCold reads the session from the memory store each time.
func BenchmarkAuthenticateCold(b *testing.B) {
	s := memory.New()
	defer s.Close()
	ctx, client, token := b.Context(), tokens.New(session.ClientToken), tokens.ForSession("sess_1")
	err := s.InTx(ctx, func(tx flow.Tx) error {
		c := gatelatch.Client{ID: "client_1", TokenHash: client.Hash(), CreatedAt: noon, ExpireAt: noon.Add(session.ClientLifetime)}
		if err := tx.CreateClient(ctx, c); err != nil {
			return err
		}
		u := gatelatch.User{ID: "user_1", CreatedAt: noon, UpdatedAt: noon, Addresses: []gatelatch.Address{{
			ID: "idn_1", Identifier: gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: "jo@example.com"}, Display: "jo@example.com",
			VerifiedAt: noon, Primary: true,
		}}}
		if err := tx.CreateUser(ctx, u); err != nil {
			return err
		}
		return tx.CreateSession(ctx, gatelatch.Session{
			ID: "sess_1", UserID: "user_1", ClientID: "client_1", TokenHash: token.Hash(), Status: gatelatch.SessionActive,
			Strategy: gatelatch.EmailCode, CreatedAt: noon, LastActiveAt: noon, ExpireAt: noon.Add(24 * time.Hour),
		})
	})
	if err != nil {
		b.Fatal(err)
	}
	m := session.NewManager(session.Config{Repo: s, Tokens: tokens, CacheFor: 1}) // a nanosecond: never warm
	c := session.Cookies{Client: client.Reveal(), Session: token.Reveal()}
	now := noon
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(1)
		if l, err := m.Authenticate(ctx, c, idle, now); l == nil || err != nil {
			b.Fatal(l != nil, err)
		}
	}
}

func BenchmarkMint(b *testing.B) {
	f := newFake()
	l, err := manager(f).Authenticate(b.Context(), f.add("sess_1"), idle, noon)
	if err != nil || l == nil {
		b.Fatal("no session", err)
	}
	for _, algorithm := range []string{session.ES256, session.RS256} {
		k := keyring(newFake())
		refresh(b, k, []string{algorithm}, noon)
		m := &session.Minter{Keys: k, Algorithm: algorithm, Issuer: "https://app.example.com"}
		b.Run(algorithm, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := m.Mint(l, noon); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(algorithm+" that is there", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := m.Header(l, noon); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSign is a token of the Frontend API, made anew each time, and read.
func BenchmarkSign(b *testing.B) {
	m := &session.Minter{Keys: keyring(newFake()), Algorithm: session.RS256, Issuer: issuer, Party: party}
	refresh(b, m.Keys, []string{session.RS256}, noon)
	token, err := m.Sign(ada(), session.Signing{Now: noon})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("RS256", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := m.Sign(ada(), session.Signing{Now: noon}); err != nil {
				b.Fatal(err)
			}
		}
	})
	for name, text := range map[string]string{"verify": token.Reveal(), "verify a forged one": token.Reveal()[:len(token)-4] + "AAAA", "verify none": "a.b.c"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := m.Verify(text, noon); ok != (name == "verify") {
					b.Fatal(ok)
				}
			}
		})
	}
}

// BenchmarkScriptCookies is what a request of a site with the Frontend API costs
// beyond one without.
func BenchmarkScriptCookies(b *testing.B) {
	f := newFake()
	l, err := manager(f).Authenticate(b.Context(), f.add("sess_1"), idle, noon)
	if err != nil || l == nil {
		b.Fatal("no session", err)
	}
	m := &session.Minter{Keys: keyring(newFake()), Algorithm: session.RS256, Issuer: issuer, Party: party}
	refresh(b, m.Keys, []string{session.RS256}, noon)
	told := http.Header{}
	if err := scripts.ReplaceFor(told, m, l, noon); err != nil {
		b.Fatal(err)
	}
	b.Run("replace", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			h := http.Header{"Cookie": told["Cookie"]}
			if err := scripts.ReplaceFor(h, m, l, noon); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("renew nothing", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			answer := http.Header{}
			if err := scripts.Renew(answer, told, m, l, noon); err != nil || len(answer) > 0 {
				b.Fatal(answer, err)
			}
		}
	})
}

// BenchmarkOfClient finds what a client holds; the store is a map.
func BenchmarkOfClient(b *testing.B) {
	f, client := newFake(), tokens.New(session.ClientToken)
	together(f, client, "sess_1", "sess_2")
	m := manager(f)
	b.ReportAllocs()
	for b.Loop() {
		if held, err := m.OfClient(b.Context(), client, idle, noon); len(held.Principals) != 2 || err != nil {
			b.Fatal(len(held.Principals), err)
		}
	}
}

func BenchmarkBySession(b *testing.B) {
	f := newFake()
	f.add("sess_1")
	m := manager(f)
	b.ReportAllocs()
	for b.Loop() {
		if l, err := m.BySession(b.Context(), signedAt("sess_1", noon), idle, noon); l == nil || err != nil {
			b.Fatal(err)
		}
	}
}

// endless is a store in which every token of this installation has a session
// of its own, and which keeps none of them.
type endless struct {
	fake
	clients map[gatelatch.TokenHash]gatelatch.TokenHash
}

func (e *endless) PrincipalByTokenHash(_ context.Context, h gatelatch.TokenHash) (session.Principal, error) {
	n := fmt.Sprintf("%026x", h[:13])
	return session.Principal{
		User: gatelatch.User{ID: "user_" + n, Addresses: []gatelatch.Address{{
			Identifier: gatelatch.Identifier{Kind: gatelatch.EmailAddress}, Display: n[:8] + "@example.com", Primary: true,
		}}},
		Client: gatelatch.Client{ID: "client_" + n, TokenHash: e.clients[h]},
		Session: gatelatch.Session{
			ID: "sess_" + n, UserID: "user_" + n, ClientID: "client_" + n, TokenHash: h, Status: gatelatch.SessionActive,
			CreatedAt: noon, LastActiveAt: noon, ExpireAt: noon.Add(24 * time.Hour),
		},
	}, nil
}

// heapPerSession fills a cache and returns the live bytes that one entry costs.
func heapPerSession(t testing.TB, n int) float64 {
	t.Helper()
	e := &endless{clients: make(map[gatelatch.TokenHash]gatelatch.TokenHash, n)}
	m := session.NewManager(session.Config{Repo: e, Tokens: tokens, CacheSize: 4 * n})
	pairs := make([]session.Cookies, n)
	for i := range pairs {
		client, token := tokens.New(session.ClientToken), tokens.New(session.SessionToken)
		e.clients[token.Hash()] = client.Hash()
		pairs[i] = session.Cookies{Client: client.Reveal(), Session: token.Reveal()}
	}
	before := liveHeap()
	for _, c := range pairs {
		if l, err := m.Authenticate(context.Background(), c, idle, noon); l == nil || err != nil {
			t.Fatal(l != nil, err)
		}
	}
	after := liveHeap()
	if m.CacheLen() != n {
		t.Fatalf("%d of %d are cached", m.CacheLen(), n)
	}
	runtime.KeepAlive(pairs)
	runtime.KeepAlive(e)
	return float64(after-before) / float64(n)
}

func liveHeap() uint64 {
	runtime.GC()
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}

func BenchmarkCachedSessionMemory(b *testing.B) {
	var bytes float64
	for b.Loop() {
		bytes = heapPerSession(b, 50_000)
	}
	b.ReportMetric(bytes, "bytes/session")
}
