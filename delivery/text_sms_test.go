// SPDX-License-Identifier: Apache-2.0

package delivery_test

import (
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/delivery"
)

func TestSMSNames(t *testing.T) {
	tests := []struct{ why, name, want string }{
		{"plain", "Acme", "Acme"},
		{"accents that the alphabet has", "Café Ängström", "Café Ängström"},
		{"accents that it lacks", "Škoda Čapek", "Skoda Capek"},
		{"letters that do not decompose", "Łódź & Œuvre", "Lodz & OEuvre"},
		{"typography", "Jo’s “Bar” – café…", `Jo's "Bar" - café...`},
		{"full width", "ＡＣＭＥ １２", "ACME 12"},
		{"fractions", "½ Price", "1/2 Price"},
		{"emoji go", "Acme 🚀", "Acme"},
		{"line breaks go", "Acme\r\n@evil.example #000000", "Acme @evil.example #000000"},
		{"directions go", "Ac\u202eme\u200b", "Acme"},
		{"another script: the host instead", "Кафе Rio", "app.example.com"},
		{"and another", "日本", "app.example.com"},
		{"no letter at all: the host instead", "🚀 !", "app.example.com"},
		{"none: the host instead", "", "app.example.com"},
		{"broken UTF-8", "Ac\xffme", "Acme"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			b := delivery.Brand{Name: tt.name, Host: "app.example.com"}
			m := compose(t, b, occasion(delivery.SMS, "sign_in"), askedAt)
			if want := "042137 is your " + tt.want + " sign-in code."; !strings.HasPrefix(m.Text, want) {
				t.Errorf("text %q, want it to begin with %q", m.Text, want)
			}
		})
	}
}

func TestSMSLeavesOutInOrder(t *testing.T) {
	const code, advice, lasts = "042137 is your ", " If you did not ask for it, ignore this.", " It works for 10 minutes."
	long := strings.Repeat("Long Name ", 12)
	host := func(n int) string { // n characters
		return strings.Repeat("a", 19) + "." + strings.Repeat("b", 39) + "." + strings.Repeat("c", n-60)
	}
	tests := []struct {
		why  string
		name string
		host string
		want string
	}{
		{"the end of the name first", long, "app.example.com", code + long[:39] + " sign-in code." + lasts + advice + "\n\n@app.example.com #042137"},
		{"then the advice", long, host(63), code + long[:31] + " sign-in code." + lasts + "\n\n@" + host(63) + " #042137"},
		{"then the time", long, host(90), code + long[:29] + " sign-in code.\n\n@" + host(90) + " #042137"},
		{"then the name", long, host(112), code + "sign-in code.\n\n@" + host(112) + " #042137"},
		{"up to the longest host", long, host(120), code + "sign-in code.\n\n@" + host(120) + " #042137"},
		{"then the bound line", "Acme", host(121), code + "Acme sign-in code." + lasts + advice},
		{"a host that is none", "Acme", "not a host", code + "Acme sign-in code." + lasts + advice},
		{"neither name nor host", "", "", code + "sign-in code." + lasts + advice},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			m := compose(t, delivery.Brand{Name: tt.name, Host: tt.host}, occasion(delivery.SMS, "sign_in"), askedAt)
			if m.Text != tt.want {
				t.Errorf("got  %q\nwant %q", m.Text, tt.want)
			}
		})
	}
}

func TestSMSBoundHost(t *testing.T) {
	tests := []struct{ host, want string }{
		{"app.example.com", "app.example.com"},
		{"app.example.com:8443", "app.example.com"},
		{"APP.Example.com", "app.example.com"},
		{"bücher.example", "xn--bcher-kva.example"},
		{"localhost:8080", "localhost"},
		{"127.0.0.1:8080", "127.0.0.1"},
		{"[::1]:8080", "[::1]"},
		{"[::1]", "[::1]"},
	}
	for _, tt := range tests {
		m := compose(t, delivery.Brand{Name: "Acme", Host: tt.host}, occasion(delivery.SMS, "sign_in"), askedAt)
		if host, _, ok := parseBound(m.Text); !ok || host != tt.want {
			t.Errorf("%s: bound to %q, want %q: %q", tt.host, host, tt.want, m.Text)
		}
	}
}
