// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"github.com/gatelatch/gatelatch/wire"
)

// sdkPrefix is the public path of the pages that use Clerk's SDKs.
const sdkPrefix = "/sdk/"

// sdkPages are sample pages that use Clerk's SDKs, built from examples/sdk.
type sdkPages struct {
	pages   string // directory of the bundles
	scripts string // directory that holds @clerk
}

// openSDK finds what is needed in a directory: the pages that its build has made, and
// the packages beside them. It returns nil for none.
func openSDK(dir string) (*sdkPages, error) {
	if dir == "" {
		return nil, nil
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	s := &sdkPages{pages: filepath.Join(dir, "dist"), scripts: filepath.Join(dir, "node_modules")}
	_, noPages := os.Stat(filepath.Join(s.pages, "react.js"))
	_, noScripts := os.Stat(filepath.Join(s.scripts, "@clerk"))
	if err := errors.Join(noPages, noScripts); err != nil {
		return nil, fmt.Errorf("--sdk: %w; run npm ci and node build.mjs there", err)
	}
	return s, nil
}

// options are what the gate has to know of the pages, for its Caddyfile.
func (s *sdkPages) options() string {
	if s == nil {
		return ""
	}
	return fmt.Sprintf("public %s*\n\t\tfrontend_api {\n\t\t\tsdk_files %q\n\t\t}", sdkPrefix, s.scripts)
}

// serve adds the pages to the sample app. Beside them is what configures the SDKs,
// which depends on where the demo listens.
func (s *sdkPages) serve(mux *http.ServeMux, listen string) {
	if s == nil {
		return
	}
	settings, err := json.Marshal(map[string]string{
		"publishableKey": string(wire.NewPublishableKey(listen)), "proxyUrl": "/.auth",
	})
	files := http.StripPrefix(sdkPrefix, http.FileServer(http.Dir(s.pages)))
	mux.HandleFunc(sdkPrefix, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		files.ServeHTTP(w, r)
	})
	mux.HandleFunc(sdkPrefix+"settings.json", func(w http.ResponseWriter, _ *http.Request) {
		if err != nil {
			http.Error(w, "no settings", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write(settings) // the visitor may be gone
	})
}
