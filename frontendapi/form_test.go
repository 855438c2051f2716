// SPDX-License-Identifier: Apache-2.0

package frontendapi_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// What is no form, by what is wrong with it. Nothing of it reaches an operation.
func TestBodies(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	for _, tt := range []struct {
		name, media, body string
		status            int
		code, param       string
	}{
		{"a form", form, "identifier=ada%40example.com", 200, "", ""},
		{"a form with a charset", form + "; charset=UTF-8", "identifier=ada%40example.com", 200, "", ""},
		{"fields that nobody knows", form, "identifier=ada%40example.com&captcha_token=x&captcha_token=y&bad=%00", 200, "", ""},
		{"a field twice", form, "identifier=ada%40example.com&identifier=bob%40example.com", 422, "form_param_duplicate", "identifier"},
		{"control characters", form, "identifier=ada%00%40example.com", 422, "form_param_format_invalid", "identifier"},
		{"not UTF-8", form, "identifier=%ff", 422, "form_param_format_invalid", "identifier"},
		{"a broken escape", form, "identifier=%zz", 400, "form_param_format_invalid", ""},
		{"semicolons", form, "identifier=a;strategy=b", 400, "form_param_format_invalid", ""},
		{"too many fields", form, strings.Repeat("a=b&", 200), 400, "form_param_format_invalid", ""},
		{"too large", form, "identifier=" + strings.Repeat("a", 64<<10), 400, "form_param_format_invalid", ""},
		{"JSON", "application/json", `{"identifier":"ada@example.com"}`, 400, "form_param_format_invalid", ""},
		{"multipart", "multipart/form-data; boundary=x", "--x--", 400, "form_param_format_invalid", ""},
		{"no type", "", "identifier=ada%40example.com", 400, "form_param_format_invalid", ""},
		{"nothing", form, "", 422, "form_param_missing", "identifier"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newWorld(t).program()
			r := p.request(http.MethodPost, "/client/sign_ins", tt.body)
			r.Header.Set("Content-Type", tt.media)
			a := p.do(r)
			if tt.code == "" {
				a.ok()
				return
			}
			a.refused(tt.status, tt.code, tt.param)
		})
	}
}

func TestMethods(t *testing.T) {
	w := newWorld(t)
	p := w.program()
	p.signUp("ada@example.com")
	p.send(http.MethodGet, "/client/sessions?_method=DELETE", nil).refused(405, "method_not_allowed", "") // a link must not sign out
	p.as("PATCH", "/client/sessions").refused(405, "method_not_allowed", "")
	if allow := p.as("PATCH", "/client").header.Get("Allow"); allow != "DELETE, GET, POST, PUT" {
		t.Errorf("Allow = %q", allow)
	}
	p.send(http.MethodDelete, "/client/sessions", nil).ok().want("response.sessions", "[]") // the real verb
	p.as("put", "/client").ok().want("response.object", "client")
	p.send(http.MethodPatch, "/environment", nil).ok().want("object", "environment")
	p.as("PATCH", "/environment").ok().want("object", "environment")
	p.get("/client/nothing").refused(404, "resource_not_found", "")
	p.get("/client/sign_ins/").refused(405, "method_not_allowed", "")
	p.get("/client/sign_ins/..%2f").refused(404, "resource_not_found", "")
	p.get("/client/sign_ins/"+strings.Repeat("a", 100)).refused(404, "resource_not_found", "")
	p.get("/client/").ok().want("response.object", "client") // SDKs write some paths with a slash
}

func TestHeaders(t *testing.T) {
	w := newWorld(t)
	p := w.program()
	for _, a := range []*reply{p.get("/client"), p.signUp("ada@example.com"), p.get("/nothing"), p.get("/environment"), p.post("/client/sign_ins")} {
		h := a.header
		if h.Get("Content-Type") != "application/json" || h.Get("Cache-Control") != "no-store" || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%v", h)
		}
	}
}

// Nothing that somebody posts may break the API, or do more than a form can.
func FuzzForm(f *testing.F) {
	for _, body := range []string{
		"identifier=ada%40example.com", "identifier=a&identifier=b", "strategy=ticket&ticket=x", "transfer=true", "identifier=%2B12025550123&strategy=phone_code",
		"identifier=a&password=", "strategy=passkey", "&&&=;", "%", "identifier=\x00", "email_address=a%40b.example&unsafe_metadata=%7B%7D",
		"unsafe_metadata=%5B%5D", "email_address=a%40b.example&unsafe_metadata=%7B%22a%22%3A", "phone_number=1&legal_accepted=1&locale=en",
	} {
		f.Add(body)
	}
	w := newWorld(f, withPasswords, withPasskeys)
	f.Fuzz(func(t *testing.T, body string) {
		for _, path := range []string{"/client/sign_ins", "/client/sign_ups", "/client/sign_ins/sia_x/attempt_first_factor", "/client/sessions/sess_x/touch"} {
			r := httptest.NewRequest(http.MethodPost, "https://app.example.com/.auth/v1"+path, strings.NewReader(body))
			r.Header = http.Header{"Origin": {origin}, "Content-Type": {"application/x-www-form-urlencoded"}}
			rec := httptest.NewRecorder()
			w.handler.ServeHTTP(rec, r)
			if rec.Code >= 500 {
				t.Errorf("%s: %d %s (%v)", path, rec.Code, rec.Body, w.reports)
			}
			if values, err := url.ParseQuery(body); err != nil && body != "" && rec.Code == http.StatusOK {
				t.Errorf("%s took %q, which is no form: %v", path, body, values)
			}
		}
	})
}
