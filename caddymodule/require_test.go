// SPDX-License-Identifier: Apache-2.0

package caddymodule_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/caddymodule"
)

// TestTermsComeFirst: who has not accepted them is not signed in for the app.
func TestTermsComeFirst(t *testing.T) {
	p := newPlace(t)
	o := operator{t, loadAdmin(t, p.site("terms /terms 2", "public /terms"))}
	o.does("users", "create", "--email", "ada@example.com")
	b := newBrowser(t, p.origin())
	asks := b.submit(b.ask("ada@example.com"), "code", b.code(p, "ada@example.com"), "step", "verify")
	if asks.status != http.StatusUnauthorized || !strings.Contains(asks.body, `value="accept"`) {
		t.Fatalf("%d\n%s", asks.status, asks.body)
	}
	program := b.do("GET", "/who", http.Header{"Accept": {"application/json"}}, nil)
	if program.status != http.StatusUnauthorized || !strings.Contains(program.body, `"task":"accept-terms"`) {
		t.Errorf("a program gets %d %s", program.status, program.body)
	}
	if open := b.get("/terms"); open.status != http.StatusOK {
		t.Errorf("the terms cannot be read: %d", open.status)
	}
	if s := b.seen(b.submit(asks, "step", "accept")); s.Path != "/asked?for=this" {
		t.Errorf("landed at %s", s.Path)
	}
}

// TestOperatorAsksForANewPassword: the session goes on once it is set.
func TestOperatorAsksForANewPassword(t *testing.T) {
	p := newPlace(t)
	o := operator{t, loadAdmin(t, p.site("password optional"))}
	b := newBrowser(t, p.origin())
	b.signUpWith(p, "ada@example.com", horse)
	o.does("users", "reset-password", "ada@example.com")
	asks := b.get("/who")
	if asks.status != http.StatusUnauthorized {
		t.Fatalf("%d\n%s", asks.status, asks.body)
	}
	if done := b.submit(asks, "password", "another battery staple", "step", "new_password"); done.status != http.StatusOK {
		t.Fatalf("%d %s\n%s", done.status, done.url, done.body)
	}
	b.user()
}

// TestRequireASecondFactor goes through every spelling that an app may take for
// a path that asks for more.
func TestRequireASecondFactor(t *testing.T) {
	p := newPlace(t)
	site := p.site("second_factor optional", "require /admin/* @named {\n\t\t\tsecond_factor\n\t\t}", "require /old/* {\n\t\t\tfresh 1d\n\t\t}")
	load(t, strings.Replace(site, "\tgatelatch {", "\t@named path /named\n\trewrite /short /admin/short\n\trewrite /admin/away /away\n\tgatelatch {", 1))
	b := newBrowser(t, p.origin())
	b.signUp(p, "ada@example.com")
	for _, path := range []string{
		"/admin/", "/admin/users", "/ADMIN/users", "/admin//users", "/x/../admin/users", "/admin;x=1/users", "/admin%5cusers", "/%61dmin/users",
		"/admin%2fusers", "/named", "/short", "/admin/away", "/admin%253b/users", "/admin%253b/%25zz", "/%2561dmin/100%25",
	} {
		if got := b.get(path); got.status != http.StatusUnauthorized {
			t.Errorf("%s: %d", path, got.status)
		}
		program := b.do("GET", path, http.Header{"Accept": {"application/json"}}, nil)
		if program.status != http.StatusForbidden || !strings.Contains(program.body, `"required":"second_factor"`) ||
			!strings.Contains(program.body, "/.auth/verify?level=second_factor") {
			t.Errorf("%s: a program gets %d %s", path, program.status, program.body)
		}
	}
	for _, path := range []string{"/", "/administrator", "/old/fresh", "/names"} {
		if got := b.get(path); got.status != http.StatusOK {
			t.Errorf("%s: %d", path, got.status)
		}
	}
}

// A bad escape is left alone, and hides no other one.
func TestUnescape(t *testing.T) {
	for path, want := range map[string]string{
		"/plain":     "/plain",
		"/%61dmin":   "/admin",
		"/%61%zz%62": "/a%zzb",
		"%zz/%2e%2E": "%zz/..",
		"/100%":      "/100%",
		"/%6":        "/%6",
		"/%%61":      "/%a",
		"%":          "%",
		"%c3%bc%ff":  "ü\xff",
		"/%2561":     "/%61", // one layer
		"":           "",
	} {
		if got := caddymodule.Unescape(path); got != want {
			t.Errorf("%q is %q, want %q", path, got, want)
		}
	}
}
