// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"slices"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// withPasskey signs a tab up and makes a passkey on the account page.
func withPasskey(t *testing.T, tab *harness.Tab, address string) *harness.Authenticator {
	t.Helper()
	tab.Open("/.auth/sign-up?return_to=%2Fhome")
	tab.WaitFor("#email_address")
	tab.Fill("#email_address", address)
	give(tab, horse)
	tab.WaitFor("#code")
	enter(tab, tab.Gate.Outbox.Code(t, address, 1), true)
	tab.WaitFor("#app")
	device := tab.NewAuthenticator()
	makePasskey(tab)
	if n := len(device.Passkeys()); n != 1 {
		t.Fatalf("the device keeps %d passkeys", n)
	}
	tab.Gate.Outbox.Notice(t, address, "A passkey was added", 1)
	return device
}

func makePasskey(tab *harness.Tab) {
	tab.T.Helper()
	tab.Open("/.auth/account/passkeys")
	follow(tab, "Add a passkey")
	press(tab, "Make a passkey")
	tab.WaitText("The passkey is saved")
}

// usePasskey presses the button of the page that is showing, with a device that
// waits to be touched.
func usePasskey(tab *harness.Tab, device *harness.Authenticator) {
	tab.T.Helper()
	tab.WaitFor("button[value=passkey]")
	// A device that is touched all the time would go on answering what the browser
	// offers in the field.
	tab.Eval("PublicKeyCredential.isConditionalMediationAvailable = async () => false; 0")
	device.Present(true)
	press(tab, "Use a passkey")
}

// seenLast is what the app was told of its last visitor.
func seenLast(t *testing.T, g *harness.Gate) *harness.Identity {
	t.Helper()
	all := g.Upstream.Seen()
	id, err := harness.IdentityOf(all[len(all)-1].Header)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestPasskey(t *testing.T) {
	harness.NeedBrowser(t)
	g := harness.Start(t, harness.Config{Directive: generous + withSecond})
	const jo = "jo@example.org"
	tab := g.NewTab(t, harness.Look{})
	device := withPasskey(t, tab, jo)
	tab.Open("/home")
	user := seenLast(t, g).User
	leaveApp(tab)
	n, sent := g.Upstream.Count(), len(g.Outbox.All())
	device.Present(false)
	tab.Open("/orders?x=1#row")
	tab.WaitFor("#identifier")
	if got := tab.Eval("document.getElementById('identifier').autocomplete"); got != "username webauthn" {
		t.Errorf("the field's autocomplete is %q", got)
	}
	notYet(t, tab, n, "as long as nobody touches the device")
	usePasskey(tab, device)
	landed(t, tab, "/orders?x=1")
	if got := tab.Location(); got != g.URL()+"/orders?x=1#row" {
		t.Errorf("the app stands at %s", got)
	}
	id := seenLast(t, g)
	if id.User != user || !slices.Contains(id.Methods, "mfa") {
		t.Errorf("the app was told %+v, want user %s", id, user)
	}
	if have := len(g.Outbox.All()); have != sent {
		t.Errorf("%d messages went out", have-sent)
	}
	byAutofill(t, tab, device)
	noProblems(t, g)
}

// byAutofill signs out and in again by what the browser offers in the field: no
// button is pressed.
func byAutofill(t *testing.T, tab *harness.Tab, device *harness.Authenticator) {
	t.Helper()
	leaveApp(tab)
	device.Present(true)
	tab.Open("/by-autofill")
	landed(t, tab, "/by-autofill")
}

// TestPasskeyTakesBothSteps: who has an authenticator app as well is not asked
// for it after a passkey.
func TestPasskeyTakesBothSteps(t *testing.T) {
	harness.NeedBrowser(t)
	g := harness.Start(t, harness.Config{Directive: generous + withSecond})
	const jo = "jo@example.org"
	tab := g.NewTab(t, harness.Look{})
	device := withPasskey(t, tab, jo)
	setUpApp(t, tab)
	leaveApp(tab)
	device.Present(false)
	tab.Open("/both")
	usePasskey(tab, device)
	landed(t, tab, "/both")
	leaveApp(tab)
	n := g.Upstream.Count()
	device.Present(false)
	startWithPassword(tab, "/second", jo, horse)
	tab.WaitText("Open your authenticator app")
	follow(tab, "Use another method")
	tab.WaitText("takes a second step")
	press(tab, "Use a passkey")
	tab.WaitText("Use your passkey")
	notYet(t, tab, n, "before the device is touched")
	usePasskey(tab, device)
	landed(t, tab, "/second")
	quietDevice(t, g, jo)
	noProblems(t, g)
}

// quietDevice comes to the page of a passkey with a browser that runs no script.
func quietDevice(t *testing.T, g *harness.Gate, address string) {
	t.Helper()
	quiet := g.NewTab(t, harness.Look{NoScript: true})
	n := g.Upstream.Count()
	startWithPassword(quiet, "/quiet", address, horse)
	quiet.WaitText("Open your authenticator app")
	at := quiet.Eval("document.querySelector('form').action")
	quiet.Open(at + "?way=passkey")
	quiet.WaitText("This browser cannot use passkeys here. Choose another method.")
	if quiet.True("document.querySelector('button[value=passkey]').checkVisibility()") {
		t.Error("without script there is a button that does nothing")
	}
	follow(quiet, "Use another method")
	quiet.WaitText("takes a second step")
	notYet(t, quiet, n, "without script")
}

// TestPasskeysThatAreRefused: one that does not know who touched it, one that was
// copied, one that its owner has removed.
func TestPasskeysThatAreRefused(t *testing.T) {
	harness.NeedBrowser(t)
	g := harness.Start(t, harness.Config{Directive: generous + withPasswords})
	const jo = "jo@example.org"
	tab := g.NewTab(t, harness.Look{})
	device := withPasskey(t, tab, jo)
	copied := device.Passkeys()[0]
	tab.Open("/home")
	leaveApp(tab)
	n := g.Upstream.Count()

	device.Present(false)
	device.Verified(false)
	tab.Open("/home")
	usePasskey(tab, device)
	tab.WaitText("The passkey was not used")
	tab.Eval(`(f => { f.dataset.passkey = JSON.stringify({...JSON.parse(f.dataset.passkey), userVerification: 'discouraged'}) })(document.querySelector('form[data-passkey]'))`)
	press(tab, "Use a passkey") // the browser is content now, the gate is not
	tab.WaitText("That passkey was not accepted")
	notYet(t, tab, n, "with a device that does not know its owner")
	device.Verified(true)
	press(tab, "Use a passkey")
	tab.WaitFor("#app")

	leaveApp(tab)
	n = g.Upstream.Count()
	device.Present(false)
	device.Forget()
	device.Put(copied) // its counter stands where it stood when it was made
	tab.Open("/home")
	usePasskey(tab, device)
	tab.WaitText("That passkey was not accepted")
	notYet(t, tab, n, "with a copy of a passkey")

	device.Present(false)
	tab.Open("/home")
	askPassword(tab, jo)
	give(tab, horse)
	tab.WaitFor("#app")
	removePasskey(t, tab)
	leaveApp(tab)
	n = g.Upstream.Count()
	copied.SignCount = 1000
	device.Forget()
	device.Put(copied)
	tab.Open("/home")
	usePasskey(tab, device)
	tab.WaitText("That passkey was not accepted")
	notYet(t, tab, n, "with a passkey that was removed")
}

func removePasskey(t *testing.T, tab *harness.Tab) {
	t.Helper()
	tab.Open("/.auth/account/passkeys")
	follow(tab, "Rename or remove")
	follow(tab, "Remove this passkey")
	tab.WaitText("Remove this passkey?")
	press(tab, "Remove")
	tab.WaitText("The passkey is removed")
	tab.Open("/home")
}
