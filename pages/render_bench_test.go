// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"io"
	"testing"

	"github.com/gatelatch/gatelatch/pages"
)

func BenchmarkRender(b *testing.B) {
	for _, e := range gallery() {
		switch e.name {
		case "sign_in", "code", "code_wrong", "error_404":
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
