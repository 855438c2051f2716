// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// Clerk's own page for the account, section by section, with every button that it
// has.

// rests waits until no section is being filled in. Clerk's page shows for a moment that
// a code was right, and then closes what is open, whatever it is.
func rests(tab *harness.Tab) {
	tab.T.Helper()
	tab.Wait(`![...document.querySelectorAll('button[class*=formButtonPrimary], [data-otp-input], input[inputmode=numeric]')].some(e => e.checkVisibility())`)
}

// opens presses the button that opens a section.
func opens(tab *harness.Tab, button string) {
	tab.T.Helper()
	rests(tab)
	words(tab, "button", button)
}

// dots opens the menu of the row that shows a text, and chooses what it says.
func dots(tab *harness.Tab, row, item string) {
	tab.T.Helper()
	rests(tab)
	find := fmt.Sprintf(`[...document.querySelectorAll('button[class*=menuButtonEllipsis]')].find(b => b.closest('[class*=profileSectionItem]')?.innerText.includes(%q) && b.checkVisibility())`, row)
	tab.Wait(find)
	tab.Eval(find + ".click()")
	words(tab, "[role=menuitem], [role=menu] button", item)
}

// confirms presses the one button that finishes what a section is about.
func confirms(tab *harness.Tab, button string) {
	tab.T.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll('button[class*=formButtonPrimary]')].find(b => b.innerText.trim() === %q && b.checkVisibility() && !b.disabled)`, button)
	tab.Wait(find)
	tab.Eval(find + ".click()")
}

// flawless fails when a page or the gate has complained, or a program was refused
// something. What a test means to be refused it names, as "POST /path 422".
func flawless(t *testing.T, s *sdkSite, tab *harness.Tab, meant ...string) {
	t.Helper()
	faultless(t, s, tab)
	for _, r := range tab.Requests() {
		path, ours := strings.CutPrefix(r.URL, s.URL()+sdkBase+"/v1")
		if path, _, _ = strings.Cut(path, "?"); !ours || r.Status < 400 {
			continue
		}
		if one := fmt.Sprintf("%s %s %d", r.Method, path, r.Status); !anyFits(meant, one) {
			t.Errorf("the page was refused: %s", one)
		}
	}
}

// anyFits reports whether a text is one of several, or ends with one that begins
// with an asterisk.
func anyFits(list []string, one string) bool {
	for _, m := range list {
		if end, ok := strings.CutPrefix(m, "*"); m == one || ok && strings.HasSuffix(one, end) {
			return true
		}
	}
	return false
}

func TestSDKPrebuiltProfileAddresses(t *testing.T) {
	harness.NeedBrowser(t)
	t.Parallel()
	s := startSDK(t, sdkSetup{})
	const jo, second, third, number = "jo@example.org", "second@example.org", "third@example.org", "+12025550123"
	tab := s.NewTab(t, harness.Look{})
	s.prebuiltUp(t, tab, "react", jo, "")
	s.open(tab, "react", "prebuilt-user-profile")
	tab.WaitText("Profile details")

	opens(tab, "Add phone number")
	put(tab, "input[name=phoneNumber]", "2025550123")
	confirms(tab, "Add")
	digits(tab, s.Outbox.Code(t, number, 1))
	tab.Wait(`clerk.user.phoneNumbers[0]?.verification.status === 'verified'`)
	dots(tab, "555-0123", "Remove phone number")
	tab.WaitText("will be removed from this account")
	confirms(tab, "Remove")
	tab.Wait(`clerk.user.phoneNumbers.length === 0`)

	opens(tab, "Add email address")
	put(tab, "input[name=emailAddress]", second)
	confirms(tab, "Add")
	digits(tab, s.Outbox.Code(t, second, 1))
	tab.Wait(`clerk.user.emailAddresses.length === 2 && clerk.user.emailAddresses.every(a => a.verification.status === 'verified')`)
	dots(tab, second, "Set as primary")
	tab.Wait(`clerk.user.primaryEmailAddress.emailAddress === '` + second + `'`)

	opens(tab, "Add email address")
	put(tab, "input[name=emailAddress]", third)
	confirms(tab, "Add")
	code := s.Outbox.Code(t, third, 1)
	digits(tab, wrong(code))
	tab.WaitText("incorrect")
	tab.Reload() // and comes back to it
	tab.WaitText("Unverified")
	dots(tab, third, "Verify")
	digits(tab, code)
	tab.Wait(`clerk.user.emailAddresses.length === 3 && clerk.user.emailAddresses.every(a => a.verification.status === 'verified')`)
	dots(tab, jo, "Remove email")
	confirms(tab, "Remove")
	tab.Wait(`clerk.user.emailAddresses.map(a => a.emailAddress).sort().join() === '` + second + "," + third + `'`)
	flawless(t, s, tab, "*/attempt_verification 422", "*/prepare_verification 429") // a code is under way
}

func TestSDKPrebuiltProfileSecurity(t *testing.T) {
	harness.NeedBrowser(t)
	t.Parallel()
	s := startSDK(t, sdkSetup{Directive: full})
	const jo, number = "jo@example.org", "+12025550123"
	tab := s.NewTab(t, harness.Look{})
	s.prebuiltUp(t, tab, "react", jo, "")
	s.open(tab, "react", "prebuilt-user-profile")
	words(tab, "button", "Security")

	opens(tab, "Set password")
	put(tab, "input[name=newPassword]", horse)
	put(tab, "input[name=confirmPassword]", horse)
	confirms(tab, "Save")
	tab.Wait(`clerk.user.passwordEnabled`)
	opens(tab, "Update password")
	put(tab, "input[name=newPassword]", donkey)
	put(tab, "input[name=confirmPassword]", donkey)
	confirms(tab, "Save")
	tab.Wait(`!document.querySelector('input[name=newPassword]')`)

	opens(tab, "Add two-step verification")
	words(tab, "[role=menuitem], button", "Authenticator application")
	words(tab, "button", "Can’t scan QR code?")
	tab.WaitText("Key provided below")
	app, err := harness.NewApp(tab.Eval(`[...document.querySelectorAll('input')].map(i => i.value).find(v => /^[A-Z2-7]{16,}$/.test(v))`))
	if err != nil {
		t.Fatal(err)
	}
	confirms(tab, "Continue")
	digits(tab, app.Next())
	tab.Wait(`clerk.user.totpEnabled`)
	tab.WaitText("Two-step verification is now enabled")
	confirms(tab, "Finish")

	// Backup codes came with the app; a new set puts an end to them.
	dots(tab, "Backup codes", "Regenerate")
	tab.WaitText("Store them securely")
	if n := tab.Eval(`document.body.innerText.match(/\b[a-z0-9]{5}-[a-z0-9]{5}\b/g).length`); n != "10" {
		t.Errorf("%s backup codes are shown", n)
	}
	confirms(tab, "Finish")
	tab.Wait(`clerk.user.backupCodeEnabled`)

	// A number for the second step, added in the same place.
	opens(tab, "Add two-step verification")
	words(tab, "[role=menuitem], button", "SMS code")
	words(tab, "button", "Add phone number")
	put(tab, "input[name=phoneNumber]", "2025550123")
	confirms(tab, "Add")
	digits(tab, s.Outbox.Code(t, number, 1))
	tab.WaitText("SMS code verification enabled")
	confirms(tab, "Finish")
	tab.Wait(`clerk.user.phoneNumbers[0].reservedForSecondFactor`)

	device := tab.NewAuthenticator()
	opens(tab, "Add a passkey")
	tab.Wait(`clerk.user.passkeys.length === 1`)
	if n := len(device.Passkeys()); n != 1 {
		t.Errorf("the device keeps %d passkeys", n)
	}
	name := tab.Eval(`clerk.user.passkeys[0].name`)
	dots(tab, name, "Rename")
	put(tab, "input[name=passkeyName]", "My laptop")
	confirms(tab, "Save")
	tab.WaitText("My laptop")
	dots(tab, "My laptop", "Remove")
	confirms(tab, "Remove")
	tab.Wait(`clerk.user.passkeys.length === 0`)

	dots(tab, "555-0123", "Remove")
	confirms(tab, "Remove")
	tab.Wait(`!clerk.user.phoneNumbers[0].reservedForSecondFactor`)
	dots(tab, "Authenticator application", "Remove")
	confirms(tab, "Remove")
	tab.Wait(`!clerk.user.twoFactorEnabled`)
	flawless(t, s, tab)
}

// TestSDKPrebuiltProfileDevices signs another device out, and then closes the
// account.
func TestSDKPrebuiltProfileDevices(t *testing.T) {
	harness.NeedBrowser(t)
	t.Parallel()
	s := startSDK(t, sdkSetup{})
	const jo = "jo@example.org"
	tab := s.NewTab(t, harness.Look{})
	user := s.prebuiltUp(t, tab, "react", jo, "")
	other := s.NewTab(t, harness.Look{})
	passes(t, other, s.vanillaIn(t, other, "vanilla", "sign-in", jo))
	s.open(other, "vanilla", "sign-in")
	who(other)

	s.open(tab, "react", "prebuilt-user-profile")
	words(tab, "button", "Security")
	tab.WaitText("This device")
	find := `[...document.querySelectorAll('button[class*=menuButtonEllipsis]')].find(b => b.checkVisibility())`
	tab.Wait(find) // this device has none
	tab.Eval(find + ".click()")
	words(tab, "[role=menuitem], [role=menu] button", "Sign out of device")
	tab.Wait(`!(` + find + `)`)
	other.Eval(`clerk.session?.touch().catch(() => {}), 0`) // as it does when it comes to the front
	nobody(other)
	stops(t, other)

	opens(tab, "Delete account")
	put(tab, "input[name=deleteConfirmation]", "Delete account")
	reloads(tab, func() {
		tab.Wait(`document.querySelector('form button[type=submit]')?.disabled === false`)
		tab.Eval(`document.querySelector('form button[type=submit]').click()`)
	})
	nobody(tab)
	stops(t, tab)
	if r := operates(t, s.Gate, "users", "list"); contains(r.Out, user) {
		t.Errorf("the account is still there: %s", r.Out)
	}
	flawless(t, s, tab)
}
