// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"strings"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// atCode brings a tab of a known user to the page that asks for the code.
func atCode(t *testing.T, tab *harness.Tab, path string) (code string) {
	t.Helper()
	n := len(tab.Gate.Outbox.To("jo@example.org"))
	tab.Open(path)
	ask(tab, "jo@example.org")
	return tab.Gate.Outbox.Code(t, "jo@example.org", n+1)
}

// fullWidth writes digits as East Asian keyboards do.
func fullWidth(code string) string {
	return strings.Map(func(r rune) rune { return r - '0' + '０' }, code)
}

func TestWaysToGiveACode(t *testing.T) {
	eachWay(t, harness.Config{}, false, func(t *testing.T, tab *harness.Tab) {
		knownUser(t, tab.Gate, "jo@example.org")
		press := func() {
			if !scripted(t) {
				tab.Click(primary)
			}
		}
		ways := map[string]func(code string){
			"typed":               func(c string) { tab.Type("#code", c) },
			"typed with a space":  func(c string) { tab.Type("#code", c[:3]+" "+c[3:]) },
			"pasted":              func(c string) { tab.Eval("document.getElementById('code').focus()"); tab.Paste(c) },
			"pasted with a space": func(c string) { tab.Eval("document.getElementById('code').focus()"); tab.Paste(c[:3] + " " + c[3:]) },
			"full width":          func(c string) { tab.Eval("document.getElementById('code').focus()"); tab.Insert(fullWidth(c)) },
			"corrected":           func(c string) { tab.Type("#code", "12\b\b"+c) },
		}
		for name, way := range ways {
			code := atCode(t, tab, "/home")
			tab.Forget()
			way(code)
			press()
			tab.WaitFor("#app")
			posts := 0
			for _, r := range tab.Requests() {
				if r.Method == "POST" {
					posts++
				}
			}
			if posts != 1 {
				t.Errorf("%s: the code was sent %d times", name, posts)
			}
			endSession(t, tab)
		}
	})
}

func TestPastedMessageHoldsTheCode(t *testing.T) {
	harness.NeedBrowser(t)
	g := harness.Start(t, harness.Config{Directive: generous})
	knownUser(t, g, "jo@example.org")
	tab := g.NewTab(t, harness.Look{})
	code := atCode(t, tab, "/home")
	tab.Eval("document.getElementById('code').focus()")
	tab.Paste("Your code is " + code + ", it works for 10 minutes.")
	tab.WaitFor("#app")
}

func TestWordsForACodeThatIsNotTaken(t *testing.T) {
	bothWays(t, harness.Config{}, func(t *testing.T, tab *harness.Tab) {
		knownUser(t, tab.Gate, "jo@example.org")
		code := atCode(t, tab, "/home")
		try := func(typed, words string) {
			t.Helper()
			tab.Fill("#code", typed)
			if !scripted(t) || len(typed) != len(code) || strings.ContainsFunc(typed, func(r rune) bool { return r > '9' }) {
				tab.Click(primary)
			}
			tab.WaitText(words)
			if !tab.Soon("document.title.startsWith('Error:')") {
				t.Errorf("%q: the title is %s", typed, tab.Eval("document.title"))
			}
			if tab.True("document.getElementById('code')") && !tab.Soon("document.activeElement.id === 'code'") {
				t.Errorf("%q: the focus is on %s", typed, tab.Eval("document.activeElement.outerHTML"))
			}
			if tab.True("document.getElementById('code')") && !tab.Soon("document.getElementById('code').matches('[aria-invalid=true][aria-describedby~=code-error]')") {
				t.Errorf("%q: the field does not say that it is wrong", typed)
			}
		}
		try("123", "That code is too short. It has 6 digits.")
		try("1234567", "That code is too long. It has 6 digits.")
		try("12345x", "The code consists of digits only.")
		wrongCode := wrong(code)
		for _, words := range []string{"4 more tries", "3 more tries", "2 more tries", "one more try"} {
			try(wrongCode, "That code is incorrect. You have "+words)
			wrongCode = wrong(wrongCode)
			if wrongCode == code {
				wrongCode = wrong(wrongCode)
			}
		}
		try(wrongCode, "Too many wrong codes. Start over to get a new one.")
		if tab.True("document.getElementById('code')") {
			t.Error("a field for a code that cannot be right any more")
		}
		tab.Click("a.primary")
		tab.WaitFor("#identifier")
	})
}

func TestResend(t *testing.T) {
	// Long enough for a busy machine to get from the code to the page in time.
	bothWays(t, harness.Config{Directive: "code {\nresend_after 12s\n}"}, func(t *testing.T, tab *harness.Tab) {
		knownUser(t, tab.Gate, "jo@example.org")
		code := atCode(t, tab, "/home")
		if scripted(t) {
			if !tab.Shows("It works for 10 minutes.") {
				t.Error(tab.Describe())
			}
			tab.Wait(`/in [0-9]+ seconds?/.test(document.querySelector('.wait').innerText)`)
			tab.Wait(`!document.querySelector('[value=resend]').checkVisibility()`)
			tab.WaitFor("[value=resend]")
			tab.Wait(`!document.querySelector('.wait').checkVisibility()`)
		} else {
			tab.Click("[value=resend]")
			tab.WaitText("A code was sent a moment ago")
			if n := len(tab.Gate.Outbox.To("jo@example.org")); n != 2 {
				t.Errorf("%d messages in spite of the wait", n)
			}
			tab.Wait("performance.now() > 12200")
		}
		tab.Click("[value=resend]")
		tab.WaitText("The code is on its way again")
		if again := tab.Gate.Outbox.Code(t, "jo@example.org", 3); again != code {
			t.Errorf("the second message has %s, the first had %s", again, code)
		}
		tab.WaitFor("#code")
		enter(tab, code, scripted(t))
		tab.WaitFor("#app")
	})
}

func TestSpentCodeLeadsOn(t *testing.T) {
	bothWays(t, harness.Config{}, func(t *testing.T, tab *harness.Tab) {
		knownUser(t, tab.Gate, "jo@example.org")
		code := atCode(t, tab, "/home")
		twin := tab.Another(harness.Look{NoScript: !scripted(t)})
		at := tab.Eval("document.querySelector('form').action")
		twin.Open(at)
		twin.WaitFor("#code")
		enter(tab, code, scripted(t))
		tab.WaitFor("#app")
		enter(twin, code, scripted(t)) // the same browser, the same attempt: already in
		twin.WaitFor("#app")
		endSession(t, tab)
		twin.Open(at)
		twin.WaitText("That attempt is over. Start again.")
	})
}
