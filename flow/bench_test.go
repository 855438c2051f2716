// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"testing"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
)

func BenchmarkAdvanceSignIn(b *testing.B) {
	for _, c := range []struct {
		name  string
		state flow.SignIn
		input flow.SignInInput
	}{
		{"identify", freshSignIn(), flow.Identify{Factor: emailFactor(ada), User: holder()}},
		{"prepare", knownSignIn(), flow.Prepare{Strategy: gatelatch.EmailCode}},
		{"wrong code", sent(knownSignIn()), flow.Attempt{Strategy: gatelatch.EmailCode, Owner: user1}},
		{"right code", sent(knownSignIn()), flow.Attempt{Strategy: gatelatch.EmailCode, Correct: true, Owner: user1}},
		{"refused", freshSignIn(), flow.Attempt{Strategy: gatelatch.EmailCode}},
	} {
		b.Run(c.name, func(b *testing.B) {
			env := at(0)
			b.ReportAllocs()
			for b.Loop() {
				flow.AdvanceSignIn(c.state, c.input, env)
			}
		})
	}
}

func BenchmarkCode(b *testing.B) {
	c, v := codes(6), challenge(emailFactor(ada), "0123456789abcdef")
	b.ReportAllocs()
	for b.Loop() {
		c.Code("sia_01h0000000000000000000000", flow.PurposeSignIn, v)
	}
}

func BenchmarkReadCode(b *testing.B) {
	c := codes(6)
	b.ReportAllocs()
	for b.Loop() {
		if _, r := c.ReadCode("123 456"); r != nil {
			b.Fatal(r.Message)
		}
	}
}
