// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"

	"github.com/gatelatch/gatelatch/pages"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// renderers keeps those of sites without templates of their own: making one
// renders every page.
var renderers sync.Map

func rendererOf(t testing.TB, s pages.Site) *pages.Renderer {
	t.Helper()
	if s.Templates == nil {
		if r, ok := renderers.Load(s); ok {
			return r.(*pages.Renderer) //nolint:forcetypeassert // nothing else is kept
		}
	}
	r, err := pages.NewRenderer(s)
	if err != nil {
		t.Fatal(err)
	}
	if s.Templates == nil {
		renderers.Store(s, r)
	}
	return r
}

func render(t testing.TB, s pages.Site, v pages.View) string {
	t.Helper()
	r := rendererOf(t, s)
	var buf bytes.Buffer
	if err := r.Render(&buf, v); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

var assetHash = regexp.MustCompile(`gatelatch\.[0-9a-f]{12}\.(css|js)`)

// withoutHashes blanks the hashes in asset names: they change with every edit of
// an asset, which is not what golden files are about.
func withoutHashes(html string) string {
	return assetHash.ReplaceAllString(html, "gatelatch.HASH.$1")
}

func TestPagesMatchGoldenFiles(t *testing.T) {
	for _, e := range gallery() {
		t.Run(e.name, func(t *testing.T) {
			got := withoutHashes(render(t, e.site, e.view))
			path := filepath.Join("testdata", e.name+".html")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil { //nolint:gosec // a golden file
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s differs; if that is meant, run with -update\n%s", path, got)
			}
		})
	}
}

func TestEveryPageHasAGoldenFile(t *testing.T) {
	shown := map[pages.Page]bool{}
	for _, e := range gallery() {
		shown[e.view.Page] = true
	}
	for _, page := range pages.Pages() {
		if !shown[page] {
			t.Errorf("page %s is not in the gallery", page)
		}
	}
}
