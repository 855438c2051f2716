// SPDX-License-Identifier: Apache-2.0

package archtest_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// edge is where Caddy may be known.
var edge = []string{"caddymodule", "cmd/...", "internal/..."}

// owners says where an outside module may be imported, beside tests. A module
// without a row may be imported nowhere.
var owners = map[string][]string{
	"github.com/caddyserver/caddy/v2":     edge,
	"github.com/caddyserver/certmagic":    edge,
	"github.com/prometheus/client_golang": edge,
	"github.com/prometheus/client_model":  edge,
	"github.com/spf13/cobra":              edge,
	"go.uber.org/zap":                     edge,
	"github.com/alexedwards/argon2id":     {"password"},
	"github.com/ccojocar/zxcvbn-go":       {"password"},
	"github.com/go-jose/go-jose/v4":       {"session"},
	"github.com/go-webauthn/webauthn":     {"passkey"},
	"github.com/golang-jwt/jwt/v5":        {"session"},
	"github.com/jackc/pgx/v5":             {"store/postgres", "internal/..."},
	"github.com/mileusna/useragent":       {"device"},
	"github.com/nicksnyder/go-i18n/v2":    {"pages"},
	"github.com/nyaruka/phonenumbers":     {"identifier"},
	"github.com/patrickmn/go-cache":       {"session", "limit"},
	"github.com/pquerna/otp":              {"secondfactor"},
	"github.com/pressly/goose/v3":         {"store/sqlstore", "store/sqlite", "store/postgres"},
	"github.com/skip2/go-qrcode":          {"secondfactor"},
	"github.com/wneessen/go-mail":         {"delivery/smtp"},
	"golang.org/x/crypto":                 {"password"},
	"golang.org/x/net":                    {"identifier", "delivery"},
	"golang.org/x/text":                   {"pages", "delivery", "password"},
	"modernc.org/sqlite":                  {"store/sqlite"},
	"github.com/getkin/kin-openapi":       {"internal/..."},
	"pgregory.net/rapid":                  {"store/storetest", "internal/..."},
}

// heavy are the modules of the edge that nothing inner may link, not even by
// way of another module.
var heavy = []string{"github.com/caddyserver/", "go.uber.org/zap", "github.com/prometheus/"}

func TestOutsideModulesStayWhereTheyBelong(t *testing.T) {
	packages := sources(t)
	for _, dir := range slices.Sorted(maps.Keys(packages)) {
		for _, path := range packages[dir].imports {
			if !outside(path) {
				continue
			}
			places, known := owner(path)
			switch {
			case !known:
				t.Errorf("%s imports %s, which has no row in the table of owners: argue for it in CONTRIBUTING.md and "+
					"say here where it may be used", dir, path)
			case !within(dir, places):
				t.Errorf("%s imports %s, which belongs to %s alone: ask that package for what you need",
					dir, path, strings.Join(places, ", "))
			}
		}
	}
}

func TestInnerTestsDoWithoutCaddy(t *testing.T) {
	for dir, p := range sources(t) {
		for _, path := range p.testImports {
			if isHeavy(path) && !within(dir, edge) {
				t.Errorf("a test of %s imports %s: test it without Caddy, or move the test to caddymodule", dir, path)
			}
		}
	}
}

func TestNothingInnerLinksCaddy(t *testing.T) {
	for _, p := range list(t) {
		dir, ours := inside(p.ImportPath)
		if !ours || within(dir, edge) {
			continue
		}
		if i := slices.IndexFunc(p.Deps, isHeavy); i >= 0 {
			t.Errorf("%s links %s, though perhaps not directly: \"go list -deps\" shows by which way", dir, p.Deps[i])
		}
	}
}

func owner(importPath string) (places []string, ok bool) {
	for mod, places := range owners {
		if importPath == mod || strings.HasPrefix(importPath, mod+"/") {
			return places, true
		}
	}
	return nil, false
}

func isHeavy(importPath string) bool {
	return slices.ContainsFunc(heavy, func(prefix string) bool { return strings.HasPrefix(importPath, prefix) })
}

// listed is what "go list" says of a package.
type listed struct {
	ImportPath string
	Deps       []string
}

func list(t *testing.T) []listed {
	t.Helper()
	sources(t) // so that the test cache notices changes
	cmd := exec.Command("go", "list", "-json=ImportPath,Deps", "./...")
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var packages []listed
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var p listed
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	return packages
}
