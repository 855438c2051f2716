// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
)

// BenchmarkCodeSignIn is a whole sign-in by code, as pages without script do
// it, on SQLite with synchronous=FULL: the address is given, the message is
// queued, sent and forgotten, the code is given back, and the session before is
// ended. One op is one sign-in.
func BenchmarkCodeSignIn(b *testing.B) {
	for _, n := range []int{1, 64} {
		b.Run(fmt.Sprintf("visitors=%d", n), func(b *testing.B) {
			s := newSite(b)
			visitors := make([]*visitor, n)
			for i := range visitors {
				visitors[i] = newVisitor(b, s, i)
			}
			b.ReportAllocs()
			b.ResetTimer()
			signInAll(b, visitors, (*visitor).signIn)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "sign-ins/s")
		})
	}
}

func signInAll(b *testing.B, visitors []*visitor, signIn func(*visitor, *testing.B)) {
	var left atomic.Int64
	left.Store(int64(b.N))
	var all sync.WaitGroup
	for _, v := range visitors {
		all.Go(func() {
			for left.Add(-1) >= 0 {
				signIn(v, b)
			}
		})
	}
	all.Wait()
}

// BenchmarkSignInPage is the page that a visitor without a session gets.
func BenchmarkSignInPage(b *testing.B) {
	s := newSite(b)
	v := &visitor{site: s, cookies: map[string]string{}}
	v.do(http.MethodGet, "/.auth/sign-in", nil)
	b.ReportAllocs()
	for b.Loop() {
		if w := v.do(http.MethodGet, "/.auth/sign-in", nil); w.Code != http.StatusOK {
			b.Fatalf("the page answered %d", w.Code)
		}
	}
}
