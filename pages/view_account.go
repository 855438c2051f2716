// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"encoding/base64"
	"html/template"
	"slices"
	"time"

	"github.com/gatelatch/gatelatch"
)

// The account pages. Several places share a page, and [Account.Kind] words it.
const (
	PageAccount         Page = "account"          // everything at a glance, a row for each thing
	PageAccountList     Page = "account_list"     // addresses, numbers, passkeys, sessions, devices
	PageAccountForm     Page = "account_form"     // asks for a name, an address, a number
	PageAccountConfirm  Page = "account_confirm"  // says what follows, with one button
	PageAccountCode     Page = "account_code"     // asks for the code that a change needs
	PageAccountPassword Page = "account_password" // asks for a new password
	PageAccountTOTP     Page = "account_totp"     // sets an authenticator app up
	PageAccountCodes    Page = "account_codes"    // shows backup codes, this once
	PageAccountPasskey  Page = "account_passkey"  // makes a passkey
	PageAccountDeleted  Page = "account_deleted"  // after the account is gone
)

// accountPages lists the account pages.
func accountPages() []Page {
	return []Page{
		PageAccount, PageAccountList, PageAccountForm, PageAccountConfirm, PageAccountCode, PageAccountPassword,
		PageAccountTOTP, PageAccountCodes, PageAccountPasskey, PageAccountDeleted,
	}
}

func isAccountPage(p Page) bool { return slices.Contains(accountPages(), p) }

// The names of form fields of account pages, and the values that their buttons
// send.
const (
	ParamID   = "id"   // what a button of a list is about
	ParamName = "name" // of a passkey

	StepSave    = "save"    // PageAccountForm, PageAccountPassword, PageAccountPasskey
	StepPrimary = "primary" // PageAccountList of addresses
	StepUse     = "use"     // PageAccountList of numbers for the second step
	StepConfirm = "confirm" // PageAccountConfirm
	StepStart   = "start"   // PageAccountTOTP, before there is a key
)

// What has happened to the account, said on the page after it.
const (
	NoticeNameSaved       Notice = "account_name"
	NoticeAddressAdded    Notice = "account_address_added"
	NoticeAddressRemoved  Notice = "account_address_removed"
	NoticeNumberAdded     Notice = "account_number_added"
	NoticeNumberRemoved   Notice = "account_number_removed"
	NoticePrimary         Notice = "account_primary"
	NoticePasswordSet     Notice = "account_password_set"
	NoticePasswordRemoved Notice = "account_password_removed"
	NoticeTOTPOn          Notice = "account_totp_on"
	NoticeTOTPRemoved     Notice = "account_totp_removed"
	NoticeSecondOn        Notice = "account_second_on"
	NoticeSecondReleased  Notice = "account_second_released"
	NoticePasskeyAdded    Notice = "account_passkey_added"
	NoticePasskeyRenamed  Notice = "account_passkey_renamed"
	NoticePasskeyRemoved  Notice = "account_passkey_removed"
	NoticeSessionEnded    Notice = "account_session_ended"
	NoticeOthersEnded     Notice = "account_others_ended"
	NoticeDeviceRevoked   Notice = "account_device_revoked"
)

// accountNotices are those that an address may ask for.
var accountNotices = []Notice{
	NoticeNameSaved, NoticeAddressAdded, NoticeAddressRemoved, NoticeNumberAdded, NoticeNumberRemoved, NoticePrimary,
	NoticePasswordSet, NoticePasswordRemoved, NoticeTOTPOn, NoticeTOTPRemoved, NoticeSecondOn, NoticeSecondReleased,
	NoticePasskeyAdded, NoticePasskeyRenamed, NoticePasskeyRemoved, NoticeSessionEnded, NoticeOthersEnded,
	NoticeDeviceRevoked,
}

// Account is what an account page shows. The zero value of a field leaves the
// thing out.
type Account struct {
	// page is the page that shows this.
	page Page
	// Kind words a page that several places share: "addresses", "remove_totp".
	// Heading and sentences are found under it.
	Kind string
	// Subject is what the page is about: an address, a device, a passkey.
	Subject string
	// Name, Email and Phone are who is signed in, SignedInAt since when.
	Name, Email, Phone string
	SignedInAt         time.Time
	// Groups are the rows of PageAccount.
	Groups []AccountGroup
	// Items are what PageAccountList lists, Facts what PageAccountConfirm adds.
	Items []AccountItem
	Facts []Words
	// Add leads to where one more is added, All to where all but the present one
	// are ended; empty for neither.
	Add, All string
	// Back leads up one level, under the words of BackLabel and, before the link,
	// BackAsk. Up leads to the overview where that is another place.
	Back, BackLabel, BackAsk string
	Up                       string
	// Remove leads to where the thing that a form is about is removed; its words
	// are found under Kind.
	Remove string
	// Danger marks a confirmation after which something is lost.
	Danger bool
	// Download marks a form whose answer is a file.
	Download bool
	// QR is an image to scan, URI the same as an address, and Secret for typing:
	// of an authenticator app that is being set up.
	QR     []byte
	URI    gatelatch.Secret
	Secret gatelatch.Secret
	// Codes are new backup codes.
	Codes []gatelatch.Secret
	// Options are what a browser needs to make a passkey, as JSON.
	Options string
}

// AccountGroup is some rows of the account page under a heading.
type AccountGroup struct {
	// Title is the key of the heading.
	Title string
	Rows  []AccountRow
}

// AccountRow leads to one page of the account and says how things stand.
type AccountRow struct {
	// Label is the key of what the row is about.
	Label string
	Href  string
	// Words say how it stands.
	Words
}

// Words are a text of the user's, or a message. The message has either a
// number, or a time, or neither.
type Words struct {
	Text  string
	Key   string
	Count int
	At    time.Time
}

// AccountItem is one address, session, device or passkey.
type AccountItem struct {
	ID string
	// Title is a text, or a message when it has a Key.
	Title Words
	// Badges are keys of what sets the item apart.
	Badges []string
	// Facts are small lines under the title.
	Facts []Words
	// Step and Button are a button of the item, which posts to the page; Href and
	// Link a link. Link and Button are keys.
	Step, Button string
	Href, Link   string
}

// kinds are the words of [Account.Kind] by page.
var kinds = map[Page][]string{
	PageAccountList: {listAddresses, listNumbers, listSecond, listTOTP, listPasskeys, listSessions, listDevices},
	PageAccountForm: {formName, formAddress, formNumber, formSecond, formPasskey},
	PageAccountConfirm: {
		confirmAddress, confirmNumber, confirmSecond, confirmPassword, confirmTOTP, confirmPasskey, confirmSession,
		confirmOthers, confirmDevice, confirmCodes, confirmExport, confirmDelete,
	},
	PageAccountCode:     {formAddress, formNumber, formSecond, confirmDelete},
	PageAccountPassword: {passwordSet, passwordChange},
	PageAccountTOTP:     {totpStart, totpScan},
}

// The kinds of forms, confirmations and states.
const (
	formName    = "name"
	formAddress = "address"
	formNumber  = "number"
	formSecond  = "second"
	formPasskey = "passkey"

	confirmAddress  = "remove_address"
	confirmNumber   = "remove_number"
	confirmSecond   = "release_second"
	confirmPassword = "remove_password"
	confirmTOTP     = "remove_totp"
	confirmPasskey  = "remove_passkey"
	confirmSession  = "end_session"
	confirmOthers   = "end_others"
	confirmDevice   = "revoke_device"
	confirmCodes    = "new_codes"
	confirmExport   = "export"
	confirmDelete   = "delete"

	passwordSet    = "set"
	passwordChange = "change"

	totpStart = "start"
	totpScan  = "scan"
)

// key is where a word of the page stands among the messages.
func (a *Account) key(word string) string {
	if a.Kind == "" {
		return string(a.page) + "." + word
	}
	return string(a.page) + "." + a.Kind + "." + word
}

// Lead is the key of the sentence under the heading.
func (a *Account) Lead() string { return a.key("lead") }

// Submit is the key of the main button.
func (a *Account) Submit() string { return a.key("submit") }

// AddLabel is the key of the link to Add.
func (a *Account) AddLabel() string { return a.key("add") }

// AllLabel is the key of the link to All.
func (a *Account) AllLabel() string { return a.key("all") }

// RemoveLabel is the key of the link to Remove.
func (a *Account) RemoveLabel() string { return a.key("remove") }

// Who is what somebody signed in goes by.
func (a *Account) Who() string {
	for _, name := range []string{a.Name, a.Email, a.Phone} {
		if name != "" {
			return name
		}
	}
	return ""
}

// rehearsals are what a page is rehearsed with: an account with something in
// every place, of each of the page's kinds.
func rehearsals(page Page, now time.Time) []*Account {
	w := Words{Text: "a"}
	every := kinds[page]
	if len(every) == 0 {
		every = []string{""}
	}
	all := make([]*Account, 0, len(every))
	for _, kind := range every {
		all = append(all, &Account{
			Kind: kind, Subject: "a", Name: "a", Email: "a", SignedInAt: now, Facts: []Words{w},
			Groups: []AccountGroup{{Title: "account.group.you", Rows: []AccountRow{{"account.name", "/", w}}}},
			Items:  []AccountItem{{ID: "a", Title: w, Facts: []Words{w}, Step: StepPrimary, Button: "account.remove", Href: "/", Link: "account.remove"}},
			Back:   "/", BackLabel: "way.account", Codes: []gatelatch.Secret{"a"}, Options: "{}",
		})
	}
	return all
}

// Image is the code to scan as an address that needs no request.
func (a *Account) Image() template.URL {
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(a.QR)) //nolint:gosec // base64
}

// App is the address that opens an authenticator app on the same device.
func (a *Account) App() template.URL { return template.URL(a.URI.Reveal()) } //nolint:gosec // made by package secondfactor

// Typed is the key of an authenticator app, for typing.
func (a *Account) Typed() string { return a.Secret.Reveal() }

// Shown are the backup codes in the clear: showing them is what the page is for.
func (a *Account) Shown() []string {
	codes := make([]string, len(a.Codes))
	for i, c := range a.Codes {
		codes[i] = c.Reveal()
	}
	return codes
}
