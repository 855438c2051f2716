// SPDX-License-Identifier: Apache-2.0

package caddymodule_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"

	"github.com/gatelatch/gatelatch/wire"
)

// goodKey is long enough for the Backend API; it must never show anywhere.
const goodKey = "a-key-for-tests-0123456789abcdefghij"

// packages makes a directory such as npm makes it.
func packages(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "@clerk", "clerk-js", "dist", "clerk.browser.js")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		file: "globalThis.loaded = 1\n",
		filepath.Join(dir, "@clerk", "clerk-js", "package.json"): `{"name":"@clerk/clerk-js","version":"6.34.1"}`,
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestProgramsAreChecked holds what only the site, a file or the environment tells.
func TestProgramsAreChecked(t *testing.T) {
	t.Setenv("TEST_KEY", goodKey)
	t.Setenv("TEST_SHORT", "short-key")
	t.Setenv("TEST_SPACED", "a key with spaces and so on, long enough")
	t.Setenv("TEST_PUBLISHABLE", "pk_prod_x")
	t.Setenv("TEST_ORIGIN", "http://www.example.com")
	empty := t.TempDir()
	const public, local = "app.example.com", "http://localhost:8080"
	for name, row := range map[string]struct{ site, options, err string }{
		"frontend_api":                   {public, "frontend_api", ""},
		"frontend_api on localhost":      {local, "frontend_api", ""},
		"frontend_api on IPv6":           {"http://[::1]:8080", "frontend_api", ""},
		"publishable key, placeholder":   {public, "frontend_api {\npublishable_key {env.TEST_PUBLISHABLE}\n}", "publishable_key"},
		"publishable key, not set":       {public, "frontend_api {\npublishable_key {env.TEST_NOT_SET}\n}", "publishable_key"},
		"allowed origin, placeholder":    {public, "frontend_api {\nallowed_origins {env.TEST_ORIGIN}\n}", "expected https://"},
		"allowed origin, not set":        {public, "frontend_api {\nallowed_origins {env.TEST_NOT_SET}\n}", "allowed_origins"},
		"allowed origin on localhost":    {public, "frontend_api {\nallowed_origins http://localhost:5173\n}", ""},
		"SDK files":                      {public, "frontend_api {\nsdk_files " + packages(t) + "\n}", ""},
		"SDK files from a network":       {public, "frontend_api {\nsdk_files https://cdn.example.com/npm/\n}", ""},
		"SDK files not there":            {public, "frontend_api {\nsdk_files /not/there\n}", "is no directory"},
		"SDK files without the packages": {public, "frontend_api {\nsdk_files " + empty + "\n}", "holds no directory @clerk"},
		"secret key":                     {public, "backend_api {\nsecret_key {env.TEST_KEY}\n}", ""},
		"secret key, not set":            {public, "backend_api {\nsecret_key {env.TEST_NOT_SET}\n}", "{env.TEST_NOT_SET} cannot be resolved"},
		"secret key, short":              {public, "backend_api {\nsecret_key {env.TEST_SHORT}\n}", "secret_key: expected at least 32"},
		"a template of the Frontend API": {public, "frontend_api\ntoken_template a {\nx {user.id}\n}", ""},
		"a template of the Backend API":  {public, "backend_api {\nsecret_key {env.TEST_KEY}\n}\ntoken_template a {\nx {user.id}\n}", ""},
		"secret key, spaces":             {public, "backend_api {\nsecret_key deploy {env.TEST_SPACED}\n}", "secret_key deploy: expected at least 32"},
		"secret key, twice":              {public, "backend_api {\nsecret_key one {env.TEST_KEY}\nsecret_key two {env.TEST_KEY}\n}", "two is the same key as one"},
		"test mode on localhost":         {local, "test_mode on", ""},
		"test mode on a public name":     {public, "test_mode on", "write test_mode public"},
		"test mode, meant":               {public, "test_mode public", ""},
		"test mode off":                  {public, "test_mode off", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := provision(t, row.site+" {\n\tgatelatch {\n\t\temail outbox /tmp/outbox\n"+row.options+"\n\t}\n}\n")
			switch {
			case row.err == "" && err != nil, row.err != "" && (err == nil || !strings.Contains(err.Error(), row.err)):
				t.Errorf("error is %v", err)
			case err != nil && (strings.Contains(err.Error(), goodKey) || strings.Contains(err.Error(), "short-key") || strings.Contains(err.Error(), "spaces and")):
				t.Errorf("the error quotes a key: %v", err)
			}
		})
	}
}

// TestTestModeSharesNoUsers holds the one code away from a public site.
func TestTestModeSharesNoUsers(t *testing.T) {
	site := func(name, options string) string {
		return name + " {\n\tgatelatch {\n\t\tstore sqlite shared.db\n\t\temail webhook https://mail.example.com {\n\t\t\tsecret " +
			strings.Repeat("s", 32) + "\n\t\t}\n\t\t" + options + "\n\t}\n}\n"
	}
	for name, row := range map[string]struct{ sites, err string }{
		"beside a public site":            {site("http://localhost:8080", "test_mode on") + site("app.example.com", ""), "is in test_mode, and shares the store"},
		"a public one beside a public":    {site("www.example.com", "test_mode public") + site("app.example.com", ""), "is in test_mode, and shares the store"},
		"beside another site of the same": {site("www.example.com", "test_mode public") + site("app.example.com", "test_mode public"), ""},
		"beside a site on this machine":   {site("http://localhost:8080", "test_mode on") + site("http://localhost:8081", ""), ""},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := provision(t, row.sites); row.err == "" && err != nil || row.err != "" && (err == nil || !strings.Contains(err.Error(), row.err)) {
				t.Errorf("error is %v", err)
			}
		})
	}
}

// TestPublishableKeyOfASite tells what the log of a start says.
func TestPublishableKeyOfASite(t *testing.T) {
	for site, host := range map[string]string{
		"app.example.com":       "app.example.com",
		"app.example.com:8443":  "app.example.com:8443",
		"http://localhost:8080": "gatelatch.localhost:8080",
		"http://127.0.0.1:8080": "127.0.0.1:8080",
		"http://[::1]:8080":     "gatelatch.localhost:8080",
	} {
		gates, err := provisionGates(t, site+" {\n\tgatelatch {\n\t\temail outbox /tmp/outbox\n\t\tfrontend_api\n\t}\n}\n")
		if err != nil || len(gates) != 1 {
			t.Fatalf("%s: %v", site, err)
		}
		key, err := wire.ParsePublishableKey(gates[0].PublishableKey())
		if err != nil || key.Host() != host {
			t.Errorf("%s: %q, %v", site, key.Host(), err)
		}
	}
}

// TestValidateTouchesNothingForPrograms is TestValidateTouchesNothing with all of
// their options.
func TestValidateTouchesNothingForPrograms(t *testing.T) {
	t.Setenv("TEST_KEY", goodKey)
	before := files(t, dataHome)
	p := newPlace(t)
	if err := caddy.Validate(parse(t, p.site(programOptions...))); err != nil {
		t.Error(err)
	}
	if after := files(t, dataHome); strings.Join(before, "\n") != strings.Join(after, "\n") {
		t.Errorf("before: %v, after: %v", before, after)
	}
	if left := files(t, filepath.Dir(p.database)); len(left) != 0 {
		t.Errorf("made %v", left)
	}
}

// programOptions turn everything on.
var programOptions = []string{
	"frontend_api", "backend_api {\n\t\t\tsecret_key {env.TEST_KEY}\n\t\t}",
	"token_template app {\n\t\t\trole {user.public_metadata.role}\n\t\t}", "test_mode on",
}
