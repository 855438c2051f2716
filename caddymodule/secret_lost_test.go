// SPDX-License-Identifier: Apache-2.0

package caddymodule_test

import (
	"database/sql"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
)

// TestALostSecretKeepsTheUsers does what docs/operating.md says about a secret that
// is lost: with the rows gone that it names, the gate starts with another one, and
// people are who they were.
func TestALostSecretKeepsTheUsers(t *testing.T) {
	p := newPlace(t)
	const lost, fresh = "secret 0123456789abcdef0123456789abcdef", "secret fedcba9876543210fedcba9876543210"
	load(t, p.site(lost))
	b := newBrowser(t, p.origin())
	before := b.signUp(p, "ada@example.com").Header.Get("Remote-User")
	stop(t)
	err := caddy.Load(config(t, p.site(fresh)), true)
	if err == nil || !strings.Contains(err.Error(), "docs/operating.md") {
		t.Fatalf("with another secret: %v", err)
	}

	forget(t, p.database)
	load(t, p.site(fresh))
	if got := b.get("/who"); got.status != http.StatusUnauthorized {
		t.Errorf("a session of the old secret gets %d", got.status)
	}
	if got := newBrowser(t, p.origin()).signIn(p, "ada@example.com").Header.Get("Remote-User"); got != before {
		t.Errorf("Remote-User is %q, was %q", got, before)
	}
}

// forget runs the statements of the manual on a database.
func forget(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile("../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)```sql\n(.*?)```").FindAllSubmatch(text, -1)
	if len(found) != 1 {
		t.Fatalf("the manual has %d blocks of SQL", len(found))
	}
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), string(found[0][1])); err != nil {
		t.Fatal(err)
	}
}
