// SPDX-License-Identifier: Apache-2.0

package main

import (
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"net/http"
	"slices"
	"strings"
)

//go:embed sample.html
var sampleSource string

var samplePage = template.Must(template.New("sample").Parse(sampleSource))

// sampleView is what the sample app knows of a request: nothing but what any
// app behind the gate is told.
type sampleView struct {
	ID, Email, Phone, Name string
	Path                   string
	Headers                []sampleHeader
	Claims                 string
	SDK                    bool // whether there are pages that use Clerk's SDKs
}

type sampleHeader struct{ Name, Value string }

// sampleApp is a small app to stand behind the gate. It has no idea of signing
// in: it reads request headers, and posts a form to sign out. With sdk it leads to
// the pages that do more.
func sampleApp(sdk bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { showSample(w, r, sdk) }
}

func showSample(w http.ResponseWriter, r *http.Request, sdk bool) {
	view := sampleView{
		SDK: sdk,
		ID:  r.Header.Get("Remote-User"), Email: r.Header.Get("Remote-Email"),
		Phone: r.Header.Get("Remote-Phone"), Name: r.Header.Get("Remote-Name"),
		Path: r.URL.RequestURI(), Claims: claims(r.Header.Get("Authorization")),
	}
	for name, values := range r.Header {
		view.Headers = append(view.Headers, sampleHeader{name, shorten(strings.Join(values, ", "))})
	}
	slices.SortFunc(view.Headers, func(a, b sampleHeader) int { return strings.Compare(a.Name, b.Name) })
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	_ = samplePage.Execute(w, view) // the visitor may be gone
}

// claims shows what is inside the gate's token. A real app verifies the token
// against the published key set before it believes a word of it.
func claims(authorization string) string {
	parts := strings.Split(strings.TrimPrefix(authorization, "Bearer "), ".")
	if len(parts) != 3 {
		return ""
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return ""
	}
	var fields map[string]any
	if json.Unmarshal(text, &fields) != nil {
		return ""
	}
	pretty, err := json.MarshalIndent(fields, "", "  ")
	if err != nil {
		return ""
	}
	return string(pretty)
}

func shorten(s string) string {
	if runes := []rune(s); len(runes) > 96 {
		return string(runes[:95]) + "…"
	}
	return s
}
