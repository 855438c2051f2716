// SPDX-License-Identifier: Apache-2.0

package caddymodule_test

import (
	"slices"
	"testing"
)

// TestAllowedOriginsOfAnotherSite: they are told of at the start, since nobody can
// stay signed in there.
func TestAllowedOriginsOfAnotherSite(t *testing.T) {
	for name, row := range map[string]struct {
		site, allowed string
		told          bool
	}{
		"a neighbour":              {"app.example.com", "https://www.example.com", false},
		"the domain itself":        {"app.example.com", "https://example.com", false},
		"another port":             {"app.example.com", "https://app.example.com:8443", false},
		"below":                    {"example.com", "https://a.b.example.com", false},
		"another domain":           {"app.example.com", "https://other.test", true},
		"a name that ends alike":   {"app.example.com", "https://notexample.com", true},
		"localhost of a developer": {"app.example.com", "http://localhost:5173", true},
		"both on localhost":        {"http://localhost:8080", "http://localhost:5173", false},
		"one address":              {"http://127.0.0.1:8080", "http://127.0.0.1:5173", false},
		"two addresses":            {"http://127.0.0.1:8080", "http://127.0.0.2:5173", true},
	} {
		t.Run(name, func(t *testing.T) {
			gates, err := provisionGates(t, row.site+" {\n\tgatelatch {\n\t\temail outbox /tmp/outbox\n\t\tfrontend_api {\n\t\t\tallowed_origins "+row.allowed+"\n\t\t}\n\t}\n}\n")
			if err != nil || len(gates) != 1 {
				t.Fatal(err)
			}
			if told := slices.Contains(gates[0].Elsewhere(), row.allowed); told != row.told {
				t.Errorf("told is %v", told)
			}
		})
	}
}
