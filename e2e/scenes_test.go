// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// site is a kind of site that scenes play on.
type site string

const (
	plainSite   site = "plain"   // e-mail only, no brand
	brandedSite site = "branded" // both kinds of address, all fields, a logo, an accent, help
	namesSite   site = "names"   // a name is asked for that sign-in does not know
	closedSite  site = "closed"  // no new accounts
	strictSite  site = "strict"  // one message per address
	devSite     site = "dev"     // no sender
	secondSite  site = "second"  // passwords and second steps, both kinds of address
	accountSite site = "account" // all that an account can have
	taskSite    site = "tasks"   // a second step is asked of everybody
	termsSite   site = "terms"   // terms to accept
	inviteSite  site = "invite"  // by invitation
	waitSite    site = "wait"    // a waitlist
)

const logo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40"><rect width="40" height="40" rx="9" fill="#0b6e4f"/>` +
	`<path d="M12 28 20 10l8 18" fill="none" stroke="#fff" stroke-width="4"/><text x="50" y="27" font-family="sans-serif" font-size="20" fill="#0b6e4f">Acme</text></svg>`

var sites = map[site]harness.Config{
	plainSite: {Directive: generous + "name Acme"},
	brandedSite: {
		Sender: "email outbox outbox.jsonl\nsms outbox outbox.jsonl", Site: "respond /logo.svg `" + logo + "`\nheader /logo.svg Content-Type image/svg+xml",
		Directive: generous + `name "Acme Orders"
		identifiers email phone
		sms_countries US
		region US
		public /logo.svg
		sign_up open {
			email required
			phone required
			first_name required
			last_name optional
		}
		branding {
			logo /logo.svg
			accent "#0b6e4f"
			help https://example.org/help
		}`,
	},
	namesSite:   {Directive: generous + "sign_up open {\nemail required\nfirst_name required\nlast_name required\n}\nname \"The International Society for the Study of Very Long Names\""},
	closedSite:  {Directive: generous + "sign_up closed\nname Acme"},
	strictSite:  {Directive: "name Acme\nlimits {\nsends_per_identifier 1/10m\n}"},
	devSite:     {Sender: "name Acme"},
	secondSite:  {Sender: twoSenders, Directive: generous + withSecond + bothKinds + "require /vault/* {\nsecond_factor\n}\n"},
	accountSite: everythingSite(),
	taskSite:    {Sender: twoSenders, Directive: generous + bothKinds + "name Acme\nsecond_factor required\n"},
	termsSite:   {Directive: generous + withPasswords + "terms https://example.org/terms 1\n"},
	inviteSite:  {Directive: generous + "name Acme\nsign_up invite\n"},
	waitSite:    {Directive: generous + "name Acme\nsign_up waitlist\n"},
}

// scene is a page in one of its states, and how to get there.
type scene struct {
	name string
	site site
	show func(t *testing.T, tab *harness.Tab)
}

func open(path, selector string) func(*testing.T, *harness.Tab) {
	return func(_ *testing.T, tab *harness.Tab) {
		tab.Open(path)
		tab.WaitFor(selector)
	}
}

// typed opens the code page and then types something that is no code.
func typed(text, words string, times int) func(*testing.T, *harness.Tab) {
	return func(t *testing.T, tab *harness.Tab) {
		code := atCode(t, tab, "/home")
		for range times {
			if text == "wrong" {
				code = wrong(code)
				tab.Fill("#code", code)
			} else {
				tab.Fill("#code", text)
				tab.Click(primary)
			}
			tab.Wait("!document.querySelector('[aria-busy]') && document.querySelector('.problem')")
		}
		tab.WaitText(words)
	}
}

// proven gives a right code to the page that path leads to.
func proven(path string, selector string) func(*testing.T, *harness.Tab) {
	return func(t *testing.T, tab *harness.Tab) {
		enter(tab, atCode(t, tab, path), true)
		tab.WaitFor(selector)
	}
}

var scenes = []scene{
	{"sign-in", plainSite, open("/home", "#identifier")},
	{"sign-in-branded", brandedSite, open("/home", "#identifier")},
	{"sign-in-long-name", namesSite, open("/home", "#identifier")},
	{"sign-in-closed", closedSite, open("/home", "#identifier")},
	{"sign-in-refused", plainSite, func(t *testing.T, tab *harness.Tab) {
		open("/home", "#identifier")(t, tab)
		tab.Fill("#identifier", "jo@example")
		tab.Click(primary)
		tab.WaitFor(".problem")
	}},
	{"sign-in-posted", plainSite, func(t *testing.T, tab *harness.Tab) {
		signIn(t, tab, "/home", "posted@example.org")
		endSession(t, tab)
		tab.Click("#save")
		tab.WaitFor(".notice")
	}},
	{"sign-in-limited", strictSite, func(t *testing.T, tab *harness.Tab) {
		atCode(t, tab, "/home")
		open("/home", "#identifier")(t, tab)
		tab.Fill("#identifier", "jo@example.org")
		tab.Click(primary)
		tab.WaitFor(".problem")
	}},
	{"sign-up", plainSite, open("/.auth/sign-up", "#email_address")},
	{"sign-up-branded", brandedSite, open("/.auth/sign-up", "#phone_number")},
	{"sign-up-refused", brandedSite, func(t *testing.T, tab *harness.Tab) {
		open("/.auth/sign-up", "#phone_number")(t, tab)
		tab.Fill("#first_name", "Jo")
		tab.Fill("#email_address", "jo@example.org")
		tab.Fill("#phone_number", "12")
		tab.Click(primary)
		tab.WaitFor(".problem")
	}},
	{"sign-up-closed", closedSite, open("/.auth/sign-up", "a.primary")},
	{"code", plainSite, func(t *testing.T, tab *harness.Tab) { atCode(t, tab, "/home") }},
	{"code-closed", closedSite, func(_ *testing.T, tab *harness.Tab) {
		tab.Open("/home")
		ask(tab, "stranger@example.org")
	}},
	{"code-sms", brandedSite, func(t *testing.T, tab *harness.Tab) {
		tab.Open("/home")
		ask(tab, "(201) 555-0123")
		tab.Gate.Outbox.Code(t, "+12015550123", 1)
	}},
	{"code-short", plainSite, typed("123", "too short", 1)},
	{"code-wrong", plainSite, typed("wrong", "one more try", 4)},
	{"code-spent", plainSite, typed("wrong", "Too many wrong codes", 5)},
	{"code-too-soon", plainSite, func(t *testing.T, tab *harness.Tab) {
		atCode(t, tab, "/home")
		tab.Eval("document.querySelector('[value=resend]').hidden = document.querySelector('[value=resend]').disabled = false")
		tab.Click("[value=resend]")
		tab.WaitFor(".problem")
	}},
	{"create", plainSite, proven("/home", "button[value=create]")},
	{"details", namesSite, func(t *testing.T, tab *harness.Tab) {
		proven("/home", "button[value=create]")(t, tab)
		tab.Click(primary)
		tab.WaitFor("#first_name")
	}},
	{"account", plainSite, func(t *testing.T, tab *harness.Tab) {
		signIn(t, tab, "/home", "account@example.org")
		open("/.auth/account", "[value=sign_out]")(t, tab)
	}},
	{"signed-out", plainSite, func(t *testing.T, tab *harness.Tab) {
		signIn(t, tab, "/home", "leaving@example.org")
		tab.Click("#sign-out")
		tab.WaitFor("a.primary")
	}},
	{"not-found", plainSite, open("/.auth/nowhere", "a.primary")},
	{"over", plainSite, open("/.auth/sign-in/sia_gone", ".problem")},
	{"frame", plainSite, func(t *testing.T, tab *harness.Tab) {
		signIn(t, tab, "/home", "frame@example.org")
		endSession(t, tab)
		tab.Eval(`new Promise(done => {
			const f = document.createElement('iframe');
			f.src = '/widget'; f.onload = () => done(1); f.title = 'widget';
			f.style = 'position:fixed;inset:0;width:100%;height:100%;border:0';
			document.body.replaceChildren(f);
		})`)
	}},
	{"outbox-empty", devSite, open("/.auth/outbox", ".empty")},
	{"outbox", devSite, func(t *testing.T, tab *harness.Tab) {
		tab.Open("/home")
		ask(tab, "jo@example.org")
		tab.Open("/.auth/outbox")
		tab.Until("document.querySelector('.digits')", tab.Reload)
	}},
}
