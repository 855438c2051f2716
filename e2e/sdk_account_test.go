// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// What programs do with clerk-js beside the sign-in: the account, several
// sessions, passkeys, templates. The calls are written as a page would write them.

// run evaluates the body of an async function that has clerk, and decodes what it
// returns. What clerk-js throws fails the test with its words.
func run(tab *harness.Tab, body string, into any) {
	tab.T.Helper()
	text := tab.Eval(fmt.Sprintf(`(async () => { %s })().then(v => JSON.stringify({value: v ?? null}),
		e => JSON.stringify({fault: e.errors ? e.status + ' ' + JSON.stringify(e.errors) : String(e.stack ?? e)}))`, body))
	var answer struct {
		Value json.RawMessage
		Fault string
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		tab.T.Fatalf("%s: %v", text, err)
	}
	if answer.Fault != "" {
		tab.T.Fatalf("%s\nends with %s", body, answer.Fault)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(answer.Value, into); err != nil {
		tab.T.Fatalf("%s returns %s: %v", body, answer.Value, err)
	}
}

// refused evaluates a body that clerk-js has to throw in, and returns code and
// parameter of the first error.
func refused(tab *harness.Tab, body string) (code, param string) {
	tab.T.Helper()
	var e struct{ Code, Param string }
	run(tab, `try { await (async () => { `+body+` })() } catch (e) { return {Code: e.errors?.[0]?.code ?? e.code, Param: e.errors?.[0]?.meta?.paramName ?? ''} }
		return {Code: 'nothing was refused'}`, &e)
	return e.Code, e.Param
}

// vanillaSite runs a site and signs a tab up on it.
func vanillaSite(t *testing.T, setup sdkSetup, address string) (*sdkSite, *harness.Tab, string) {
	t.Helper()
	harness.NeedBrowser(t)
	t.Parallel()
	s := startSDK(t, setup)
	tab := s.NewTab(t, harness.Look{})
	return s, tab, s.vanillaIn(t, tab, "vanilla", "sign-up", address)
}

const full = "password optional\nsecond_factor optional\n"

func TestSDKAccountName(t *testing.T) {
	s, tab, _ := vanillaSite(t, sdkSetup{}, people["email"])
	var user struct {
		FirstName, LastName, FullName string
		UnsafeMetadata                map[string]any
		Grew                          bool
	}
	run(tab, `const before = clerk.user.updatedAt;
		const u = await clerk.user.update({firstName: 'Jo', lastName: 'March', unsafeMetadata: {colour: 'blue'}});
		return {firstName: u.firstName, lastName: u.lastName, fullName: u.fullName, unsafeMetadata: u.unsafeMetadata, grew: u.updatedAt > before}`, &user)
	if user.FullName != "Jo March" || user.UnsafeMetadata["colour"] != "blue" || !user.Grew {
		t.Errorf("%+v", user)
	}
	tab.Reload()
	who(tab)
	if got := tab.Eval("clerk.user.fullName"); got != "Jo March" {
		t.Errorf("after a reload the name is %s", got)
	}
	faultless(t, s, tab)
}

func TestSDKAccountAddresses(t *testing.T) {
	s, tab, _ := vanillaSite(t, sdkSetup{}, people["email"])
	for _, row := range []struct{ address, create, list string }{
		{"second@example.org", "createEmailAddress({email: '%s'})", "emailAddresses"},
		{"+12015550124", "createPhoneNumber({phoneNumber: '%s'})", "phoneNumbers"},
	} {
		way := `prepareVerification({strategy: 'email_code'})`
		if row.list == "phoneNumbers" {
			way = `prepareVerification()`
		}
		run(tab, `window.added = await clerk.user.`+fmt.Sprintf(row.create, row.address)+`; await added.`+way, nil)
		code := s.Outbox.Code(t, row.address, 1)
		if got, param := refused(tab, `await added.attemptVerification({code: '`+wrong(code)+`'})`); got != "form_code_incorrect" || param != "code" {
			t.Errorf("%s: %s %s", row.address, got, param)
		}
		var status string
		run(tab, `const a = await added.attemptVerification({code: '`+code+`'}); await clerk.user.reload(); return a.verification.status`, &status)
		if status != "verified" {
			t.Errorf("%s is %s", row.address, status)
		}
		var n int
		run(tab, `return clerk.user.`+row.list+`.length`, &n)
		if want := map[string]int{"emailAddresses": 2, "phoneNumbers": 1}[row.list]; n != want {
			t.Errorf("%d %s", n, row.list)
		}
	}
	run(tab, `const second = clerk.user.emailAddresses.find(a => a.emailAddress === 'second@example.org');
		await clerk.user.update({primaryEmailAddressId: second.id})`, nil)
	if got := tab.Eval("clerk.user.primaryEmailAddress.emailAddress"); got != "second@example.org" {
		t.Errorf("the primary address is %s", got)
	}
	run(tab, `await clerk.user.emailAddresses.find(a => a.emailAddress === '`+people["email"]+`').destroy(); await clerk.user.reload()`, nil)
	if got := tab.Eval("clerk.user.emailAddresses.map(a => a.emailAddress).join()"); got != "second@example.org" {
		t.Errorf("the addresses are %s", got)
	}
}

func TestSDKAccountPassword(t *testing.T) {
	s, tab, _ := vanillaSite(t, sdkSetup{Directive: full}, people["email"])
	run(tab, `await clerk.user.updatePassword({newPassword: '`+horse+`'})`, nil)
	if !tab.Soon("clerk.user.passwordEnabled") {
		t.Error("there is no password")
	}
	if code, _ := refused(tab, `await clerk.user.updatePassword({currentPassword: '`+donkey+`', newPassword: 'another good one here'})`); code != "form_password_incorrect" && code != "form_password_validation_failed" {
		t.Errorf("a wrong password is refused with %s", code)
	}
	run(tab, `await clerk.user.updatePassword({currentPassword: '`+horse+`', newPassword: '`+donkey+`'})`, nil)
	other := s.NewTab(t, harness.Look{})
	s.open(other, "vanilla", "sign-in")
	put(other, "#identifier", people["email"])
	other.Fill("#password", horse)
	push(other, "#go")
	complains(t, other, "form_password_incorrect", "password")
}

func TestSDKAccountSecondSteps(t *testing.T) {
	s, tab, user := vanillaSite(t, sdkSetup{Directive: full}, people["email"])
	var totp struct{ Secret, URI string }
	run(tab, `await clerk.user.updatePassword({newPassword: '`+horse+`'}); return clerk.user.createTOTP()`, &totp)
	app, err := harness.NewApp(totp.Secret)
	if err != nil || !contains(totp.URI, "otpauth://totp/") {
		t.Fatalf("%+v: %v", totp, err)
	}
	var codes []string
	run(tab, `await clerk.user.verifyTOTP({code: '`+app.Next()+`'}); return (await clerk.user.createBackupCode()).codes`, &codes)
	if len(codes) != 10 {
		t.Errorf("%d backup codes", len(codes))
	}
	run(tab, `await clerk.user.reload()`, nil)
	if got := tab.Eval("[clerk.user.twoFactorEnabled, clerk.user.totpEnabled, clerk.user.backupCodeEnabled].join()"); got != "true,true,true" {
		t.Errorf("enabled: %s", got)
	}
	for way, code := range map[string]func() string{"totp": app.Next, "backup_code": func() string { return codes[0] }} {
		other := s.NewTab(t, harness.Look{})
		s.open(other, "vanilla", "sign-in")
		var status string
		run(other, `const s = await clerk.client.signIn.create({identifier: '`+people["email"]+`', password: '`+horse+`'}); return s.status`, &status)
		if status != "needs_second_factor" {
			t.Fatalf("the status is %s", status)
		}
		run(other, `const s = await clerk.client.signIn.attemptSecondFactor({strategy: '`+way+`', code: '`+code()+`'});
			await clerk.setActive({session: s.createdSessionId})`, nil)
		if got := who(other); got != user {
			t.Errorf("%s: signed in as %s", way, got)
		}
	}
}

func TestSDKAccountSessions(t *testing.T) {
	s, tab, _ := vanillaSite(t, sdkSetup{}, people["email"])
	other := s.NewTab(t, harness.Look{})
	s.vanillaIn(t, other, "vanilla", "sign-in", people["email"])
	var list []struct {
		ID     string
		Status string
		Device string
	}
	run(tab, `return (await clerk.user.getSessions()).map(s => ({id: s.id, status: s.status, device: s.latestActivity.browserName}))`, &list)
	if len(list) != 2 || list[0].Device == "" {
		t.Fatalf("%+v", list)
	}
	run(tab, `const sessions = await clerk.user.getSessions(); await sessions.find(s => s.id !== clerk.session.id).revoke()`, nil)
	stops(t, other)
	s.open(other, "vanilla", "sign-in")
	nobody(other)
}

func TestSDKAccountDeletion(t *testing.T) {
	s, tab, _ := vanillaSite(t, sdkSetup{}, people["email"])
	run(tab, `await clerk.user.delete()`, nil)
	stops(t, tab)
	s.open(tab, "vanilla", "sign-in")
	nobody(tab)
}

func TestSDKPasskey(t *testing.T) {
	s, tab, user := vanillaSite(t, sdkSetup{Directive: full}, people["email"])
	device := tab.NewAuthenticator()
	run(tab, `await clerk.user.createPasskey()`, nil)
	if n := len(device.Passkeys()); n != 1 {
		t.Fatalf("the device keeps %d passkeys", n)
	}
	run(tab, `await clerk.user.passkeys[0].update({name: 'My laptop'})`, nil)
	getsOut(tab)
	s.open(tab, "vanilla", "sign-in")
	run(tab, `const s = await clerk.client.signIn.authenticateWithPasskey({flow: 'discoverable'}); await clerk.setActive({session: s.createdSessionId})`, nil)
	if got := who(tab); got != user {
		t.Errorf("signed in as %s", got)
	}
	run(tab, `await clerk.user.passkeys[0].delete(); await clerk.user.reload()`, nil)
	if !tab.Soon("clerk.user.passkeys.length === 0") {
		t.Error("the passkey is still there")
	}
}

func TestSDKTokenTemplate(t *testing.T) {
	_, tab, user := vanillaSite(t, sdkSetup{Directive: "token_template hasura 5m {\nmail {user.email}\nuid {user.id}\n}\n"}, people["email"])
	var token string
	run(tab, `return clerk.session.getToken({template: 'hasura'})`, &token)
	if c := tokenClaims(t, token); c.Sub != user || c.Exp-c.Iat != 300 {
		t.Errorf("%+v", c)
	}
	if code, _ := refused(tab, `await clerk.session.getToken({template: 'unknown'})`); code != "resource_not_found" {
		t.Errorf("an unknown template is refused with %s", code)
	}
}

func TestSDKSeveralSessions(t *testing.T) {
	s, tab, first := vanillaSite(t, sdkSetup{API: "multi_session on"}, people["email"])
	n := len(s.Outbox.All())
	run(tab, `const u = await clerk.client.signUp.create({phoneNumber: '`+people["phone"]+`'}); await u.preparePhoneNumberVerification()`, nil)
	code := s.Outbox.Code(t, people["phone"], 1)
	run(tab, `const u = await clerk.client.signUp.attemptPhoneNumberVerification({code: '`+code+`'}); await clerk.setActive({session: u.createdSessionId})`, nil)
	second := who(tab)
	if second == first || !tab.Soon("clerk.client.sessions.length === 2") || len(s.Outbox.All()) != n+1 {
		t.Fatalf("%s and %s, %s sessions", first, second, tab.Eval("clerk.client.sessions.length"))
	}
	passes(t, tab, second)
	s.open(tab, "vanilla", "sign-in")
	run(tab, `await clerk.setActive({session: clerk.client.sessions.find(s => s.user.id === '`+first+`')})`, nil)
	tab.Wait(`document.getElementById('who').textContent === '` + first + `'`)
	passes(t, tab, first)
	s.open(tab, "vanilla", "sign-in")
	run(tab, `await clerk.signOut({sessionId: clerk.session.id, redirectUrl: location.href})`, nil)
	tab.Wait(`document.getElementById('who')?.textContent === '` + second + `'`)
	passes(t, tab, second)
}

func TestSDKOneSession(t *testing.T) {
	_, tab, _ := vanillaSite(t, sdkSetup{}, people["email"])
	if code, _ := refused(tab, `await clerk.client.signIn.create({identifier: 'other@example.org'})`); code != "session_exists" {
		t.Errorf("a second sign-in is refused with %s", code)
	}
}

// TestSDKTransfer signs in with an address that has no account, and takes the
// account that is offered once the address is proven; and signs up with one that
// has an account.
func TestSDKTransfer(t *testing.T) {
	harness.NeedBrowser(t)
	t.Parallel()
	s := startSDK(t, sdkSetup{})
	tab := s.NewTab(t, harness.Look{})
	s.open(tab, "vanilla", "sign-in")
	s.ask(tab, people["email"])
	code := s.Outbox.Code(t, people["email"], 1)
	if code, _ := refused(tab, `await clerk.client.signIn.attemptFirstFactor({strategy: 'email_code', code: '`+code+`'})`); code != "sign_up_if_missing_transfer" {
		t.Fatalf("the right code is answered with %s", code)
	}
	if status := tab.Eval("clerk.client.signIn.firstFactorVerification.status"); status != "transferable" {
		t.Fatalf("the verification is %s", status)
	}
	run(tab, `const u = await clerk.client.signUp.create({transfer: true}); await clerk.setActive({session: u.createdSessionId})`, nil)
	user := who(tab)
	passes(t, tab, user)

	other := s.NewTab(t, harness.Look{})
	if got := s.vanillaIn(t, other, "vanilla", "sign-up", people["email"]); got != user {
		t.Errorf("signed up as %s, not %s", got, user)
	}
}

// TestSDKReveal answers as Clerk does by default: who has no account is told so.
func TestSDKReveal(t *testing.T) {
	_, tab, _ := vanillaSite(t, sdkSetup{API: "enumeration reveal"}, people["email"])
	getsOut(tab)
	for _, row := range []struct{ body, code, param string }{
		{`await clerk.client.signIn.create({identifier: 'stranger@example.org'})`, "form_identifier_not_found", "identifier"},
		{`await clerk.client.signUp.create({emailAddress: '` + people["email"] + `'})`, "form_identifier_exists", "email_address"},
	} {
		if code, param := refused(tab, row.body); code != row.code || param != row.param {
			t.Errorf("%s: %s %s", row.body, code, param)
		}
	}
}

// TestSDKTestMode takes the code that everybody knows, for addresses that nobody
// has.
func TestSDKTestMode(t *testing.T) {
	harness.NeedBrowser(t)
	t.Parallel()
	s := startSDK(t, sdkSetup{Directive: "test_mode on\n"})
	for _, address := range []string{"jo+clerk_test@example.org", "+12015550100"} {
		tab := s.NewTab(t, harness.Look{})
		s.open(tab, "vanilla", "sign-up")
		s.ask(tab, address)
		put(tab, "#code", "424242")
		push(tab, "#check")
		who(tab)
	}
	tab := s.NewTab(t, harness.Look{})
	s.open(tab, "vanilla", "sign-up")
	s.ask(tab, people["email"])
	s.Outbox.Code(t, people["email"], 1)
	put(tab, "#code", "424242")
	push(tab, "#check")
	complains(t, tab, "form_code_incorrect", "code")
	if n := len(s.Outbox.All()); n != 1 {
		t.Errorf("%d messages were sent", n)
	}
}

// TestSDKTickets signs in with a token of the Backend API, and signs up with an
// invitation.
func TestSDKTickets(t *testing.T) {
	harness.NeedBrowser(t)
	t.Parallel()
	s := startSDK(t, sdkSetup{Directive: "sign_up invite\n" + withBackend})
	out := runNode(t, map[string]any{"apiUrl": s.URL() + "/.auth/backend", "secretKey": backendSecret, "page": s.URL() + "/app/vanilla/sign-up"}, "node/tickets.mjs")
	var made struct{ User, Token, Invitation string }
	if err := json.Unmarshal(out, &made); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	tab := s.NewTab(t, harness.Look{})
	s.open(tab, "vanilla", "sign-in")
	run(tab, `const s = await clerk.client.signIn.create({strategy: 'ticket', ticket: '`+made.Token+`'}); await clerk.setActive({session: s.createdSessionId})`, nil)
	if got := who(tab); got != made.User {
		t.Errorf("signed in as %s, not %s", got, made.User)
	}
	again := s.NewTab(t, harness.Look{})
	s.open(again, "vanilla", "sign-in")
	if code, _ := refused(again, `await clerk.client.signIn.create({strategy: 'ticket', ticket: '`+made.Token+`'})`); code == "nothing was refused" {
		t.Error("a token works twice")
	}

	guest := s.NewTab(t, harness.Look{})
	guest.Open(made.Invitation)
	guest.Wait(`location.pathname === '/app/vanilla/sign-up' && window.clerk?.loaded`)
	var role string
	run(guest, `const ticket = new URLSearchParams(location.search).get('__clerk_ticket');
		const u = await clerk.client.signUp.create({strategy: 'ticket', ticket}); await clerk.setActive({session: u.createdSessionId});
		return clerk.user.publicMetadata.role`, &role)
	if role != "guest" || guest.Eval("clerk.user.primaryEmailAddress.emailAddress") != "invited@example.org" {
		t.Errorf("%s %s", role, guest.Eval("clerk.user.primaryEmailAddress.emailAddress"))
	}
}

// TestSDKTask: a session that owes a second step is pending, for programs as for
// the gate.
func TestSDKTask(t *testing.T) {
	harness.NeedBrowser(t)
	t.Parallel()
	s := startSDK(t, sdkSetup{Directive: "password optional\nsecond_factor required\n"})
	tab := s.NewTab(t, harness.Look{})
	s.open(tab, "vanilla", "sign-up")
	s.ask(tab, people["email"])
	put(tab, "#code", s.Outbox.Code(t, people["email"], 1))
	push(tab, "#check")
	tab.Wait("clerk.session?.status === 'pending'")
	if got := tab.Eval("[clerk.session.currentTask?.key, clerk.isSignedIn].join()"); got != "setup-mfa,false" {
		t.Errorf("the task is %s", got)
	}
	var totp struct{ Secret string }
	run(tab, `return clerk.session.user.createTOTP()`, &totp)
	app, err := harness.NewApp(totp.Secret)
	if err != nil {
		t.Fatal(err)
	}
	run(tab, `await clerk.session.user.verifyTOTP({code: '`+app.Next()+`'}); await clerk.setActive({session: clerk.session.id})`, nil)
	tab.Wait("clerk.session?.status === 'active' && clerk.isSignedIn")
	passes(t, tab, tab.Eval("clerk.user.id"))
}
