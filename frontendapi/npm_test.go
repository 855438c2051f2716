// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/frontendapi"
)

const scriptSecret = "nobody may read this"

// scripts is a directory as npm makes it, with more beside it.
func scripts(t testing.TB) string {
	t.Helper()
	top := t.TempDir()
	for name, text := range map[string]string{
		"secret.js": scriptSecret,
		"node_modules/@clerk/clerk-js/package.json":           `{"name": "@clerk/clerk-js", "version": "6.34.1", "secret": "` + scriptSecret + `"}`,
		"node_modules/@clerk/clerk-js/dist/clerk.browser.js":  "six installed",
		"node_modules/@clerk/clerk-js/dist/.hidden.js":        scriptSecret,
		"node_modules/@clerk/clerk-js/dist/types/index.d.ts":  scriptSecret,
		"node_modules/@clerk/clerk-js@5/package.json":         `{"version": "5.127.2"}`,
		"node_modules/@clerk/clerk-js@5/dist/clerk.legacy.js": "five",
		"node_modules/@clerk/clerk-js@canary/dist/clerk.mjs":  "canary",
		"node_modules/@clerk/ui/package.json":                 `{"version": "1.34.0-rc.1"}`,
		"node_modules/@clerk/ui/dist/ui.browser.js":           "release candidate",
		"node_modules/@clerk/shared/dist/index.js":            scriptSecret,
	} {
		file := filepath.Join(top, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	dist := filepath.Join(top, "node_modules", "@clerk", "clerk-js", "dist")
	if err := os.Symlink(filepath.Join("..", "..", "..", "..", "secret.js"), filepath.Join(dist, "out.js")); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(top, "node_modules")
}

func fetch(h *frontendapi.Handler, method, below string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, deskOrigin, nil)
	r.URL = &url.URL{Scheme: "https", Host: "app.example.com", Path: deskBase + "/npm/" + below}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestScriptsOfADirectory(t *testing.T) {
	h := &frontendapi.Handler{Site: frontendapi.Site{Base: deskBase, Scripts: scripts(t)}, Report: func(_ *http.Request, err error) { t.Error(err) }}
	const exact, major = "public, max-age=31536000, immutable", "public, max-age=600"
	for below, want := range map[string]struct{ body, keep string }{
		"@clerk/clerk-js@6/dist/clerk.browser.js":            {"six installed", major},
		"@clerk/clerk-js@6.34.1/dist/clerk.browser.js":       {"six installed", exact},
		"@clerk/clerk-js@5/dist/clerk.legacy.js":             {"five", major},
		"@clerk/clerk-js@5.127.2/dist/clerk.legacy.js":       {"five", exact},
		"@clerk/clerk-js@canary/dist/clerk.mjs":              {"canary", major},
		"@clerk/ui@1.34.0-rc.1/dist/ui.browser.js":           {"release candidate", exact},
		"@clerk/ui@1/dist/ui.browser.js":                     {}, // nobody asked for a candidate
		"@clerk/clerk-js@6.34.0/dist/clerk.browser.js":       {}, // another version is installed
		"@clerk/clerk-js@7/dist/clerk.browser.js":            {},
		"@clerk/clerk-js@3/dist/clerk.browser.js":            {},
		"@clerk/clerk-js@latest/dist/clerk.browser.js":       {},
		"@clerk/clerk-js@6/package.json":                     {},
		"@clerk/clerk-js@6/dist/nothing.js":                  {},
		"@clerk/clerk-js@6/dist/types/index.d.ts":            {},
		"@clerk/clerk-js@6/dist/.hidden.js":                  {},
		"@clerk/clerk-js@6/dist/out.js":                      {},
		"@clerk/clerk-js@6/dist/../../../../secret.js":       {},
		"@clerk/clerk-js@6/dist/..\\..\\secret.js":           {},
		"@clerk/clerk-js@6/dist/":                            {},
		"@clerk/clerk-js@6/dist":                             {},
		"@clerk/clerk-js@6":                                  {},
		"@clerk/clerk-js@../dist/x.js":                       {},
		"@clerk/clerk-js@/dist/clerk.browser.js":             {},
		"@clerk/clerk-js/dist/clerk.browser.js":              {},
		"@clerk/shared@4/dist/index.js":                      {},
		"@evil/clerk-js@6/dist/clerk.browser.js":             {},
		"/@clerk/clerk-js@6/dist/clerk.browser.js":           {},
		"@clerk/clerk-js@6/dist/clerk.browser.js\x00.js":     {},
		"@clerk/clerk-js@6/dist/" + strings.Repeat("a", 300): {},
		"": {},
	} {
		w := fetch(h, http.MethodGet, below)
		status := http.StatusOK
		if want.body == "" {
			status, want.keep = http.StatusNotFound, "no-store"
		}
		if w.Code != status || want.body != "" && w.Body.String() != want.body || w.Header().Get("Cache-Control") != want.keep {
			t.Errorf("%q: %d %q, kept %q", below, w.Code, w.Body, w.Header().Get("Cache-Control"))
		}
		if w.Header().Get("Access-Control-Allow-Origin") != "*" || w.Header().Get("X-Content-Type-Options") != "nosniff" || len(w.Header()["Set-Cookie"]) > 0 {
			t.Errorf("%q: headers %v", below, w.Header())
		}
	}
}

func TestScriptsAreServedAsFilesAre(t *testing.T) {
	h := &frontendapi.Handler{Site: frontendapi.Site{Base: deskBase, Scripts: scripts(t)}}
	const file = "@clerk/clerk-js@6/dist/clerk.browser.js"
	w := fetch(h, http.MethodHead, file)
	if w.Code != http.StatusOK || w.Body.Len() > 0 || w.Header().Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	etag := w.Header().Get("ETag")
	if w := fetch(h, http.MethodGet, file, "If-None-Match", etag); w.Code != http.StatusNotModified {
		t.Errorf("with %s: %d", etag, w.Code)
	}
	if w := fetch(h, http.MethodGet, file, "Range", "bytes=0-2", "If-Range", etag); w.Code != http.StatusPartialContent || w.Body.String() != "six" {
		t.Errorf("a part: %d %q", w.Code, w.Body)
	}
	if w := fetch(h, http.MethodPost, file); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("a change: %d", w.Code)
	}
	if w := fetch(h, http.MethodGet, file, "Origin", "https://elsewhere.example"); w.Code != http.StatusOK {
		t.Errorf("another origin: %d", w.Code)
	}
}

func TestScriptsOfANetwork(t *testing.T) {
	h := &frontendapi.Handler{Site: frontendapi.Site{Base: deskBase, Scripts: "https://cdn.example.net/npm/"}}
	w := fetch(h, http.MethodGet, "@clerk/ui@1/dist/ui.browser.js")
	if to := w.Header().Get("Location"); w.Code != http.StatusFound || to != "https://cdn.example.net/npm/@clerk/ui@1/dist/ui.browser.js" {
		t.Errorf("%d %q", w.Code, to)
	}
	for _, below := range []string{"@clerk/shared@4/dist/index.js", "@clerk/ui@1/../../../evil.js", "//evil.example/@clerk/ui@1/dist/x.js"} {
		if w := fetch(h, http.MethodGet, below); w.Code != http.StatusNotFound {
			t.Errorf("%q: %d %q", below, w.Code, w.Header().Get("Location"))
		}
	}
}

// TestScriptsThatAreOff: the answer names the option, and the log does so once.
func TestScriptsThatAreOff(t *testing.T) {
	var reports []string
	h := &frontendapi.Handler{
		Site:   frontendapi.Site{Base: deskBase},
		Report: func(_ *http.Request, err error) { reports = append(reports, err.Error()) },
	}
	for range 3 {
		w := fetch(h, http.MethodGet, "@clerk/ui@1/dist/ui.browser.js")
		if w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "sdk_files") || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("%d %q %v", w.Code, w.Body, w.Header())
		}
	}
	if len(reports) != 1 || !strings.Contains(reports[0], "sdk_files") {
		t.Errorf("reports %q", reports)
	}
}

// TestADirectoryThatIsNotThere is a fault of the machine, and reported.
func TestADirectoryThatIsNotThere(t *testing.T) {
	reports := 0
	h := &frontendapi.Handler{
		Site:   frontendapi.Site{Base: deskBase, Scripts: filepath.Join(t.TempDir(), "none")},
		Report: func(*http.Request, error) { reports++ },
	}
	if w := fetch(h, http.MethodGet, "@clerk/ui@1/dist/ui.browser.js"); w.Code != http.StatusServiceUnavailable || reports != 1 {
		t.Errorf("%d, %d reports", w.Code, reports)
	}
}

// FuzzScripts: no path reaches anything but scripts.
func FuzzScripts(f *testing.F) {
	dir := scripts(f)
	local := &frontendapi.Handler{Site: frontendapi.Site{Base: deskBase, Scripts: dir}}
	remote := &frontendapi.Handler{Site: frontendapi.Site{Base: deskBase, Scripts: "https://cdn.example.net/npm"}}
	for _, seed := range []string{
		"@clerk/clerk-js@6/dist/clerk.browser.js", "@clerk/clerk-js@6/dist/../package.json", "@clerk/ui@..%2f/dist/x.js",
		"@clerk/clerk-js@6/dist/.hidden.js", "@clerk/clerk-js@6/dist/out.js", "../secret.js", "@clerk/clerk-js@6\\dist\\x.js", "",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, below string) {
		w := fetch(local, http.MethodGet, below)
		if strings.Contains(w.Body.String(), scriptSecret) || w.Code != http.StatusOK && w.Code != http.StatusNotFound {
			t.Errorf("%q: %d %q", below, w.Code, w.Body)
		}
		w = fetch(remote, http.MethodGet, below)
		if w.Code == http.StatusNotFound {
			return
		}
		to, err := url.Parse(w.Header().Get("Location"))
		if err != nil || w.Code != http.StatusFound || to.Host != "cdn.example.net" || to.User != nil || to.RawQuery != "" ||
			!strings.HasPrefix(to.Path, "/npm/@clerk/") || strings.Contains(to.Path, "..") || strings.Contains(to.Path, "/.") {
			t.Errorf("%q leads to %q", below, w.Header().Get("Location"))
		}
	})
}
