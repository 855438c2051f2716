// SPDX-License-Identifier: Apache-2.0

package caddymodule_test

import "testing"

// TestWarmRequestAllocates holds the gate to its budget: two allocations over a
// bare route.
func TestWarmRequestAllocates(t *testing.T) {
	p := newPlace(t)
	var cookie string
	measure := func(directive string) int64 {
		return testing.Benchmark(func(b *testing.B) {
			if cookie == "" {
				load(b, p.site())
				visitor := newBrowser(b, p.origin())
				visitor.signUp(p, "ada@example.com")
				cookie = cookieHeader(b, visitor)
			}
			benchmarkSite(b, p, directive, cookie)
		}).AllocsPerOp()
	}
	bare, gate := measure(""), measure(p.directive())
	if bare == 0 || gate > bare+2 {
		t.Errorf("%d allocations per request, %d without the gate", gate, bare)
	}
}
