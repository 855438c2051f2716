// SPDX-License-Identifier: Apache-2.0

package caddymodule_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/gatelatch/gatelatch/caddymodule"
)

// FuzzCaddyfile feeds the parser of the directive. It must never panic, an
// error must say where, and what it accepts must be accepted as JSON too.
func FuzzCaddyfile(f *testing.F) {
	for _, seed := range []string{
		"gatelatch", "gatelatch {\n\tname A\n}", "gatelatch {\n\tcode {\n\t\tlength 8\n\t}\n}",
		"gatelatch {\n\tidentifiers email phone\n\tsms outbox x\n\tregion US\n}",
		"gatelatch {\n\tlimits {\n\t\tsends_per_network 5/m 20/d\n\t}\n\tpublic /a /b/*\n}",
		"gatelatch {\n\theaders {\n\t\tX-User {user.id}\n\t}\n\ttoken {\n\t\theader off\n\t}\n}",
		"gatelatch {\n\temail webhook https://x.example {\n\t\tsecret {env.S}\n\t}\n}",
		"gatelatch {\n\tstore postgres x y\n}", "gatelatch { {", "gatelatch {\n\tsign_up open {\n\t\temail off\n",
		"gatelatch {\n\tpassword optional {\n\t\tmemory 20MiB\n\t\tbreached hibp\n\t}\n\tsecond_factor optional\n}",
		"gatelatch {\n\tallow email example.com\n\tblock disposable x\n\tterms https://x.example 1\n\tdelete_account off\n}",
		"gatelatch {\n\tsecond_factor optional\n\trequire {\n\t\tfresh 10m\n\t\tsecond_factor\n\t}\n\trequire * {\n\t\tfresh 1d\n\t}\n}",
		"gatelatch {\n\tfrontend_api {\n\t\tallowed_origins https://x.example\n\t\tenumeration reveal\n\t}\n\ttest_mode public\n}",
		"gatelatch {\n\tbackend_api {\n\t\tsecret_key a {env.A}\n\t\tsecret_key {env.B}\n\t\tbase_path /x\n\t}\n}",
		"gatelatch {\n\ttoken_template a 60s {\n\t\tx {user.id}\n\t}\n\ttoken_template b {\n\t\ty \"z {user.public_metadata.k}\"\n\t}\n}",
		"gatelatch {\n\tbranding {\n\t\taccent 1a73e8\n\t}\n\tsession {\n\t\tidle 1h\n\t}\n}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tokens, err := caddyfile.Tokenize([]byte(text), "Caddyfile")
		if err != nil || len(tokens) == 0 {
			return
		}
		var g caddymodule.Gate
		if err := g.UnmarshalCaddyfile(caddyfile.NewDispenser(tokens)); err != nil {
			if !strings.Contains(err.Error(), "Caddyfile:") {
				t.Errorf("error without a place: %v", err)
			}
			return
		}
		body, err := json.Marshal(&g.Config)
		if err != nil {
			t.Fatal(err)
		}
		var again caddymodule.Config
		if err := json.Unmarshal(body, &again); err != nil {
			t.Fatalf("%v: %s", err, body)
		}
		if err := again.Check(); err != nil {
			t.Errorf("%v: %s", err, body)
		}
	})
}
