// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/gatelatch/gatelatch/pages"
)

func BenchmarkRender(b *testing.B) {
	for _, e := range gallery() {
		switch e.name {
		case "sign_in", "code", "code_wrong", "error_404", "account", "account_sessions":
		default:
			continue
		}
		b.Run(e.name, func(b *testing.B) {
			r, err := pages.NewRenderer(e.site)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := r.Render(io.Discard, e.view); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkNewRenderer(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := pages.NewRenderer(acme()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAccountPage is the whole way of a request for the account page, with
// the memory store.
func BenchmarkAccountPage(b *testing.B) {
	w := newWorld(b, wholeAccount)
	tab := w.member("jo@example.com")
	w.withPasskey("jo@example.com", "psk_1", "Key")
	cookies := tab.cookieHeader()
	b.ReportAllocs()
	for b.Loop() {
		rec, r := newExchange(http.MethodGet, "/.auth/account", "")
		r.Header.Set("Cookie", cookies)
		if w.ServeHTTP(rec, r); rec.Code != http.StatusOK {
			b.Fatal(rec.Code)
		}
	}
}
