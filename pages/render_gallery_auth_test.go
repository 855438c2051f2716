// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/pages"
)

// authPages are the steps beyond an address and its code.
func authPages() []exhibit {
	var all []exhibit
	for _, room := range [][]exhibit{passwordPages(), secondPages(), otherCodes(), linkPages(), signUpModes(), askedPages(), taskPages()} {
		all = append(all, room...)
	}
	return all
}

const passkeyOptions = `{"challenge":"c2lnbiB0aGlz","rpId":"app.example.com","userVerification":"required"}`

// attempt is a page of a sign-in that has an address.
func attempt(page pages.Page, change func(*pages.View)) pages.View {
	return view(page, func(v *pages.View) {
		v.Attempt, v.Action, v.Purpose = "sia_1", "/.auth/sign-in/sia_1", pages.PurposeSignIn
		v.Identifier, v.To = "ada@example.com", "a•••@example.com"
		v.Passwords, v.MinLength = true, 8
		v.Methods, v.Others = firstMethods(), true
		if change != nil {
			change(v)
		}
	})
}

func firstMethods() []pages.Method {
	const to = "a•••@example.com"
	return []pages.Method{
		{Way: "password", Strategy: gatelatch.PasswordStrategy},
		{Way: "email_code", Strategy: gatelatch.EmailCode, To: to},
		{Way: "email_link", Strategy: gatelatch.EmailLink, To: to},
		{Way: "reset_password_email_code", Strategy: gatelatch.ResetByEmail, To: to},
	}
}

func secondMethods() []pages.Method {
	return []pages.Method{
		{Way: "totp", Strategy: gatelatch.TOTPCode},
		{Way: "phone_code:idn_2", Strategy: gatelatch.PhoneCode, To: "+1 •••• 23"},
		{Way: "phone_code:idn_3", Strategy: gatelatch.PhoneCode, To: "+44 •••• 90"},
		{Way: "passkey", Strategy: gatelatch.PasskeyStrategy},
		{Way: "backup_code", Strategy: gatelatch.BackupCode},
	}
}

func second(v *pages.View) {
	v.Purpose, v.Second, v.Methods = pages.PurposeSecond, true, secondMethods()
}

func passwordPages() []exhibit {
	return []exhibit{
		{"sign_in_passkey", acme(), view(pages.PageSignIn, func(v *pages.View) { v.Passkey, v.Passwords = passkeyOptions, true })},
		{"password", acme(), attempt(pages.PagePassword, nil)},
		{"password_rtl", acme(), attempt(pages.PagePassword, func(v *pages.View) { v.Lang = "ar" })},
		{"password_phone", acmeWith(both), attempt(pages.PagePassword, func(v *pages.View) {
			v.Identifier = "+12015550123"
			v.Methods = []pages.Method{
				{Way: "password", Strategy: gatelatch.PasswordStrategy}, {Way: "phone_code", Strategy: gatelatch.PhoneCode}, {Way: "reset_password_phone_code", Strategy: gatelatch.ResetByPhone},
			}
		})},
		{"password_wrong", acme(), attempt(pages.PagePassword, func(v *pages.View) {
			v.Refusal = refused(gatelatch.CodePasswordIncorrect, "password", "That password is incorrect. You have 4 more tries.")
		})},
		{"password_spent", acme(), attempt(pages.PagePassword, func(v *pages.View) {
			v.Refusal = refused(gatelatch.CodeFailed, "password", "Too many wrong passwords. Use another way to sign in, or start over.")
		})},
		{"password_again", acme(), attempt(pages.PagePassword, func(v *pages.View) {
			v.Purpose, v.Level, v.Methods = pages.PurposeAgain, flow.LevelFirst, firstMethods()[:2]
		})},
		{"methods", acme(), attempt(pages.PageMethods, nil)},
		{"methods_both", acmeWith(both), attempt(pages.PageMethods, nil)},
		{"methods_again", acme(), attempt(pages.PageMethods, func(v *pages.View) {
			v.Purpose, v.Methods = pages.PurposeAgain, append(firstMethods()[:2], secondMethods()[3])
		})},
		{"methods_limited", acme(), attempt(pages.PageMethods, func(v *pages.View) {
			v.Purpose, v.Second, v.Methods = pages.PurposeTrust, true, firstMethods()[1:3]
			v.Refusal = refused(gatelatch.CodeTooManyRequests, "", "Too many codes were asked for.")
			v.Refusal.RetryAfter = 8 * time.Minute
		})},
		{"new_password", acme(), attempt(pages.PageNewPassword, nil)},
		{"new_password_weak", acme(), attempt(pages.PageNewPassword, func(v *pages.View) {
			v.MinLength = 15
			v.Refusal = refused(gatelatch.CodePasswordWeak, "password", "That password is among the most common ones. Choose another.")
		})},
		{"error_busy", acme(), view(pages.PageError, func(v *pages.View) { v.StatusCode, v.Busy, v.ContinueURL = 503, true, "/.auth/sign-in/sia_1" })},
	}
}

func secondPages() []exhibit {
	return []exhibit{
		{"methods_second", acme(), attempt(pages.PageMethods, second)},
		{"totp", acme(), attempt(pages.PageTOTP, func(v *pages.View) { second(v); v.Strategy = gatelatch.TOTPCode })},
		{"totp_wrong", acme(), attempt(pages.PageTOTP, func(v *pages.View) {
			second(v)
			v.Strategy = gatelatch.TOTPCode
			v.Refusal = refused(gatelatch.CodeIncorrect, "code", "That code is incorrect. You have 4 more tries.")
		})},
		{"backup_code", acme(), attempt(pages.PageBackupCode, func(v *pages.View) { second(v); v.Strategy = gatelatch.BackupCode })},
		{"passkey", acme(), attempt(pages.PagePasskey, func(v *pages.View) { second(v); v.Passkey = passkeyOptions })},
	}
}

// otherCodes are the code page with other things to say.
func otherCodes() []exhibit {
	purpose := func(p string, change func(*pages.View)) pages.View {
		return codeView(func(v *pages.View) {
			v.Purpose, v.Others = p, true
			if change != nil {
				change(v)
			}
		})
	}
	restricted := acmeWith(func(s *pages.Site) { s.Restricted = true })
	trust := func(v *pages.View) {
		v.TrustDays, v.Second, v.Strategy, v.AddressID = 30, true, gatelatch.EmailCode, "idn_1"
	}
	return []exhibit{
		{"code_trust", acme(), purpose(pages.PurposeTrust, trust)},
		{"code_trust_link", acme(), purpose(pages.PurposeTrust, func(v *pages.View) { trust(v); v.Strategy = gatelatch.EmailLink })},
		{"code_second", acmeWith(both), purpose(pages.PurposeSecond, func(v *pages.View) { v.Second, v.To, v.Channel = true, "+1 •••• 23", pages.ChannelSMS })},
		{"code_reset", acme(), purpose(pages.PurposeReset, nil)},
		{"code_reset_closed", acmeWith(closed), purpose(pages.PurposeReset, nil)},
		{"code_again", acme(), purpose(pages.PurposeAgain, nil)},
		{"code_link", acme(), purpose(pages.PurposeSignIn, func(v *pages.View) { v.Strategy = gatelatch.EmailLink })},
		{"code_link_closed", acmeWith(closed), purpose(pages.PurposeSignIn, func(v *pages.View) { v.Strategy = gatelatch.EmailLink })},
		{"code_sign_up_restricted", restricted, purpose(pages.PurposeSignUp, func(v *pages.View) { v.Others = false })},
	}
}

func linkPages() []exhibit {
	token := func(v *pages.View) { v.Action, v.LinkToken = "/.auth/link/sia_1", "link-token" }
	ticket := func(v *pages.View) { v.LinkToken = "sit_1.ticket" }
	return []exhibit{
		{"link", acme(), view(pages.PageLink, token)},
		{"link_code", acme(), view(pages.PageLinkCode, func(v *pages.View) { v.LinkCode = "482913" })},
		{"link_over", acme(), view(pages.PageLinkOver, nil)},
		{"ticket", acme(), view(pages.PageTicket, ticket)},
		{"ticket_bare", acmeWith(func(s *pages.Site) { s.Name = "" }), view(pages.PageTicket, ticket)},
		{"ticket_rtl", acme(), view(pages.PageTicket, func(v *pages.View) { ticket(v); v.Lang = "ar" })},
		{"ticket_over", acme(), view(pages.PageSignIn, func(v *pages.View) { v.Refusal = flow.RefuseTicket() })},
		{"not_me", acme(), view(pages.PageNotMe, token)},
		{"not_me_done", acme(), view(pages.PageNotMeDone, func(v *pages.View) { v.Passwords = true })},
		{"not_me_done_codes", acme(), view(pages.PageNotMeDone, nil)},
	}
}

func signUpModes() []exhibit {
	fields := func(mode flow.SignUpMode, change func(*pages.View)) pages.View {
		return view(pages.PageSignUp, func(v *pages.View) {
			v.Action, v.Purpose, v.Mode, v.MinLength = "/.auth/sign-up", pages.PurposeSignUp, mode, 15
			v.Fields = append(everyField()[:1], pages.Field{Name: "password", Required: true})
			if change != nil {
				change(v)
			}
		})
	}
	return []exhibit{
		{"sign_up_password", acme(), fields(flow.SignUpOpen, nil)},
		{"sign_up_password_short", acme(), fields(flow.SignUpOpen, func(v *pages.View) {
			v.Fields[0].Value = "ada@example.com"
			v.Refusal = refused(gatelatch.CodePasswordShort, "password", "That password is too short. It needs at least 15 characters.")
		})},
		{"sign_up_invited", acme(), fields(flow.SignUpInvite, func(v *pages.View) { v.Fields[0].Value, v.Notice = "ada@example.com", pages.NoticeInvited })},
		{"sign_up_waitlist", acme(), fields(flow.SignUpWaitlist, func(v *pages.View) { v.Fields = v.Fields[:1] })},
		{"sign_up_restricted", acmeWith(func(s *pages.Site) { s.Restricted = true }), fields(flow.SignUpOpen, func(v *pages.View) { v.Fields = v.Fields[:1] })},
		{"sign_in_waitlist", acme(), view(pages.PageSignIn, func(v *pages.View) { v.Mode = flow.SignUpWaitlist })},
		{"waiting", acme(), view(pages.PageWaiting, func(v *pages.View) { v.To = "a•••@example.com" })},
	}
}

func askedPages() []exhibit {
	verify := func(l flow.Level) pages.View {
		return view(pages.PageVerify, func(v *pages.View) { v.Action, v.Level = "/.auth/verify", l })
	}
	return []exhibit{
		{"verify", acme(), verify(flow.LevelFirst)},
		{"verify_second", acme(), verify(flow.LevelSecond)},
		{"setup_mfa_path", acme(), view(pages.PageSetUp, func(v *pages.View) { v.SetUps = setUps() })},
	}
}

func setUps() []pages.SetUp {
	return []pages.SetUp{
		{Name: "totp", Href: "/.auth/account/totp"}, {Name: "phone", Href: "/.auth/account/second-number"}, {Name: "passkey", Href: "/.auth/account/passkeys"},
	}
}

func taskPages() []exhibit {
	task := func(page pages.Page, name string, change func(*pages.View)) pages.View {
		return view(page, func(v *pages.View) {
			v.Action, v.Task, v.MinLength = "/.auth/tasks/"+name, true, 8
			if change != nil {
				change(v)
			}
		})
	}
	return []exhibit{
		{"task_reset_password", acme(), task(pages.PageNewPassword, "reset-password", func(v *pages.View) { v.Identifier = "ada@example.com" })},
		{"task_setup_mfa", acme(), task(pages.PageSetUp, "setup-mfa", func(v *pages.View) { v.SetUps = setUps() })},
		{"task_accept_terms", acme(), task(pages.PageTerms, "accept-terms", func(v *pages.View) { v.Terms = flow.Terms{URL: "/terms", Version: "2026-11"} })},
	}
}
