// SPDX-License-Identifier: Apache-2.0

package password_test

import (
	"context"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/password"
)

// One hash of the default costs, which is most of what a password sign-in
// costs.
func BenchmarkHash(b *testing.B) {
	h := password.NewHasher(password.Params{}, 0, 0)
	b.ReportAllocs()
	for b.Loop() {
		mustHash(b, h, "correct horse battery staple")
	}
}

// A wrong guess, or an unknown user.
func BenchmarkVerifyNothing(b *testing.B) {
	h := password.NewHasher(password.Params{}, 0, 0)
	for b.Loop() {
		mustVerify(b, h, "", "correct horse battery staple")
	}
}

func BenchmarkJudge(b *testing.B) {
	for name, plain := range map[string]string{
		"good":    "correct horse battery staple",
		"weak":    "Summer2026!",
		"longest": strings.Repeat("4@({[<3690!1|0$5+7%2passw0rd", 5)[:128],
	} {
		b.Run(name, func(b *testing.B) {
			r := password.Rules{}
			for b.Loop() {
				r.Judge(context.Background(), gatelatch.Secret(plain), "password", about...)
			}
		})
	}
}
