// SPDX-License-Identifier: Apache-2.0

package caddymodule_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// An app of one page has every address rewritten to its index file, which
// stands before the gate in Caddy's order.
func TestSigningInToAnAppOfOnePage(t *testing.T) {
	p := newPlace(t)
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "index.html"), []byte("the app"), 0o600); err != nil {
		t.Fatal(err)
	}
	load(t, fmt.Sprintf("http://localhost:%d {\n\troot %s\n\ttry_files {path} /index.html\n\tgatelatch {\n\t\tstore sqlite %s\n\t\temail outbox %s\n\t\tpublic /index.html\n\t}\n\tfile_server\n}\n",
		p.port, root, p.database, p.outbox))
	b := newBrowser(t, p.origin())
	if page := b.get("/deep/link?x=1"); page.status != http.StatusUnauthorized {
		t.Fatalf("a rewrite to a public file lets everybody in: %d %s", page.status, page.body)
	}
	if keys := b.get("/.auth/.well-known/jwks.json"); !strings.Contains(keys.body, `"keys"`) {
		t.Errorf("the gate's own path is the app's: %d %s", keys.status, keys.body)
	}
	proven := b.submit(b.ask("jo@example.com"), "code", b.code(p, "jo@example.com"), "step", "verify")
	if made := b.submit(proven, "step", "create"); made.status != http.StatusOK || made.body != "the app" {
		t.Errorf("not the app: %d %s", made.status, made.body)
	}
}

// Behind a prefix the gate's pages are where browsers find them, whether or
// not the prefix is taken away for the app.
func TestSigningInBehindAPrefix(t *testing.T) {
	for _, directive := range []string{"handle", "handle_path"} {
		t.Run(directive, func(t *testing.T) {
			p := newPlace(t)
			load(t, fmt.Sprintf("http://localhost:%d {\n\t%s /app/* {\n\t\tgatelatch {\n\t\t\tbase_path /app/auth\n\t\t\tstore sqlite %s\n\t\t\temail outbox %s\n\t\t}\n\t\treverse_proxy %s\n\t}\n}\n",
				p.port, directive, p.database, p.outbox, p.upstream))
			b := newBrowser(t, p.origin())
			b.asked = time.Now()
			asked := b.submit(b.get("/app/page"), "identifier", "jo@example.com", "step", "identify")
			proven := b.submit(asked, "code", b.code(p, "jo@example.com"), "step", "verify")
			want := map[string]string{"handle": "/app/page", "handle_path": "/page"}[directive]
			if got := b.seen(b.submit(proven, "step", "create")); got.Path != want || got.Header.Get("Remote-Email") != "jo@example.com" {
				t.Errorf("the app sees %s of %q", got.Path, got.Header.Get("Remote-Email"))
			}
		})
	}
}
