// SPDX-License-Identifier: Apache-2.0

package pages_test

import (
	"encoding/base64"
	"strings"
	"time"

	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/account"
	"github.com/gatelatch/gatelatch/flow"
	"github.com/gatelatch/gatelatch/pages"
)

const (
	chromeOnWindows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
	safariOnIPhone  = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1"
)

func email(id, address string, primary bool) gatelatch.Address {
	return gatelatch.Address{
		ID: id, Identifier: gatelatch.Identifier{Kind: gatelatch.EmailAddress, Value: strings.ToLower(address)}, Display: address, Primary: primary,
	}
}

func number(id, display string, primary, second bool) gatelatch.Address {
	value := strings.ReplaceAll(display, " ", "")
	return gatelatch.Address{
		ID: id, Identifier: gatelatch.Identifier{Kind: gatelatch.PhoneNumber, Value: value}, Display: display, Primary: primary, SecondFactor: second,
	}
}

// allOffered is a site that offers all there is.
func allOffered() flow.Policy {
	p := flow.DefaultPolicy()
	p.OneSession = true
	p.Password, p.SecondFactor = flow.Optional, flow.Optional
	p.Fields.Phone, p.Fields.FirstName, p.Fields.LastName = flow.Optional, flow.Optional, flow.Optional
	return p
}

// adaLovelace has one of everything.
func adaLovelace() *account.Overview {
	here := gatelatch.Session{
		ID: "sess_1", ClientID: "client_1", UserAgent: chromeOnWindows, IP: "203.0.113.7",
		CreatedAt: noon.Add(-2 * time.Hour), LastActiveAt: noon,
	}
	there := gatelatch.Session{
		ID: "sess_2", ClientID: "client_2", UserAgent: safariOnIPhone, IP: "2001:db8:85a3:8d3:1319:8a2e:370:7348",
		CreatedAt: noon.Add(-70 * time.Hour), LastActiveAt: noon.Add(-26 * time.Hour),
	}
	return &account.Overview{
		User: gatelatch.User{
			ID: "user_1", FirstName: "Ada", LastName: "Lovelace", Factors: gatelatch.Factors{Password: true, TOTP: true, BackupCodes: true, Passkey: true},
			Addresses: []gatelatch.Address{
				email("idn_1", "ada@example.com", true), email("idn_2", "Countess.of.Lovelace@analytical-engine.example.org", false),
				number("idn_3", "+1 201 555 0123", true, false), number("idn_4", "+44 20 7946 0958", false, true),
			},
		},
		PasswordAt: noon.Add(-40 * 24 * time.Hour), BackupCodes: 8, Fresh: true, Current: here,
		Passkeys: []gatelatch.Passkey{
			{ID: "psk_1", Name: "Chrome on Windows", CreatedAt: noon.Add(-20 * 24 * time.Hour), LastUsedAt: noon.Add(-2 * time.Hour)},
			{ID: "psk_2", Name: "The yellow key on my ring", CreatedAt: noon.Add(-24 * time.Hour)},
		},
		Sessions: []gatelatch.Session{here, there, {ID: "sess_3", CreatedAt: noon.Add(-90 * time.Hour), LastActiveAt: noon.Add(-89 * time.Hour)}},
		Devices: []gatelatch.ClientTrust{
			{ClientID: "client_1", UserAgent: chromeOnWindows, IP: "203.0.113.7", TrustedAt: noon.Add(-20 * 24 * time.Hour), LastUsedAt: noon},
			{ClientID: "client_2", UserAgent: safariOnIPhone, IP: "198.51.100.23", TrustedAt: noon.Add(-70 * time.Hour), LastUsedAt: noon.Add(-26 * time.Hour)},
		},
	}
}

// newcomer has an address and nothing else.
func newcomer() *account.Overview {
	here := adaLovelace().Current
	return &account.Overview{
		User:    gatelatch.User{ID: "user_2", Addresses: []gatelatch.Address{email("idn_1", "ada@example.com", true)}},
		Current: here, Sessions: []gatelatch.Session{here}, Fresh: true,
	}
}

func ofAda(change ...func(*pages.AccountExhibit)) pages.AccountExhibit {
	e := pages.AccountExhibit{Site: acmeWith(both), Policy: allOffered(), Passkeys: true, Overview: adaLovelace()}
	for _, c := range change {
		c(&e)
	}
	return e
}

func ofNewcomer(change ...func(*pages.AccountExhibit)) pages.AccountExhibit {
	e := pages.AccountExhibit{Site: acme(), Policy: flow.DefaultPolicy(), Overview: newcomer()}
	e.Policy.OneSession = true
	for _, c := range change {
		c(&e)
	}
	return e
}

// hang puts a view on the wall.
func hang(name string, e pages.AccountExhibit, v pages.View, change ...func(*pages.View)) exhibit {
	v.Token, v.Return, v.Now = "form-token", "/reports?year=2026", noon
	for _, c := range change {
		c(&v)
	}
	return exhibit{name, e.Site, v}
}

func accountRoom() []exhibit {
	var all []exhibit
	for _, wall := range [][]exhibit{overviews(), lists(), forms(), confirmations(), accountCodes(), factors()} {
		all = append(all, wall...)
	}
	return all
}

func overviews() []exhibit {
	return []exhibit{
		hang("account", ofAda(), ofAda().View("/account")),
		hang("account_plain", ofNewcomer(), ofNewcomer().View("/account"), func(v *pages.View) { v.Notice = pages.NoticeNameSaved }),
		hang("account_rtl", ofAda(), ofAda().View("/account"), func(v *pages.View) { v.Lang = "ar" }),
		hang("account_deleted", ofNewcomer(), pages.View{Page: pages.PageAccountDeleted, Account: &pages.Account{}}),
		hang("account_deleted_beside", ofNewcomer(), pages.View{Page: pages.PageAccountDeleted, Account: &pages.Account{}, Beside: true, ContinueURL: "/.auth/accounts"}),
	}
}

func lists() []exhibit {
	one := ofAda(func(e *pages.AccountExhibit) { e.Overview.Passkeys, e.Overview.User.Factors.TOTP = nil, false })
	return []exhibit{
		hang("account_addresses", ofAda(), ofAda().View("/account/addresses")),
		hang("account_addresses_last", ofNewcomer(), ofNewcomer().View("/account/addresses"), func(v *pages.View) { v.Notice = pages.NoticeAddressAdded }),
		hang("account_addresses_refused", ofAda(), ofAda().View("/account/addresses"), func(v *pages.View) {
			v.Refusal = refused(gatelatch.CodeNotFound, "", "That is not in your account any more.")
		}),
		hang("account_numbers", ofAda(), ofAda().View("/account/numbers")),
		hang("account_numbers_rtl", ofAda(), ofAda().View("/account/numbers"), func(v *pages.View) { v.Lang = "he" }),
		hang("account_second_number", ofAda(), ofAda().View("/account/second-number")),
		hang("account_totp_on", ofAda(), ofAda().View("/account/totp")),
		hang("account_passkeys", ofAda(), ofAda().View("/account/passkeys")),
		hang("account_passkeys_none", one, one.View("/account/passkeys")),
		hang("account_sessions", ofAda(), ofAda().View("/account/sessions")),
		hang("account_sessions_one", ofNewcomer(), ofNewcomer().View("/account/sessions"), func(v *pages.View) { v.Notice = pages.NoticeOthersEnded }),
		hang("account_devices", ofAda(), ofAda().View("/account/devices")),
	}
}

func forms() []exhibit {
	bare := ofNewcomer(func(e *pages.AccountExhibit) { e.Policy = allOffered() })
	required := ofAda(func(e *pages.AccountExhibit) { e.Policy.Password = flow.Required })
	return []exhibit{
		hang("account_name", ofAda(), ofAda().View("/account/name")),
		hang("account_address_add", ofAda(), ofAda().View("/account/addresses/add")),
		hang("account_address_refused", ofAda(), ofAda().View("/account/addresses/add"), func(v *pages.View) {
			v.Fields[0].Value = "ada@example"
			v.Refusal = refused(gatelatch.CodeFormat, "email_address", "Enter an email address in the form name@example.com.")
		}),
		hang("account_number_add", ofAda(), ofAda().View("/account/numbers/add")),
		hang("account_second_add", ofAda(), ofAda().View("/account/second-number/add")),
		hang("account_passkey_name", ofAda(), ofAda().View("/account/passkeys/psk_2")),
		hang("account_password", ofAda(), ofAda().View("/account/password")),
		hang("account_password_required", required, required.View("/account/password")),
		hang("account_password_set", bare, bare.View("/account/password"), func(v *pages.View) {
			v.Refusal = refused(gatelatch.CodePasswordWeak, "password", "This is easy to guess: it is a common password.")
		}),
	}
}

func confirmations() []exhibit {
	var all []exhibit
	for name, path := range map[string]string{
		"account_remove_address": "/account/addresses/idn_2", "account_remove_number": "/account/numbers/idn_3",
		"account_release_second": "/account/second-number/idn_4", "account_remove_password": "/account/password/remove",
		"account_remove_totp": "/account/totp/remove", "account_remove_passkey": "/account/passkeys/remove/psk_2",
		"account_end_session": "/account/sessions/sess_2", "account_end_others": "/account/sessions/others",
		"account_revoke_device": "/account/devices/client_2", "account_new_codes": "/account/backup-codes",
		"account_export": "/account/export", "account_delete": "/account/delete",
	} {
		all = append(all, hang(name, ofAda(), ofAda().View(path)))
	}
	return all
}

// change is a change whose code is on its way.
func change(k flow.ChangeKind, st gatelatch.Strategy, display string) flow.Change {
	kind := gatelatch.EmailAddress
	if st == gatelatch.PhoneCode {
		kind = gatelatch.PhoneNumber
	}
	f := flow.Factor{Strategy: st, To: gatelatch.Identifier{Kind: kind, Value: display}, Display: display}
	return flow.Change{ID: "chg_1", Kind: k, Factor: f, Proof: &flow.Verification{
		Factor: f, Status: flow.Unverified, SentAt: noon.Add(-6 * time.Second), ExpireAt: noon.Add(10 * time.Minute),
	}}
}

func accountCodes() []exhibit {
	address := change(flow.AddAddress, gatelatch.EmailCode, "Countess.of.Lovelace@analytical-engine.example.org")
	expired := address
	expired.Proof = &flow.Verification{Factor: address.Factor, Status: flow.Unverified, SentAt: noon.Add(-time.Hour), ExpireAt: noon}
	failed := address
	failed.Proof = &flow.Verification{Factor: address.Factor, Status: flow.Failed, SentAt: noon, ExpireAt: noon.Add(time.Minute)}
	return []exhibit{
		hang("account_code", ofAda(), ofAda().Code(address)),
		hang("account_code_wrong", ofAda(), ofAda().Code(address), func(v *pages.View) {
			v.Refusal = refused(gatelatch.CodeIncorrect, "code", "That code is incorrect. You have 4 more tries.")
		}),
		hang("account_code_expired", ofAda(), ofAda().Code(expired)),
		hang("account_code_failed", ofAda(), ofAda().Code(failed)),
		hang("account_code_sms", ofAda(), ofAda().Code(change(flow.AddAddress, gatelatch.PhoneCode, "+1 201 555 0123"))),
		hang("account_code_second", ofAda(), ofAda().Code(change(flow.AddSecondFactor, gatelatch.PhoneCode, "+1 201 555 0123"))),
		hang("account_code_delete", ofAda(), ofAda().Code(change(flow.DeleteAccount, gatelatch.EmailCode, "ada@example.com"))),
	}
}

func factors() []exhibit {
	scan := &pages.Account{
		Kind: "scan", QR: smallQR(), URI: "otpauth://totp/Acme:ada%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Acme",
		Secret: "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP", Back: "/.auth/account", BackLabel: "way.cancel",
	}
	start := &pages.Account{Kind: "start", Back: "/.auth/account", BackLabel: "way.account"}
	totp := func(a *pages.Account) pages.View {
		return pages.View{Page: pages.PageAccountTOTP, Account: a, Action: "/.auth/account/totp"}
	}
	options := `{"challenge":"AAECAwQFBgcICQ","rp":{"id":"app.example.com","name":"Acme"},"user":{"id":"dXNlcl8x","name":"ada@example.com","displayName":"Ada"}}`
	key := pages.View{Page: pages.PageAccountPasskey, Action: "/.auth/account/passkeys/add", Account: &pages.Account{
		Options: options, Back: "/.auth/account/passkeys", BackLabel: "way.back",
	}}
	return []exhibit{
		hang("account_totp", ofAda(), totp(start)),
		hang("account_totp_scan", ofAda(), totp(scan)),
		hang("account_totp_wrong", ofAda(), totp(scan), func(v *pages.View) {
			v.Refusal = refused(gatelatch.CodeIncorrect, "code", "That code is incorrect.")
		}),
		hang("account_codes", ofAda(), ofAda().Codes("7kq2m-x9fhd", "c4tnp-28wvj", "hj6rd-mq3ks", "9pxwz-5bt2n", "vf8ck-7nj4d",
			"m2hqt-w6xrp", "3dskn-zc9vb", "rt5jw-4gkmh", "xb7pf-q8n2c", "6wvdz-h3jtk"), func(v *pages.View) { v.Notice = pages.NoticeTOTPOn }),
		hang("account_passkey", ofAda(), key),
	}
}

// smallQR stands for an image to scan.
func smallQR() []byte {
	png, err := base64.StdEncoding.DecodeString("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABAQAAAAA3bvkkAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")
	if err != nil {
		panic(err)
	}
	return png
}

// typedAccount is an account with one text wherever its owner, or a browser, can
// put text.
func typedAccount(page pages.Page, text string) *pages.Account {
	kind := ""
	if all := pages.AccountKinds(page); len(all) > 0 {
		kind = all[len(all)-1]
	}
	w := pages.Words{Text: "x" + text}
	return &pages.Account{
		Kind: kind, Subject: "x" + text, Name: "x" + text, Email: "x" + text, Phone: "x" + text, Facts: []pages.Words{w},
		Groups: []pages.AccountGroup{{Title: "account.group.you", Rows: []pages.AccountRow{
			{Label: "account.name", Href: "/" + text, Words: w},
			{Label: "account.email", Href: "/" + text, Words: pages.Words{Key: "account.more", Text: "x" + text, Count: 2}},
		}}},
		Items: []pages.AccountItem{{ID: "x" + text, Title: w, Facts: []pages.Words{{Key: "account.from", Text: "x" + text}}, Href: "/" + text, Link: "account.remove", Step: "x" + text, Button: "account.remove"}},
		Back:  "/" + text, BackLabel: "way.back", Codes: []gatelatch.Secret{gatelatch.Secret("x" + text)}, Options: "x" + text,
		URI: gatelatch.Secret("otpauth://x" + text), Secret: gatelatch.Secret("x" + text), QR: []byte("x" + text),
	}
}
