// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

func changesPassword(t *testing.T, tab *harness.Tab) {
	other := elsewhere(t, tab.Gate, joWork)
	row(tab, "Password")
	tab.WaitText("Set a password")
	tab.WaitFor("#password")
	tab.Fill("#password", "password")
	tab.Click(primary)
	tab.WaitFor(".problem")
	tab.Fill("#password", horse)
	tab.Click(primary)
	tab.WaitText("Your password is saved.")
	gone(t, other, "after the password was set")
	for _, password := range []string{donkey, horse} {
		other = elsewhere(t, tab.Gate, joWork)
		row(tab, "Password")
		tab.WaitText("Change your password")
		tab.WaitFor("#password")
		tab.Fill("#password", password)
		tab.Click(primary)
		tab.WaitText("Your password is saved. Everywhere else you are signed out.")
		gone(t, other, "after the password was changed")
	}
	tab.Gate.Outbox.Notice(t, joWork, "The password of your Acme account was changed", 3)
	if texts := tab.Gate.Outbox.Notices(number); len(texts) > 0 { // who reads mail is not sent texts
		t.Errorf("%+v", texts)
	}
	if p := page(t)(tab.Gate.NewVisitor().Password("/home", joWork, donkey)); !p.Contains("That password is incorrect") {
		t.Errorf("a password of before got %d", p.Status)
	}
	row(tab, "Password")
	follow(tab, "Remove the password")
	tab.WaitText("You will sign in with a code instead.")
	press(tab, "Remove")
	tab.WaitText("Your password is removed.")
	tab.Gate.Outbox.Notice(t, joWork, "The password of your Acme account was removed", 1)
	if p := page(t)(tab.Gate.NewVisitor().Password("/home", joWork, horse)); !p.Contains("That password is incorrect") {
		t.Errorf("a password that was removed got %d", p.Status)
	}
	if got := standing(tab, "Password"); got != "Not set" {
		t.Errorf("the overview says %q of the password", got)
	}
}

func setsUpApp(t *testing.T, tab *harness.Tab) {
	row(tab, "Authenticator app")
	press(tab, "Set it up")
	tab.WaitText("Scan this with your app")
	if !tab.Soon("document.querySelector('.qr img').naturalWidth > 100 && document.querySelector('.qr img').src.startsWith('data:image/png')") {
		t.Error("there is nothing to scan")
	}
	typed := tab.Eval("document.querySelector('.key').textContent")
	if uri := tab.Eval("decodeURIComponent(document.querySelector('.onphone a').href)"); !contains(uri, "otpauth://totp/") ||
		!contains(uri, strings.ReplaceAll(typed, " ", "")) || !contains(uri, "Acme") || !contains(uri, joWork) {
		t.Errorf("an app on this device is told %.60s", uri)
	}
	app, err := harness.NewApp(typed)
	if err != nil {
		t.Fatal(err)
	}
	code := app.Next()
	enter(tab, wrong(code), scripted(t))
	tab.WaitText("That code is incorrect.")
	tab.Fill("#code", "")
	enter(tab, code, scripted(t))
	tab.WaitText("Save your backup codes")
	codes := shownCodes(t, tab)
	tab.Gate.Outbox.Notice(t, joWork, "A second step was set up for your Acme account", 1)
	follow(tab, "I have saved them")
	tab.WaitFor(".rows")
	if app, left := standing(tab, "Authenticator app"), standing(tab, "Backup codes"); app != "On" || left != "10 left" {
		t.Errorf("the overview says %q and %q", app, left)
	}
	notShownAgain(t, tab, codes)
	useSecond(t, tab.Gate, app.Next(), codes[0])
	if left := standing(tab, "Backup codes"); left != "9 left" {
		t.Errorf("after one was used the overview says %q", left)
	}
	row(tab, "Authenticator app")
	tab.WaitText("Every sign-in asks for a code from your app.")
	pressIn(tab, "Authenticator app", "Remove")
	tab.WaitText("Remove your authenticator app?")
	press(tab, "Remove")
	tab.WaitText("Your authenticator app is removed.")
	tab.Gate.Outbox.Notice(t, joWork, "A second step was removed from your Acme account", 1)
	if tab.Shows("Backup codes") {
		t.Error("the backup codes stayed without a second step")
	}
	elsewhere(t, tab.Gate, joWork) // with a code and nothing else
}

// back goes back to what was the answer to a form. Without a script the browser
// would have to send it again, and shows a page of its own.
func back(tab *harness.Tab) {
	tab.T.Helper()
	tab.Back()
	tab.Wait("document.readyState === 'complete' && (location.protocol === 'chrome-error:' || document.querySelector('h1'))")
}

// shownCodes reads the backup codes of the page.
func shownCodes(t *testing.T, tab *harness.Tab) []string {
	t.Helper()
	var codes []string
	tab.EvalInto("[...document.querySelectorAll('#codes li')].map(e => e.innerText)", &codes)
	if len(codes) != 10 {
		t.Fatalf("%d backup codes: %s", len(codes), tab.Describe())
	}
	return codes
}

// notShownAgain looks for backup codes where they may have stayed.
func notShownAgain(t *testing.T, tab *harness.Tab, codes []string) {
	t.Helper()
	back(tab)
	for _, path := range []string{"", at("/totp"), at("/backup-codes"), at("")} {
		if path != "" {
			tab.Open(path)
		}
		if tab.Shows(codes[0]) {
			t.Errorf("%s shows a backup code again", tab.Location())
		}
	}
}

// useSecond signs in with a code and the second step, once with the app and
// once with a backup code, and tries to do either again.
func useSecond(t *testing.T, g *harness.Gate, code, backup string) {
	t.Helper()
	for _, second := range []struct{ way, step, code string }{{"totp", "verify", code}, {"backup_code", "verify", backup}} {
		for n, ok := range []bool{true, false} {
			v := g.NewVisitor()
			p := atSecond(t, v, joWork)
			if second.way != "totp" {
				p = page(t)(v.Open(p.URL.Path + "?ways=1"))
				p = page(t)(v.Follow(v.Choose(p, second.way)))
			}
			p = page(t)(v.Submit(p, second.step, map[string]string{"code": second.code}))
			if v.Admitted(p) != ok {
				t.Errorf("%s, use %d: %d %.600s", second.way, n+1, p.Status, p.Body)
			}
			v.Close()
		}
	}
}

// atSecond gets a visitor to the second step by a code.
func atSecond(t *testing.T, v *harness.Visitor, address string) *harness.Page {
	t.Helper()
	n := len(v.Gate.Outbox.To(address))
	p := page(t)(v.AskCode("/home", address))
	p = page(t)(v.Submit(p, "verify", map[string]string{"code": v.Gate.Outbox.Code(t, address, n+1)}))
	if v.Admitted(p) {
		t.Fatalf("%s got in without a second step", address)
	}
	return page(t)(v.Follow(p, nil))
}

func reservesNumber(t *testing.T, tab *harness.Tab) {
	row(tab, "Text message")
	follow(tab, "Use a new number")
	tab.WaitFor("#phone_number")
	tab.Fill("#phone_number", second)
	tab.Click(primary)
	tab.WaitFor("#code")
	enter(tab, tab.Gate.Outbox.Code(t, second, 1), scripted(t))
	tab.WaitText("Save your backup codes")
	if got := told(tab, "Remote-Phone"); got != number {
		t.Errorf("the app is told %q", got)
	}
	v := tab.Gate.NewVisitor()
	defer v.Close()
	p := atSecond(t, v, joWork)
	if !p.Contains("takes a second step") {
		t.Fatalf("%d %.800s", p.Status, p.Body)
	}
	p = page(t)(v.Submit(p, "verify", map[string]string{"code": tab.Gate.Outbox.Code(t, second, 2)}))
	if !v.Admitted(p) {
		t.Errorf("the code to the number got %d %.600s", p.Status, p.Body)
	}
	begins := tab.Gate.NewVisitor() // a number that is kept begins nothing
	defer begins.Close()
	page(t)(begins.AskCode("/home", second))
	page(t)(begins.AskCode("/home", number))
	tab.Gate.Outbox.Code(t, number, 2)
	if n := len(tab.Gate.Outbox.To(second)); n != 2 {
		t.Errorf("%d codes went to the number that is kept", n)
	}
}

func renewsCodes(t *testing.T, tab *harness.Tab) {
	var first []string
	for n := range 2 {
		row(tab, "Backup codes")
		press(tab, "Make new codes")
		tab.WaitText("Save your backup codes")
		codes := shownCodes(t, tab)
		tab.Gate.Outbox.Notice(t, joWork, "New backup codes were made for your Acme account", n+2) // the first came with the number
		if n == 0 {
			first = codes
			continue
		}
		v := tab.Gate.NewVisitor()
		p := atSecond(t, v, joWork)
		p = page(t)(v.Open(p.URL.Path + "?ways=1"))
		p = page(t)(v.Follow(v.Choose(p, "backup_code")))
		if p = page(t)(v.Submit(p, "verify", map[string]string{"code": first[0]})); v.Admitted(p) {
			t.Error("a code of the old set works")
		}
		if p = page(t)(v.Submit(p, "verify", map[string]string{"code": strings.ToUpper(codes[9])})); !v.Admitted(p) {
			t.Errorf("a code of the new set got %d %.600s", p.Status, p.Body)
		}
		v.Close()
	}
	row(tab, "Text message")
	pressIn(tab, second, "Stop using it")
	tab.WaitText("Stop using this number?")
	press(tab, "Stop using it")
	tab.WaitText("The number is an ordinary one again.")
	elsewhere(t, tab.Gate, joWork)
}
