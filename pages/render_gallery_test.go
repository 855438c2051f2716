// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/pages"
)

// exhibit is one page in one state. The golden files are the gallery that
// people look at and that accessibility is checked on.
type exhibit struct {
	name string
	site pages.Site
	view pages.View
}

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func acme() pages.Site {
	return pages.Site{Name: "Acme", Base: "/.auth", Email: true, SignUp: true, Help: "mailto:help@acme.example"}
}

func acmeWith(change func(*pages.Site)) pages.Site {
	s := acme()
	change(&s)
	return s
}

func both(s *pages.Site)   { s.Phone = true }
func phone(s *pages.Site)  { s.Email, s.Phone, s.Region = false, true, "US" }
func closed(s *pages.Site) { s.SignUp = false }

func refused(code gatelatch.Code, param, message string) *gatelatch.Refusal {
	return &gatelatch.Refusal{Code: code, Param: param, Message: message}
}

func view(page pages.Page, change func(*pages.View)) pages.View {
	v := pages.View{
		Page: page, Token: "form-token", Action: "/.auth/sign-in", Return: "/reports?year=2026", Now: noon,
	}
	if change != nil {
		change(&v)
	}
	return v
}

func codeView(change func(*pages.View)) pages.View {
	return view(pages.PageCode, func(v *pages.View) {
		v.Attempt, v.To, v.Channel, v.Purpose = "sia_1", "j•••@example.com", pages.ChannelEmail, pages.PurposeSignIn
		v.ExpireAt, v.ResendAt = noon.Add(10*time.Minute), noon.Add(24*time.Second)
		if change != nil {
			change(v)
		}
	})
}

func everyField() []pages.Field {
	return []pages.Field{
		{Name: "email_address", Required: true},
		{Name: "phone_number", Required: true},
		{Name: "first_name"},
		{Name: "last_name"},
	}
}

func gallery() []exhibit {
	var all []exhibit
	for _, room := range [][]exhibit{firstPages(), codePages(), provenPages(), authPages(), quietPages(), errorPages(), accountRoom(), chooseRoom()} {
		all = append(all, room...)
	}
	return all
}

func firstPages() []exhibit {
	return []exhibit{
		{"sign_in", acme(), view(pages.PageSignIn, nil)},
		{"sign_in_both", acmeWith(both), view(pages.PageSignIn, nil)},
		{"sign_in_phone", acmeWith(phone), view(pages.PageSignIn, nil)},
		{"sign_in_accent", acmeWith(func(s *pages.Site) { s.Accent = "#5b5bd6" }), view(pages.PageSignIn, nil)},
		{"sign_in_accent_light", acmeWith(func(s *pages.Site) { s.Accent = "#ffd400" }), view(pages.PageSignIn, nil)},
		{"sign_in_logo", acmeWith(func(s *pages.Site) { s.Logo, s.Stylesheet = "/logo.svg", "/brand.css" }), view(pages.PageSignIn, nil)},
		{"sign_in_rtl", acmeWith(both), view(pages.PageSignIn, func(v *pages.View) {
			v.Lang = "ar"
			v.Refusal = refused(gatelatch.CodeMissing, "identifier", "Enter your email address or phone number.")
		})},
		{"sign_in_refused", acme(), view(pages.PageSignIn, func(v *pages.View) {
			v.Identifier = "ada@example"
			v.Refusal = refused(gatelatch.CodeFormat, "identifier", "Enter an email address in the form name@example.com.")
		})},
		{"sign_in_limited", acme(), view(pages.PageSignIn, func(v *pages.View) {
			v.Identifier = "ada@example.com"
			v.Refusal = refused(gatelatch.CodeTooManyRequests, "", "Too many codes were asked for.")
			v.Refusal.RetryAfter = 8*time.Minute + 10*time.Second
		})},
		{"sign_in_posted", acme(), view(pages.PageSignIn, func(v *pages.View) { v.Notice = pages.NoticePosted })},
		{"sign_in_closed", acmeWith(closed), view(pages.PageSignIn, func(v *pages.View) { v.Notice = pages.NoticeEnded })},
		{"sign_up", acme(), view(pages.PageSignUp, func(v *pages.View) { v.Fields = everyField()[:1] })},
		{"sign_up_refused", acmeWith(both), view(pages.PageSignUp, func(v *pages.View) {
			v.Fields = everyField()
			v.Fields[0].Value = "ada@example.com"
			v.Refusal = refused(gatelatch.CodeMissing, "phone_number", "Enter your phone number.")
		})},
	}
}

func codePages() []exhibit {
	return []exhibit{
		{"code", acme(), codeView(nil)},
		{"code_sms", acmeWith(both), codeView(func(v *pages.View) { v.To, v.Channel = "+1 •••• 23", pages.ChannelSMS })},
		{"code_sign_up", acme(), codeView(func(v *pages.View) { v.Purpose = pages.PurposeSignUp })},
		{"code_rtl", acmeWith(both), codeView(func(v *pages.View) { v.Lang, v.To, v.Channel = "he", "+1 •••• 23", pages.ChannelSMS })},
		{"code_resent", acme(), codeView(func(v *pages.View) {
			v.Notice, v.Now = pages.NoticeResent, noon.Add(90*time.Second)
			v.ResendAt = v.Now.Add(30 * time.Second)
		})},
		{"code_wrong", acme(), codeView(func(v *pages.View) {
			v.Now = noon.Add(time.Minute)
			v.Refusal = refused(gatelatch.CodeIncorrect, "code", "That code is incorrect. You have 4 more tries.")
		})},
		{"code_expired", acme(), codeView(func(v *pages.View) {
			v.Now = v.ExpireAt
			v.Refusal = refused(gatelatch.CodeExpired, "code", "This code has expired. Ask for a new one.")
		})},
		{"code_failed", acme(), codeView(func(v *pages.View) {
			v.Refusal = refused(gatelatch.CodeFailed, "code", "Too many wrong codes. Start over to get a new one.")
		})},
		{"code_closed", acmeWith(closed), codeView(nil)},
	}
}

func provenPages() []exhibit {
	proven := func(v *pages.View) { v.Attempt, v.Identifier, v.Action = "sua_1", "ada@example.com", "/.auth/sign-up" }
	return []exhibit{
		{"create", acme(), view(pages.PageCreate, proven)},
		{"existing", acme(), view(pages.PageExisting, proven)},
		{"details", acme(), view(pages.PageDetails, func(v *pages.View) {
			proven(v)
			v.Fields = []pages.Field{{Name: "first_name", Required: true}, {Name: "last_name"}}
		})},
	}
}

func quietPages() []exhibit {
	entries := []pages.OutboxEntry{
		{To: "ada@example.com", Channel: "email", Code: "482913", Subject: "482913 is your Acme code", Body: "482913\n\nEnter it on localhost within 10 minutes.", At: noon},
		{To: "+12015550123", Channel: "sms", Code: "071204", Body: "071204 is your Acme code.\n\n@localhost #071204", At: noon.Add(-time.Minute)},
	}
	return []exhibit{
		{"signed_out", acme(), view(pages.PageSignedOut, nil)},
		{"closed", acmeWith(closed), view(pages.PageClosed, nil)},
		{"frame", acme(), view(pages.PageFrame, func(v *pages.View) { v.ContinueURL = "/reports" })},
		{"outbox", acme(), view(pages.PageOutbox, func(v *pages.View) { v.Entries = entries })},
		{"outbox_empty", acme(), view(pages.PageOutbox, nil)},
	}
}

func errorPages() []exhibit {
	status := func(code int, change func(*pages.View)) pages.View {
		return view(pages.PageError, func(v *pages.View) {
			v.StatusCode = code
			if change != nil {
				change(v)
			}
		})
	}
	return []exhibit{
		{"error_403", acme(), status(403, nil)},
		{"error_404", acme(), status(404, func(v *pages.View) { v.ContinueURL = "/" })},
		{"error_429", acme(), status(429, func(v *pages.View) {
			v.ContinueURL = "/.auth/sign-in"
			v.Refusal = refused(gatelatch.CodeTooManyRequests, "", "There were too many requests from your network.")
			v.Refusal.RetryAfter = 42 * time.Second
		})},
		{"error_503", acme(), status(503, func(v *pages.View) { v.ContinueURL = "/reports" })},
	}
}
