// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gatelatch/gatelatch/e2e/harness"
)

// maxPicture is the most that a picture of the README may weigh, in bytes.
const maxPicture = 80 << 10

// TestReadmePictures takes the pictures of the README when run with -update,
// and otherwise checks that they are there.
func TestReadmePictures(t *testing.T) {
	dir := filepath.Join("..", "docs", "images")
	if *update {
		takePictures(t, dir)
		takeAccountPictures(t, dir)
	}
	for _, name := range []string{
		"sign-in", "sign-in-dark", "code", "code-dark", "sign-in-mobile", "sign-up",
		"password", "new-device", "account", "authenticator",
	} {
		info, err := os.Stat(filepath.Join(dir, name+".png"))
		if err != nil {
			t.Errorf("run the tests with -update: %v", err)
			continue
		}
		if info.Size() > maxPicture {
			t.Errorf("%s weighs %d bytes", info.Name(), info.Size())
		}
	}
}

func takePictures(t *testing.T, dir string) {
	harness.NeedBrowser(t)
	g := harness.Start(t, harness.Config{Directive: generous + "name \"Acme Orders\"\nsign_up open {\nemail required\nfirst_name required\nlast_name optional\n}\nbranding {\naccent \"#3b5bdb\"\n}"})
	tab := g.NewTab(t, harness.Look{})
	take := func(name string, look harness.Look) {
		look.Scale = 2
		tab.SetLook(look)
		tab.Eval("document.activeElement.blur()")
		tab.PictureOf(filepath.Join(dir, name+".png"), around(tab, look))
	}
	tab.Open("/orders")
	tab.WaitFor("#identifier")
	tab.Fill("#identifier", "jo@example.org")
	take("sign-in", harness.Look{Width: 640})
	take("sign-in-dark", harness.Look{Width: 640, Dark: true})
	take("sign-in-mobile", harness.Look{Width: 360})
	tab.SetLook(harness.Look{})
	ask(tab, "jo@example.org")
	tab.Fill("#code", "4823")
	take("code", harness.Look{Width: 640})
	take("code-dark", harness.Look{Width: 640, Dark: true})
	tab.SetLook(harness.Look{})
	tab.Open("/.auth/sign-up")
	tab.WaitFor("#email_address")
	tab.Fill("#first_name", "Jo")
	tab.Fill("#last_name", "Long")
	tab.Fill("#email_address", "jo@example.org")
	take("sign-up", harness.Look{Width: 640})
}

// takeAccountPictures takes those of a site with passwords and second factors:
// somebody signs in on a new device, and looks at the account.
func takeAccountPictures(t *testing.T, dir string) {
	g := harness.Start(t, harness.Config{Directive: generous + "name \"Acme Orders\"\npassword optional\nsecond_factor optional\nbranding {\naccent \"#3b5bdb\"\n}"})
	const password = "correct horse battery staple"
	withPassword(t, g, "jo@example.org", password)
	tab := g.NewTab(t, harness.Look{})
	take := func(name string) {
		look := harness.Look{Width: 640, Scale: 2}
		tab.SetLook(look)
		tab.Eval("document.activeElement.blur()")
		tab.PictureOf(filepath.Join(dir, name+".png"), around(tab, look))
		tab.SetLook(harness.Look{})
	}
	tab.Open("/orders")
	askPassword(tab, "jo@example.org")
	tab.Fill("#password", password)
	take("password")
	give(tab, password)
	tab.WaitFor("#code")
	take("new-device")
	enter(tab, g.Outbox.Code(t, "jo@example.org", 2), true)
	tab.WaitFor("#app")
	tab.Open("/.auth/account")
	tab.WaitText("Your account")
	take("account")
	tab.Open("/.auth/account/totp")
	press(tab, "Set it up")
	tab.WaitFor("#code")
	take("authenticator")
}

// around is the card with some of the page around it.
func around(tab *harness.Tab, look harness.Look) harness.Crop {
	const margin = 40
	var top, bottom struct{ Top, Bottom float64 }
	tab.EvalInto(`(r => ({Top: r.top, Bottom: r.bottom}))(document.querySelector('.brand').getBoundingClientRect())`, &top)
	tab.EvalInto(`(r => ({Top: r.top, Bottom: r.bottom}))(document.querySelector('main').getBoundingClientRect())`, &bottom)
	y := max(0, top.Top-margin)
	width := 520.0
	if look.Width < 600 {
		width = float64(look.Width)
	}
	return harness.Crop{X: (float64(look.Width) - width) / 2, Y: y, Width: width, Height: bottom.Bottom + margin - y}
}
