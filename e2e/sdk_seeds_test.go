// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// The documents that the project began with hold programs. They are cut out of
// them and run as printed, but for the faults that sdk/seeds/repairs.mjs mends.

// envSeeds names the variable that holds the directory of the documents, or "off"
// where there are none to be had.
const envSeeds = "GATELATCH_SEEDS"

var seedsBuilt = sync.OnceValue(func() error {
	dir, err := filepath.Abs(seedsDir())
	if err != nil {
		return err
	}
	return sdkNode("seeds/build.mjs", dir)
})

// seedsDir looks for shared/seeds beside the project, and then further up.
func seedsDir() string {
	if dir := os.Getenv(envSeeds); dir != "" {
		return dir
	}
	for above := "../.."; ; above = filepath.Join("..", above) {
		dir := filepath.Join(above, "shared", "seeds")
		if whole, err := filepath.Abs(above); err != nil || filepath.Dir(whole) == whole || hasSeeds(dir) {
			return dir
		}
	}
}

func hasSeeds(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "otp-2023.txt"))
	return err == nil
}

// startSeeds runs a gate for programs of the documents. The documents are no part
// of the project, so a copy without them leaves these tests out; CI has to say so.
func startSeeds(t *testing.T, setup sdkSetup) *sdkSite {
	t.Helper()
	switch dir := os.Getenv(envSeeds); {
	case dir == "off":
		t.Skipf("%s is off", envSeeds)
	case !hasSeeds(seedsDir()) && (dir != "" || os.Getenv("CI") == "true"):
		t.Fatalf("the documents are not in %s (%s names their directory, or says off)", seedsDir(), envSeeds)
	case !hasSeeds(seedsDir()):
		t.Skipf("the documents are not here (%s names their directory)", envSeeds)
	}
	needSDK(t)
	if err := seedsBuilt(); err != nil {
		t.Fatal(err)
	}
	return startSDK(t, setup)
}

// seedTab opens the page of a program once clerk-js is there.
func (s *sdkSite) seedTab(t *testing.T, name string) *harness.Tab {
	t.Helper()
	tab := s.NewTab(t, harness.Look{})
	tab.Open("/app/seeds:" + name)
	tab.Wait("window.clerk?.loaded")
	tab.Eval("window.resets = 0; document.addEventListener('reset', () => resets++, true)")
	return tab
}

// acts submits a form of the current hooks and waits until React has emptied it,
// which it does after every action. What is typed before that is lost.
func acts(tab *harness.Tab) {
	tab.T.Helper()
	n := tab.Eval("resets")
	push(tab, "button[type=submit]")
	tab.Wait("resets > " + n)
}

// signedInAt waits until a program's clerk-js has a user, and returns it.
func signedInAt(tab *harness.Tab) string {
	tab.T.Helper()
	tab.Wait("window.clerk?.user")
	return tab.Eval("clerk.user.id")
}

const seedPhone = "+12015550123"

// seedUser makes the user whom a sign-in program expects.
func (s *sdkSite) seedUser(t *testing.T, name string) {
	t.Helper()
	if !contains(name, "sign-in") {
		return
	}
	v := s.NewVisitor()
	defer v.Close()
	if err := v.SignIn("/", seedPhone); err != nil {
		t.Fatal(err)
	}
}

func TestSDKSeedsReact(t *testing.T) {
	harness.NeedBrowser(t)
	for _, row := range []struct{ name, field, lands string }{
		{"current-sign-up", "input[name=phoneNumber]", "/dashboard"},
		{"current-sign-in", "#phoneNumber", "/"},
		{"legacy-sign-up", "#phone", "/"},
		{"legacy-sign-in", "#phone", "/"},
		{"all-sign-up", "#phone", "/"},
		{"all-sign-in", "#phone", "/"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := startSeeds(t, sdkSetup{})
			s.seedUser(t, row.name)
			n := len(s.Outbox.To(seedPhone))
			tab := s.seedTab(t, row.name)
			put(tab, row.field, seedPhone)
			if contains(row.name, "current") {
				acts(tab)
			} else {
				push(tab, "button[type=submit]")
			}
			put(tab, "input[name=code]", s.Outbox.Code(t, seedPhone, n+1))
			push(tab, "button[type=submit]")
			user := signedInAt(tab)
			tab.Wait(fmt.Sprintf("document.documentElement.dataset.arrived === %q", row.lands))
			passes(t, tab, user)
		})
	}
}

// TestSDKSeedsNewDevice gives a password in a new browser.
func TestSDKSeedsNewDevice(t *testing.T) {
	harness.NeedBrowser(t)
	for _, row := range []struct{ name, field, address string }{
		{"trust-email", "#email", "jo@example.org"},
		{"trust-phone", "#phoneNumber", seedPhone},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := startSeeds(t, sdkSetup{Directive: "password optional\ncode {\nresend_after 1s\n}\n"})
			withPassword(t, s.Gate, row.address, horse)
			tab := s.seedTab(t, row.name)
			give := func(password string) {
				put(tab, row.field, row.address)
				tab.Fill("#password", password)
				acts(tab)
			}
			give(donkey)
			tab.WaitText("incorrect")
			give(horse)
			tab.WaitText("Verify your account")
			code := s.Outbox.Code(t, row.address, 2)
			put(tab, "#code", wrong(code))
			acts(tab)
			tab.WaitText("incorrect")
			again := s.anotherCode(t, row.address, 3, func() { press(tab, "I need a new code") })
			put(tab, "#code", again)
			push(tab, "button[type=submit]")
			user := signedInAt(tab)
			tab.Wait("document.documentElement.dataset.arrived === '/'")
			passes(t, tab, user)
		})
	}
}

// anotherCode asks for a code until the gate sends it, which it refuses to do too
// soon.
func (s *sdkSite) anotherCode(t *testing.T, address string, n int, ask func()) string {
	t.Helper()
	for range 30 {
		ask()
		if m, err := s.Outbox.FindWithin(address, n, time.Second); err == nil {
			return m.Code
		}
	}
	t.Fatalf("no message number %d to %s", n, address)
	return ""
}

// TestSDKSeedsVanilla runs the pages whose browser submits the form of the code as
// well, and throws the answer away.
func TestSDKSeedsVanilla(t *testing.T) {
	harness.NeedBrowser(t)
	for _, name := range []string{"vanilla-sign-up", "vanilla-sign-in"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startSeeds(t, sdkSetup{})
			s.seedUser(t, name)
			n := len(s.Outbox.To(seedPhone))
			tab := s.seedTab(t, name)
			put(tab, "input[name=phone]", seedPhone)
			push(tab, "button[type=submit]")
			code := s.Outbox.Code(t, seedPhone, n+1)
			put(tab, "#code", code)
			push(tab, "#verify-button")
			tab.Wait("location.search === '?code=" + code + "' && window.clerk?.loaded")
			tab.Until("clerk.user", func() { // the page may have asked before the code was judged
				tab.Reload()
				tab.Wait("window.clerk?.loaded")
			})
			passes(t, tab, signedInAt(tab))
		})
	}
}

// TestSDKSeedsOf2023 gives number and code to the programs that have them
// written down.
func TestSDKSeedsOf2023(t *testing.T) {
	harness.NeedBrowser(t)
	for _, name := range []string{"old-sign-up", "old-sign-in", "old-sign-up-vanilla", "old-sign-in-vanilla"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startSeeds(t, sdkSetup{})
			s.seedUser(t, name)
			n := len(s.Outbox.To(seedPhone))
			tab := s.seedTab(t, name)
			if !contains(name, "vanilla") {
				tab.WaitText("Sign")
				tab.Eval("[...document.querySelectorAll('button')].find(b => b.innerText.includes('without password')).click()")
			}
			tab.Wait("document.documentElement.dataset.wants === 'number'")
			tab.Eval("give('number', '" + seedPhone + "'); 0")
			tab.Wait("document.documentElement.dataset.wants === 'code'")
			tab.Eval("give('code', '" + s.Outbox.Code(t, seedPhone, n+1) + "'); 0")
			if contains(name, "vanilla") { // these end before setActive
				tab.Wait("clerk.client.signedInSessions.length === 1")
				tab.Reload()
				tab.Wait("window.clerk?.loaded")
			}
			passes(t, tab, signedInAt(tab))
		})
	}
}

// seedScreen starts a screen of the documents' Expo apps.
func (s *sdkSite) seedScreen(t *testing.T, name string) *sdkProgram {
	t.Helper()
	p := startProgram(t, map[string]any{"publishableKey": s.Key, "proxyUrl": s.URL() + sdkBase, "page": name}, "dist/seeds/screens.mjs")
	p.loaded()
	return p
}

func TestSDKSeedsExpo(t *testing.T) {
	for name, button := range map[string]string{"expo-sign-up": "Continue", "expo-sign-in": "Sign in"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startSeeds(t, sdkSetup{})
			s.seedUser(t, name)
			n := len(s.Outbox.To(seedPhone))
			p := s.seedScreen(t, name)
			p.fill("Enter phone number", seedPhone)
			p.press(button)
			code := s.Outbox.Code(t, seedPhone, n+1)
			p.shows("Verify your phone number")
			p.fill("Enter verification code", code)
			p.press("Verify")
			if got := p.signedIn(); got.Session == "" {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestSDKSeedsExpoNewDevice(t *testing.T) {
	for _, row := range []struct{ name, address, field, codeField string }{
		{"trust-email-expo", "jo@example.org", "Enter email", "Enter your verification code"},
		{"trust-phone-expo", seedPhone, "Enter phone number", "Enter code"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := startSeeds(t, sdkSetup{Directive: "password optional\n"})
			withPassword(t, s.Gate, row.address, horse)
			p := s.seedScreen(t, row.name)
			p.fill(row.field, row.address)
			p.fill("Enter password", donkey)
			p.press("Continue")
			p.shows("incorrect")
			p.fill("Enter password", horse)
			p.press("Continue")
			code := s.Outbox.Code(t, row.address, 2)
			p.shows("Verify your account")
			p.fill(row.codeField, wrong(code))
			p.press("Verify")
			p.shows("incorrect")
			p.fill(row.codeField, code)
			p.press("Verify")
			p.signedIn()
		})
	}
}
