// SPDX-License-Identifier: Apache-2.0

package caddymodule_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"

	"github.com/gatelatch/gatelatch/caddymodule"
)

const (
	bareGate = "gatelatch {\nemail outbox /tmp/outbox\n}\n"
	ownStore = "gatelatch {\nstore sqlite /tmp/development.db\n}\n"
)

// handled puts one gate in front of /a and another in front of the rest.
func handled(one, other string) string {
	return "app.example.com {\nhandle /a/* {\n" + one + "}\nhandle {\n" + other + "}\n}\n"
}

// with adds options to a gate.
func with(gate, options string) string {
	return strings.Replace(gate, "gatelatch {\n", "gatelatch {\n"+options+"\n", 1)
}

func TestWhichGatesGoTogether(t *testing.T) {
	public, local := "app.example.com {\n"+bareGate+"}\n", "http://localhost:8080 {\n"
	const differ, shows = "a site has one; write one gatelatch", "give http://localhost:808"
	for name, row := range map[string]struct{ sites, err string }{
		"two that are alike":         {handled(bareGate, bareGate), ""},
		"a snippet, imported twice":  {"(gate) {\n" + bareGate + "}\n" + handled("import gate\n", "import gate\n"), ""},
		"name":                       {handled(with(bareGate, "name A"), with(bareGate, "name B")), differ},
		"sign-up":                    {handled(bareGate, with(bareGate, "sign_up closed")), differ},
		"sender":                     {handled(bareGate, strings.Replace(bareGate, "/tmp/outbox", "/tmp/other", 1)), differ},
		"store":                      {handled(bareGate, with(bareGate, "store sqlite /tmp/other.db")), differ},
		"base path":                  {handled(bareGate, with(bareGate, "base_path /other")), ""},
		"two sites":                  {public + "www.example.com {\n" + with(bareGate, "name B") + "}\n", ""},
		"one origin, two sites":      {public + "www.example.com {\n" + with(bareGate, "origin https://app.example.com") + "}\n", differ},
		"outbox beside public":       {local + "gatelatch\n}\n" + public, shows},
		"public beside outbox":       {public + local + "gatelatch\n}\n", shows},
		"outbox that is named":       {public + local + bareGate + "}\n", shows},
		"outbox with its own store":  {public + local + ownStore + "}\n", ""},
		"localhost with a sender":    {public + local + "gatelatch {\nemail smtp {\nhost mail.example.com\nfrom a@example.com\n}\n}\n}\n", ""},
		"outbox beside outbox":       {local + "gatelatch\n}\nhttp://localhost:8081 {\ngatelatch\n}\n", ""},
		"outbox, public in a second": {local + "gatelatch\n}\nhttp://localhost:8081 {\ngatelatch\n}\n" + public, shows},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := provision(t, row.sites)
			if (err == nil) != (row.err == "") || err != nil && !strings.Contains(err.Error(), row.err) {
				t.Errorf("%v", err)
			}
			if keys := caddymodule.PoolKeys(); len(keys) != 0 {
				t.Errorf("databases still in use: %v", keys)
			}
		})
	}
}

// TestOrderOfFieldsIsNoDifference gives two gates as JSON.
func TestOrderOfFieldsIsNoDifference(t *testing.T) {
	for second, alike := range map[string]bool{
		`"senders":{"email":{"file":"/tmp/outbox","sender":"outbox"}},"name":"A"`: true,
		`"senders":{"email":{"file":"/tmp/other","sender":"outbox"}},"name":"A"`:  false,
	} {
		var c caddy.Config
		text := `{"apps":{"http":{"servers":{"s":{"listen":[":8080"],"routes":[{"match":[{"host":["localhost"]}],"handle":[` +
			`{"handler":"gatelatch","name":"A","senders":{"email":{"sender":"outbox","file":"/tmp/outbox"}}},` +
			`{"handler":"gatelatch",` + second + `}]}]}}}}}`
		if err := decode(strings.NewReader(text), &c); err != nil {
			t.Fatal(err)
		}
		if err := caddy.Validate(&c); (err == nil) != alike {
			t.Errorf("%s: %v", second, err)
		}
	}
}

func TestWhoStandsInForAStartingGate(t *testing.T) {
	one := "app.example.com {\n" + bareGate + "}\n"
	changed := with(bareGate, "sign_up closed")
	for name, row := range map[string]struct {
		old, starting string
		want          bool
	}{
		"nothing changed":           {one, one, true},
		"options changed":           {one, "app.example.com {\n" + changed + "}\n", true},
		"two alike":                 {handled(bareGate, bareGate), handled(bareGate, bareGate), true},
		"one became two alike":      {one, handled(bareGate, bareGate), true},
		"two alike, both changed":   {handled(bareGate, bareGate), handled(changed, changed), false},
		"two became a changed one":  {handled(bareGate, bareGate), "app.example.com {\n" + changed + "}\n", false},
		"one became two, changed":   {one, handled(changed, changed), false},
		"another base path":         {one, "app.example.com {\n" + with(bareGate, "base_path /other") + "}\n", false},
		"another site":              {one, "www.example.com {\n" + bareGate + "}\n", false},
		"another name was added":    {one, "app.example.com, www.example.com {\n" + bareGate + "}\n", true},
		"two alike, one more name":  {handled(bareGate, bareGate), strings.Replace(handled(bareGate, bareGate), " {", ", www.example.com {", 1), false},
		"one of two, of other base": {handled(bareGate, with(bareGate, "base_path /other")), one, true},
	} {
		t.Run(name, func(t *testing.T) {
			old, starting := mustProvision(t, row.old), mustProvision(t, row.starting)
			if got := old[0].StandsInFor(starting[0]); got != row.want {
				t.Errorf("%v", got)
			}
		})
	}
}

func mustProvision(t *testing.T, sites string) []*caddymodule.Gate {
	t.Helper()
	gates, err := provisionGates(t, sites)
	if err != nil || len(gates) == 0 {
		t.Fatalf("%d gates, %v", len(gates), err)
	}
	return gates
}

// TestTwoGatesAlikeReload has two equal gates on one site, and changes both
// while a visitor asks on.
func TestTwoGatesAlikeReload(t *testing.T) {
	p := newPlace(t)
	site := func(options ...string) string {
		_, block, _ := strings.Cut(p.site(options...), "{\n")
		block = strings.TrimSuffix(block, "}\n")
		return "(gate) {\n" + block + "}\n" + p.origin() + " {\nhandle /who {\nimport gate\n}\nhandle {\nimport gate\n}\n}\n"
	}
	load(t, site())
	b := newBrowser(t, p.origin())
	id := b.signUp(p, "ada@example.com").Header.Get("Remote-User")
	if n := traffic(t, b, id, func() {
		load(t, site())
		load(t, site("name Changed"))
		load(t, p.site("name One"))
		load(t, site("name Changed"))
	}); n == 0 {
		t.Error("no traffic")
	}
	b.client.CloseIdleConnections()
	if got := b.get("/elsewhere").status; got != http.StatusOK {
		t.Errorf("the second gate does not know the session: %d", got)
	}
}
