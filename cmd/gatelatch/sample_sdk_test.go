// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// builtPages makes a directory as npm and the build of examples/sdk leave it.
func builtPages(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"dist/react.js": "page()", "dist/vanilla.html": "<title>page</title>",
		"node_modules/@clerk/clerk-js/package.json":          `{"name":"@clerk/clerk-js","version":"6.34.1"}`,
		"node_modules/@clerk/clerk-js/dist/clerk.browser.js": "sdk()",
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestDemoShowsPagesOfSDKs asks as somebody who is not signed in.
func TestDemoShowsPagesOfSDKs(t *testing.T) {
	t.Setenv("XDG_DATA_HOME", "") // restores what the demo sets
	listen := freeAddress(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	o := demoOptions{listen: listen, admin: freeAddress(t), data: t.TempDir(), sdk: builtPages(t)}
	go func() { done <- demo(ctx, o) }()
	for path, want := range map[string]string{
		"/sdk/vanilla.html":  "<title>page</title>",
		"/sdk/settings.json": `"publishableKey":"pk_live_`,
		"/.auth/npm/@clerk/clerk-js@6/dist/clerk.browser.js": "sdk()",
		"/.auth/v1/environment":                              `"display_config"`,
	} {
		if status, body := get(t, done, "http://"+listen+path); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d %.300s", path, status, body)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestDemoAsksForBuiltPages(t *testing.T) {
	if _, err := openSDK(t.TempDir()); err == nil || !strings.Contains(err.Error(), "npm ci") {
		t.Errorf("%v", err)
	}
	if pages, err := openSDK(""); pages != nil || err != nil {
		t.Errorf("%v %v", pages, err)
	}
}

func TestSampleAppLeadsToPagesOfSDKs(t *testing.T) {
	for _, sdk := range []bool{true, false} {
		w := httptest.NewRecorder()
		sampleApp(sdk)(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
		if strings.Contains(w.Body.String(), "/sdk/react.html") != sdk {
			t.Errorf("with pages %v: %s", sdk, w.Body)
		}
	}
}
