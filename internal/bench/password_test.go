// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/gatelatch/gatelatch/flow"
	passwords "github.com/gatelatch/gatelatch/password"
)

// withPasswords lets visitors sign in by password. The queue has room for all of
// them: a refusal would not be a sign-in.
func withPasswords(waiting int) func(*flow.Service) {
	return func(s *flow.Service) {
		s.Policy.Password = flow.Required
		s.Hasher = passwords.NewHasher(passwords.DefaultParams(), 0, waiting)
	}
}

// BenchmarkPasswordSignIn is a whole sign-in by password on a trusted browser,
// on SQLite with synchronous=FULL. Beside it stands what all the hashing alone
// would take on the same cores: the difference is what the gate adds.
func BenchmarkPasswordSignIn(b *testing.B) {
	for _, n := range []int{1, 64} {
		b.Run(fmt.Sprintf("visitors=%d", n), func(b *testing.B) {
			s := newSite(b, withPasswords(n))
			visitors := make([]*visitor, n)
			for i := range visitors {
				visitors[i] = newVisitor(b, s, i)
			}
			b.ReportAllocs()
			b.ResetTimer()
			signInAll(b, visitors, (*visitor).signInByPassword)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "sign-ins/s")
		})
		b.Run(fmt.Sprintf("argon2id alone, at once=%d", n), func(b *testing.B) {
			bareHashes(b, n)
		})
	}
}

// bareHashes compares passwords with hashes and does nothing else, as many at
// once as there are visitors.
func bareHashes(b *testing.B, n int) {
	h := passwords.NewHasher(passwords.DefaultParams(), 0, n)
	stored, err := h.Hash(b.Context(), password)
	check(b, err)
	b.ResetTimer()
	signInAll(b, make([]*visitor, n), func(_ *visitor, b *testing.B) {
		if v, err := h.Verify(b.Context(), stored, password); err != nil || !v.Match {
			b.Errorf("comparing: %v", err)
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "hashes/s")
}

// BenchmarkAccountPage is the overview of an account, for somebody signed in.
func BenchmarkAccountPage(b *testing.B) {
	s := newSite(b, withPasswords(1))
	v := newVisitor(b, s, 0)
	b.ReportAllocs()
	for b.Loop() {
		if w := v.do(http.MethodGet, "/.auth/account", nil); w.Code != http.StatusOK {
			b.Fatalf("the page answered %d: %s", w.Code, w.Body)
		}
	}
}
