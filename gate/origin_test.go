// SPDX-License-Identifier: Apache-2.0

package gate_test

import (
	"net/http"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/gatelatch/gatelatch/gate"
)

const (
	own     = "https://app.example.com"
	alias   = "http://localhost:8080"
	allowed = "https://www.example.com"
	foreign = "https://evil.example"
)

var origins = gate.Origins{Own: []string{own, alias}, Allowed: []string{allowed}}

// TestOriginVerdicts is the policy.
func TestOriginVerdicts(t *testing.T) {
	type h = http.Header
	for _, row := range []struct {
		name   string
		header h
		// what a read and a change get, without a cookie and with one
		read, change, changeWithCookie gate.From
	}{
		{"a program", h{}, gate.FromNowhere, gate.FromNowhere, gate.FromForeign},
		{"an own page", h{"Origin": {own}}, gate.FromOwn, gate.FromOwn, gate.FromOwn},
		{"another own page", h{"Origin": {alias}}, gate.FromOwn, gate.FromOwn, gate.FromOwn},
		{"an allowed page", h{"Origin": {allowed}}, gate.FromAllowed, gate.FromAllowed, gate.FromAllowed},
		{"an allowed page, as browsers say", h{"Origin": {allowed}, "Sec-Fetch-Site": {"same-site"}}, gate.FromAllowed, gate.FromAllowed, gate.FromAllowed},
		{"a foreign page", h{"Origin": {foreign}}, gate.FromForeign, gate.FromForeign, gate.FromForeign},
		{"a foreign page that says same", h{"Origin": {foreign}, "Sec-Fetch-Site": {"same-origin"}}, gate.FromForeign, gate.FromForeign, gate.FromForeign},
		{"a longer name", h{"Origin": {own + ".evil.example"}}, gate.FromForeign, gate.FromForeign, gate.FromForeign},
		{"another port", h{"Origin": {own + ":444"}}, gate.FromForeign, gate.FromForeign, gate.FromForeign},
		{"another scheme", h{"Origin": {"http://app.example.com"}}, gate.FromForeign, gate.FromForeign, gate.FromForeign},
		{"a slash behind", h{"Origin": {own + "/"}}, gate.FromForeign, gate.FromForeign, gate.FromForeign},
		{"capitals, as no browser writes", h{"Origin": {"https://APP.example.com"}}, gate.FromForeign, gate.FromForeign, gate.FromForeign},
		{"an empty origin", h{"Origin": {""}}, gate.FromForeign, gate.FromForeign, gate.FromForeign},
		{"a sandboxed frame", h{"Origin": {"null"}}, gate.FromForeign, gate.FromForeign, gate.FromForeign},
		{"a sandboxed frame, as browsers say", h{"Origin": {"null"}, "Sec-Fetch-Site": {"cross-site"}}, gate.FromForeign, gate.FromForeign, gate.FromForeign},
		{"an origin that the own page hides", h{"Origin": {"null"}, "Sec-Fetch-Site": {"same-origin"}}, gate.FromOwn, gate.FromOwn, gate.FromOwn},
		{"two origins", h{"Origin": {own, foreign}}, gate.FromForeign, gate.FromForeign, gate.FromForeign},
		{"one origin twice", h{"Origin": {own, own}}, gate.FromForeign, gate.FromForeign, gate.FromForeign},
		{"an own page, without origin", h{"Sec-Fetch-Site": {"same-origin"}}, gate.FromOwn, gate.FromOwn, gate.FromOwn},
		{"an address that somebody typed", h{"Sec-Fetch-Site": {"none"}}, gate.FromNowhere, gate.FromNowhere, gate.FromNowhere},
		{"a link from elsewhere", h{"Sec-Fetch-Site": {"cross-site"}}, gate.FromNowhere, gate.FromForeign, gate.FromForeign},
		{"a link from a sibling", h{"Sec-Fetch-Site": {"same-site"}}, gate.FromNowhere, gate.FromForeign, gate.FromForeign},
		{"two words of fetch metadata", h{"Sec-Fetch-Site": {"same-origin", "cross-site"}}, gate.FromNowhere, gate.FromForeign, gate.FromForeign},
		{"an empty word", h{"Sec-Fetch-Site": {""}}, gate.FromNowhere, gate.FromForeign, gate.FromForeign},
		{"an own page with a key", h{"Origin": {own}, "Authorization": {"x"}}, gate.FromConflict, gate.FromConflict, gate.FromConflict},
		{"an own page with an empty key", h{"Origin": {own}, "Authorization": {""}}, gate.FromConflict, gate.FromConflict, gate.FromConflict},
		{"a foreign page with a key", h{"Origin": {foreign}, "Authorization": {"x"}}, gate.FromForeign, gate.FromForeign, gate.FromForeign},
		{"a program with a key", h{"Authorization": {"x"}}, gate.FromNowhere, gate.FromNowhere, gate.FromForeign},
	} {
		for _, is := range []struct {
			method string
			cookie bool
			want   gate.From
		}{
			{"GET", false, row.read},
			{"GET", true, row.read},
			{"HEAD", true, row.read},
			{"POST", false, row.change},
			{"POST", true, row.changeWithCookie},
			{"DELETE", true, row.changeWithCookie},
			{"OPTIONS", true, row.changeWithCookie},
			{"get", true, row.changeWithCookie},
			{"", true, row.changeWithCookie},
		} {
			got, origin := origins.Judge(is.method, row.header, is.cookie)
			if got != is.want {
				t.Errorf("%s: %q with cookie %v is %s, want %s", row.name, is.method, is.cookie, got, is.want)
			}
			if origin != "" && !slices.Contains(row.header["Origin"], origin) {
				t.Errorf("%s: the origin is %q", row.name, origin)
			}
		}
	}
}

// Whatever else a request says, a page that is not listed changes nothing, and an
// origin that is reflected to browsers is a listed one.
func TestNoForeignOriginPasses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := http.Header{}
		for _, name := range []string{"Origin", "Sec-Fetch-Site", "Authorization"} {
			words := []string{own, allowed, foreign, "null", "", "same-origin", "same-site", "cross-site", "none", "x"}
			if values := rapid.SliceOfN(rapid.SampledFrom(words), 0, 2).Draw(t, name); len(values) > 0 {
				h[name] = values
			}
		}
		method := rapid.SampledFrom([]string{"GET", "POST", "PATCH", "DELETE"}).Draw(t, "method")
		from, origin := origins.Judge(method, h, rapid.Bool().Draw(t, "cookie"))
		if from.Refused() {
			return
		}
		listed := []string{own, alias, allowed}
		if origin != "" && !slices.Contains(listed, origin) {
			t.Fatalf("%v: %s from %q", h, from, origin)
		}
		for _, named := range h["Origin"] {
			hidden := named == "null" && slices.Equal(h["Sec-Fetch-Site"], []string{"same-origin"})
			if !slices.Contains(listed, named) && !hidden {
				t.Fatalf("%v: %s", h, from)
			}
		}
		if site := h.Get("Sec-Fetch-Site"); method != "GET" && len(h["Origin"]) == 0 && (site == "cross-site" || site == "same-site") {
			t.Fatalf("%v: %s", h, from)
		}
	})
}
